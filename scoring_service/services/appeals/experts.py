"""The experts of an appeal: drawn or named, heard one by one, recused or released (contract.md, Appeals)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, true, update

from scoring_service.core.panel import Chosen
from scoring_service.db.appeals import ACCEPTED, expert_accounts, find_appeal, read_experts
from scoring_service.db.ledger import lock_files, read_entries
from scoring_service.db.tables import appeal_experts
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.appeals.conflicts import (
    Appointing,
    check_expert_free,
    check_no_conflict,
    unfit_experts,
)
from scoring_service.services.appeals.filing import change, close_deed, record
from scoring_service.services.appeals.pauses import begin_pause, end_pause
from scoring_service.services.appeals.reading import (
    answer,
    check_state,
    hold_appeal,
    is_pending,
    require_appeal,
)
from scoring_service.services.appeals.values import check_reducible, check_value, present_value
from scoring_service.services.unit_of_work.staff_numbers import staff_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.db.appeals import AssignedExpert, PooledExpert, StoredAppeal
    from scoring_service.services.appeals.reading import AppealInDetail
    from scoring_service.services.unit_of_work.transaction import Work

OPINIONS = UPHOLD, REDUCE, REVOKE = "uphold", "reduce", "revoke"
MOST_EXPERTS = 9


def assign(
    work: Work,
    appeal_id: str,
    *,
    draw: int | None = None,
    experts: Sequence[str] = (),
    reason: str | None = None,
    due_on: date | None = None,
    expected_version: int | None = None,
) -> AppealInDetail:
    """Assign experts: `draw` of them by lot, or those named by user name with the `reason` for them; return the appeal.

    The time for a decision stands still from here until the last of them is heard (P44). They answer by the end of
    `due_on`, if one is set (`core/panel.py`). Raises NotFound, Forbidden
    `conflict_of_interest` for a named one who is excluded too, Invalid, Stale, Conflict `appeal_state`,
    `experts_unavailable` with how many are `available`.
    """
    lock_files(work.conn, [require_appeal(work, appeal_id).practitioner_id])
    appeal = hold_appeal(work, appeal_id)
    check_no_conflict(work, appeal)
    check_state(appeal, {ACCEPTED}, expected_version)
    if due_on is not None and due_on <= work.today:
        raise Invalid("/due_on", "意见期限须晚于今日 / the day to answer by must lie ahead")
    by = Appointing(work.actor.region, work.actor.staff_no)
    chosen = _named(work, appeal, experts, by) if draw is None else drawn(work, appeal, draw, by)
    seat(work, appeal, chosen, how=Chosen.NAMED if draw is None else Chosen.DRAWN, reason=reason, due_on=due_on)
    names = [each.username for each in chosen]
    record(work, appeal, "experts_assigned", experts=names, draw=draw, reason=reason)
    return answer(work, require_appeal(work, appeal_id))


def seat(
    work: Work,
    appeal: StoredAppeal,
    chosen: Sequence[PooledExpert],
    *,
    how: Chosen,
    reason: str | None = None,
    due_on: date | None = None,
    assigned_by: str | None = None,
) -> None:
    """Give these experts their places on an appeal, which they have from now on; `assigned_by` is the actor if None."""
    assigned_at = work.record()
    row = {
        "appeal_id": appeal.id,
        "practitioner_id": appeal.practitioner_id,
        "chosen": how,
        "chosen_because": reason,
        "assigned_by": assigned_by or work.actor.username,
        "assigned_at": assigned_at,
        "due_on": due_on,
    }
    rows = [row | {"account_id": each.account_id, "staff_no": each.staff_no} for each in chosen]
    work.conn.execute(insert(appeal_experts), rows)
    change(work, appeal, **begin_pause(work, appeal))


def drawn(work: Work, appeal: StoredAppeal, wanted: int, by: Appointing) -> list[PooledExpert]:
    """Return so many experts without a conflict, by lot. Raises Conflict `experts_unavailable`."""
    unfit = unfit_experts(work, appeal, by)
    by_person = {staff_number(row.staff_no): row for row in expert_accounts(work.conn, by.region)}
    for person in unfit & by_person.keys():
        del by_person[person]
    if len(by_person) < wanted:
        raise Conflict(
            "experts_unavailable",
            f"可选专家仅 {len(by_person)} 名 / only {len(by_person)} experts without a conflict",
            available=len(by_person),
        )
    return secrets.SystemRandom().sample(list(by_person.values()), wanted)


def _named(work: Work, appeal: StoredAppeal, usernames: Sequence[str], by: Appointing) -> list[PooledExpert]:
    pool = {row.username: row for row in expert_accounts(work.conn, by.region)}
    unfit = unfit_experts(work, appeal, by)
    present = {row.username for row in read_experts(work.conn, appeal.id)}
    chosen: dict[str, PooledExpert] = {}
    for position, username in enumerate(usernames):
        row = pool.get(username)
        if row is None or username in present or staff_number(row.staff_no) in chosen:
            detail = "须为尚未指定的专家 / must be an expert who is not yet assigned"
            raise Invalid(f"/experts/{position}", detail)
        if staff_number(row.staff_no) in unfit:
            raise Forbidden(
                "conflict_of_interest", f"专家 {username} 须回避 / {username} has a conflict of interest"
            )
        chosen[staff_number(row.staff_no)] = row
    return list(chosen.values())


def give_opinion(
    work: Work,
    appeal_id: str,
    *,
    opinion: str,
    text: str,
    points: int | None = None,
    expected_version: int | None = None,
) -> AppealInDetail:
    """Give the actor's opinion on an appeal assigned to them; return the appeal as they see it.

    Raises NotFound, Forbidden `conflict_of_interest`, Invalid at `/points` or `/opinion`, Stale, Conflict
    `appeal_state`, `opinion_given`, `recused`.
    """
    appeal = hold_appeal(work, appeal_id)
    own = _own_place(work, appeal)
    check_expert_free(work, appeal)
    check_state(appeal, {ACCEPTED}, expected_version)
    _check_unheard(own)
    _check_value(work, appeal, points, reduces=opinion == REDUCE)
    write(work, own, opinion=opinion, points=points, text=text, given_at=work.record())
    go_on(work, appeal)
    record(work, appeal, "opinion_given")
    return answer(work, require_appeal(work, appeal_id))


def _check_value(work: Work, appeal: StoredAppeal, points: int | None, *, reduces: bool) -> None:
    known = read_entries(work.conn, [appeal.practitioner_id])[appeal.practitioner_id]
    check_reducible(known, appeal.entry_id, reduces=reduces, pointer="/opinion")
    present = None if appeal.entry_id is None else present_value(known, appeal.entry_id)
    check_value(reduces=reduces, points=points, present=present)


def recuse(work: Work, appeal_id: str, *, reason: str, expected_version: int | None = None) -> AppealInDetail:
    """Recuse the actor from an appeal assigned to them; return it.

    Raises NotFound, Conflict `appeal_state`, `opinion_given`, `recused`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    own = _own_place(work, appeal)
    check_state(appeal, {ACCEPTED}, expected_version)
    _check_unheard(own)
    write(work, own, recused_at=work.record(), recused_because=reason)
    go_on(work, appeal)
    record(work, appeal, "recused", reason=reason)
    recused = find_appeal(work.conn, appeal_id, true())
    assert recused is not None  # noqa: S101 - it is held; its expert does not see it any more.
    return answer(work, recused)


