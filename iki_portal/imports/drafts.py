"""A sheet while it is being read: what has been found of it so far, part by part."""

from dataclasses import dataclass, field
from enum import Enum, auto

from iki_portal.imports.table import Table


class Part(Enum):
    HEADING = auto()
    UNIT = auto()
    POST = auto()
    ORGANISATION = auto()
    MAIN_DUTY = auto()
    DUTIES = auto()
    FUNCTIONS = auto()
    TABLE = auto()
    OTHER_TABLE = auto()


OWNER_PARTS = (Part.UNIT, Part.POST, Part.ORGANISATION)


@dataclass(slots=True)
class Item:
    line: int
    letter: str
    texts: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@dataclass(slots=True)
class SheetDraft:
    line: int
    heading: list[str] = field(default_factory=list)
    labels: dict[Part, int] = field(default_factory=dict)
    #: What stands behind "Jabatan", "Unit Kerja" and "Unit Organisasi", or in the columns of that name.
    owner: dict[Part, str] = field(default_factory=dict)
    main_duty: list[str] = field(default_factory=list)
    duties: list[Item] = field(default_factory=list)
    functions: list[Item] = field(default_factory=list)
    table: Table | None = None
    last_line: int = 0
    #: Of a worksheet or of rows that name their owners: without a title and without duties.
    is_of_rows: bool = False
    #: Its rows say whose it is, no label does.
    has_owner_in_rows: bool = False

    @property
    def title(self) -> str:
        return " ".join(self.heading)

    @property
    def names_post(self) -> bool:
        return Part.POST in self.labels

    @property
    def position(self) -> str:
        """Without "Jabatan", "Unit Kerja" holds the post: the habit of the office's document."""
        return self.owner.get(Part.POST if self.names_post else Part.UNIT, "")

    @property
    def unit(self) -> str:
        """As written; empty where it can only be derived."""
        written = self.owner.get(Part.UNIT, "") if self.names_post else ""
        return written or self.owner.get(Part.ORGANISATION, "")

    @property
    def is_empty(self) -> bool:
        return not (self.heading or self.labels or (self.table and self.table.rows))

    def items_of(self, part: Part) -> list[Item]:
        return self.functions if part is Part.FUNCTIONS else self.duties

    def line_of(self, part: Part) -> int:
        return self.labels.get(part, self.line)


@dataclass(slots=True)
class Habits:
    """Where the document does things its own way throughout: told once, not once per line."""

    functions_on_label_line: list[int] = field(default_factory=list)
    tagged_headers: list[int] = field(default_factory=list)
    posts_without_rows: list[int] = field(default_factory=list)
