"""Accounts, for the administrator; the auditor reads them. A person is the staff number, not the account."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.access import ROWS
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import NOT_FILTERS, page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.users import (
    ChangedUser,
    Closing,
    GivenUser,
    NewUser,
    Reason,
    RoleActs,
    User,
    UserLife,
    UserPage,
    UserQuery,
)
from scoring_service.services.accounts import closing, deciding
from scoring_service.services.accounts.account import Account, listing
from scoring_service.services.accounts.acts import role_acts
from scoring_service.services.accounts.life import LifeOfAccount, read_life
from scoring_service.services.accounts.opening import NewAccount, request_account

blueprint = Blueprint("users", __name__, description="账号 / accounts")


@blueprint.get("/users")
@blueprint.arguments(UserQuery, location="query")
@blueprint.response(200, UserPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the accounts of the region."""
    filters = {name: value for name, value in query.items() if name not in NOT_FILTERS}
    return page_of(listing(work(), **filters), query)


@blueprint.post("/users")
@blueprint.arguments(NewUser)
@blueprint.response(201, User)
def add(new: dict[str, Any]) -> Account:
    """Ask for an account: nobody signs in by it until another administrator approves."""
    return request_account(work(), NewAccount(**new))


@blueprint.get("/roles")
@blueprint.response(200, RoleActs)
def role_acts_listed() -> dict[str, Any]:
    """Tell which role may do what, as the table of access has it."""
    return {"items": role_acts(ROWS)}


@blueprint.get("/users/<name>")
@blueprint.response(200, UserLife)
def shown(name: str) -> LifeOfAccount:
    """Show an account and its life."""
    return read_life(work(), name)


@blueprint.patch("/users/<name>")
@blueprint.arguments(ChangedUser)
@blueprint.response(200, User)
def propose_change(changes: dict[str, Any], name: str) -> Account:
    """Propose other roles, another region or name; another administrator decides."""
    reason = changes.pop("reason")
    return deciding.propose_change(work(), name, changes, reason=reason)


@blueprint.post("/users/<name>/approve")
@blueprint.response(200, GivenUser)
def approve(name: str) -> deciding.GivenAccount:
    """Approve the request or the change that waits; a one-time password is told this once."""
    return deciding.approve(work(), name)


@blueprint.post("/users/<name>/refuse")
@blueprint.arguments(Reason)
@blueprint.response(200, User)
def refuse(body: dict[str, Any], name: str) -> Account:
    """Refuse the request or the change that waits."""
    return deciding.refuse(work(), name, **body)


@blueprint.post("/users/<name>/reset")
@blueprint.response(200, GivenUser)
def reset(name: str) -> deciding.GivenAccount:
    """Give a one-time password, told this once, and sign the account out everywhere."""
    return closing.reset_password(work(), name)


@blueprint.post("/users/<name>/close")
@blueprint.arguments(Closing)
@blueprint.response(200, User)
def close(body: dict[str, Any], name: str) -> Account:
    """Close an account and take back its tokens; what it did stays."""
    return closing.close(work(), name, **body)
