"""Folding, weights and order: the same on every machine, whatever the database."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.similarity import (
    RAREST,
    WORD_LIMIT,
    likeliest,
    likeness,
    ranked,
    rarest,
    text_hash,
    weight,
    words_in,
)


@dataclass(frozen=True)
class Known:
    id: int
    text: str
    uses: int = 1
    words: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", frozenset(words_in(self.text)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jumlah Dokumen  RKA-SKPD", ["jumlah", "dokumen", "rka", "skpd"]),
        ("Bulanan/ Triwulanan, (2027).", ["bulanan", "triwulanan", "2027"]),
        ("PERSENTASE_ASN", ["persentase", "asn"]),
        ("ﬁnal", ["final"]),
        ("caf\u00e9 cafe\u0301", ["caf\u00e9", "caf\u00e9"]),
        ("\x00jumlah\x00 \ud800 🙂", ["jumlah"]),
        ("%' OR 1=1 --", ["or", "1", "1"]),
        ("…!?", []),
        ("", []),
    ],
)
def test_only_letters_and_figures_count(text: str, words: list[str]) -> None:
    assert words_in(text) == words


@given(st.text())
def test_words_fit_their_column_and_fold_to_themselves(text: str) -> None:
    words = words_in(text)
    assert all(0 < len(word) <= WORD_LIMIT and "\x00" not in word for word in words)
    assert " ".join(words).encode().decode().split() == words


def test_a_text_without_end_is_read_to_the_length_of_a_field() -> None:
    assert len(words_in("kata " * 100_000)) == 400
    assert words_in("x" * 100_000) == ["x" * WORD_LIMIT]


def test_texts_that_differ_in_nothing_but_their_looks_have_one_hash() -> None:
    assert text_hash("Jumlah Paket Bahan /Material") == text_hash("jumlah paket bahan/material.")
    assert text_hash("Jumlah Paket Bahan") != text_hash("Jumlah Bahan Paket")


def test_rare_words_weigh_more_and_every_word_weighs_something() -> None:
    assert weight(1, 50_000) > weight(100, 50_000) > weight(50_000, 50_000) > 0
    assert weight(0, 50_000) == weight(1, 50_000)
    assert weight(0, 0) == 0


def test_the_rarest_known_words_are_looked_up_the_unknown_never() -> None:
    entries = {"jumlah": 90, "dokumen": 50, "hasil": 50, "pensiun": 2, "mutasi": 1, "gaji": 0}
    assert rarest(["jumlah", "gaji", "dokumen", "hasil", "hasil", "pensiun", "mutasi", "asing"], entries) == [
        "mutasi", "pensiun", "dokumen", "hasil",
    ]  # fmt: skip
    assert len(rarest(entries, entries)) == RAREST
    assert rarest(["asing"], entries) == []


def test_candidates_hold_the_most_weight_and_the_newest_come_first() -> None:
    holders = {"mutasi": [3, 9], "dokumen": [1, 2, 3, 4]}
    assert likeliest(holders, {"mutasi": 10, "dokumen": 1}, 4) == [3, 9, 4, 2]
    assert likeliest({}, {}, 4) == []


WEIGHTS = {"jumlah": 1, "dokumen": 2, "mutasi": 7, "promosi": 7, "gaji": 3}


@pytest.mark.parametrize(
    ("one", "other", "per_cent"),
    [
        ("jumlah dokumen mutasi", "jumlah dokumen mutasi", 100),
        ("jumlah dokumen mutasi", "mutasi: dokumen jumlah", 100),
        ("jumlah dokumen mutasi", "jumlah dokumen promosi", 17),
        ("jumlah dokumen mutasi", "mutasi", 70),
        ("jumlah", "gaji", 0),
        ("", "gaji", 0),
        ("", "", 0),
    ],
)
def test_likeness_is_the_weight_shared(one: str, other: str, per_cent: int) -> None:
    both = [frozenset(words_in(text)) for text in (one, other)]
    assert likeness(both[0], both[1], WEIGHTS) == likeness(both[1], both[0], WEIGHTS) == per_cent


def test_the_likest_come_first_then_the_most_used_then_by_text_then_the_oldest() -> None:
    known = [
        Known(6, "jumlah mutasi"),
        Known(5, "jumlah dokumen mutasi"),
        Known(4, "mutasi, jumlah dokumen", uses=3),
        Known(3, "dokumen jumlah mutasi"),
        Known(2, "jumlah dokumen mutasi"),
        Known(1, "gaji"),
    ]
    asked = frozenset(words_in("Jumlah Dokumen Mutasi"))
    for order in (known, known[::-1]):
        assert [(each.id, per_cent) for each, per_cent in ranked(asked, order, WEIGHTS)] == [
            (4, 100), (3, 100), (2, 100), (5, 100), (6, 80), (1, 0),
        ]  # fmt: skip
