"""Shape of what is chosen for each sheet of an uploaded document."""

import re
from collections.abc import Mapping

from iki_portal.domain.placing import Choice, choice_key

_FIELD = re.compile(r"post-([0-9]{1,3})")
_KEY = re.compile(r"[0-9]{1,9}:[0-9]{1,9}:[0-9]{1,9}")
_NO_POST = choice_key(0, 0, 0)


def choices_in(form: Mapping[str, str]) -> dict[int, Choice]:
    """Place of the sheet → what was chosen for it; what is no post is a choice that no post answers to."""
    found = {}
    for name, text in form.items():
        if match := _FIELD.fullmatch(name):
            key = text if not text or _KEY.fullmatch(text) else _NO_POST
            found[int(match[1])] = Choice(key, replaces=f"replace-{match[1]}" in form)
    return found
