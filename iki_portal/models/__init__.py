"""The tables: columns, constraints, relationships (never loaded by accident). No decisions live here."""

from iki_portal.models.accounts import Account, RecoveryCode, SignInSession
from iki_portal.models.cascade import CascadeLink, Goal, GoalPeriod, KeyIndicator, KeyIndicatorTarget
from iki_portal.models.comments import Comment, CommentEntry
from iki_portal.models.dialogue import Talk, TalkAct, TalkWriting
from iki_portal.models.documents import Book, BookForm, BookState, BookSubject, DecreeText
from iki_portal.models.drafts import DraftVersion
from iki_portal.models.history import FrozenCopy, HistoryEntry, HistoryHead, IssuedPrint, OrganisationAct, SheetContent
from iki_portal.models.knowledge import KnownIndicator, KnownIndicatorUse, KnownWord, KnownWordPlace
from iki_portal.models.notices import DailyRound, Notice, OutgoingMail, Reminder
from iki_portal.models.organisation import Assignment, Employee, OfficeText, PerformanceYear, Position, PositionDuty, Unit
from iki_portal.models.quality import FindingAnswer, FindingCount, RuleSetting
from iki_portal.models.realisation import (
    Attachment,
    QuarterWindow,
    RealisationEntry,
    RealisationReport,
    ReportCopy,
)
from iki_portal.models.results import IndicatorResult, ReportResult, YearResult
from iki_portal.models.sheets import Indicator, Sheet, Statement
from iki_portal.models.staffing import StaffingRow, StaffingState, StaffingWorkbook
from iki_portal.models.trail import AuditCheck, CheckScope, TrailEvent, TrailHead
from iki_portal.models.uploads import Upload, UploadState

__all__ = [
    "Account",
    "Assignment",
    "Attachment",
    "AuditCheck",
    "Book",
    "BookForm",
    "BookState",
    "BookSubject",
    "CascadeLink",
    "CheckScope",
    "Comment",
    "CommentEntry",
    "DailyRound",
    "DecreeText",
    "DraftVersion",
    "Employee",
    "FindingAnswer",
    "FindingCount",
    "FrozenCopy",
    "Goal",
    "GoalPeriod",
    "HistoryEntry",
    "HistoryHead",
    "Indicator",
    "IndicatorResult",
    "IssuedPrint",
    "KeyIndicator",
    "KeyIndicatorTarget",
    "KnownIndicator",
    "KnownIndicatorUse",
    "KnownWord",
    "KnownWordPlace",
    "Notice",
    "OfficeText",
    "OrganisationAct",
    "OutgoingMail",
    "PerformanceYear",
    "Position",
    "PositionDuty",
    "QuarterWindow",
    "RealisationEntry",
    "RealisationReport",
    "RecoveryCode",
    "Reminder",
    "ReportCopy",
    "ReportResult",
    "RuleSetting",
    "Sheet",
    "SheetContent",
    "SignInSession",
    "StaffingRow",
    "StaffingState",
    "StaffingWorkbook",
    "Statement",
    "Talk",
    "TalkAct",
    "TalkWriting",
    "TrailEvent",
    "TrailHead",
    "Unit",
    "Upload",
    "UploadState",
    "YearResult",
]
