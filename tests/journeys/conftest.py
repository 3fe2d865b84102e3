"""A real server, a real browser, and people who use only what they can see."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from iki_portal.extensions import db
from tests import office
from tests.shapes import Judged

DESK = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}
#: A page that is there says so, and takes it back as soon as a link or a form leads away from it: until the next one is
#: there, it is the wrong one to look at.
ARRIVALS = """
const leave = () => { delete document.documentElement.dataset.here; };
addEventListener("pageshow", () => { document.documentElement.dataset.here = ""; });
addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.method !== "dialog") leave();
});
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && !event.defaultPrevented && !link.target && link.href.split("#")[0] !== location.href.split("#")[0]) leave();
});
"""


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    reason = "no chromium: apt-get install chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """One memory for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    return Judged((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "judged")


class Person:
    """Somebody at a browser. Every page they open is held against axe, and nothing they do may leave the portal."""

    def __init__(self, context: BrowserContext, address: str, judged: Judged, clothes: str) -> None:
        self.context = context
        self.judged = judged
        #: Width and colours: what a page looks like besides what it says.
        self.clothes = clothes
        self.address = address
        self.page: Page = context.new_page()
        self.page.add_init_script(ARRIVALS)
        self.complaints: list[str] = []
        self.page.on("request", self._watch)
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _watch(self, request: Request) -> None:
        if request.url.startswith("data:"):
            return
        if urlsplit(request.url).netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"asked {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        self.look()
        return self.page

    def press(self, name: str, *, exact: bool = False) -> Page:
        self.page.get_by_role("button", name=name, exact=exact).first.click()
        self.look()
        return self.page

    def confirm(self, name: str) -> Page:
        """Press a button that asks first, and answer yes in its dialog."""
        self.page.get_by_role("button", name=name).first.click()
        dialog = self.page.get_by_role("dialog")
        dialog.wait_for()
        with self.page.expect_navigation():
            dialog.get_by_role("button", name=name).click()
        self.look()
        return self.page

    def look(self) -> None:
        """What every page must hold: nothing for axe to say, no sideways scrolling.

        A page of a shape that was judged before (tests/shapes.py) is not judged again: it takes axe half a second.
        """
        expect(self.page.locator("html[data-here]")).to_be_attached()
        good = self.judged.path(self.clothes, self.page.content())
        if not good.exists():
            found = Axe().run(self.page)
            said = [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]
            assert said == [], f"{self.page.url}: {said}"
            good.touch()
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"

    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()


SignIn = Callable[..., Person]
Prepare = Callable[..., int]


@pytest.fixture
def prepared(url: str) -> Prepare:
    """`prepared("submitted")`: a sheet stands where the story begins; how it came there is told by another story."""

    def bring(state: str, post_code: str = office.OWNER) -> int:
        app = office.portal(url)
        with app.app_context():
            sheet_id = office.bring_to(state, post_code).id
            db.session.remove()
            db.engine.dispose()
        return sheet_id

    return bring


class Impatient(WSGIRequestHandler):
    """Waits no longer than this for a browser that connected and asks nothing."""

    timeout = 5


@pytest.fixture
def address(url: str) -> Iterator[str]:
    """A furnished portal in demo clothes, answering on a port of its own."""
    app = office.portal(url, env="demo")
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Impatient)
    server.daemon_threads = False  # closing it waits for the answers that are under way
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sign_in(address: str, real_browser: Browser, judged: Judged) -> Iterator[SignIn]:
    """`sign_in("analis.pengadaan")`: a person in a browser of their own, signed in through the demo's door."""
    people: list[Person] = []

    def enter(code: str, *, script: bool = True, viewport: dict[str, int] | None = None, scheme: str = "light") -> Person:
        context = real_browser.new_context(
            viewport=viewport or DESK,  # type: ignore[arg-type]
            java_script_enabled=script,
            color_scheme=scheme,  # type: ignore[arg-type]
            locale="id-ID",
        )
        clothes = f"{viewport or DESK} {scheme}"
        person = (Person if script else Unscripted)(context, address, judged, clothes)
        people.append(person)
        person.open("/masuk")
        with person.page.expect_navigation():
            person.page.locator(f'button[name=name][value="{code}"]').click()
        person.look()
        return person

    yield enter
    for person in people:
        complaints = [each for each in person.complaints if "status of 4" not in each]
        person.context.close()
        assert complaints == []


class Unscripted(Person):
    """Without JavaScript axe cannot run either; the same pages are held against it elsewhere."""

    def look(self) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_count(1)

    def press(self, name: str, *, exact: bool = False) -> Page:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=exact).first.click()
        self.look()
        return self.page

    def confirm(self, name: str) -> Page:
        return self.press(name)
