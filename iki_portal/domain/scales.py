"""Scales: into which band a percentage falls, and what the band is called. A scale is data with its source.

The portal bands achievements of indicators and units. It never derives a person's predicate from them: PermenPANRB 6/2022
leaves that to the superior.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from iki_portal.domain.numbers import round_half_up


class BandTone(StrEnum):
    """How loud a band is on screen; words and signs always stand beside it."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Band:
    #: The lowest whole per cent of the band.
    lowest: int
    word: str
    tone: BandTone


@dataclass(frozen=True, slots=True)
class Scale:
    key: str
    name: str
    source: str
    #: From the highest to the lowest, the last one from 0.
    bands: tuple[Band, ...]

    def band(self, percentage: Decimal) -> Band:
        """The band of a percentage, rounded half up to a whole one first; what lies below 0 is in the lowest."""
        whole = round_half_up(percentage)
        return next((each for each in self.bands if whole >= each.lowest), self.bands[-1])


_GOOD, _FAIR, _POOR = BandTone.GOOD, BandTone.FAIR, BandTone.POOR

SCALES = {
    scale.key: scale
    for scale in (
        Scale(
            "permendagri-86-2017",
            "Skala nilai peringkat kinerja",
            "Permendagri 86/2017, skala nilai peringkat kinerja pada evaluasi hasil rencana pembangunan daerah",
            (
                Band(91, "Sangat tinggi", _GOOD),
                Band(76, "Tinggi", _GOOD),
                Band(66, "Sedang", _FAIR),
                Band(51, "Rendah", _POOR),
                Band(0, "Sangat rendah", _POOR),
            ),
        ),
        Scale(
            "pmk-22-2021",
            "Nilai kinerja anggaran",
            "PMK 22/PMK.02/2021, pengelompokan nilai kinerja anggaran",
            (
                Band(91, "Sangat baik", _GOOD),
                Band(81, "Baik", _GOOD),
                Band(61, "Cukup", _FAIR),
                Band(51, "Kurang", _POOR),
                Band(0, "Sangat kurang", _POOR),
            ),
        ),
        Scale(
            "kmk-467-2014",
            "Status capaian tiga warna",
            "KMK 467/KMK.01/2014, status capaian indikator kinerja utama",
            (Band(100, "Memenuhi target", _GOOD), Band(80, "Mendekati target", _FAIR), Band(0, "Belum memenuhi", _POOR)),
        ),
    )
}
DEFAULT_SCALE = SCALES["permendagri-86-2017"]
