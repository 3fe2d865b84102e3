"""Names of accounts, how they stand, how long they are locked, and browsers in plain words."""

from datetime import UTC, datetime, timedelta

import pytest

from iki_portal.auth import passwords
from iki_portal.domain.accounts import (
    AccountState,
    Origin,
    browser_words,
    proposed_name,
    read_account_name,
    state_of,
    wait_of_lock,
)
from iki_portal.domain.errors import Invalid

NOW = datetime(2027, 1, 5, 3, 0, tzinfo=UTC)
SOON, BEFORE = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


@pytest.mark.parametrize(("number", "minutes"), [(1, 15), (2, 30), (3, 60), (4, 120), (5, 240), (6, 240), (1000, 240)])
def test_each_lock_lasts_longer_until_four_hours(number: int, minutes: int) -> None:
    assert wait_of_lock(number) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("is_active", "has_password", "locked_until", "state"),
    [
        (False, False, None, AccountState.CLOSED),
        (False, True, SOON, AccountState.CLOSED),
        (True, False, SOON, AccountState.LOCKED),
        (True, True, SOON, AccountState.LOCKED),
        (True, True, NOW, AccountState.ACTIVE),
        (True, True, BEFORE, AccountState.ACTIVE),
        (True, True, None, AccountState.ACTIVE),
        (True, False, BEFORE, AccountState.NEW),
        (True, False, None, AccountState.NEW),
    ],
)
def test_an_account_stands_in_one_state(
    is_active: bool, has_password: bool, locked_until: datetime | None, state: AccountState
) -> None:
    assert state_of(is_active=is_active, has_password=has_password, locked_until=locked_until, now=NOW) is state


def test_a_name_is_proposed_that_nobody_has() -> None:
    assert proposed_name("Siti Rahmawati", "198501012010012001", set()) == "198501012010012001"
    assert proposed_name("Siti Rahmawati", None, set()) == "siti.rahmawati"
    assert proposed_name("Siti Rahmawati", None, {"siti.rahmawati", "siti.rahmawati2"}) == "siti.rahmawati3"
    assert proposed_name("Ñ", None, set()) == "pegawai"
    assert read_account_name(proposed_name("A" * 300, None, set()))


@pytest.mark.parametrize(
    "typed", ["", "a", "ab", "dua kata", ".titik", "titik.", "a" * 81, "ñandu", "a\x00b", "a/b/c", "'; --"]
)
def test_a_name_that_nobody_could_type_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="misalnya siti"):
        read_account_name(typed)


def test_a_name_is_kept_in_lower_case() -> None:
    assert read_account_name("  Siti.Rahmawati ") == "siti.rahmawati"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome di Windows"),
        (CHROME + " Edg/130.0.0.0", "Edge di Windows"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "Firefox di Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1", "Safari di iPhone"),
        ("curl/8.5.0", "Peramban lain"),
        ("", "Peramban lain"),
    ],
)
def test_a_browser_is_named_in_plain_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words


def test_only_so_much_of_an_origin_is_kept_as_the_columns_hold() -> None:
    told = Origin.told("1" * 100, "x\x00" * 300)
    assert (told.address, told.agent) == ("1" * 45, "x" * 200)
    assert Origin.told(None, None) == Origin()


@pytest.mark.parametrize(
    "weak",
    [
        "bkdlumajang2027",
        "lumajangsemeru",
        "sitirahmawati",
        "rahmawati1985",
        "198501012010012001",
        "siti.rahmawati",
        "operatorportal",
        "bismillah123",
        "aaaaaaaaaaaaaaaa",
        "sandi12345678",
        "x" * 201,
        # her NIP without its last figures, her day of birth both ways round, and what looks like a telephone
        "19850101201001",
        "01011985-siti",
        "19850101siti!",
        "1 Januari 1985",
        "085236112478",
        "0852-3611-2478",
    ],
)
def test_a_password_that_the_office_would_guess_is_refused(weak: str) -> None:
    personal = ("siti.rahmawati", "Siti Rahmawati, S.Sos.", "198501012010012001")
    with pytest.raises(Invalid, match=r"mudah ditebak|paling panjang"):
        passwords.check_strength(weak, personal=personal)


@pytest.mark.parametrize(
    ("weak", "reason"),
    [
        ("085236112478", "Isinya angka seperti NIP, tanggal lahir, atau nomor telepon"),
        ("lumajangsemeru", "nama, NIP, atau kata yang lazim di kantor"),
        ("aaaaaaaaaaaaaaaa", "Bagian yang diulang"),
        ("abc-abc-abc-abc-", "Bagian yang diulang"),
        ("qwertyuiop[]", "Tombol yang berderet"),
        ("abcdefghijklmn", "Huruf atau angka yang berurutan"),
        ("Superman-123", "Kata yang sering dipakai sebagai sandi"),
        ("Elizabeth1990", "Nama orang"),
        ("17-08-1945!!!", "Isinya angka seperti NIP, tanggal lahir, atau nomor telepon"),
    ],
)
def test_a_weak_password_is_told_why_in_indonesian(weak: str, reason: str) -> None:
    with pytest.raises(Invalid, match="Sandi ini mudah ditebak") as refusal:
        passwords.check_strength(weak, personal=("siti.rahmawati",))
    assert reason in str(refusal.value)
    assert "Gunakan beberapa kata yang tidak berhubungan" in str(refusal.value)


def test_twelve_letters_are_the_least_and_random_words_are_enough() -> None:
    with pytest.raises(Invalid, match="paling pendek 12 huruf; ini 11 huruf"):
        passwords.check_strength("vT7#qLm2&xZ", personal=())
    passwords.check_strength("vT7#qLm2&xZp", personal=())
    passwords.check_strength("kuda pelangi mencatat hujan", personal=("siti",))
    passwords.check_strength("7391 0465 8213 66", personal=("siti",))  # no rule about kinds of signs


def test_no_password_is_no_password() -> None:
    for opening in ("", "nobody has this password"):
        assert not passwords.verify("", opening)
        assert not passwords.verify(None, opening)


def test_a_password_is_compared_to_its_last_letter() -> None:
    longest = "x" * passwords.LONGEST
    kept = passwords.hash_password(longest)
    assert passwords.verify(kept, longest)
    assert not passwords.verify(kept, longest + "y")