def release(
    work: Work, appeal_id: str, *, expert: str, reason: str, expected_version: int | None = None
) -> AppealInDetail:
    """Release an expert, by user name, who gives no opinion; another may be assigned. Return the appeal.

    Whoever is released does not see the appeal any more. Raises NotFound, Forbidden `conflict_of_interest`, Invalid at
    `/expert`, Conflict `appeal_state`, `opinion_given`, `recused`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    check_no_conflict(work, appeal)
    check_state(appeal, {ACCEPTED}, expected_version)
    place = next((row for row in read_experts(work.conn, appeal.id) if row.username == expert), None)
    if place is None:
        raise Invalid("/expert", "该用户不是本申诉的专家 / not an expert of this appeal")
    if place.recused_at is not None:
        raise Conflict("recused", "该专家已回避或已解除 / the expert is recused or released already")
    if place.given_at is not None:
        raise Conflict("opinion_given", "该专家已出具意见 / the expert has given an opinion")
    write(
        work, place, recused_at=work.record(), recused_because=reason, released_by=work.actor.username
    )
    go_on(work, appeal)
    return close_deed(work, appeal_id, "expert_released", expert=expert, reason=reason)


def go_on(work: Work, appeal: StoredAppeal) -> None:
    """Move the version of an appeal on; when no expert is awaited any more its time runs again."""
    awaited = any(map(is_pending, read_experts(work.conn, appeal.id)))
    change(work, appeal, **({} if awaited else end_pause(work, appeal)))


def _own_place(work: Work, appeal: StoredAppeal) -> AssignedExpert:
    """Return the actor's place among the experts of an appeal; one who sees it as an expert has one."""
    account = work.actor.account_id
    return next(row for row in read_experts(work.conn, appeal.id) if row.account_id == account)


def _check_unheard(own: AssignedExpert) -> None:
    if own.recused_at is not None:
        raise Conflict("recused", "您已回避 / you have recused yourself")
    if own.given_at is not None:
        raise Conflict("opinion_given", "您已出具意见 / you have given your opinion")


def write(work: Work, own: AssignedExpert, **columns: Any) -> None:
    """Write columns of an expert's place on an appeal."""
    place = (appeal_experts.c.appeal_id == own.appeal_id) & (appeal_experts.c.account_id == own.account_id)
    work.conn.execute(update(appeal_experts).where(place).values(**columns))
