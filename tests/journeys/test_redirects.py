"""Row 24 of the bar: what a browser makes of an address to go to after signing in; none leads out of the portal."""

from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser

from iki_portal.auth import views
from iki_portal.auth.demo import DEMO_PASSWORD
from tests import office

pytestmark = pytest.mark.journey

#: Chromium takes a backslash for a slash, and leaves tabs and line ends out.
PAYLOADS = (
    *("//evil.example/", "/\\evil.example/", "///evil.example/", "\\\\evil.example/", "http:///evil.example/"),
    *(
        "https://evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "javascript:location='//evil.example/'",
        " //evil.example/",
    ),
)


def strays(browser: Browser, address: str, payload: str) -> list[str]:
    """Where else than to the portal a browser goes that signs in with this address to go on to.

    Without the policy that keeps forms at home (`form-action 'self'`): what stands behind it is asked here.
    """
    context = browser.new_context(java_script_enabled=False, bypass_csp=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/masuk?next={quote(payload, safe='')}")
    page.get_by_label("Nama masuk").fill(office.OWNER)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    page.wait_for_load_state()
    came = page.url
    context.close()
    return [url for url in (*asked, came) if urlsplit(url).netloc != urlsplit(address).netloc]


def test_no_address_to_go_on_to_leaves_the_portal(real_browser: Browser, address: str) -> None:
    assert [stray for payload in PAYLOADS for stray in strays(real_browser, address, payload)] == []


def test_without_the_check_a_browser_goes_out(real_browser: Browser, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "is_local_path", lambda _path: True)
    assert strays(real_browser, address, "//evil.example/")
