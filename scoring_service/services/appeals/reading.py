"""What a caller sees of appeals: the office its region's, the parties their own, an expert what is assigned.

Outside the office nobody sees the experts' names; single opinions are hidden from everybody but their author until
all of them are in.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, or_, select

from scoring_service.db.appeals import OPEN_STATES, find_appeal, is_assigned, read_experts
from scoring_service.db.cases import find_case, read_findings
from scoring_service.db.tables import appeals as table
from scoring_service.db.tables import cases, findings, practitioners
from scoring_service.problems import NotFound, Stale, WrongState
from scoring_service.services.appeals.parties import (
    check_touches_as_party,
    concerns_institution,
    signed_by_institution,
)
from scoring_service.services.cases.case import Case, case_of, office_finding_of
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import is_id, practitioner_filter
from scoring_service.terms import APPEAL_STATES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Row

    from scoring_service.services.unit_of_work.attachments import AttachedFile, Attachment
    from scoring_service.services.unit_of_work.transaction import Work

KIND: Final = "appeal"


def visible_appeals(work: Work) -> ColumnElement[bool]:
    """Return the condition on `appeals` that the actor may know of one.

    An expert knows it from the assignment to the decision, unless they are recused or released. An institution knows
    those of its people, and of people who have left those that concern it.
    """
    seen = [practitioner_filter(work, table.c.practitioner_id)]
    if work.actor.has("expert"):
        seen.append(and_(table.c.state.in_(OPEN_STATES), is_assigned(work.actor.account_id)))
    if work.actor.has("institution"):
        seen += [signed_by_institution(work), concerns_institution(work)]
    return or_(*seen)


def is_open(state: str) -> bool:
    """Tell whether an appeal in this state waits for its end."""
    return state in OPEN_STATES


def require_appeal(work: Work, appeal_id: str) -> Row[Any]:
    """Return an appeal's row. Raises NotFound."""
    return _found(work, appeal_id, lock=False)


def hold_appeal(work: Work, appeal_id: str) -> Row[Any]:
    """Return an appeal's row, locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says."""
    appeal = _found(work, appeal_id, lock=True)
    check_touches_as_party(work, appeal)
    return appeal


def _found(work: Work, appeal_id: str, *, lock: bool) -> Row[Any]:
    row = find_appeal(work.conn, appeal_id, visible_appeals(work), lock=lock) if is_id(appeal_id) else None
    if row is None:
        raise NotFound("申诉 / appeal")
    return row


def check_state(appeal: Row[Any], states: Collection[str], expected_version: int | None) -> None:
    """Refuse a decision in another state or on another version. Raises Conflict `appeal_state`, Stale."""
    if appeal.state not in states:
        raise WrongState("appeal", appeal.state, APPEAL_STATES)
    if expected_version is not None and expected_version != appeal.version:
        raise Stale(appeal.version)


def read_appeal(work: Work, appeal_id: str) -> dict[str, Any]:
    """Return an appeal, the look at the person on record. Raises NotFound."""
    row = require_appeal(work, appeal_id)
    work.look(row.practitioner_id, KIND, row.case_id)
    return answer(work, row)


def listing(
    work: Work,
    *,
    state: str | None = None,
    due_before: date | None = None,
    practitioner_id: str | None = None,
) -> Listing[dict[str, Any]]:
    """Return the list of the appeals that the actor may know of: in a state, due before a day, of a person."""
    query = select(table).where(visible_appeals(work))
    if state is not None:
        query = query.where(table.c.state == state)
    if due_before is not None:
        query = query.where(table.c.due_on < due_before)
    if practitioner_id is not None:
        query = query.where(table.c.practitioner_id == practitioner_id)
    keys = (table.c.recorded_at, table.c.id)
    return Listing(query=query, keys=keys, show=partial(appeal_json, work), looked_at=KIND)


def names_in_appeals(work: Work, appeal_ids: Collection[str]) -> dict[str, str]:
    """Return the names of the people that these appeals are on, by id, where the actor may know of the appeal.

    An expert knows a person by the assigned appeal alone.
    """
    people = select(practitioners.c.id, practitioners.c.name).join(table)
    rows = work.conn.execute(people.where(table.c.id.in_(appeal_ids), visible_appeals(work)))
    return {row.id: row.name for row in rows}


def appeals_of_person(work: Work, practitioner_id: str) -> list[dict[str, Any]]:
    """Return the appeals on one person, the oldest first, for their file."""
    query = listing(work, practitioner_id=practitioner_id).query.order_by(table.c.recorded_at, table.c.id)
    return [appeal_json(work, row) for row in work.conn.execute(query).mappings()]


