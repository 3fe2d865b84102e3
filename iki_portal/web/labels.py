"""One word, one tone and one icon for each State, Step and Duty: never colour alone, the same on every page."""

from collections.abc import Iterable
from dataclasses import dataclass

from iki_portal.domain.accounts import AccountState
from iki_portal.domain.appointments import TERM_STATE_WORDS, TermState
from iki_portal.domain.comments import COMMENT_STATE_WORDS, CommentState
from iki_portal.domain.dialogue import TALK_WORDS, TalkState, TalkStep
from iki_portal.domain.handover import TAKE_OVER
from iki_portal.domain.notices import NOTICE_WORDS, NoticeKind
from iki_portal.domain.quality import SEVERITY_WORDS, Answer, Finding, Severity
from iki_portal.domain.realisation import OVERDUE_WORD, REPORT_WORDS, ReportState, ReportStep
from iki_portal.domain.reports import REPORTED_STAGES, STAGE_WORDS, SheetStage, Stage
from iki_portal.domain.scales import BandTone
from iki_portal.domain.staffing import FATE_WORDS, Fate
from iki_portal.domain.trail import TrailAction
from iki_portal.domain.workflow import STATE_WORDS, STEP_PASSIVE, State, Step
from iki_portal.models import StaffingState, UploadState


@dataclass(frozen=True, slots=True)
class Label:
    word: str
    #: neutral · waiting · progress · done · danger
    tone: str
    #: A name in Bootstrap's icon sprite.
    icon: str


STATE_LABELS: dict[State, Label] = {
    State.DRAFT: Label(STATE_WORDS[State.DRAFT], "neutral", "pencil"),
    State.SUBMITTED: Label(STATE_WORDS[State.SUBMITTED], "waiting", "send"),
    State.REVIEWED: Label(STATE_WORDS[State.REVIEWED], "progress", "check2"),
    State.APPROVED: Label(STATE_WORDS[State.APPROVED], "done", "patch-check"),
    State.SUPERSEDED: Label(STATE_WORDS[State.SUPERSEDED], "neutral", "archive"),
}

STEP_LABELS: dict[Step, Label] = {
    Step.SUBMIT: Label("mengajukan lembar untuk reviu", "waiting", "send"),
    Step.WITHDRAW: Label("menarik kembali lembar", "neutral", "arrow-counterclockwise"),
    Step.REVIEW: Label("menyetujui reviu", "progress", "check2"),
    Step.RETURN: Label("mengembalikan lembar untuk diperbaiki", "danger", "arrow-return-left"),
    Step.APPROVE: Label("menetapkan lembar", "done", "patch-check"),
    Step.REVISE: Label("membuat perubahan", "neutral", "files"),
    Step.SUPERSEDE: Label("lembar digantikan oleh perubahan yang ditetapkan", "neutral", "archive"),
}

#: Said after the step was taken.
STEP_DONE: dict[Step, str] = {step: f"Lembar {passive}." for step, passive in STEP_PASSIVE.items()}

