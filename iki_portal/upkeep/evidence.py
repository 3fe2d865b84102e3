"""Evidence files in a backup: one more member, a tar of the files under their hashes, poured back into the store."""

import io
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from iki_portal.realisation.store import Damaged, Store, StoreError
from iki_portal.upkeep.archive import Archive, Member
from iki_portal.upkeep.sealing import Unusable

#: What the member of the archive is called.
NAME = "evidence.tar"


@contextmanager
def packed(hashes: Sequence[str], store: Store, work: Path) -> Iterator[tuple[BinaryIO, tuple[str, ...]]]:
    """The files as one stream, and the hashes of those that are missing or damaged in the store.

    Raises `Unusable` when the store does not answer: a backup without its evidence would look whole.
    """
    missing = []
    with tempfile.TemporaryFile(dir=work) as stream:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for key in hashes:
                try:
                    content = store.read(key)
                except Damaged:
                    missing.append(key)
                    continue
                except StoreError as error:
                    raise Unusable(str(error)) from error
                member = tarfile.TarInfo(key)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        stream.seek(0)
        yield cast(BinaryIO, stream), tuple(missing)


def unpacked(archive: Archive, store: Store, key: str) -> int:
    """Put the files of a backup into the store, each under the hash of its content; says how many. Raises `Unusable`."""
    member = next((each for each in archive.manifest.members if each.name.startswith(NAME)), None)
    if member is None:
        return 0
    with tempfile.TemporaryFile() as stream:
        archive.pour(member, stream, key)
        stream.seek(0)
        return _kept(cast(BinaryIO, stream), store, member)


def _kept(stream: BinaryIO, store: Store, member: Member) -> int:
    count = 0
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            for each in tar:
                file = tar.extractfile(each)
                if file is None or store.keep(file.read()) != each.name:
                    raise Unusable(f"{member.name} in this backup holds a file that is not what its name says")
                count += 1
    except tarfile.TarError:
        raise Unusable(f"{member.name} in this backup is damaged") from None
    except StoreError as error:
        raise Unusable(str(error)) from error
    return count
