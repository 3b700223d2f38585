"""How the pages look and listen: light, dark or as the device has it; whether single keys lead anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_babel import lazy_gettext as _

from scoring_service.web.frame import session

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

COOKIE, KEYS_COOKIE = "scoring_appearance", "scoring_keys"
A_YEAR = 366 * 24 * 3600
AUTO, LIGHT, DARK = "auto", "light", "dark"
APPEARANCES = {AUTO: _("跟随系统"), LIGHT: _("浅色"), DARK: _("深色")}
# When the dark sheet holds: never on paper.
_MEDIA = {AUTO: "screen and (prefers-color-scheme: dark)", DARK: "screen"}
ON, OFF = "on", "off"


def prepare(app: Flask) -> None:
    """Give templates what was chosen."""
    app.context_processor(
        lambda: {
            "appearance": appearance(),
            "appearances": APPEARANCES,
            "dark_media": _MEDIA.get(appearance()),
            "single_keys": single_keys(),
        }
    )


def appearance() -> str:
    """Return how this browser wants the pages: as the device has it unless it was chosen."""
    wanted = request.cookies.get(COOKIE, AUTO)
    return wanted if wanted in APPEARANCES else AUTO


def single_keys() -> bool:
    """Tell whether a single key such as `?` does something here; whoever dictates may turn that off (WCAG 2.1.4)."""
    return request.cookies.get(KEYS_COOKIE) != OFF


def keep(response: Response, cookie: str, value: str) -> Response:
    """Keep a choice of this browser's for a year; return the response."""
    response.set_cookie(
        cookie, value, max_age=A_YEAR, samesite="Lax", httponly=True, secure=session.is_secure_place()
    )
    return response