#: Everything that the history can hold, by its `action`.
ACTION_LABELS: dict[str, Label] = {
    **{step.value: label for step, label in STEP_LABELS.items()},
    TAKE_OVER: Label("menerima lembar yang diambil alih", "progress", "person-check"),
    ReportStep.SUBMIT: Label("mengirim laporan realisasi", "waiting", "send"),
    ReportStep.VERIFY: Label("memverifikasi realisasi", "done", "clipboard-check"),
    ReportStep.RETURN: Label("mengembalikan laporan realisasi", "danger", "arrow-return-left"),
    ReportStep.CORRECT: Label("membuka laporan realisasi untuk koreksi", "neutral", "pencil-square"),
    TalkStep.BEGIN: Label("mencatat dialog kinerja", "neutral", "chat-square-text"),
    TalkStep.WRITE: Label("menulis pada dialog kinerja", "neutral", "pencil"),
    TalkStep.CONFIRM: Label("mengonfirmasi dialog kinerja", "done", "check2"),
    "change_window": Label("mengatur waktu pelaporan triwulan", "neutral", "calendar-range"),
    "set_scale": Label("mengatur skala capaian", "neutral", "sliders"),
    "link_rows": Label("mengaitkan indikator", "progress", "link-45deg"),
    "unlink_rows": Label("melepas kaitan indikator", "neutral", "slash-circle"),
    "add_period": Label("membuka periode sasaran", "progress", "calendar-plus"),
    "change_period": Label("mengubah periode sasaran", "neutral", "calendar-range"),
    "add_goal": Label("menulis tujuan atau sasaran", "neutral", "bullseye"),
    "change_goal": Label("mengubah tujuan atau sasaran", "neutral", "bullseye"),
    "withdraw_goal": Label("mencabut tujuan atau sasaran", "danger", "x-circle"),
    "add_iku": Label("menulis IKU", "neutral", "bullseye"),
    "change_iku": Label("mengubah IKU", "neutral", "bullseye"),
    "withdraw_iku": Label("mencabut IKU", "danger", "x-circle"),
    "import": Label("membaca lembar dari dokumen kantor", "neutral", "file-earmark-text"),
    "close_planning": Label("menutup tahap penetapan", "done", "lock"),
    "open_year": Label("membuka tahun kinerja", "progress", "calendar-plus"),
    "change_deadline": Label("mengubah tenggat penetapan", "neutral", "calendar-event"),
    "set_rule": Label("mengatur aturan mutu", "neutral", "sliders"),
    "add_unit": Label("membentuk unit kerja", "neutral", "diagram-3"),
    "change_unit": Label("mengubah unit kerja", "neutral", "diagram-3"),
    "rename_unit": Label("mengganti nama unit kerja", "neutral", "pencil"),
    "close_unit": Label("mengatur penutupan unit kerja", "danger", "x-circle"),
    "add_post": Label("membentuk jabatan", "neutral", "person-badge"),
    "change_post": Label("mengubah jabatan", "neutral", "person-badge"),
    "rename_post": Label("mengganti nama jabatan", "neutral", "pencil"),
    "close_post": Label("mengatur penutupan jabatan", "danger", "x-circle"),
    "add_employee": Label("mencatat pegawai baru", "neutral", "person-plus"),
    "change_employee": Label("mengubah data pegawai", "neutral", "person-gear"),
    "appoint": Label("mengangkat pejabat", "neutral", "person-check"),
    "change_assignment": Label("mengubah penugasan", "neutral", "calendar-range"),
    "import_staffing": Label("menerapkan buku kerja organisasi", "done", "file-earmark-spreadsheet"),
    "create_account": Label("membuat akun", "neutral", "person-plus"),
    "create_operator": Label("membuat akun operator", "neutral", "person-gear"),
    "reset_account": Label("memberi kode aktivasi baru", "neutral", "key"),
    "unlock_account": Label("membuka kunci akun", "neutral", "unlock"),
    "deactivate_account": Label("menonaktifkan akun", "danger", "person-x"),
    "activate_account": Label("mengaktifkan akun", "done", "person-check"),
    "remind": Label("mengingatkan meja yang belum selesai", "neutral", "bell"),
    "reset_second_step": Label("mematikan verifikasi dua langkah", "neutral", "phone"),
    "restore": Label("memulihkan portal dari cadangan", "danger", "database-down"),
    "move_database": Label("memindahkan basis data portal", "neutral", "database"),
    "office_text": Label("mengubah kop naskah", "neutral", "file-earmark-text"),
    "decree_text": Label("mengubah naskah keputusan", "neutral", "file-earmark-text"),
}

