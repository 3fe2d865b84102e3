"""The report of a check, for people who read no programs: what was checked, what was found, what it proves and what not."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Any

from iki_portal.documents.pdf import compile_pdf, shown
from iki_portal.documents.printed import Office
from iki_portal.domain.dates import format_datetime, office_day

TITLE = "Laporan pemeriksaan riwayat Portal IKI"
_WIDTH = 100

PROVES = (
    "Setiap baris disegel dengan kunci yang disimpan di luar basis data, dan setiap segel memuat segel baris sebelumnya.",
    "Bila utuh: tidak ada baris yang diubah, disisipkan, dipindahkan, atau dihapus di tengah sejak ditulis, kecuali oleh"
    " orang yang memegang basis data dan sekaligus kuncinya.",
    "Bila utuh: salinan beku, cetakan resmi, dan isi yang diajukan sama byte demi byte dengan yang dicatat saat itu.",
)
PROVES_NOT = (
    "Bahwa isi yang ditulis itu benar, dan siapa yang sebenarnya duduk di depan komputer. Ini bukan tanda tangan elektronik.",
    "Bahwa jam komputer benar; yang terbukti adalah urutan.",
    "Bahwa baris-baris terakhir tidak dihapus bersama-sama, atau seluruh basis data tidak dikembalikan ke cadangan lama: itu"
    " hanya terlihat dengan jangkar yang disimpan di luar portal dan lebih baru daripada cadangan itu.",
)


@dataclass(frozen=True, slots=True)
class CheckedChain:
    name: str
    rows: int
    #: "812:3fa9c0d1e2f30415".
    head: str
    #: Key id → rows that it signed. Keys themselves stand in no report.
    keys: Mapping[str, int]
    anchors: int
    first_break: int | None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Everything that the report says; the same facts as text and as PDF."""

    at: datetime
    seconds: float
    version: str
    #: "SQLite" or "PostgreSQL".
    database: str
    revision: str
    chains: Sequence[CheckedChain]
    #: Name → how many were compared.
    compared: Mapping[str, int]
    problems: Sequence[str]
    problem_count: int

    @property
    def is_whole(self) -> bool:
        return not self.problem_count

    @property
    def result(self) -> str:
        if self.is_whole:
            return "UTUH. Tidak ditemukan perubahan."
        return f"TIDAK UTUH. Ditemukan {self.problem_count} masalah."


def _chain_line(chain: CheckedChain) -> str:
    keys = ", ".join(f"{name} ({rows} baris)" for name, rows in sorted(chain.keys.items())) or "belum ada"
    return (
        f"{chain.name}: {chain.rows} baris dihitung ulang; kepala rantai {chain.head}; kunci {keys};"
        f" {chain.anchors} jangkar dan tanda pemeriksaan dibandingkan."
    )


def _consequence(chain: CheckedChain) -> list[str]:
    """What can still be said of a chain that is broken, and what not."""
    first = chain.first_break
    if first is None:
        return []
    before = f"Baris 1 sampai {first - 1} utuh. " if first > 1 else ""
    return [
        f"{chain.name}: {before}Mulai baris {first} tidak dapat lagi dikatakan bahwa semua yang terjadi masih ada dan dalam"
        " urutannya. Setiap baris sesudahnya yang tidak disebut di atas masih bersegel benar, satu per satu; apa yang pernah"
        " berdiri di antara baris-baris itu tidak dapat dibuktikan dari basis data ini. Bandingkan dengan cadangan terbaru"
        " yang masih utuh dan dengan jangkar pada cetakan."
    ]


def _sections(report: AuditReport) -> list[tuple[str, list[str]]]:
    problems = list(report.problems)
    if report.problem_count > len(problems):
        problems.append(f"… dan {report.problem_count - len(problems)} masalah lain yang sejenis.")
    return [
        (
            "Pemeriksaan",
            [
                f"Waktu: {format_datetime(report.at)}; lamanya {f'{report.seconds:.1f}'.replace('.', ',')} detik.",
                f"Oleh: Portal IKI {report.version}, basis data {report.database}, skema {report.revision}.",
            ],
        ),
        ("Hasil", [report.result]),
        ("Masalah yang ditemukan", problems),
        ("Yang masih dan tidak lagi dapat dikatakan", [line for chain in report.chains for line in _consequence(chain)]),
        (
            "Yang diperiksa",
            [
                *(_chain_line(chain) for chain in report.chains),
                *(f"{name}: {count} dibandingkan." for name, count in report.compared.items()),
            ],
        ),
        ("Yang dibuktikan", list(PROVES)),
        ("Yang tidak dibuktikan", list(PROVES_NOT)),
        (
            "Jangkar baru",
            [
                "Simpan baris ini di luar portal (surat elektronik harian, buku agenda, nama berkas cadangan):",
                *(chain.head for chain in report.chains),
            ],
        ),
    ]


def report_text(report: AuditReport) -> str:
    """For a terminal and a file: at most 100 signs a line."""
    lines = [TITLE, "=" * len(TITLE)]
    for heading, paragraphs in _sections(report):
        if paragraphs:
            lines += ["", heading, "-" * len(heading)]
            for paragraph in paragraphs:
                lines += wrap(paragraph, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def report_pdf(report: AuditReport, *, office: Office) -> bytes:
    facts: dict[str, Any] = {
        "title": TITLE,
        "letterhead": list(office.letterhead),
        "page_size": office.page_size,
        "result": report.result,
        "sections": [{"heading": heading, "items": paragraphs} for heading, paragraphs in _sections(report) if paragraphs],
        "footer": f"{TITLE}, {format_datetime(report.at)}",
    }
    on = office_day(report.at)
    facts = {**{name: shown(value) for name, value in facts.items()}, "date": [on.year, on.month, on.day]}
    return compile_pdf("report.typ", {"report": json.dumps(facts, ensure_ascii=False)}, on=on)
