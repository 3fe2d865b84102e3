"""Files that people send: kept to be read (reading.py), looked at, applied (applying.py), and at last forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update

from iki_portal.domain.errors import Invalid, NotFound, WrongState
from iki_portal.domain.file_names import shown_name
from iki_portal.domain.office import YearStage
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.extensions import db
from iki_portal.imports.limits import LARGEST_DOCUMENT
from iki_portal.models import Account, PerformanceYear, Upload, UploadState
from iki_portal.models.columns import LARGEST_ID

#: Longer than any reader lives: what is still under way then was killed with its process, and can be read again.
STALE = timedelta(minutes=2)
KEPT = timedelta(days=7)
SHOWN = 20

NOT_FOUND = "Unggahan ini tidak ada, atau bukan milik Anda."
CHOOSE_A_FILE = "Pilih berkas yang akan diimpor."
EMPTY = "Berkas ini kosong."
TOO_LARGE = "Berkas lebih besar dari 5 MB. Bagilah menjadi beberapa berkas, atau hapus gambar di dalamnya."
NO_PLANNING = "Tahun ini tidak sedang dalam tahap penetapan; pilih tahun lain."
ONE_AT_A_TIME = "Berkas Anda sebelumnya masih dibaca. Tunggu sampai selesai, atau batalkan dahulu."
TOO_LONG = (
    "Berkas ini terlalu lama dibaca, atau terlalu besar isinya. Coba baca lagi; bila terulang, simpan ulang sebagai .docx"
    " tanpa gambar, atau bagilah menjadi beberapa berkas."
)
NOT_TO_BE_READ = "Berkas ini tidak dapat dibaca lagi; unggah kembali."

_UNDER_WAY = (UploadState.QUEUED, UploadState.READING)
_FINISHED = (UploadState.APPLIED, UploadState.CANCELLED)


@dataclass(frozen=True, slots=True)
class UploadLine:
    """An upload as its owner's list shows it."""

    id: int
    year: int
    file_name: str
    size: int
    state: UploadState
    refusal: str
    outcome: str
    uploaded_at: datetime
    applied_at: datetime | None
    is_stale: bool

    @property
    def kilobytes(self) -> int:
        return -(-self.size // 1024)

    @property
    def is_under_way(self) -> bool:
        return self.state in _UNDER_WAY and not self.is_stale

    @property
    def is_finished(self) -> bool:
        return self.state in _FINISHED

    @property
    def may_be_read_again(self) -> bool:
        return self.is_stale or (self.state is UploadState.REFUSED and self.refusal == TOO_LONG)


def planning_years() -> list[int]:
    """The years whose sheets are being written, the newest first."""
    query = select(PerformanceYear.year).where(PerformanceYear.stage == YearStage.PLANNING)
    return list(db.session.scalars(query.order_by(PerformanceYear.year.desc())))


def demand_planning(year: int | None) -> None:
    if year not in planning_years():
        raise Invalid(NO_PLANNING)


def uploads(actor: Actor, *, now: datetime) -> list[UploadLine]:
    """The reader's own, the newest first."""
    query = select(Upload).where(Upload.uploaded_by_id == actor.account_id).order_by(Upload.id.desc()).limit(SHOWN)
    return [_line(upload, now) for upload in db.session.scalars(query)]


def upload_in_sight(upload_id: int, *, actor: Actor, now: datetime) -> UploadLine:
    return _line(own_upload(upload_id, actor=actor), now)


def own_upload(upload_id: int, *, actor: Actor, locked: bool = False) -> Upload:
    """Raises `NotFound` for an upload that is not there, or that somebody else has sent."""
    query = select(Upload).where(Upload.id == upload_id, Upload.uploaded_by_id == actor.account_id)
    query = query.with_for_update() if locked else query
    found = db.session.scalars(query).one_or_none() if 0 < upload_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


def understood_text(upload_id: int) -> str:
    """What was read of an upload in state `read`, as JSON."""
    return db.session.scalars(select(Upload.understood).where(Upload.id == upload_id)).one() or ""


def _line(upload: Upload, now: datetime) -> UploadLine:
    return UploadLine(
        upload.id,
        upload.year,
        upload.file_name,
        upload.size,
        upload.state,
        upload.refusal,
        upload.outcome,
        upload.uploaded_at,
        upload.applied_at,
        is_stale=_is_stale(upload, now),
    )


def _is_stale(upload: Upload, now: datetime) -> bool:
    return upload.state in _UNDER_WAY and now - upload.touched_at > STALE


def take_upload(file_name: str, content: bytes, *, year: int | None, actor: Actor, now: datetime) -> int:
    """Keep a file to be read and return its id; the caller starts a reader after the commit (`start_reader`).

    Raises `Invalid` for a file that cannot be one, or a year that is not being planned; `WrongState` while another is read.
    """
    demand_permission(actor, Permission.DOCUMENT_IMPORT)
    if not content:
        raise Invalid(EMPTY if file_name else CHOOSE_A_FILE)
    if len(content) > LARGEST_DOCUMENT:
        raise Invalid(TOO_LARGE)
    demand_planning(year)
    db.session.get_one(Account, actor.account_id, with_for_update=True)  # a form sent twice at once comes one after the other
    if any(each.is_under_way for each in uploads(actor, now=now)):
        raise WrongState(ONE_AT_A_TIME)
    _forget_old(now)
    upload = Upload(
        year=year,
        file_name=shown_name(file_name),
        size=len(content),
        sha256=sha256(content).hexdigest(),
        body=content,
        state=UploadState.QUEUED,
        uploaded_by_id=actor.account_id,
        uploaded_by=actor.full_name or actor.name,
        uploaded_at=now,
        touched_at=now,
    )
    db.session.add(upload)
    db.session.flush()
    return upload.id


def _forget_old(now: datetime) -> None:
    """Whoever uploads clears away what everybody has left lying for a week."""
    left = update(Upload).where(Upload.uploaded_at < now - KEPT, Upload.state.not_in(_FINISHED))
    db.session.execute(left.values(**_forgotten(UploadState.CANCELLED)).execution_options(synchronize_session=False))


def _forgotten(state: UploadState) -> dict[str, object]:
    return {"state": state, "body": None, "understood": None}


def read_again(upload_id: int, *, actor: Actor, now: datetime) -> None:
    """Put an upload in the queue once more, after its reader was lost or took too long."""
    demand_permission(actor, Permission.DOCUMENT_IMPORT)
    upload = own_upload(upload_id, actor=actor, locked=True)
    if not _line(upload, now).may_be_read_again:
        raise WrongState(NOT_TO_BE_READ)
    upload.refusal, upload.state, upload.touched_at = "", UploadState.QUEUED, now


def take_up_lost(now: datetime, *, asked_after: datetime) -> list[int]:
    """Put uploads whose reader is gone back into the queue, and return their ids."""
    lost = (Upload.state.in_(_UNDER_WAY), Upload.touched_at < now - STALE, Upload.uploaded_at > asked_after)
    queued = {"state": UploadState.QUEUED, "touched_at": now}
    again = update(Upload).where(*lost).values(**queued).returning(Upload.id)
    return list(db.session.scalars(again.execution_options(synchronize_session=False)))


def cancel_upload(upload_id: int, *, actor: Actor) -> None:
    """Forget a file and what was read of it."""
    demand_permission(actor, Permission.DOCUMENT_IMPORT)
    upload = own_upload(upload_id, actor=actor, locked=True)
    if upload.state in _FINISHED:
        raise WrongState("Unggahan ini sudah selesai.")
    for name, value in _forgotten(UploadState.CANCELLED).items():
        setattr(upload, name, value)