#: The same for the trail.
TRAIL_LABELS: dict[str, Label] = {
    TrailAction.SIGN_IN: Label("masuk", "neutral", "box-arrow-in-right"),
    TrailAction.ACTIVATE: Label("mengaktifkan akun dengan kode", "done", "person-check"),
    TrailAction.LOCK: Label("akun terkunci", "danger", "lock"),
    TrailAction.ACT_AS: Label("memilih jabatan untuk bertindak", "neutral", "person-badge"),
    TrailAction.SIGN_OUT: Label("keluar", "neutral", "box-arrow-right"),
    TrailAction.SIGN_OUT_EVERYWHERE: Label("keluar dari semua perangkat", "neutral", "box-arrow-right"),
    TrailAction.END_SESSION: Label("mengakhiri satu sesi", "neutral", "box-arrow-right"),
    TrailAction.CHANGE_PASSWORD: Label("mengganti sandi", "neutral", "key"),
    TrailAction.SECOND_STEP_ON: Label("menyalakan verifikasi dua langkah", "done", "phone"),
    TrailAction.SECOND_STEP_OFF: Label("mematikan verifikasi dua langkah", "neutral", "phone"),
    TrailAction.REFUSAL: Label("ditolak", "danger", "slash-circle"),
    TrailAction.DOWNLOAD: Label("mengunduh", "neutral", "download"),
    TrailAction.PRINT: Label("menerbitkan cetakan resmi", "done", "patch-check"),
    TrailAction.MAIL_CHOICE: Label("mengatur surel pemberitahuan", "neutral", "envelope"),
    TrailAction.MAIL_RETRY: Label("mengirim ulang surel yang gagal", "neutral", "envelope"),
}

REPORT_LABELS: dict[ReportState, Label] = {
    ReportState.DRAFT: Label(REPORT_WORDS[ReportState.DRAFT], "neutral", "circle"),
    ReportState.SUBMITTED: Label(REPORT_WORDS[ReportState.SUBMITTED], "waiting", "hourglass-split"),
    ReportState.RETURNED: Label(REPORT_WORDS[ReportState.RETURNED], "danger", "arrow-return-left"),
    ReportState.VERIFIED: Label(REPORT_WORDS[ReportState.VERIFIED], "done", "patch-check"),
}
TALK_LABELS: dict[TalkState, Label] = {
    TalkState.WRITING: Label(TALK_WORDS[TalkState.WRITING], "neutral", "pencil"),
    TalkState.HALF: Label(TALK_WORDS[TalkState.HALF], "waiting", "hourglass-split"),
    TalkState.CLOSED: Label(TALK_WORDS[TalkState.CLOSED], "done", "patch-check"),
}
#: Nothing was reported, and the time for it is over: as loud as red.
REPORT_OVERDUE = Label(OVERDUE_WORD, "danger", "exclamation-octagon-fill")
#: How far the sheet of a post, and the quarter of a sheet in force, are: on Dasbor.
SHEET_STAGE_LABELS: dict[SheetStage, Label] = {
    **{stage: STATE_LABELS[State(stage.value)] for stage in SheetStage if stage is not SheetStage.WITHOUT},
    SheetStage.WITHOUT: Label("Tanpa lembar", "danger", "file-earmark-x"),
}
STAGE_LABELS: dict[Stage, Label] = {
    **{stage: REPORT_LABELS[state] for state, stage in REPORTED_STAGES.items()},
    Stage.MISSING: Label(STAGE_WORDS[Stage.MISSING], "danger", "exclamation-octagon-fill"),
    Stage.NOT_YET: Label(STAGE_WORDS[Stage.NOT_YET], "neutral", "clock"),
}
BAND_ICONS: dict[BandTone, tuple[str, str]] = {
    BandTone.GOOD: ("done", "check-circle-fill"),
    BandTone.FAIR: ("waiting", "dash-circle-fill"),
    BandTone.POOR: ("danger", "exclamation-triangle-fill"),
}

