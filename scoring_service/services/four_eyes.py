"""Four eyes: what one person records another decides, whatever accounts they use (contract.md, Roles)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_service.problems import Conflict, Forbidden, Stale
from scoring_service.services.staff_numbers import made_by_actor, same_person

if TYPE_CHECKING:
    from sqlalchemy import Row

    from scoring_service.services.work import Work


def recorded_by_actor(work: Work) -> dict[str, Any]:
    """Return the columns that name who recorded a row, and when."""
    return {
        "recorded_by_account": work.actor.account_id,
        "recorded_by": work.actor.username,
        "recorded_staff_no": work.actor.staff_no,
        "recorded_at": work.record(),
    }


def decided_by_actor(work: Work) -> dict[str, Any]:
    """Return the columns that name who decided on a row, and when."""
    return {
        "decided_by_account": work.actor.account_id,
        "decided_by": work.actor.username,
        "decided_staff_no": work.actor.staff_no,
        "decided_at": work.record(),
    }


def check_other_person(work: Work, row: Row[Any]) -> None:
    """Refuse a decision on what the actor recorded, under whatever account. Raises Forbidden `same_person`."""
    if same_person(row.recorded_staff_no, work.actor.staff_no):
        raise Forbidden("same_person", "不得审核本人登记的事项 / you recorded this yourself")
    if row.recorded_by_account is not None and made_by_actor(work, [row.recorded_by_account]):
        raise Forbidden(
            "same_person", "不得审核由本人所建账户登记的事项 / an account that you made has recorded this"
        )


def check_decidable(row: Row[Any], noun: str, state: str, expected_version: int | None) -> None:
    """Refuse a decision in another state than `state`, or on another version than the expected.

    Raises Conflict `<noun>_state` with the present state, Stale.
    """
    if row.state != state:
        raise Conflict(
            f"{noun}_state",
            f"当前状态为 {row.state},不能进行此操作 / the state is {row.state}",
            state=row.state,
        )
    if expected_version is not None and expected_version != row.version:
        raise Stale(row.version)
