"""What the database refuses of goals and links (models/guards.py)."""

from iki_portal.models.triggers import Guard


def cascade_kept(changed: str) -> tuple[Guard, ...]:
    """A link names indicators that are there, ends once, and stays; what supports is not supported by the same in turn.

    `changed`: that something else of a link changed than its end.
    """
    # "|| ''": found from the post's few sheets, never from the thousands of rows that say the same words
    row = (
        "EXISTS (SELECT 1 FROM sheet JOIN statement ON statement.sheet_id = sheet.id"
        " JOIN indicator ON indicator.statement_id = statement.id"
        " WHERE sheet.position_id = NEW.{post} AND sheet.year = NEW.year AND sheet.state <> 'superseded'"
        " AND indicator.text_key || '' = NEW.{words})"
    )
    iku = (
        "EXISTS (SELECT 1 FROM key_indicator AS iku JOIN goal ON goal.id = iku.goal_id"
        " JOIN goal_period AS period ON period.id = goal.period_id WHERE iku.id = NEW.key_indicator_id"
        " AND iku.withdrawn_at IS NULL AND NEW.year BETWEEN period.first_year AND period.last_year)"
    )
    in_turn = (
        "EXISTS (SELECT 1 FROM cascade_link AS other WHERE other.ended_at IS NULL AND other.year = NEW.year"
        " AND other.position_id = NEW.parent_id AND other.text_key = NEW.parent_key"
        " AND other.parent_id = NEW.position_id AND other.parent_key = NEW.text_key)"
    )
    parent = row.format(post="parent_id", words="parent_key")
    nothing = (
        f"NOT {row.format(post='position_id', words='text_key')}"
        f" OR (NEW.parent_id IS NOT NULL AND NOT {parent}) OR (NEW.key_indicator_id IS NOT NULL AND NOT {iku})"
    )
    kept = (
        Guard(table, "DELETE", "true", f"a {table} is never deleted")
        for table in ("cascade_link", "goal_period", "goal", "key_indicator", "key_indicator_target")
    )
    return (
        *kept,
        Guard("cascade_link", "INSERT", "NEW.ended_at IS NOT NULL", "a link stands when it is made"),
        Guard("cascade_link", "INSERT", nothing, "a link joins what is there"),
        Guard("cascade_link", "INSERT", in_turn, "a link closes no circle"),
        Guard("cascade_link", "UPDATE", changed, "a link stands as it was made"),
        Guard("cascade_link", "UPDATE", "OLD.ended_at IS NOT NULL", "a link ends once"),
    )