def answer(work: Work, row: Row[Any]) -> dict[str, Any]:
    """Return an appeal with what is attached to it; to the office and its experts with the case and the opinions."""
    told = appeal_json(work, row._asdict())
    told["attachments"] = attachments.attached(work, KIND, row.id)
    experts = read_experts(work.conn, row.id)
    if work.actor.is_office or work.actor.account_id in {each.account_id for each in experts}:
        told["case"] = _case(work, row)
        told |= _panel_json(work, experts)
    return told


def appeal_json(work: Work, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an appeal; who of the office handled it is told to the office only."""
    told = {
        "id": row["id"],
        "version": row["version"],
        "state": row["state"],
        "practitioner": row["practitioner_id"],
        "entry": row["entry_id"],
        "against": row["against"],
        "grounds": row["grounds"],
        "filed_by": row["filed_by"],
        "institution": row["institution_code"],
        "on_paper": row["on_paper"],
        "received_on": _day(row["received_on"]),
        "filed_at": _instant(row["recorded_at"]),
        "window_closes_on": _day(row["window_closes_on"]),
        "provisional": row["window_provisional"],
        "countersign_until": _day(row["countersign_until"]),
        "countersigned_at": _instant(row["countersigned_at"]),
        "countersigned_on_paper": row["countersigned_on_paper"],
        "countersigned_institution": row["countersigned_institution"],
        "countersign_refused_at": _instant(row["refused_at"]),
        "countersign_refused_because": row["refused_because"],
        "completed_at": _instant(row["completed_at"]),
        "accepted_at": _instant(row["accepted_at"]),
        "due_on": _day(row["due_on"]),
        "due_provisional": row["due_provisional"],
        "extended_because": row["extended_because"],
        "decided_at": _instant(row["decided_at"]),
        "outcome": row["outcome"],
        "points": row["points"],
        "reasons": row["reasons"],
        "correction": row["correction_id"],
        "affected": _affected(work, row),
    }
    if work.actor.is_office:
        names = (
            *("recorded_by", "countersigned_by", "countersign_proof", "proceeded_because"),
            *("accepted_by", "decided_by"),
        )
        told |= {name: row[name] for name in names}
    return told


def _affected(work: Work, row: Mapping[Any, Any]) -> dict[str, Any] | None:
    """Return what a changed decision affects; an institution is told of its own refusals, not of other workplaces'."""
    affected: dict[str, Any] | None = row["affected"]
    actor = work.actor
    if affected is None or actor.is_office or actor.practitioner_id == row["practitioner_id"]:
        return affected
    own = [each for each in affected["refusals"] if each["institution"] == (actor.institution_code or "")]
    return affected | {"refusals": own}


def _case(work: Work, row: Row[Any]) -> Case | None:
    """Return the case behind the entry, with the findings on the person only."""
    case = find_case(work.conn, row.case_id, cases.c.id == row.case_id) if row.case_id else None
    if case is None:
        return None
    own = read_findings(work.conn, case.id, findings.c.practitioner_id == row.practitioner_id)
    return case_of(case, map(office_finding_of, own))


def is_pending(expert: Row[Any]) -> bool:
    """Tell whether an expert has neither given an opinion nor been recused or released."""
    return expert.given_at is None and expert.recused_at is None


def _panel_json(work: Work, experts: Sequence[Row[Any]]) -> dict[str, Any]:
    complete = not any(map(is_pending, experts))
    actor = work.actor
    shown = [row for row in experts if actor.is_office or complete or row.account_id == actor.account_id]
    return {
        "experts": [_expert_json(row) for row in shown],
        "opinions": [
            {"expert": row.username, "opinion": row.opinion, "points": row.points, "text": row.text}
            for row in shown
            if row.given_at is not None and (complete or row.account_id == actor.account_id)
        ],
        "opinions_complete": complete,
    }


def _expert_json(row: Row[Any]) -> dict[str, Any]:
    return {
        "username": row.username,
        "state": _expert_state(row),
        "chosen": row.chosen,
        "chosen_because": row.chosen_because,
        "assigned_at": _instant(row.assigned_at),
        "recused_because": row.recused_because,
        "released_by": row.released_by,
    }


def _expert_state(row: Row[Any]) -> str:
    if row.recused_at is not None:
        return "recused" if row.released_by is None else "released"
    return "assigned" if row.given_at is None else "given"


def attachments_of(work: Work, appeal_id: str) -> tuple[Attachment, ...]:
    """Return what is attached to an appeal, without the content. Raises NotFound."""
    return attachments.attached(work, KIND, require_appeal(work, appeal_id).id)


def attachment(work: Work, appeal_id: str, n: str) -> AttachedFile:
    """Return the `n`th attachment of an appeal with its content, the look on record. Raises NotFound."""
    appeal = require_appeal(work, appeal_id)
    file = attachments.fetch(work, KIND, appeal.id, n)
    work.look(appeal.practitioner_id, "attachment", appeal.case_id)
    return file


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
