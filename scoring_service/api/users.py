"""Accounts, for the administrator; the auditor reads them. A person is the staff number, not the account."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.base import PageQuery
from scoring_service.api.schemas.users import NewUser, User, UserPage
from scoring_service.services.accounts import accounts

blueprint = Blueprint("users", __name__, description="账号 / accounts")


@blueprint.get("/users")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, UserPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the accounts of the region."""
    return page_of(accounts.listing(work()), query)


@blueprint.post("/users")
@blueprint.arguments(NewUser)
@blueprint.response(201, User)
def add(new: dict[str, Any]) -> accounts.Account:
    """Add an account."""
    return accounts.require_account(work(), accounts.add_account(work(), **new))


@blueprint.get("/users/<account_id>")
@blueprint.response(200, User)
def shown(account_id: str) -> accounts.Account:
    """Show an account."""
    return accounts.read_account(work(), account_id)


@blueprint.post("/users/<account_id>/disable")
@blueprint.response(200, User)
def disable(account_id: str) -> accounts.Account:
    """Disable an account and take back its tokens."""
    return accounts.disable_account(work(), account_id)
