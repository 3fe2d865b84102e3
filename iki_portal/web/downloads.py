"""Files that leave the portal."""

from collections.abc import Iterator

from flask import Response, g
from werkzeug.utils import secure_filename

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
#: A document of tables, by the word in its address ("?bentuk=docx").
TABLE_FORMS = {"pdf": PDF, "docx": DOCX, "xlsx": XLSX}


def form_asked_for(word: str | None) -> str:
    """Which of them; the PDF for any other word."""
    return word if word in TABLE_FORMS else "pdf"


#: A stranger's file may be a page in disguise: wherever a browser shows it after all, it runs and asks nothing.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def evidence_file(body: bytes, name: str, mimetype: str) -> Response:
    """A file as somebody sent it, under its own (cleaned) name."""
    response = Response(body, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    g.content_security_policy = SANDBOX
    return response


def download(body: bytes | Iterator[bytes], name: str, mimetype: str) -> Response:
    """A file that the browser saves and never opens as a page of the portal."""
    response = Response(body, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=secure_filename(name))
    return response