TERM_LABELS: dict[TermState, Label] = {
    TermState.FUTURE: Label(TERM_STATE_WORDS[TermState.FUTURE], "waiting", "calendar-event"),
    TermState.IN_FORCE: Label(TERM_STATE_WORDS[TermState.IN_FORCE], "done", "check2"),
    TermState.PAST: Label(TERM_STATE_WORDS[TermState.PAST], "neutral", "archive"),
    TermState.CANCELLED: Label(TERM_STATE_WORDS[TermState.CANCELLED], "neutral", "x-circle"),
}

ACCOUNT_LABELS: dict[AccountState, Label] = {
    AccountState.ACTIVE: Label("Aktif", "done", "person-check"),
    AccountState.NEW: Label("Belum diaktifkan", "waiting", "hourglass-split"),
    AccountState.LOCKED: Label("Terkunci", "danger", "lock"),
    AccountState.CLOSED: Label("Dinonaktifkan", "neutral", "person-x"),
}
#: Of a new account where people come in by what the office has already.
ACCOUNT_WITHOUT_PASSWORD = Label("Tanpa sandi portal", "neutral", "person-check")
COMMENT_LABELS: dict[CommentState, Label] = {
    CommentState.OPEN: Label(COMMENT_STATE_WORDS[CommentState.OPEN], "waiting", "chat-left-text-fill"),
    CommentState.DONE: Label(COMMENT_STATE_WORDS[CommentState.DONE], "progress", "check2"),
    CommentState.CLOSED: Label(COMMENT_STATE_WORDS[CommentState.CLOSED], "neutral", "check2-all"),
}
SEVERITY_LABELS: dict[Severity, Label] = {
    Severity.OFF: Label(SEVERITY_WORDS[Severity.OFF], "neutral", "slash-circle"),
    Severity.ADVISES: Label(SEVERITY_WORDS[Severity.ADVISES], "waiting", "lightbulb"),
    Severity.BLOCKS: Label(SEVERITY_WORDS[Severity.BLOCKS], "danger", "exclamation-octagon-fill"),
}
NOTICE_LABELS: dict[NoticeKind, Label] = {
    kind: Label(NOTICE_WORDS[kind], tone, icon)
    for kind, tone, icon in (
        (NoticeKind.TO_REVIEW, "waiting", "send"),
        (NoticeKind.TO_APPROVE, "waiting", "check2"),
        (NoticeKind.RETURNED, "danger", "arrow-return-left"),
        (NoticeKind.APPROVED, "done", "patch-check"),
        (NoticeKind.REVISED, "neutral", "files"),
        (NoticeKind.COMMENTED, "waiting", "chat-left-text-fill"),
        (NoticeKind.ANSWERED, "progress", "chat-left-quote"),
        (NoticeKind.YEAR_OPENED, "progress", "calendar-plus"),
        (NoticeKind.POST_BEGINS, "neutral", "person-check"),
        (NoticeKind.POST_ENDS, "waiting", "calendar-event"),
        (NoticeKind.DEADLINE, "waiting", "alarm"),
        (NoticeKind.REMINDED, "waiting", "bell"),
        (NoticeKind.TO_VERIFY, "waiting", "clipboard-check"),
        (NoticeKind.REPORT_RETURNED, "danger", "arrow-return-left"),
        (NoticeKind.REPORT_VERIFIED, "done", "patch-check"),
        (NoticeKind.QUARTER_REOPENED, "waiting", "unlock"),
        (NoticeKind.TALK_WAITS, "waiting", "chat-square-text"),
        (NoticeKind.TALK_CHANGED, "danger", "chat-square-dots"),
        (NoticeKind.TALK_CLOSED, "done", "patch-check"),
    )
}
_ANSWERED = Label("Saran, dijawab", "neutral", "chat-left-quote")


