"""PAdES signatures on approved prints, where the office has a certificate (the extra `tte`: pyHanko).

Without one the portal never says that a document is electronically signed.
"""

from io import BytesIO
from pathlib import Path


class SigningFailed(Exception):
    """The certificate cannot be used; the message says why, for the log and the operator."""


def signed_pdf(pdf: bytes, key_file: Path, password: str) -> bytes:
    """The same document with an invisible signature by the PKCS#12 file; raises `SigningFailed`."""
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415  # an extra
        from pyhanko.sign import PdfSignatureMetadata, sign_pdf, signers  # noqa: PLC0415
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    except ImportError as error:
        raise SigningFailed("pyHanko is not installed: pip install iki-portal[tte]") from error
    try:
        signer = signers.SimpleSigner.load_pkcs12(str(key_file), passphrase=password.encode() or None)
        if signer is None:
            raise SigningFailed(f"{key_file} cannot be read as PKCS#12 with this password")
        metadata = PdfSignatureMetadata(field_name="Portal-IKI", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
        made = sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer)
    except SigningFailed:
        raise
    except Exception as error:  # whatever a foreign certificate makes a library raise: the approval must stand
        raise SigningFailed(f"{key_file}: {error}") from error
    body: bytes = made.getvalue()
    return body
