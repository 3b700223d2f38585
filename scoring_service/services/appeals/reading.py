"""What a caller sees of appeals: the office its region's, the parties their own, an expert what is assigned.

Outside the office nobody sees the experts' names; single opinions are hidden from everybody but their author until
all of them are in.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select

from scoring_service.db.affected import AffectedRefusal
from scoring_service.db.appeals import (
    OPEN_STATES,
    Appeal,
    AssignedExpert,
    ExpertState,
    StoredAppeal,
    appeal_of,
    find_appeal,
    is_assigned,
    read_experts,
)
from scoring_service.db.cases import find_case, read_findings
from scoring_service.db.tables import appeal_experts, cases, findings, practitioners
from scoring_service.db.tables import appeals as table
from scoring_service.problems import NotFound, Stale, WrongState
from scoring_service.services.appeals.appeal_fields import APPEAL_FIELDS, last_day_in
from scoring_service.services.appeals.parties import (
    check_touches_as_party,
    concerns_institution,
    signed_by_institution,
)
from scoring_service.services.appeals.pauses import working_days_left
from scoring_service.services.cases.case import Case, case_of, office_finding_of
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.terms import APPEAL_STATES
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import ColumnElement

    from scoring_service.core.procedure import AppealState
    from scoring_service.services.unit_of_work.attachments import Attachment
    from scoring_service.services.unit_of_work.transaction import Work

__all__ = [
    "AffectedRefusal",
    "Appeal",
    "AppealHeard",
    "AppealInDetail",
    "Opinion",
    "PanelMember",
]

KIND: Final = "appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMember:
    """An expert of an appeal, without the opinion; it is awaited by the end of `due_on`, where one is set."""

    username: str
    state: ExpertState
    chosen: str
    chosen_because: str | None
    assigned_at: datetime
    recused_because: str | None
    released_by: str | None
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """An expert's opinion; `points` with a reduction only."""

    expert: str
    opinion: str
    points: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealInDetail:
    """An appeal with what is attached to it; `working_days_left` for its decision when experts give it back."""

    appeal: Appeal
    attachments: tuple[Attachment, ...]
    working_days_left: int | None

    @property
    def version(self) -> int:
        """The version of the appeal."""
        return self.appeal.version


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealHeard(AppealInDetail):
    """An appeal as the office and its experts see it: with the case behind the entry, and the experts' opinions."""

    case: Case | None
    experts: tuple[PanelMember, ...]
    opinions: tuple[Opinion, ...]
    opinions_complete: bool


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


def require_appeal(work: Work, appeal_id: str) -> StoredAppeal:
    """Return an appeal as it is stored. Raises NotFound."""
    return _find(work, appeal_id, lock=False)


def hold_appeal(work: Work, appeal_id: str) -> StoredAppeal:
    """Return an appeal, its row locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says."""
    appeal = _find(work, appeal_id, lock=True)
    check_touches_as_party(work, appeal)
    return appeal


def _find(work: Work, appeal_id: str, *, lock: bool) -> StoredAppeal:
    appeal = find_appeal(work.conn, appeal_id, visible_appeals(work), lock=lock) if is_id(appeal_id) else None
    if appeal is None:
        raise NotFound("申诉 / appeal")
    return appeal


def check_state(appeal: Appeal, states: Collection[str], expected_version: int | None) -> None:
    """Refuse a decision in another state or on another version. Raises Conflict `appeal_state`, Stale."""
    if appeal.state not in states:
        raise WrongState("appeal", appeal.state, APPEAL_STATES)
    if expected_version is not None and expected_version != appeal.version:
        raise Stale(appeal.version)


def read_appeal(work: Work, appeal_id: str) -> AppealInDetail:
    """Return an appeal, the look at the person on record. Raises NotFound."""
    appeal = require_appeal(work, appeal_id)
    work.look(appeal.practitioner_id, KIND, appeal.case_id)
    return answer(work, appeal)


def listing(
    work: Work,
    *,
    state: str | None = None,
    due_before: date | None = None,
    practitioner_id: str | None = None,
) -> Listing[Appeal]:
    """Return the list of the appeals that the actor may know of: in a state, due before a day, of a person.

    None is due by any day while experts have it: its time does not run.
    """
    query = select(table).where(visible_appeals(work))
    if state is not None:
        query = query.where(table.c.state == state)
    if due_before is not None:
        query = query.where(table.c.due_on < due_before, table.c.paused_since.is_(None))
    if practitioner_id is not None:
        query = query.where(table.c.practitioner_id == practitioner_id)
    keys = (table.c.recorded_at, table.c.id)
    return Listing(
        query=query,
        keys=keys,
        show=lambda row: appeal_seen(work, appeal_of(row)),
        looked_at=KIND,
        fields=APPEAL_FIELDS,
    )


