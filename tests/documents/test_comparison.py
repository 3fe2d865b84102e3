"""What changed between two papers: cells word by word, rows added, removed and moved, and nothing else."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.documents.comparison import Change, Kind, changes, word_changes
from iki_portal.documents.paper import Paper
from tests import prints

ROWS = (
    prints.statement(1, "Meningkatnya perencanaan", "Jumlah dokumen rencana", "Jumlah laporan rencana"),
    prints.statement(2, "Meningkatnya pelayanan pensiun", "Persentase ASN yang menerima SK pensiun"),
    prints.statement(3, "Meningkatnya disiplin", "Jumlah pembinaan disiplin yang selesai"),
)
BEFORE = prints.paper(*ROWS)


def where(after: Paper) -> list[str]:
    return [each.where for each in changes(BEFORE, after)]


@given(st.text(), st.text())
def test_the_pieces_joined_are_both_texts(before: str, after: str) -> None:
    pieces = word_changes(before, after)
    assert "".join(each.text for each in pieces if each.kind is not Kind.ADDED) == before
    assert "".join(each.text for each in pieces if each.kind is not Kind.REMOVED) == after


@pytest.mark.parametrize("paper", prints.papers_of_the_office())
def test_a_paper_does_not_differ_from_itself(paper: Paper) -> None:
    assert changes(paper, paper) == []


def test_a_changed_cell_is_marked_word_by_word() -> None:
    rows = list(ROWS)
    one = rows[1].indicators[0]
    rows[1] = replace(rows[1], indicators=(replace(one, formula="Jumlah ASN yang menerima SK pensiun", target=Decimal("7.5")),))
    found = changes(BEFORE, prints.paper(*rows))
    assert found == [
        Change(
            "Baris 2.1: Penjelasan/formulasi", "Persentase ASN yang menerima SK pensiun", "Jumlah ASN yang menerima SK pensiun"
        ),
        Change("Baris 2.1: Target", "4", "7,5"),
    ]
    assert [(each.kind, each.text) for each in found[0].pieces] == [
        (Kind.REMOVED, "Persentase"), (Kind.ADDED, "Jumlah"), (Kind.SAME, " ASN yang menerima SK pensiun"),
    ]  # fmt: skip


def test_a_row_put_first_does_not_move_those_it_pushes_down() -> None:
    added = prints.statement(1, "Meningkatnya kearsipan", "Jumlah arsip yang tertata")
    after = prints.paper(added, *(replace(row, number=row.number + 1) for row in ROWS))
    found = where(after)
    assert found[:2] == ["Kinerja 1 ditambahkan", "Baris 1.1 ditambahkan"]
    assert all(each.startswith(("Kinerja 1 ", "Baris 1.1")) for each in found)


def test_a_removed_row_is_told_with_what_it_was() -> None:
    assert changes(BEFORE, prints.paper(ROWS[0], ROWS[2])) == [
        Change("Kinerja 2 dihapus", "Meningkatnya pelayanan pensiun", ""),
        Change("Baris 2.1 dihapus", "Persentase ASN yang menerima SK pensiun", ""),
    ]


def test_a_moved_row_is_told_once() -> None:
    first, second, third = ROWS
    after = prints.paper(replace(third, number=1), replace(first, number=2), replace(second, number=3))
    assert changes(BEFORE, after) == [Change("Baris 1.1 dipindahkan", "Baris 3.1", "Baris 1.1")]


def test_a_reworded_row_stays_the_same_row() -> None:
    rows = list(ROWS)
    rows[2] = prints.statement(3, "Meningkatnya disiplin ASN", "Jumlah pembinaan disiplin ASN yang selesai")
    found = where(prints.paper(*rows))
    assert "Kinerja 3" in found
    assert "Baris 3.1: Indikator kinerja" in found
    assert not any("dihapus" in each or "ditambahkan" in each for each in found)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_whatever_is_shuffled_and_cut_no_row_is_told_as_both_removed_and_added(order: list[int], kept: int) -> None:
    texts = ["rapat", "arsip", "laporan pensiun", "mutasi antar daerah", "penghargaan", "disiplin"]
    before = prints.paper(*(prints.statement(place + 1, text, f"Jumlah {text}") for place, text in enumerate(texts)))
    left = order[:kept]
    after = prints.paper(
        *(prints.statement(place + 1, texts[each], f"Jumlah {texts[each]}") for place, each in enumerate(left))
    )
    found = changes(before, after)
    assert sum("Baris" in each.where and "dihapus" in each.where for each in found) == 6 - kept
    assert not any("ditambahkan" in each.where for each in found)
    assert sum("dipindahkan" in each.where for each in found) == kept - _longest_run(left)


def _longest_run(numbers: list[int]) -> int:
    runs = [0] * len(numbers)
    for place, number in enumerate(numbers):
        runs[place] = 1 + max((runs[each] for each in range(place) if numbers[each] < number), default=0)
    return max(runs, default=0)
