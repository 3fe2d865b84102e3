"""Every HTML page that any test fetches is looked at: `InspectingClient` is the client of `tests.office.sign_in`."""

import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient

#: Words of libraries that must not reach an Indonesian reader.
ENGLISH = ("This field", "Not a valid", "Invalid Choice", "is required", "Bad Request", "Not Found", "Internal Server")


class InspectingClient(FlaskClient):
    """Fails the test whose page is broken, whatever the test was about."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not response.is_streamed and response.data and response.status_code // 100 != 3:
            page = response.get_data(as_text=True)
            found = [] if is_known(page) else faults(page)
            assert not found, f"{response.request.path} ({response.status_code}): {found}"
            KNOWN.add(shape(page))
        return response


#: Pages without faults, by what they say but for what is drawn by lot: the same page is not parsed twice (20 ms each).
KNOWN: set[int] = set()
_LOT = re.compile(r"[\w.-]{40,}|\b[0-9a-f]{12}\b")


def shape(page: str) -> int:
    """A form's token and the code of a request are no part of it."""
    return hash(_LOT.sub("", page))


def is_known(page: str) -> bool:
    return shape(page) in KNOWN


def faults(page: str) -> list[str]:
    """What is wrong with a page, in words."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    root = parser.parse(page)
    found = [f"HTML: {code} at {place}" for place, code, _ in parser.errors]
    found += _frame_faults(root)
    found += _form_faults(root)
    text = " ".join(root.itertext())
    found += [f"English: {words}" for words in ENGLISH if words in text]
    found += ["a value prints as None"] if re.search(r"\bNone\b", text) or '"None"' in page else []
    found += [f"inline {what}" for what in _inline(root)]
    return found


def _frame_faults(root: Element) -> list[str]:
    found = [] if root.get("lang") == "id" else ['lang is not "id"']
    headings = [" ".join("".join(each.itertext()).split()) for each in root.iter("h1")]
    title = " ".join((root.findtext("head/title") or "").split())
    if [f"{heading} · Portal IKI" for heading in headings] != [title]:
        found.append(f"title {title!r} and h1 {headings} do not agree")
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    found += [f"id {each} is used twice" for each in sorted({each for each in ids if ids.count(each) > 1})]  # type: ignore[type-var]
    targets = [each.get("href", "")[1:] for each in root.iter("a") if each.get("href", "").startswith("#")]
    return found + [f"link to #{each} leads nowhere" for each in targets if each and each not in ids]


def _form_faults(root: Element) -> list[str]:
    labelled = {each.get("for") for each in root.iter("label")} - {None}
    wrapped = {id(inner) for label in root.iter("label") for inner in label.iter()}
    found = []
    for control in (each for tag in ("input", "select", "textarea") for each in root.iter(tag)):
        if control.get("type") in ("hidden", "submit"):
            continue
        if control.get("id") not in labelled and id(control) not in wrapped and not control.get("aria-label"):
            found.append(f"{control.tag} {control.get('name')} has no label")
    posting = (form for form in root.iter("form") if form.get("method", "get").lower() == "post")
    tokenless = (form for form in posting if all(each.get("name") != "csrf_token" for each in form.iter("input")))
    found += [f"form {form.get('action')} has no token" for form in tokenless]
    return found


def _inline(root: Element) -> list[str]:
    found = ["style" for each in root.iter() if each.get("style") or each.tag == "style"]
    found += ["script" for each in root.iter("script") if not each.get("src")]
    return found + [name for each in root.iter() for name in each.keys() if name.startswith("on")]  # noqa: SIM118
