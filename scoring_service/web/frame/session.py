"""Who is at the browser: the session's cookie, the form token's cookie, and the marks that both carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from scoring_service.services.accounts import sessions
from scoring_service.settings import is_loopback

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Service, Work

COOKIE = "scoring_session"
FORM_COOKIE = "scoring_form"

csrf = CSRFProtect()


class _FormSession(SecureCookieSessionInterface):
    """Flask's signed cookie, which holds no more than the form token."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 -- Flask's signature
        return is_secure_place()


def prepare(app: Flask) -> None:
    """Set the cookies' marks. Forms are checked by `pages`, so that the API is left alone."""
    app.session_interface = _FormSession()
    app.config.update(
        SESSION_COOKIE_NAME=FORM_COOKIE,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)


def is_secure_place() -> bool:
    """Tell whether cookies must travel over TLS only: everywhere but on this machine itself."""
    return not is_loopback(request.host.rsplit(":", 1)[0].strip("[]"))


def actor_of(work: Work) -> Actor | None:
    """Return who is signed in at this browser, None for nobody."""
    value = request.cookies.get(COOKIE)
    return None if not value else sessions.actor_of_session(work, value)


def visitor(service: Service) -> Actor | None:
    """Return who is signed in at this browser, None for nobody, where no transaction is open."""
    value = request.cookies.get(COOKIE)
    return None if not value else sessions.session_holder(service, value)


def put(response: AnyResponse, opened: sessions.Session) -> AnyResponse:
    """Hand the session to the browser."""
    response.set_cookie(
        COOKIE,
        opened.value,
        max_age=opened.lasts_seconds,
        httponly=True,
        samesite="Lax",
        secure=is_secure_place(),
    )
    return response


def drop(response: AnyResponse) -> AnyResponse:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=is_secure_place())
    return response