def listing_by_due_day(work: Work, state: AppealState) -> Listing[Appeal]:
    """Return the list of the open appeals in a state by the last day of its step; those that experts have come last."""
    due_on = last_day_in(state).label("step_due_on")
    listed = listing(work, state=state)
    return replace(listed, query=listed.query.add_columns(due_on), keys=(due_on, table.c.id), descending=False)


def names_in_appeals(work: Work, appeal_ids: Collection[str]) -> dict[str, str]:
    """Return the names of the people that these appeals are on, by id, where the actor may know of the appeal.

    An expert knows a person by the assigned appeal alone.
    """
    people = select(practitioners.c.id, practitioners.c.name).join(table)
    rows = work.conn.execute(people.where(table.c.id.in_(appeal_ids), visible_appeals(work)))
    return {row.id: row.name for row in rows}


def own_opinions_due(work: Work) -> dict[str, date]:
    """Return until when the actor's opinions are awaited, by the appeal's id."""
    place = appeal_experts.c
    query = select(place.appeal_id, place.due_on).where(
        place.account_id == work.actor.account_id, place.given_at.is_(None), place.recused_at.is_(None)
    )
    return {row.appeal_id: row.due_on for row in work.conn.execute(query) if row.due_on is not None}


def appeals_of_person(work: Work, practitioner_id: str) -> list[Appeal]:
    """Return the appeals on one person, the oldest first, for their file."""
    query = listing(work, practitioner_id=practitioner_id).query.order_by(table.c.recorded_at, table.c.id)
    return [appeal_seen(work, appeal_of(row)) for row in work.conn.execute(query).mappings()]


def answer(work: Work, stored: StoredAppeal) -> AppealInDetail:
    """Return an appeal with what is attached to it; to the office and its experts with the case and the opinions."""
    appeal, attached = appeal_seen(work, stored), attachments.attached(work, KIND, stored.id)
    left = working_days_left(work, stored)
    experts = read_experts(work.conn, stored.id)
    if not work.actor.is_office and work.actor.account_id not in {each.account_id for each in experts}:
        return AppealInDetail(appeal=appeal, attachments=attached, working_days_left=left)
    complete = not any(map(is_pending, experts))
    own = work.actor.account_id
    shown = [each for each in experts if work.actor.is_office or complete or each.account_id == own]
    return AppealHeard(
        appeal=appeal,
        attachments=attached,
        working_days_left=left,
        case=_case(work, stored),
        experts=tuple(map(_panel_member, shown)),
        opinions=tuple(_opinion(each) for each in shown if each.given_at and (complete or each.account_id == own)),
        opinions_complete=complete,
    )


def appeal_seen(work: Work, stored: StoredAppeal) -> Appeal:
    """Return an appeal as the actor sees it: to the office with who handled it.

    An institution is told of its own refusals that a decision has affected, not of those at other workplaces.
    """
    actor, affected = work.actor, stored.affected
    if actor.is_office:
        return stored
    if affected is not None and actor.practitioner_id != stored.practitioner_id:
        code = actor.institution_code or ""
        own = tuple(refusal for refusal in affected.refusals if refusal.institution == code)
        affected = replace(affected, refusals=own)
    shared = {field.name: getattr(stored, field.name) for field in fields(Appeal)}
    return Appeal(**shared | {"affected": affected})


def _case(work: Work, appeal: Appeal) -> Case | None:
    """Return the case behind the entry, with the findings on the person only."""
    case = find_case(work.conn, appeal.case_id, cases.c.id == appeal.case_id) if appeal.case_id else None
    if case is None:
        return None
    own = read_findings(work.conn, case.id, findings.c.practitioner_id == appeal.practitioner_id)
    return case_of(case, map(office_finding_of, own))


def is_pending(expert: AssignedExpert) -> bool:
    """Tell whether an expert has neither given an opinion nor been recused or released."""
    return expert.state is ExpertState.ASSIGNED


def _panel_member(expert: AssignedExpert) -> PanelMember:
    return PanelMember(**{field.name: getattr(expert, field.name) for field in fields(PanelMember)})


def _opinion(expert: AssignedExpert) -> Opinion:
    assert expert.opinion is not None  # noqa: S101 -- it was given
    assert expert.text is not None  # noqa: S101 -- with its text
    return Opinion(expert=expert.username, opinion=expert.opinion, points=expert.points, text=expert.text)
