"""What changed between two papers, row by row: shown where a decision met an outdated page."""

from dataclasses import dataclass

from iki_portal.documents.paper import Paper, figure

_CELLS = (
    ("text", "Indikator kinerja"),
    ("formula", "Penjelasan/formulasi"),
    ("source", "Sumber data"),
    ("unit_of_measure", "Satuan"),
    ("polarity", "Polaritas"),
    ("aggregation", "Cara hitung tahunan"),
    ("target", "Target"),
    ("target_upper", "Batas atas target"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: where it stands, what it was, what it is. An empty side means "was not there"."""

    where: str
    before: str
    after: str


def changes(before: Paper, after: Paper) -> list[Change]:
    """Changed, added and removed cells, in the order of the paper."""
    old, new = _cells(before), _cells(after)
    places = list(dict.fromkeys([*new, *old]))
    return [Change(place, old.get(place, ""), new.get(place, "")) for place in places if old.get(place) != new.get(place)]


def _cells(paper: Paper) -> dict[str, str]:
    cells = {"Tugas pokok": paper.main_duty}
    for name, texts in (("Uraian tugas", paper.duties), ("Fungsi", paper.functions)):
        cells |= {f"{name} {index}": text for index, text in enumerate(texts, start=1)}
    for statement in paper.statements:
        cells[f"Kinerja {statement.number}"] = statement.text
        for index, indicator in enumerate(statement.indicators, start=1):
            row = f"Baris {statement.number}.{index}"
            for attribute, label in _CELLS:
                value = getattr(indicator, attribute)
                cells[f"{row}: {label}"] = "" if value is None else str(value if isinstance(value, str) else figure(value))
            for quarter, amount in enumerate(indicator.quarters, start=1):
                cells[f"{row}: Triwulan {quarter}"] = figure(amount) or ""
    return cells
