"""Refusals become pages here, in one place. Every page says in Indonesian what happened and what to do now."""

from dataclasses import dataclass

from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from iki_portal.domain.errors import DomainError, Incomplete, Invalid, NotAllowed, NotFound, Outdated, WrongState
from iki_portal.extensions import db
from iki_portal.web.actor import ask_no_more
from iki_portal.web.carried import carried_fields
from iki_portal.web.logs import log, log_refusal

STATUS_OF: dict[type[DomainError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    WrongState: 409,
    Outdated: 409,
    Incomplete: 422,
    Invalid: 422,
}


@dataclass(frozen=True)
class Page:
    title: str
    text: str


PAGES: dict[int, Page] = {
    400: Page("Permintaan tidak dapat dibaca", "Muat ulang halaman asalnya, lalu coba lagi."),
    401: Page("Anda belum masuk", "Masuklah terlebih dahulu, lalu ulangi."),
    403: Page("Anda tidak berwenang", "Anda tidak dapat melakukan ini sekarang."),
    404: Page("Halaman tidak ditemukan", "Alamat ini tidak ada, atau bukan untuk Anda. Periksa kembali alamatnya."),
    405: Page("Cara membuka halaman ini keliru", "Alamat ini hanya menerima kiriman dari formulirnya. Mulailah dari Beranda."),
    409: Page("Lembar sudah berubah", "Orang lain sudah mengubahnya sejak halaman Anda dibuka."),
    413: Page(
        "Kiriman terlalu besar",
        "Kiriman melampaui {limit} MB. Tekan Kembali pada peramban: ketikan Anda masih di sana; persingkat, atau pilih berkas"
        " yang lebih kecil, lalu kirim lagi.",
    ),
    414: Page("Alamat terlalu panjang", "Persingkat kata pencarian, lalu coba lagi."),
    415: Page("Jenis kiriman tidak dikenal", "Gunakan formulir pada halaman portal."),
    422: Page("Ada isian yang perlu diperbaiki", "Kembali ke formulir, perbaiki, lalu kirim lagi."),
    429: Page("Terlalu banyak percobaan", "Tunggu beberapa menit, lalu coba lagi."),
    500: Page("Terjadi kesalahan pada portal", "Tidak ada yang tersimpan separuh. Coba lagi; bila terulang, hubungi operator."),
    503: Page("Portal sedang tidak dapat menyimpan", "Basis data tidak menjawab. Tunggu sebentar, lalu kirim lagi."),
}


def wants_json() -> bool:
    """Autosave asks in the background and reads a sentence, not a page."""
    return "X-Autosave" in request.headers


def error_page(status: int, text: str = "", *, title: str = "", resend: bool = False) -> ResponseReturnValue:
    """The page of `status`; with `resend`, what was typed stands on it, ready to be sent again with a fresh token."""
    page = PAGES.get(status, PAGES[500 if status >= 500 else 400])
    title = title or page.title
    if wants_json():
        return jsonify(message=text or page.text), status
    fields = carried_fields() if resend else []
    if fields:
        return render_template(
            "errors/resubmit.html", title=title, text=text or page.text, fields=fields, action=request.full_path
        ), status
    code = g.request_id if status >= 500 else ""
    return render_template("errors/error.html", status=status, title=title, text=text or page.text, code=code), status


def _domain_error(error: DomainError) -> ResponseReturnValue:
    status = next(code for kind, code in STATUS_OF.items() if isinstance(error, kind))
    log_refusal(str(error), status=status)
    title = "Langkah ini tidak dapat diambil" if isinstance(error, WrongState) else ""
    return error_page(status, str(error), title=title, resend=status in (409, 422))


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    log_refusal(f"form token: {error.description}", status=400)
    next_step = (
        "Ketikan Anda ada di bawah; periksa, lalu kirim lagi." if carried_fields() else "Buka lagi halamannya, lalu ulangi."
    )
    return error_page(400, f"Formulir ini sudah kedaluwarsa atau bukan dari halaman portal. {next_step}", resend=True)


def _foreign_host(_error: SecurityError) -> ResponseReturnValue:
    """A sentence, no page: without a trusted host name Flask can build no address to put on one."""
    log_refusal("foreign host", status=400)
    return Response("Portal IKI tidak melayani nama host ini. Periksa alamatnya.", status=400, mimetype="text/plain")


def _too_large() -> str:
    return PAGES[413].text.format(limit=(request.max_content_length or 0) // 2**20)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status in (301, 302, 303, 307, 308):
        return error
    log_refusal(error.name, status=status)
    page = error_page(status, _too_large() if status == 413 else "")
    response = error.get_response()
    if isinstance(page, tuple) and "Allow" in response.headers:
        return (*page, {"Allow": response.headers["Allow"]})
    return page


def _database_error(error: SQLAlchemyError) -> ResponseReturnValue:
    """The database is away or busy: say so. A constraint that stopped a write means somebody was faster."""
    db.session.rollback()
    if isinstance(error, IntegrityError):
        log.error("constraint", error=str(error.orig), endpoint=request.endpoint)
        return error_page(409, "Perubahan ini bertabrakan dengan yang sudah tersimpan. Muat ulang halaman, lalu coba lagi.")
    unavailable = isinstance(error, OperationalError | PoolTimeout) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
    ask_no_more()
    log.error("database", error=str(error), endpoint=request.endpoint)
    return error_page(503, resend=True) if unavailable else error_page(500)


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected", error=repr(error), endpoint=request.endpoint, exc_info=error)
    return error_page(500)


def register_errors(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SQLAlchemyError, _database_error)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)
