"""One backup, one file: a tar of `manifest.json` and its members. Written beside its place, synced, then renamed.

The name carries where the history stood (its anchor): kept elsewhere, a list of names proves later that nothing was
rewritten. The members may be encrypted; the manifest is not, so that a backup can be told and counted without its key.
"""

import os
import re
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from pydantic import BaseModel, ValidationError

from iki_portal.domain.dates import OFFICE_ZONE
from iki_portal.paths import sync_folder
from iki_portal.upkeep.sealing import Sink, Unusable, seal, unseal

MANIFEST = "manifest.json"
SEALED = ".age"
#: Hexadecimal digits of the head of the history that make an anchor.
ANCHOR_DIGITS = 16
NAME = re.compile(r"iki-\d{4}-\d\d-\d\dT\d{6}-n(\d+)-([0-9a-f]{16})\.tar")
WORKPLACE = ".iki-backup-"
_LARGEST_MANIFEST = 1024 * 1024
_DAY = 24 * 3600


class Member(BaseModel, frozen=True):
    """A file of the archive as it is stored there."""

    name: str
    size: int
    sha256: str


class Manifest(BaseModel, frozen=True):
    """What the archive holds. A further kind of content is one more member, as evidence files are (upkeep/evidence.py)."""

    format: Literal[1] = 1
    #: Version of the portal that made it.
    portal: str
    made_at: datetime
    dialect: str
    revision: str
    #: Rows of each table.
    counts: dict[str, int]
    history_number: int
    history_hash: str
    members: tuple[Member, ...]
    #: Hashes of evidence files that were missing or damaged already when the backup was made.
    missing_evidence: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        moment = self.made_at.astimezone(OFFICE_ZONE).strftime("%Y-%m-%dT%H%M%S")
        return f"iki-{moment}-n{self.history_number}-{self.history_hash}.tar"


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A folder for unfinished files, closed to others; what a killed backup left there a day ago is swept away."""
    for left in folder.glob(f"{WORKPLACE}*"):
        if time.time() - left.stat().st_mtime > _DAY:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=WORKPLACE, dir=folder) as made:
        yield Path(made)


class _Measured:
    """Passes bytes on and keeps count of them."""

    def __init__(self, target: Sink | None = None) -> None:
        self.target, self.size, self.digest = target, 0, sha256()

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        self.digest.update(data)
        if self.target is not None:
            self.target.write(data)
        return len(data)

    def flush(self) -> None:
        """Somebody who writes may flush; the file does so when it is closed."""


def store(source: BinaryIO, folder: Path, name: str, *, key: str) -> Member:
    """Write one member, encrypted when there is a key."""
    name = name + SEALED if key else name
    with (folder / name).open("xb") as file:
        measured = _Measured(file)
        if key:
            seal(source, measured, key)
        else:
            shutil.copyfileobj(source, measured)
    return Member(name=name, size=measured.size, sha256=measured.digest.hexdigest())


def finish(manifest: Manifest, work: Path, folder: Path) -> Path:
    """Put the members in `work` together; the archive appears in `folder` whole and synced, or not at all."""
    (work / MANIFEST).write_text(manifest.model_dump_json(indent=2))
    unfinished, finished = work / manifest.file_name, folder / manifest.file_name
    with unfinished.open("xb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name in (MANIFEST, *(member.name for member in manifest.members)):
                tar.add(work / name, name, filter=_of_nobody)
        file.flush()
        os.fsync(file.fileno())
    unfinished.chmod(0o600)
    unfinished.replace(finished)
    sync_folder(folder)
    return finished


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def archives(folder: Path) -> Sequence[Path]:
    """The backups in a folder, oldest first: the moment stands first in their names."""
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))


def prune(folder: Path, *, keep: int) -> int:
    """Remove all but the newest `keep` backups; says how many went."""
    old = archives(folder)[:-keep]
    for path in old:
        path.unlink()
    return len(old)


class Archive:
    """A backup that is being read."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar, self.manifest = tar, manifest

    def check(self, key: str) -> None:
        """Read everything once: each member is whole, unchanged and can be opened. Raises `Unusable`."""
        for member in self.manifest.members:
            measured = _Measured()
            with self._file(member) as file:
                shutil.copyfileobj(file, measured)
            if (measured.size, measured.digest.hexdigest()) != (member.size, member.sha256):
                raise Unusable(f"{member.name} in this backup is damaged or was changed: its SHA-256 is another one")
            self.pour(member, _Measured(), key)

    def pour(self, member: Member, target: Sink, key: str) -> None:
        with self._file(member) as file:
            if member.name.endswith(SEALED):
                unseal(file, target, key)
            else:
                shutil.copyfileobj(file, target)

    def _file(self, member: Member) -> BinaryIO:
        return cast(BinaryIO, _file_in(self._tar, member.name))


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Raises `Unusable` for whatever is no whole backup of this format, or carries another one's name."""
    try:
        tar = tarfile.open(path, mode="r:")  # noqa: SIM115  # closed below: what fails later is no failure to open
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from error
    except tarfile.TarError:
        raise Unusable(f"{path.name} is no backup of the portal, or is cut off") from None
    with tar:
        yield Archive(tar, _manifest_of(tar, path.name))


def _manifest_of(tar: tarfile.TarFile, file_name: str) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(_file_in(tar, MANIFEST).read(_LARGEST_MANIFEST))
    except ValidationError:
        raise Unusable(f"{MANIFEST} of {file_name} is not of this version of the format, or was changed") from None
    named = NAME.fullmatch(file_name)
    if named and (int(named[1]), named[2]) != (manifest.history_number, manifest.history_hash):
        raise Unusable(f"{file_name} holds another backup than its name says: {manifest.file_name}")
    return manifest


def _file_in(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        file = tar.extractfile(name)
    except (KeyError, tarfile.TarError):
        file = None
    if file is None:
        raise Unusable(f"this backup lacks {name}: it is no backup of the portal, or is cut off")
    return file
