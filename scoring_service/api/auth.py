"""Sign in, say who one is, hand the token back."""

from __future__ import annotations

from typing import Any

from flask import request

from scoring_service.api.blueprint import Blueprint
from scoring_service.api.request import bearer_token, service, work
from scoring_service.api.schemas.auth import Credentials, Me, Token
from scoring_service.services import accounts

blueprint = Blueprint("auth", __name__, description="登录与令牌 / sign-in and tokens")


@blueprint.post("/auth/token")
@blueprint.arguments(Credentials)
@blueprint.response(200, Token)
def token(credentials: dict[str, Any]) -> dict[str, Any]:
    """Sign in: a bearer token for username and password."""
    signed_in = accounts.sign_in(service(), **credentials, address=request.remote_addr or "")
    return {
        "access_token": signed_in.token,
        "token_type": "Bearer",
        "expires_in": signed_in.expires_in,
    }


@blueprint.get("/auth/me")
@blueprint.response(200, Me)
def me() -> dict[str, Any]:
    """Tell which account the token belongs to, and what it is bound to."""
    return accounts.me(work())


@blueprint.post("/auth/revoke")
@blueprint.response(204)
def revoke() -> None:
    """Hand the token back: it is of no use afterwards."""
    accounts.revoke(work(), bearer_token())
