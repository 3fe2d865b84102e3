"""Files that leave the portal."""

from flask import Response
from werkzeug.utils import secure_filename

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def download(body: bytes, name: str, mimetype: str) -> Response:
    """A file that the browser saves and never opens as a page of the portal."""
    response = Response(body, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=secure_filename(name))
    return response
