"""The demo's talks, told through the real operations: two that are made up, and say so in every part."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from iki_portal.dialogue import operations
from iki_portal.dialogue.queries import SeenTalk, begun_by, talk_in_sight
from iki_portal.domain.dates import office_day
from iki_portal.domain.dialogue import TalkText
from iki_portal.domain.policy import Actor
from iki_portal.indicators.sight import SeenSheet

#: In front of everything that is written.
_MARK = "CONTOH:"
#: Sign-in name and moment → who acts.
Person = Callable[[str, datetime], Actor]


def talk_twice(sheet: SeenSheet, owner: str, superior: str, *, person: Person, now: datetime, later: datetime) -> None:
    """One talk that both have confirmed; one that waits for its owner."""
    first = _begun(sheet, superior, _held(office_day(now)), person=person, now=now)
    _write(first, owner, owner_part=f"{_MARK} berkas dari dua perangkat daerah terlambat.", person=person, now=now)
    for minute, name in ((40, owner), (55, superior)):
        moment = now + timedelta(minutes=minute)
        operations.confirm(first, actor=person(name, moment), seen=2, now=moment)
    _begun(sheet, superior, _held(office_day(later), again=True), person=person, now=later)


def _held(on: date, *, again: bool = False) -> TalkText:
    topic = "kesiapan triwulan berikutnya" if again else "capaian triwulan dan kendalanya"
    return TalkText(
        held_on=on,
        topic=f"{_MARK} {topic}",
        superior_part=f"{_MARK} capaian sudah baik; pastikan bukti lengkap sebelum laporan dikirim.",
        agreed=f"{_MARK} rekapitulasi berkas dibahas setiap Senin pagi.",
        follow_up=f"{_MARK} surat pengingat kepada perangkat daerah.",
        follow_up_on=on + timedelta(days=14),
    )


def _begun(sheet: SeenSheet, superior: str, text: TalkText, *, person: Person, now: datetime) -> SeenTalk:
    actor = person(superior, now)
    seen = begun_by(actor, sheet)
    talk_id = operations.begin(sheet, text, actor=actor, seen=seen, now=now)
    return talk_in_sight(talk_id, sheet.id, actor=actor)


def _write(talk: SeenTalk, owner: str, *, owner_part: str, person: Person, now: datetime) -> None:
    moment = now + timedelta(minutes=25)
    operations.write(talk, talk.text._replace(owner_part=owner_part), actor=person(owner, moment), seen=1, now=moment)
