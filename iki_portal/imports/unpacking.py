"""What every archive that comes in is held to, text or workbook: few parts, ordinary packing, a size that is counted."""

from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

MOST_ENTRIES = 500
#: Everything the archive really holds, counted while it is unpacked: what its headers say is only a claim.
LARGEST_UNPACKED = 50 * 1024 * 1024
METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
#: The flag of an entry behind a password.
ENCRYPTED = 0x1
CHUNK = 64 * 1024


def chunks(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    """The entry unpacked, a little at a time, so that whoever counts can stop."""
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
