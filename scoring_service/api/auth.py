"""Sign in, say who one is, hand the token back."""

from __future__ import annotations

from typing import Any

from flask import request

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.errors import answer_failure
from scoring_service.api.pipeline.request import bearer_token, service, work
from scoring_service.api.schemas.auth import Credentials, Me, NewPassword, Token
from scoring_service.services.accounts import signing_in
from scoring_service.services.accounts.passwords import WrongPresentPassword, count_wrong_password

blueprint = Blueprint("auth", __name__, description="登录与令牌 / sign-in and tokens")


@blueprint.post("/auth/token")
@blueprint.arguments(Credentials)
@blueprint.response(200, Token)
def token(credentials: dict[str, Any]) -> dict[str, Any]:
    """Sign in: a bearer token for username and password."""
    return _token_answer(signing_in.sign_in(service(), **credentials, address=request.remote_addr or ""))


@blueprint.post("/auth/password")
@blueprint.arguments(NewPassword)
@blueprint.response(200, Token)
def change_password(body: dict[str, Any]) -> Any:
    """Take a password of one's own: every session and token ends, and a fresh token is answered.

    A wrong present password counts, so what it leaves behind is kept; the fifth ends the token.
    """
    token = bearer_token()
    try:
        return _token_answer(signing_in.change_password(work(), token, **body))
    except WrongPresentPassword as wrong:
        return answer_failure(count_wrong_password(work(), signing_in.digest(token), wrong))


def _token_answer(signed_in: signing_in.SignedIn) -> dict[str, Any]:
    return {
        "access_token": signed_in.token,
        "token_type": "Bearer",
        "expires_in": signed_in.expires_in,
        "password_change_required": signed_in.password_on_loan,
    }


@blueprint.get("/auth/me")
@blueprint.response(200, Me)
def me() -> signing_in.OwnAccount:
    """Tell which account the token belongs to, and what it is bound to."""
    return signing_in.me(work())


@blueprint.post("/auth/revoke")
@blueprint.response(204)
def revoke() -> None:
    """Hand the token back: it is of no use afterwards."""
    signing_in.revoke(work(), bearer_token())
