"""What becomes known of a talk: to the other of the two, and nobody else; written with the act itself."""

from datetime import datetime

from iki_portal.dialogue.queries import SeenTalk
from iki_portal.domain import dialogue
from iki_portal.domain.dialogue import Side, TalkState
from iki_portal.domain.notices import About, NoticeKind, sheet_words
from iki_portal.notices.news import news_for
from iki_portal.notices.operations import settle_talk, tell


def tell_of_talk(talk: SeenTalk, side: Side, *, number: int, lost: bool, in_post: bool, now: datetime) -> None:
    """`side` has written or confirmed (row `number` of the history), and `talk` is as that leaves it.

    `lost`: that took the other's confirmation away. `in_post`: the other may still act on it.
    """
    settle_talk(talk.sheet_id, f"talk:{talk.id}:", now=now)
    other = dialogue.OTHER[side]
    kind = _kind(talk, other, lost=lost, in_post=in_post)
    if kind is None:
        return
    about = About(sheet=sheet_words(talk.sheet_name, talk.revision), year=talk.year, day=talk.text.held_on)
    tell(news_for([talk.people[other].id], kind, f"talk:{talk.id}:{number}", about, sheet_id=talk.sheet_id), now=now)


def _kind(talk: SeenTalk, other: Side, *, lost: bool, in_post: bool) -> NoticeKind | None:
    if talk.state is TalkState.CLOSED:
        return NoticeKind.TALK_CLOSED
    if lost:
        return NoticeKind.TALK_CHANGED
    return NoticeKind.TALK_WAITS if in_post and dialogue.waits_for(other, talk) else None
