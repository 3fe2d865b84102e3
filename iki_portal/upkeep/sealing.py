"""Encryption of backups in the age format (age-encryption.org): streamed, authenticated, opened by any age tool.

A key has two halves. The public one (`age1…`) closes backups, and is all that a portal needs; the secret one
(`AGE-SECRET-KEY-1…`) opens them, and can lie in a safe. See docs/decisions/0027.
"""

from typing import BinaryIO, Protocol

import pyrage
from pyrage import x25519

PUBLIC, SECRET = "age1", "AGE-SECRET-KEY-1"


class Unusable(Exception):
    """A backup, a key or a target that cannot be used; the message is one English sentence for the operator."""


class Sink(Protocol):
    """Whatever takes bytes."""

    def write(self, data: bytes, /) -> object: ...


def new_key() -> tuple[str, str]:
    """A fresh pair: the public half, the secret half."""
    secret = x25519.Identity.generate()
    return str(secret.to_public()), str(secret)


def key_in(words: str) -> str:
    """The key in a file as `age-keygen` writes it: the first line that is no comment."""
    lines = (line.strip() for line in words.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def seal(source: BinaryIO, target: Sink, key: str) -> None:
    """Encrypt for `key`, either half. Memory stays the same however long the stream is."""
    try:
        is_secret = key.startswith(SECRET)
        recipient = x25519.Identity.from_str(key).to_public() if is_secret else x25519.Recipient.from_str(key)
    except (pyrage.IdentityError, pyrage.RecipientError):
        raise Unusable("the backup key is no age key (age1… or AGE-SECRET-KEY-1…)") from None
    pyrage.encrypt_io(source, target, [recipient])


def unseal(source: BinaryIO, target: Sink, key: str) -> None:
    """Decrypt with the secret half; what comes out is exactly what was sealed, or `Unusable` is raised on the way."""
    if not key.startswith(SECRET):
        raise Unusable("this backup is encrypted: its secret key is needed (AGE-SECRET-KEY-1…), see --key-file")
    try:
        pyrage.decrypt_io(source, target, [x25519.Identity.from_str(key)])
    except pyrage.IdentityError:
        raise Unusable("the backup key is no age key (AGE-SECRET-KEY-1…)") from None
    except pyrage.DecryptError:
        raise Unusable("this backup was encrypted with another key") from None
    except OSError as error:
        if error.errno is not None:  # of the target: a full disk, a program that ended
            raise
        raise Unusable("this backup was changed or cut off after it was encrypted") from None
