"""The bar of trust: its rows, what each must reach, and the tests that show it. `make faults` runs every row to the full.

    python -m tests.faults.bar            every row that has not passed yet on this very tree
    python -m tests.faults.bar 10 13      these rows, passed or not

The results lie in build/faults, one file a row, so that a run that was stopped goes on where it stood. Tests marked `bar` run
only here; the others are part of `make test` too, with fewer rounds. Each row also names what shows that it can fail: a test
that plants a flaw, which exists only there.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree  # pytest's own report

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "build" / "faults"
SWITCH = "IKI_TEST_BAR"
#: All rows together, on two cores.
LONGEST_MINUTES = 40
#: A test says what it saw: `figure("500 kills, 0 lost")`.
Figure = Callable[[str], None]


def rounds_of(full: int, *, short: int) -> int:
    """How often to try: the whole number under `make faults`, a few in every other run."""
    return full if os.environ.get(SWITCH) else short


@dataclass(frozen=True)
class Row:
    number: int
    test: str
    bar: str
    #: Files or node ids under tests/.
    tests: tuple[str, ...]
    #: Part of every `make test` as well.
    is_in_ci: bool = False
    #: Several processes may share the machine; not so where the load itself is what is tested.
    is_parallel: bool = False


BAR = (
    Row(1, "every endpoint in exactly one access list", "100% of the URL map", ("house/test_access.py",), True),
    Row(
        2,
        "route × role × state, real rows",
        "0 unexpected answers, one log line a refusal",
        ("house/test_access_matrix.py",),
        True,
        True,
    ),
    Row(3, "no change on GET, HEAD, OPTIONS", "0 changes", ("house/test_safe_methods.py",), True, True),
    Row(4, "POST without, with a wrong or a foreign token", "400, 0 changes", ("house/test_form_tokens.py",), True, True),
    Row(5, "every form with every column of its table added", "0 unexpected changes", ("house/test_mass_assignment.py",), True),
    Row(6, "headers on every response", "0 missing", ("house/test_headers.py",), True),
    Row(
        7,
        "two officers, one sheet",
        "one wins, one is told who and when, 1,000 on each database",
        ("faults/test_races.py::test_two_officers_decide_one_sheet_and_exactly_one_wins",),
        True,
        True,
    ),
    Row(
        8,
        "edit against edit, edit against submit, return against approve",
        "0 silent overwrites, the loser gets the text back, 1,000 each",
        (
            "faults/test_races.py::test_edits_never_overwrite_each_other_silently",
            "faults/test_races.py::test_editing_against_submitting",
            "faults/test_races.py::test_returning_against_approving",
        ),
        True,
        True,
    ),
    Row(
        9,
        "every form submitted three times at once",
        "0 surplus rows",
        (
            "faults/test_races.py::test_every_form_sent_three_times_acts_once",
            "faults/test_races.py::test_an_editor_sent_three_times_adds_one_row",
            "faults/test_races.py::test_a_year_closed_three_times_at_once_is_closed_once",
            "faults/test_forms_at_once.py",
            "faults/test_documents_at_once.py",
            "faults/test_accounts_at_once.py",
            "faults/test_reports_at_once.py",
            "faults/test_talks_at_once.py",
        ),
        True,
        True,
    ),
    Row(10, "kill -9 of workers under load", "500 on each database, 0 lost, 0 half done", ("faults/test_kills.py",)),
    Row(
        11,
        "answer only after sync",
        "200 of 200",
        ("faults/test_races.py::test_an_answer_leaves_only_after_the_commit", "faults/test_syncs.py"),
        True,
    ),
    Row(12, "disk full, failing sync and write", "only 503, reads work, heals ≤ 5 s, 0 lost", ("faults/test_full_disk.py",)),
    Row(13, "PostgreSQL restarts under load", "30 restarts, 0 lost, no worker restart", ("faults/test_restarts.py",)),
    Row(14, "partition, reset, delay, silent middlebox", "answer ≤ 10 s, 0 lost, heals", ("faults/test_partitions.py",)),
    Row(15, "stateful model of the workflow", "500 runs × 40 steps, 0 disagreements", ("faults/test_stateful.py",), True, True),
    Row(
        16,
        "approved sheets against every route, raw SQL, migrations, re-seeding, later changes of people and posts",
        "0 changed bytes",
        (
            "house/test_guards.py",
            "house/test_access_matrix.py",
            "house/test_grants.py::test_raw_sql_as_the_serving_role_changes_nothing_that_was_approved",
            "house/test_migrations.py::test_each_revision_goes_down_and_up_again_and_keeps_what_remains",
        ),
        True,
        True,
    ),
    Row(
        17,
        "12 tamper attacks on history and frozen copies",
        "10 found always, 12 with the newest anchor; 100,000 rows in ≤ 5 s",
        ("house/test_tampering.py",),
        True,
        True,
    ),
    Row(18, "500 sheets × 6 clients at once", "chain whole", ("faults/test_crowd.py",)),
    Row(
        19,
        "every form that changes something leaves one row: who, capacity, what, when, from where",
        "100% of the URL map",
        ("house/test_recorded_acts.py",),
        True,
        True,
    ),
    Row(
        20,
        "signatures a second before, at and after a mandate's start and end; revoked while the page is open",
        "0 outside, effective at the next request, old ones unchanged",
        ("features/test_mandates.py",),
        True,
    ),
    Row(
        21,
        "a copied cookie after every end of a session",
        "0 accepted",
        ("features/test_signing_in.py", "features/test_accounts.py"),
        True,
        True,
    ),
    Row(
        22,
        "a long form, its token, session, size, place gone",
        "text back 7 of 7",
        ("features/test_signing_in.py", "features/test_bad_input.py", "features/test_writing.py"),
        True,
        True,
    ),
    Row(23, "1,000 guesses over four workers", "≤ 10 an account, an honest user in < 1 min", ("faults/test_guessing.py",)),
    Row(
        24,
        "10 redirect payloads, foreign Host",
        "0 leave, 400",
        (
            "features/test_signing_in.py::test_no_redirect_leaves_the_portal",
            "journeys/test_redirects.py",
            "house/test_headers.py::test_a_foreign_host_gets_a_sentence_with_headers",
        ),
        True,
    ),
    Row(
        25,
        "hostile workbooks, polyglots, names",
        "all refused < 1 s, < 200 MiB",
        ("imports", "features/test_uploading.py", "domain/test_file_names.py"),
        True,
        True,
    ),
    Row(
        26,
        "formula payloads and honest values out and in",
        "0 live formulas, 0 damaged numbers",
        ("documents/test_recapitulation.py", "imports/test_read_recapitulation.py"),
        True,
        True,
    ),
    Row(
        27,
        "backup under load, restored",
        "24 of 24 hold everything acknowledged before; restore ≤ 60 s for 100,000 rows",
        ("faults/test_backups_at_once.py",),
        True,
    ),
    Row(
        28,
        "every migration up, down and up with 10,000 rows of history and a thousand sheets",
        "counts, triggers, chain, hashes the same on both databases",
        ("house/test_migrations.py",),
        True,
        True,
    ),
    Row(
        29,
        "bandit, our own semgrep rules, pip-audit, check-deploy, wapiti and sqlmap",
        "0 medium or high, each calibrated on a planted flaw; 12 settings and more found when wrong",
        ("faults/test_scanners.py", "upkeep/test_deployment.py"),
    ),
    Row(
        30,
        "reloads under 200 requests a second",
        "0 errors in 10 reloads on each database",
        ("faults/test_reloads.py",),
        True,
    ),
    Row(
        31,
        "four servers behind one nginx, one killed, one vanished",
        "200 approvals, 0 lost, one sign-in each, answer ≤ 10 s, attempts counted together",
        ("faults/test_servers.py",),
    ),
    Row(
        32,
        "the primary PostgreSQL dies under load, the standby takes over",
        "5 takeovers, 0 acknowledged lost, no worker restart; a standby that is gone turns health red",
        ("faults/test_failover.py",),
    ),
    Row(33, "bare Debian to TLS as docs/operations.md says", "≤ 15 commands, nothing wrong", ("faults/test_newcomer.py",)),
    Row(
        34,
        "20 files of 20 MB sent at once, without a proxy that buffers",
        "all kept; other pages ≤ 10 s meanwhile, on each database",
        ("faults/test_uploads_at_once.py",),
        True,
    ),
)

_FLAWS = "faults/test_planted_flaws.py"
#: Of each row, the test that plants a flaw and sees it found; it runs with the row.
PLANTED = {
    1: f"{_FLAWS}::test_a_door_that_no_list_names",
    2: f"{_FLAWS}::test_somebody_who_gets_in_or_is_refused_unseen",
    3: f"{_FLAWS}::test_a_page_that_writes",
    4: f"{_FLAWS}::test_a_token_that_nobody_looks_at",
    5: f"{_FLAWS}::test_a_form_that_takes_what_it_is_given",
    6: f"{_FLAWS}::test_a_header_that_is_missing_on_a_page_that_is_not_there",
    7: f"{_FLAWS}::test_two_who_decide_and_both_win",
    8: f"{_FLAWS}::test_an_edit_that_overwrites_another",
    9: f"{_FLAWS}::test_a_form_that_acts_each_time_it_is_sent",
    10: "faults/test_kills.py::test_a_planted_flaw_loses_what_was_acknowledged",
    11: f"{_FLAWS}::test_an_answer_that_leaves_before_the_commit",
    12: "faults/test_full_disk.py::test_a_planted_flaw_that_hides_errors_is_found",
    13: "faults/test_restarts.py::test_a_planted_flaw_loses_what_was_acknowledged",
    14: "faults/test_partitions.py::test_connections_reset_in_the_middle_lose_nothing",
    15: f"{_FLAWS}::test_a_workflow_that_differs_from_the_model",
    16: f"{_FLAWS}::test_a_guard_that_is_gone",
    17: f"{_FLAWS}::test_a_chain_without_a_key",
    18: "faults/test_crowd.py::test_a_planted_flaw_is_found",
    19: "house/test_recorded_acts.py::test_a_planted_flaw_is_named",
    20: "features/test_mandates.py::test_a_day_that_begins_in_greenwich_is_found",
    21: f"{_FLAWS}::test_a_sign_out_that_only_forgets_the_cookie",
    22: f"{_FLAWS}::test_a_page_that_gives_nothing_back",
    23: "faults/test_guessing.py::test_a_planted_flaw_weighs_more_guesses",
    24: f"{_FLAWS}::test_the_redirect_that_everybody_copies",
    25: f"{_FLAWS}::test_a_workbook_whose_parts_are_not_looked_at",
    26: f"{_FLAWS}::test_a_text_that_becomes_a_formula",
    27: f"{_FLAWS}::test_a_backup_that_is_older_than_what_it_should_hold",
    28: "house/test_migrations.py::test_a_migration_with_a_planted_flaw_is_found",
    29: "faults/test_scanners.py::test_each_rule_finds_a_planted_flaw",
    30: "faults/test_reloads.py::test_a_restart_in_place_of_a_reload_is_seen",
    31: "faults/test_servers.py::test_a_flaw_that_loses_is_noticed",
    32: "faults/test_failover.py::test_a_standby_that_lags_loses_what_was_acknowledged",
    33: "faults/test_newcomer.py::test_a_manual_that_forgets_a_command_is_found",
    34: "faults/test_uploads_at_once.py::test_a_lock_that_is_held_while_files_come_in_is_seen",
}


@dataclass
class Result:
    number: int
    tree: str
    passed: bool
    seconds: int
    figures: list[str]


def state_of_the_tree() -> str:
    """The commit, and whatever is not committed."""

    def said(*command: str) -> str:
        return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    changes = said("diff", "HEAD") + said("status", "--porcelain")
    return said("rev-parse", "HEAD").strip() + (f"+{sha256(changes.encode()).hexdigest()[:12]}" if changes else "")


def run(row: Row, tree: str) -> Result:
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = RESULTS / f"row-{row.number:02}.xml"
    flaw = PLANTED.get(row.number, "")
    named = row.tests if not flaw or flaw.partition("::")[0] in row.tests else (*row.tests, flaw)
    tests = [f"tests/{each}" for each in named]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    command += ["-o", "junit_family=xunit1", f"--junitxml={report}"]  # the newer kind holds no figures
    begun = time.monotonic()
    code = subprocess.run(
        [*command, *(["-n", "2"] if row.is_parallel else [])], cwd=ROOT, env={**os.environ, SWITCH: "1"}, check=False
    ).returncode
    figures = list(figures_of(report))
    has_run = any(case.find("skipped") is None for case in _cases(report))
    result = Result(row.number, tree, code == 0 and has_run, round(time.monotonic() - begun), figures)
    (RESULTS / f"row-{row.number:02}.json").write_text(json.dumps(asdict(result), ensure_ascii=False, indent=2))
    return result


def figures_of(report: Path) -> Iterator[str]:
    """What the tests saw, each with the parameters it ran under, and what was skipped and why."""
    for case in _cases(report):
        _, _, parameters = case.attrib["name"].partition("[")
        said = [each.attrib["value"] for each in case.iter("property") if each.attrib["name"] == "figure"]
        said += [f"not tried: {each.attrib['message']}" for each in case.iter("skipped")]
        yield from (each + (f" ({parameters[:-1]})" if parameters else "") for each in said)


def _cases(report: Path) -> list[ElementTree.Element]:
    return list(ElementTree.parse(report).iter("testcase"))  # noqa: S314


def kept(row: Row, tree: str) -> Result | None:
    """The result of an earlier run, if the row passed on this very tree."""
    path = RESULTS / f"row-{row.number:02}.json"
    if not path.exists():
        return None
    result = Result(**json.loads(path.read_text()))
    return result if result.passed and result.tree == tree else None


def table(results: Sequence[Result]) -> str:
    rows = {row.number: row for row in BAR}
    lines = []
    for result in results:
        row = rows[result.number]
        verdict = "pass" if result.passed else "FAIL"
        lines.append(f"{row.number:>3}  {verdict}  {result.seconds:>4} s  {row.test}  |  {row.bar}")
        lines += [f"                 {figure}" for figure in result.figures]
    return "\n".join(lines)


def summary(results: Sequence[Result]) -> str:
    passed = sum(result.passed for result in results)
    minutes, seconds = divmod(sum(result.seconds for result in results), 60)
    return f"{passed} of {len(results)} rows passed, {minutes} min {seconds:02} s (the bar: {LONGEST_MINUTES} min on 2 cores)"


def main(arguments: Sequence[str]) -> int:
    wanted = {int(each) for each in arguments}
    tree = state_of_the_tree()
    results = []
    for row in sorted(BAR, key=lambda each: each.number):
        if wanted and row.number not in wanted:
            continue
        results.append((None if wanted else kept(row, tree)) or run(row, tree))
        print(table(results[-1:]), flush=True)
    print(f"\n{table(results)}\n\n{summary(results)}")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
