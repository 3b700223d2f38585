"""What a browser chooses for itself, light or dark and its keys, and the page that lists the keys."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from scoring_service.problems import NotFound
from scoring_service.web.entrance import own_address
from scoring_service.web.frame import appearance
from scoring_service.web.frame.pages import EVERYBODY, get, public


@public("/appearance/<theme>")
def set_appearance(theme: str) -> AnyResponse:
    """Show the pages light, dark or as the device has it, and go back to where the reader was."""
    if theme not in appearance.APPEARANCES:
        raise NotFound
    back = redirect(own_address(request.args.get("target", "")), 303)
    return appearance.keep(back, appearance.COOKIE, theme)


@public("/single-keys/<state>")
def set_single_keys(state: str) -> AnyResponse:
    """Let single keys do something, or not."""
    if state not in {appearance.ON, appearance.OFF}:
        raise NotFound
    return appearance.keep(redirect(url_for("web.keys"), 303), appearance.KEYS_COOKIE, state)


@get("/keys", EVERYBODY)
def keys() -> str:
    """List the keys."""
    return render_template("keys.html", section="web.keys")
