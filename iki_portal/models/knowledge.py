"""What is known of indicators elsewhere, and the words they are found by (decision 0013)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.domain.evidence import Evidence
from iki_portal.domain.similarity import WORD_LIMIT
from iki_portal.extensions import Base
from iki_portal.models.columns import word


class KnownIndicator(Base):
    """One text with one satuan and one code, from one kind of source: the reference list, or approved sheets."""

    __tablename__ = "known_indicator"
    __table_args__ = (
        UniqueConstraint("text_hash", "unit_of_measure", "sub_kegiatan_code", "evidence", name="uq_known_indicator_entry"),
        CheckConstraint("uses >= 0", name="uses"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: As it was first met.
    text: Mapped[str] = mapped_column(Text)
    #: Of the folded text (domain/similarity.py).
    text_hash: Mapped[str] = mapped_column(String(64))
    unit_of_measure: Mapped[str] = mapped_column(String(60))
    sub_kegiatan_code: Mapped[str] = mapped_column(String(30))
    evidence: Mapped[Evidence] = mapped_column(word(Evidence, "evidence"))
    #: Posts and years whose approved sheet says so; 1 for a row of the reference list, 0 for what a revision has corrected.
    uses: Mapped[int]


class KnownIndicatorUse(Base):
    """A post's approved sheet of a year says so, in its newest revision that does."""

    __tablename__ = "known_indicator_use"
    __table_args__ = (Index("ix_known_indicator_use_position_id_year", "position_id", "year"),)

    known_indicator_id: Mapped[int] = mapped_column(ForeignKey("known_indicator.id"), primary_key=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"), primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("performance_year.year"), primary_key=True)
    #: Indexed for drafts: whatever is deleted from a draft is looked for here.
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)


class KnownWord(Base):
    """How many known indicators hold a word. The empty word is in every one: its row counts them all."""

    __tablename__ = "known_word"

    word: Mapped[str] = mapped_column(String(WORD_LIMIT), primary_key=True)
    entries: Mapped[int]


class KnownWordPlace(Base):
    """The inverted index: the n-th known indicator that holds a word. Places have no gaps, so the newest ones are a range."""

    __tablename__ = "known_word_place"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  # SQLAlchemy's own way

    word: Mapped[str] = mapped_column(String(WORD_LIMIT), ForeignKey("known_word.word"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    known_indicator_id: Mapped[int] = mapped_column(ForeignKey("known_indicator.id"))
