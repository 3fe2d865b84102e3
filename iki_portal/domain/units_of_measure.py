"""A satuan suggested by the first words of an indicator: what is counted is what stands behind "Jumlah".

Only what those words leave no doubt about is suggested; the writer decides. The national nomenclature sometimes counts
something else than the words say ("Jumlah Pengelolaan Kenaikan Pangkat ASN" counts documents): such rows get nothing.
"""

import re

#: First words of an indicator → satuan; the first row that fits counts, so the longer of two stands above the shorter.
SUGGESTIONS = (
    ("persentase", "%"),
    ("jumlah orang yang menerima gaji", "orang/bulan"),
    ("jumlah orang", "orang"),
    ("jumlah asn", "orang"),
    ("jumlah pns", "orang"),
    ("jumlah pppk", "orang"),
    ("jumlah pegawai", "orang"),
    ("jumlah peserta", "orang"),
    ("jumlah dokumen", "dokumen"),
    ("jumlah laporan", "laporan"),
    ("jumlah paket", "paket"),
    ("jumlah unit", "unit"),
    ("jumlah kendaraan", "unit"),
    ("jumlah peralatan", "unit"),
    ("jumlah gedung", "unit"),
    ("jumlah sarana dan prasarana", "unit"),
    ("jumlah lembaga", "lembaga"),
)


def suggest_unit(text: str) -> str | None:
    """The satuan for "Jumlah Dokumen …" (dokumen) or "Persentase …" (%); None when the first words do not tell."""
    words = " ".join(re.findall(r"\w+", text.lower()))
    for opening, unit in SUGGESTIONS:
        if f"{words} ".startswith(f"{opening} "):
            return unit
    return None


def in_lower_case(unit: str) -> str:
    """ "Dokumen" as the office writes it, "dokumen"; what has capitals within ("SKPD") keeps them."""
    return unit.lower() if unit[1:].islower() else unit


def with_unit(figure: str, unit: str | None) -> str:
    """ "3 dokumen", "37,5%": a figure as screens say it."""
    return f"{figure}%" if unit == "%" else f"{figure} {unit or ''}".strip()
