"""Masuk dengan …, in a real browser under the real policy of headers: there, back, out again, and with a form half filled."""

import re
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request, expect
from sqlalchemy import select, update
from werkzeug.serving import make_server

from iki_portal.auth import oidc
from iki_portal.extensions import db
from iki_portal.models import Account, Employee, SignInSession
from iki_portal.web.transaction import transaction
from tests import office
from tests.journeys.conftest import DESK, PHONE, Person
from tests.oidc_provider import NAME, Provider, serving
from tests.shapes import Judged

pytestmark = pytest.mark.journey
NIP = "198501012010011001"


class Guest(Person):
    """Somebody who may also be sent to the provider."""

    provider = ""

    def _watch(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.provider).netloc:
            super()._watch(request)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving() as found:
        yield found


@pytest.fixture
def portal(url: str, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Flask, str]]:
    """The portal of an office with a provider, and where it answers: its address is known before it is made."""
    monkeypatch.setattr(oidc, "PATIENCE", 60)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = office.portal(url, env="demo", **provider.settings(address))
        with app.app_context(), transaction():
            owner = select(Account.employee_id).where(Account.name == office.OWNER).scalar_subquery()
            given = {"identifier": NIP, "email": "siti@lumajang.example"}
            db.session.execute(update(Employee).where(Employee.id == owner).values(given))
        server = make_server("127.0.0.1", 0, app, threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield app, address
        server.shutdown()
        thread.join()
        server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def guest(
    portal: tuple[Flask, str], provider: Provider, real_browser: Browser, judged: Judged, request: pytest.FixtureRequest
) -> Iterator[Guest]:
    Guest.provider = provider.issuer
    context = real_browser.new_context(viewport=request.param, locale="id-ID")
    person = Guest(context, portal[1], judged, str(request.param))
    yield person
    context.close()
    assert [each for each in person.complaints if "status of 4" not in each] == []


def sign_in(page: Page) -> None:
    """On the provider's page."""
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    page.get_by_label("NIP").fill(NIP)
    page.get_by_role("button", name="Lanjut").click()


def test_there_and_back_and_out_at_both_ends(guest: Guest) -> None:
    page = guest.open("/lembar")
    expect(page).to_have_url(re.compile(r"/masuk\?next="))
    page.get_by_role("link", name=f"Masuk dengan {NAME}").click()
    sign_in(page)
    expect(page).to_have_url(f"{guest.address}/lembar")
    guest.look()
    guest.open("/akun-saya")
    page.locator("details.account > summary").click()
    page.get_by_role("button", name="Keluar", exact=True).click()
    expect(page).to_have_url(f"{guest.address}/masuk")  # by way of the provider
    guest.look()
    page.get_by_role("link", name=f"Masuk dengan {NAME}").click()
    expect(page.get_by_label("NIP")).to_be_visible()  # it does not know the last one any more


def test_what_was_typed_waits_while_one_signs_in_in_another_tab(guest: Guest, portal: tuple[Flask, str]) -> None:
    app, _ = portal
    page = guest.open("/masuk")
    page.get_by_role("link", name=f"Masuk dengan {NAME}").click()
    sign_in(page)
    expect(page).to_have_url(f"{guest.address}/")
    guest.open("/akun-saya")
    page.get_by_label("Tanpa surel").check()
    with app.app_context(), transaction():
        db.session.execute(update(SignInSession).values(ended_at=office.now(), ended_because="ended by its owner"))
    guest.press("Simpan pilihan surel")
    expect(page.get_by_text("Sesi Anda sudah berakhir")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=f"Masuk dengan {NAME}").click()
    expect(opened.value).to_have_url(f"{guest.address}/")  # the provider still knew who it was
    guest.press("Sudah masuk di tab lain: kirim ulang")
    guest.press("Kirim ulang")
    expect(page.get_by_text("Pilihan surel disimpan.")).to_be_visible()
    expect(page.get_by_label("Tanpa surel")).to_be_checked()
