"""Sign-in by OpenID Connect: to the provider and back. What waits meanwhile lies in the browser's signed cookie."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

import flask
from flask import Flask, current_app, redirect, request, url_for

from scoring_service.problems import NotFound, Problem
from scoring_service.services.accounts import sessions
from scoring_service.services.accounts.single_sign_on import AnswerRefused, Provider, moment
from scoring_service.web.entrance import own_address, sign_in_page
from scoring_service.web.frame import session
from scoring_service.web.frame.pages import errors_of, public, see, service

if TYPE_CHECKING:
    from scoring_service.settings import Settings

WAITS_SECONDS = 600
_PROVIDER = "scoring_service_provider"
_WAITING = "single_sign_on"


def prepare(app: Flask, settings: Settings) -> None:
    """Offer the provider on the sign-in page when one is configured; nothing is asked of it before a sign-in."""
    app.extensions[_PROVIDER] = Provider(settings) if settings.oidc_issuer else None
    app.jinja_env.globals["single_sign_on"] = settings.oidc_issuer is not None


@public("/sign-in/oidc")
def begin_single_sign_on() -> Any:
    """Send the browser to the provider. Raises NotFound where none is configured."""
    provider = _provider()
    target = own_address(request.args.get("target", ""))
    try:
        begun = provider.begin(_return_address())
    except Problem as problem:
        return sign_in_page(target, errors_of(problem), problem.status)
    kept = asdict(begun) | {"target": target, "until": moment(service()) + WAITS_SECONDS}
    flask.session[_WAITING] = {name: kept[name] for name in ("state", "nonce", "verifier", "target", "until")}
    return redirect(begun.address, 303)


@public("/sign-in/oidc/return")
def end_single_sign_on() -> Any:
    """Open the session of whom the provider names; every refusal is told on the sign-in page."""
    provider = _provider()
    waiting = flask.session.pop(_WAITING, {})
    target = own_address(waiting.get("target", ""))
    try:
        username = _username(provider, waiting)
        opened = sessions.open_session_of(service(), username)
    except Problem as problem:
        return sign_in_page(target, errors_of(problem), problem.status)
    return session.put(see(target), opened)


def _username(provider: Provider, waiting: dict[str, Any]) -> str:
    """Return whom the provider names in answer to the sign-in that waits in this browser."""
    state = request.args.get("state", "")
    now = moment(service())
    ours = hmac.compare_digest(state.encode(), str(waiting.get("state", "")).encode())
    if not waiting or not ours or now > waiting["until"]:
        detail = (
            "这次登录已经用过、过期，或者不是在这个浏览器里开始的。请重新登录 / "
            "this sign-in was used already, has expired, or was not begun in this browser; sign in again"
        )
        raise Problem(400, "sign_in_expired", detail)
    if request.args.get("error") == "access_denied":
        detail = "登录已在统一身份认证处取消 / the sign-in was cancelled at the identity provider"
        raise Problem(403, "sign_in_cancelled", detail)
    code = request.args.get("code")
    if not code:
        raise AnswerRefused("no code was given")
    return provider.username(
        code=code,
        return_address=_return_address(),
        nonce=waiting["nonce"],
        verifier=waiting["verifier"],
        now=now,
    )


def _return_address() -> str:
    return url_for("web.end_single_sign_on", _external=True)


def _provider() -> Provider:
    provider = current_app.extensions[_PROVIDER]
    if provider is None:
        raise NotFound
    return cast("Provider", provider)
