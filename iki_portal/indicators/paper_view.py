"""A paper as `components/sheet_paper.html` prints it: of a sheet, or of what an upload says."""

from collections.abc import Mapping
from typing import Any

from iki_portal.documents.paper import Paper, PaperIndicator
from iki_portal.documents.printed import row_remarks
from iki_portal.domain.numbers import format_number
from iki_portal.domain.targets import AGGREGATION_WORDS, POLARITY_WORDS, Aggregation, Polarity


def paper_view(paper: Paper, flagged: frozenset[int] = frozenset(), *, anchor: str = "") -> Mapping[str, Any]:
    """`anchor` begins the ids of its rows, where several papers stand on one page."""
    return {
        "anchor": anchor,
        "heading": paper.heading,
        "position_title": paper.position,
        "unit_name": paper.unit,
        "main_duty": paper.main_duty,
        "duties": paper.duties,
        "functions": paper.functions,
        "statements": [
            {
                "id": statement.id,
                "number": statement.number,
                "text": statement.text,
                "flagged": False,
                "indicators": [_indicator_view(each, each.id in flagged) for each in statement.indicators],
            }
            for statement in paper.statements
        ],
    }


def _figure(value: Any) -> str:
    return "" if value is None else format_number(value)


def _indicator_view(indicator: PaperIndicator, is_flagged: bool) -> Mapping[str, Any]:
    target = _figure(indicator.target)
    if target and indicator.target_upper is not None:
        target = f"{target} – {_figure(indicator.target_upper)}"
    return {
        "id": indicator.id,
        "text": indicator.text,
        "formula": indicator.formula,
        "source": indicator.source,
        "unit_of_measure": indicator.unit_of_measure,
        "polarity_word": POLARITY_WORDS[Polarity(indicator.polarity)] if indicator.polarity else "",
        "aggregation_word": AGGREGATION_WORDS[Aggregation(indicator.aggregation)] if indicator.aggregation else "",
        "target_text": target,
        "quarter_texts": [_figure(value) for value in indicator.quarters],
        "remarks": "; ".join(row_remarks(indicator)),
        "flagged": is_flagged,
    }
