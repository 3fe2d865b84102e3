"""An account from the operator's slip to the second step, in real browsers, wide and narrow."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from pyotp import TOTP

from tests import office
from tests.features.test_accounts import CODE
from tests.features.test_signing_in import NEW
from tests.journeys.conftest import DESK, PHONE, Person, SignIn
from tests.shapes import Judged

pytestmark = pytest.mark.journey


@pytest.fixture
def hired(url: str) -> None:
    """Somebody new without an account, before the portal of `address` opens."""
    app = office.portal(url, env="demo")
    with app.app_context():
        office.employ("Siti Rahmawati", "198501012010012001")
        office.db.session.remove()
        office.db.engine.dispose()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def siti(
    hired: None,  # noqa: ARG001
    address: str,
    real_browser: Browser,
    judged: Judged,
    request: pytest.FixtureRequest,
) -> Iterator[Person]:
    person = Person(real_browser.new_context(viewport=request.param, locale="id-ID"), address, judged, str(request.param))
    yield person
    person.context.close()
    assert [each for each in person.complaints if "status of 4" not in each] == []


def enter(person: Person, password: str) -> None:
    person.open("/masuk")
    person.page.get_by_label("Nama masuk").fill("siti.rahmawati")
    person.page.get_by_label("Sandi").fill(password)
    person.press("Masuk", exact=True)


def print_slip(operator: Person) -> str:
    """Open the account, look at the slip as the printer would; returns its code."""
    operator.open("/akun")
    operator.page.get_by_role("link", name="Buat akun").click()
    operator.look()
    operator.page.get_by_role("link", name="Siti Rahmawati").click()
    operator.look()
    expect(operator.page.get_by_label("Nama masuk")).to_have_value("198501012010012001")
    operator.page.get_by_label("Nama masuk").fill("siti.rahmawati")
    operator.press("Buat akun dan tampilkan slip")
    found = CODE.search(operator.text())
    assert found is not None
    operator.page.emulate_media(media="print")
    for unprinted in ("Kembali ke daftar akun", "Ctrl+P"):
        expect(operator.page.get_by_text(unprinted)).to_be_hidden()
    expect(operator.page.get_by_text(found[0])).to_be_visible()
    operator.page.emulate_media(media="screen")
    return found[0]


def activate(person: Person, code: str) -> None:
    person.open("/masuk")
    person.page.get_by_role("link", name="Aktifkan akun").click()
    person.look()
    person.page.get_by_label("Nama masuk").fill("siti.rahmawati")
    person.page.get_by_label("Kode aktivasi").fill(code.lower())
    for password in ("sitirahmawati", NEW):
        person.page.get_by_label("Sandi pilihan Anda").fill(password)
        person.page.get_by_label("Ulangi sandi").fill(password)
        person.press("Aktifkan dan masuk")
        said = "Akun Anda aktif." if password == NEW else "mudah ditebak"
        expect(person.page.get_by_text(said).first).to_be_visible()


def turn_second_step_on(person: Person) -> TOTP:
    person.open("/akun-saya")
    person.page.get_by_role("link", name="Nyalakan verifikasi dua langkah").click()
    person.look()
    totp = TOTP(re.sub(r"\s", "", person.page.locator(".setup-key").inner_text()))
    person.page.get_by_label("Kode verifikasi").fill(totp.at(datetime.now(UTC) - timedelta(seconds=30)))
    person.press("Nyalakan")
    assert len(CODE.findall(person.text())) == 8
    person.page.get_by_role("link", name="Sudah saya simpan").click()
    person.look()
    return totp


def enter_with_code(person: Person, code: str) -> None:
    enter(person, NEW)
    person.page.get_by_label("Kode verifikasi").fill(code)
    person.press("Masuk", exact=True)
    assert person.page.url == person.address + "/"


def test_from_the_slip_to_the_second_step_and_out_of_a_lock(siti: Person, sign_in: SignIn) -> None:
    viewport = siti.page.viewport_size
    assert viewport is not None
    operator = sign_in(office.OPERATOR, viewport={**viewport})
    activate(siti, print_slip(operator))
    totp = turn_second_step_on(siti)
    siti.press("Keluar dari semua perangkat")
    enter_with_code(siti, totp.now())

    siti.open("/akun-saya")
    siti.press("Keluar dari semua perangkat")
    for _ in range(10):
        enter(siti, "bukan sandinya")
    enter(siti, NEW)
    expect(siti.page.get_by_text("dikunci sementara")).to_be_visible()
    operator.open("/akun?cari=siti")
    operator.page.get_by_role("link", name="Siti Rahmawati").click()
    operator.look()
    operator.press("Buka kunci")
    operator.confirm("Nonaktifkan")
    operator.press("Aktifkan")
    enter_with_code(siti, totp.at(datetime.now(UTC) + timedelta(seconds=30)))