UPLOAD_LABELS: dict[UploadState, Label] = {
    UploadState.QUEUED: Label("Menunggu dibaca", "progress", "hourglass-split"),
    UploadState.READING: Label("Sedang dibaca", "progress", "hourglass-split"),
    UploadState.READ: Label("Menunggu tinjauan Anda", "waiting", "eye"),
    UploadState.REFUSED: Label("Tidak dapat dibaca", "danger", "x-circle"),
    UploadState.APPLIED: Label("Sudah diterapkan", "done", "check2-circle"),
    UploadState.CANCELLED: Label("Dibatalkan", "neutral", "slash-circle"),
}
STAFFING_LABELS: dict[StaffingState, Label] = {
    StaffingState.QUEUED: Label("Menunggu dibaca", "progress", "hourglass-split"),
    StaffingState.READING: Label("Sedang dibaca", "progress", "hourglass-split"),
    StaffingState.COMPARING: Label("Sedang dibandingkan", "progress", "hourglass-split"),
    StaffingState.READ: Label("Menunggu tinjauan Anda", "waiting", "eye"),
    StaffingState.REFUSED: Label("Tidak dapat dibaca", "danger", "x-circle"),
    StaffingState.APPLYING: Label("Sedang diterapkan", "progress", "hourglass-split"),
    StaffingState.APPLIED: Label("Sudah diterapkan", "done", "check2-circle"),
    StaffingState.CANCELLED: Label("Dibatalkan", "neutral", "slash-circle"),
}
FATE_LABELS: dict[Fate, Label] = {
    Fate.NEW: Label(FATE_WORDS[Fate.NEW], "done", "plus-circle"),
    Fate.CHANGED: Label(FATE_WORDS[Fate.CHANGED], "waiting", "pencil"),
    Fate.UNCHANGED: Label(FATE_WORDS[Fate.UNCHANGED], "neutral", "dash-circle"),
    Fate.WRONG: Label(FATE_WORDS[Fate.WRONG], "danger", "exclamation-octagon-fill"),
}
UPLOAD_STALE = Label("Terhenti", "danger", "x-circle")

#: What will become of a sheet of an upload, as chosen or as found.
PLACING_LABELS: dict[str, Label] = {
    "creates": Label("Draf baru", "done", "file-earmark-plus"),
    "replaces": Label("Mengganti draf", "waiting", "arrow-repeat"),
    "problem": Label("Perlu diperbaiki", "danger", "exclamation-octagon-fill"),
    "unknown": Label("Jabatan belum dipilih", "waiting", "question-circle"),
    "left_out": Label("Tidak diimpor", "neutral", "dash-circle"),
    "foreign": Label("Bukan jabatan Anda", "neutral", "slash-circle"),
    "stands": Label("Draf sudah ada", "neutral", "pencil"),
    "revision": Label("Perubahan sedang disiapkan", "neutral", "files"),
    "submitted": Label("Sudah diajukan", "neutral", "send"),
    "approved": Label("Sudah ditetapkan", "neutral", "patch-check"),
}


def state_label(state: State) -> Label:
    return STATE_LABELS[state]


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding of the quality check as it stands beside its row."""

    key: str
    message: str
    tone: str
    icon: str
    blocks: bool
    answer: Answer | None


def finding_line(finding: Finding, *, with_place: bool = False) -> FindingLine:
    label = SEVERITY_LABELS[finding.severity] if finding.is_open else _ANSWERED
    place = f"{finding.place}. " if with_place else ""
    message = f"{place}{label.word} ({finding.rule.code}): {finding.message}"
    return FindingLine(finding.key, message, label.tone, label.icon, finding.blocks, finding.answer)


def beside_rows(found: Iterable[Finding]) -> dict[int, list[FindingLine]]:
    """Indicator id → what stands beside its row; findings on a statement or the whole sheet have no row."""
    lines: dict[int, list[FindingLine]] = {}
    for each in found:
        if each.spot.indicator_id is not None:
            lines.setdefault(each.spot.indicator_id, []).append(finding_line(each))
    return lines


def above_rows(found: Iterable[Finding]) -> list[FindingLine]:
    """What concerns a whole statement or the whole sheet."""
    return [finding_line(each, with_place=True) for each in found if each.spot.indicator_index is None]
