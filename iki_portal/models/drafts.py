"""Drafts as they stood: what lets two people's changes become one, and takes a deletion back."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from iki_portal.extensions import Base
from iki_portal.models.columns import UtcDateTime


class DraftVersion(Base):
    """The rows of a draft at one version (JSON with row ids). Only the newest few of a sheet are kept; no reader sees them."""

    __tablename__ = "draft_version"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(300), default="")
    #: What made this version, when it can be taken back ("hapus baris 2.1"); empty for ordinary typing.
    act: Mapped[str] = mapped_column(String(200), default="")
    is_undone: Mapped[bool] = mapped_column(default=False)
