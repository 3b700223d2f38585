"""Sign in, say who one is, hand the token back; how one is reminded outside the console."""

from __future__ import annotations

from typing import Any

from flask import request

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.errors import answer_failure
from scoring_service.api.pipeline.request import bearer_token, service, work
from scoring_service.api.schemas.auth import (
    Credentials,
    Me,
    NewPassword,
    NewReminder,
    Proof,
    Reminders,
    Token,
)
from scoring_service.services.accounts import signing_in
from scoring_service.services.accounts.passwords import WrongPresentPassword, count_wrong_password
from scoring_service.services.reminders import choosing

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


@blueprint.get("/auth/reminders")
@blueprint.response(200, Reminders)
def reminders() -> dict[str, Any]:
    """Tell how one is reminded that something waits, and by which ways one could be."""
    return _reminders(choosing.read_choice(work()))


@blueprint.put("/auth/reminders")
@blueprint.arguments(NewReminder)
@blueprint.response(200, Reminders)
def choose_reminders(body: dict[str, Any]) -> dict[str, Any]:
    """Choose how to be reminded; a code that proves the address goes to a new one."""
    return _reminders(choosing.choose(work(), **body))


@blueprint.post("/auth/reminders/confirm")
@blueprint.arguments(Proof)
@blueprint.response(200, Reminders)
def confirm_reminders(body: dict[str, Any]) -> dict[str, Any]:
    """Prove the address by its code: from now on one is reminded."""
    return _reminders(choosing.confirm(work(), body["code"]))


@blueprint.delete("/auth/reminders")
@blueprint.response(204)
def end_reminders() -> None:
    """Be reminded no more: the address is forgotten."""
    choosing.end(work())


def _reminders(choice: choosing.Choice | None) -> dict[str, Any]:
    return {"channels": choosing.channels_offered(work().service.settings), "reminder": choice}
