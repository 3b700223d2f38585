"""Four eyes: what one person records another decides, whatever accounts they use (contract.md, Roles)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.problems import Forbidden
from scoring_service.services.unit_of_work.makers import NOTICED_WITHIN, Hand, Sharing, sharing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work


def recorded_by_actor(work: Work) -> Columns:
    """Return the columns that name who recorded a row, and when."""
    return {
        "recorded_by_account": work.actor.account_id,
        "recorded_by": work.actor.username,
        "recorded_staff_no": work.actor.staff_no,
        "recorded_at": work.record(),
    }


def decided_by_actor(work: Work, *, at: datetime | None = None) -> Columns:
    """Return the columns that name who decided on a row, and when; `at` is the instant of what it is part of."""
    return {
        "decided_by_account": work.actor.account_id,
        "decided_by": work.actor.username,
        "decided_staff_no": work.actor.staff_no,
        "decided_at": at or work.record(),
    }


def check_other_hands(work: Work, hands: Iterable[Hand]) -> None:
    """Refuse a decision on what these hands recorded: by one of them, their maker, or whom they made, transitively.

    Raises Forbidden `same_person`, or `password_change_required` while a maker knows the password of either side.
    """
    refusal = refusal_of(sharing(work, hands))
    if refusal is not None:
        raise refusal


def refusal_of(shared: Sharing) -> Forbidden | None:
    """Return the refusal that a sharing leads to; None when there is nothing to refuse."""
    return None if shared is Sharing.NONE else Forbidden(*_REFUSALS[shared])


_REFUSALS = {
    Sharing.PERSON: ("same_person", "不得审核本人登记的事项 / you recorded this yourself"),
    Sharing.MAKER: (
        "same_person",
        (
            "开户人与其所建账号（含逐级所建）不得在同一事项中一人登记、一人审核 / "
            "an account and who made it, through others too, do not both act on one matter"
        ),
    ),
    Sharing.OWN_PASSWORD: (
        "password_change_required",
        (
            "您的密码还是开户人设定的，在您改为自己的密码之前，不能审核与开户人有关的事项。请先修改密码 / "
            "your password is still the one its maker chose: change it to your own first, then decide"
        ),
    ),
    Sharing.GIVEN_PASSWORD: (
        "same_person",
        (
            f"最近 {NOTICED_WITHIN.days} 天内，一方给另一方发过一次性密码，此间不得一人登记、一人审核，请由他人审核 / "
            f"one of you gave the other a one-time password within {NOTICED_WITHIN.days} days: let somebody else decide"
        ),
    ),
    Sharing.OTHER_PASSWORD: (
        "password_change_required",
        (
            "登记人的密码还是开户人设定的，请登记人先改为自己的密码，再由您审核 / "
            "whoever recorded this still has the password its maker chose: they change it first, then you decide"
        ),
    ),
}
