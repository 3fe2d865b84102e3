"""Passwords: kept with argon2id, judged with zxcvbn in Indonesian."""

import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from iki_portal.domain.errors import Invalid

#: 19 MiB, two passes, one lane: OWASP's first choice, 48 ms here.
_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)

SHORTEST = 12
LONGEST = 200
_LOCAL_WORDS = [
    "bkd",
    "lumajang",
    "semeru",
    "jawa",
    "timur",
    "jatim",
    "jember",
    "probolinggo",
    "malang",
    "surabaya",
    "pemkab",
    "pemerintah",
    "daerah",
    "kantor",
    "dinas",
    "operator",
    "kabupaten",
    "kepegawaian",
    "badan",
    "portal",
    "iki",
    "pegawai",
    "sekretaris",
    "kepala",
    "bidang",
    "analis",
    "rahasia",
    "sandi",
    "katasandi",
    "bismillah",
    "indonesia",
    "merdeka",
    "semangat",
    "sayang",
    "bismillahirrahmanirrahim",
    "alhamdulillah",
    "garuda",
    "pancasila",
    *("januari", "februari", "maret", "april", "juni", "juli"),
    *("agustus", "september", "oktober", "november", "desember"),
]

_ADVICE = "Gunakan beberapa kata yang tidak berhubungan, misalnya empat kata acak."
_FAMILIAR_FIGURES = "Isinya angka seperti NIP, tanggal lahir, atau nomor telepon."
#: Figures that begin with a day (as a NIP does, or as people write it), or that are a telephone number.
_FAMILIAR = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d"
    r"|(?:0|62)[2-9]\d{7,12}$"
)
_OF_THE_OFFICE = "Isinya nama, NIP, atau kata yang lazim di kantor."
#: What zxcvbn found most of in the password, in the office's words; of a dictionary by its name.
_REASONS = {
    "repeat": "Bagian yang diulang cepat ditebak.",
    "sequence": "Huruf atau angka yang berurutan cepat ditebak.",
    "spatial": "Tombol yang berderet di papan ketik cepat ditebak.",
    "date": "Tanggal cepat ditebak.",
    "regex": "Tahun cepat ditebak.",
    "user_inputs": _OF_THE_OFFICE,
    "passwords": "Kata yang sering dipakai sebagai sandi dicoba lebih dulu.",
    **dict.fromkeys(("surnames", "male_names", "female_names"), "Nama orang cepat ditebak."),
}
#: Of a NIP: day of birth, month of appointment.
_BIRTH, _APPOINTED = slice(0, 8), slice(8, 14)

#: Compared when a sign-in name is unknown, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one behind `password_hash`; as slow for none (an unknown name, no password yet)."""
    try:
        matches = _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and bool(password_hash)


def needs_rehash(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


def check_strength(password: str, *, personal: tuple[str, ...]) -> None:
    """Raise `Invalid` for a password that is short, long, or guessed quickly (`personal`: names to hold against it)."""
    if len(password) < SHORTEST:
        raise Invalid(f"Sandi paling pendek {SHORTEST} huruf; ini {len(password)} huruf.")
    if len(password) > LONGEST:
        raise Invalid(f"Sandi paling panjang {LONGEST} huruf.")
    if reason := _why_weak(password, personal):
        raise Invalid(f"Sandi ini mudah ditebak. {reason} {_ADVICE}")


def _why_weak(password: str, personal: tuple[str, ...]) -> str:
    """Nothing for a password that is hard to guess."""
    if not any(sign.isalpha() for sign in password) and _FAMILIAR.match(re.sub(r"\D", "", password)):
        return _FAMILIAR_FIGURES
    words = _LOCAL_WORDS + [part for name in personal for part in _parts(name.lower())]
    if _holds_little_else(password, words):
        return _OF_THE_OFFICE
    from zxcvbn import zxcvbn  # noqa: PLC0415  # 12 MB of words that only a new password needs

    found = zxcvbn(password[:72], user_inputs=words)
    if found["score"] >= 3:
        return ""
    most = max(found["sequence"], key=lambda each: len(each["token"]))
    return _REASONS.get(most.get("dictionary_name", most["pattern"]), "Kata umum cepat ditebak.")


def _parts(name: str) -> list[str]:
    """A name with its words; a NIP with its days, also as they are spoken: 19850101, 01011985, 010185."""
    parts = [name, *re.findall(r"\w+", name)]
    if re.fullmatch(r"\d{18}", name):
        born = name[_BIRTH]
        parts += [born, name[_APPOINTED], f"{born[6:]}{born[4:6]}{born[:4]}", f"{born[6:]}{born[4:6]}{born[2:4]}"]
    return parts


def _holds_little_else(password: str, words: list[str]) -> bool:
    """Whether fewer than four signs are left beside the office's words, names and a year: "bkd-lumajang-2027".

    zxcvbn takes three words in a row for strong, however near they lie.
    """
    left = re.sub(r"(?:19|20)\d\d", " ", password.lower())
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= 3:
            left = left.replace(word, " ")
    return sum(sign.isalnum() for sign in left) < 4
