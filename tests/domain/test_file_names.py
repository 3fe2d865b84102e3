"""The name of a file as pages show it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iki_portal.domain.file_names import LONGEST_NAME, NAMELESS, shown_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("IKI 2027.docx", "IKI 2027.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\IKI.docx", "IKI.docx"),
        ("  iki \n\t 2027 .docx ", "iki 2027 .docx"),
        ("iki\u202exslx.exe", "iki xslx.exe"),
        ("iki\x00.docx", "iki .docx"),
        ("", NAMELESS),
        ("folder/", NAMELESS),
        ("..", NAMELESS),
        ("é.docx", "é.docx"),
    ],
)
def test_a_name_is_its_last_part_without_hidden_signs(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = shown_name("a" * 500 + ".docx")
    assert len(name) == LONGEST_NAME
    assert name.endswith("….docx")


@given(st.text())
def test_whatever_is_sent_becomes_a_name(given: str) -> None:
    name = shown_name(given)
    assert 0 < len(name) <= LONGEST_NAME
    assert not {"/", "\\"} & set(name)
    assert all(unicodedata.category(sign)[0] != "C" for sign in name)
