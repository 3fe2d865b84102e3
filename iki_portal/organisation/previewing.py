"""How a change of the organisation goes: what follows is shown first, and saved only as it was shown."""

from collections.abc import Callable
from typing import Protocol

from flask import redirect
from flask.typing import ResponseReturnValue

from iki_portal.domain.errors import Invalid, Outdated, WrongState
from iki_portal.domain.routes import Impossible
from iki_portal.organisation.standing import Foreseen
from iki_portal.organisation.structure_forms import PreviewedForm
from iki_portal.web.forms import problems, refused_as_outdated
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import abandon

#: A unit with three hundred posts is not closed for three hundred reasons that anybody would read.
MOST_REASONS = 12


class Draw(Protocol):
    """The page with its form: what must be mended above it, or what would follow."""

    def __call__(self, summary: list[dict[str, str]], shown: Foreseen | None = None) -> str: ...


def previewed(
    form: PreviewedForm,
    draw: Draw,
    *,
    foresee: Callable[[], Foreseen],
    save: Callable[[], str],
    version_now: Callable[[], int],
) -> ResponseReturnValue:
    """Validate, show what follows, save what was shown; `save` returns the address of the page that comes next."""
    if not form.validate():
        return draw(problems(form)), 422
    try:
        shown = foresee()
        if form.previewed.data != shown.seal:
            return draw([], shown)
        return redirect(save())
    except Outdated as refusal:
        summary = refused_as_outdated(refusal)
        form.version.data = version_now()
        return draw(summary), 409
    except (WrongState, Invalid) as refusal:
        return _refused(draw, refusal)


def _refused(draw: Draw, refusal: WrongState | Invalid) -> ResponseReturnValue:
    """The form with what was typed, and every reason above it."""
    status = 409 if isinstance(refusal, WrongState) else 422
    log_refusal(str(refusal), status=status)
    abandon()
    texts = [each.text for each in refusal.problems] if isinstance(refusal, Impossible) else [str(refusal)]
    reasons = list(dict.fromkeys(texts))
    shown = reasons[:MOST_REASONS]
    if len(reasons) > MOST_REASONS:
        shown.append(f"Dan {len(reasons) - MOST_REASONS} alasan lain.")
    return draw([{"field_id": "", "message": reason} for reason in shown]), status
