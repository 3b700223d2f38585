"""What the list of appeals can be narrowed and sorted by."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, literal, or_, select

from scoring_service.core.procedure import AppealState, Outcome
from scoring_service.db.appeals import COMPLETE, EXPLAINED, FILED, OPEN_STATES, is_assigned
from scoring_service.db.tables import appeals, cases
from scoring_service.services.unit_of_work.fields import Field, FieldKind, Fields, due_field, own_field

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work

_appeal = appeals.c
_LAST_DAYS = {
    FILED: _appeal.countersign_until,
    COMPLETE: func.coalesce(_appeal.explanation_due_on, _appeal.due_on),
    EXPLAINED: _appeal.answer_due_on,
}


def last_day_in(state: AppealState | None) -> ColumnElement[Any]:
    """Return the last day of the step that an appeal in a state, or any, is at; those that experts have come last."""
    if state is None:
        in_step: ColumnElement[Any] = case(_LAST_DAYS, value=_appeal.state, else_=_appeal.due_on)
    else:
        in_step = _LAST_DAYS.get(state, _appeal.due_on)
    return case((_appeal.paused_since.is_not(None), literal(date.max)), else_=in_step)


def _is_mine(work: Work) -> ColumnElement[bool]:
    actor = work.actor
    return or_(
        _appeal.recorded_by_account == actor.account_id,
        func.coalesce(_appeal.explained_by == actor.username, literal(value=False)),
        func.coalesce(_appeal.accepted_by == actor.username, literal(value=False)),
        is_assigned(actor.account_id),
    )


def _of_case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return _appeal.case_id.in_(select(cases.c.id).where(condition))


APPEAL_FIELDS: Final[Fields] = {
    "state": Field(kind=FieldKind.CHOICE, column=_appeal.state, choices=tuple(AppealState)),
    "against": Field(kind=FieldKind.CHOICE, column=_appeal.against, choices=("points", "state")),
    "filed_by": Field(kind=FieldKind.CHOICE, column=_appeal.filed_by, choices=("practitioner", "institution")),
    "institution": Field(kind=FieldKind.CODE, column=_appeal.institution_code),
    "case_institution": Field(
        kind=FieldKind.CODE, matches=lambda _work, code: _of_case(cases.c.institution_code == code)
    ),
    "region": Field(
        kind=FieldKind.DIVISION,
        matches=lambda _work, start: _of_case(cases.c.region.startswith(start, autoescape=True)),
    ),
    "due": due_field(last_day_in(None), runs=_appeal.state.in_(OPEN_STATES)),
    "due_on": Field(kind=FieldKind.DAY, column=_appeal.due_on),
    "received_on": Field(kind=FieldKind.DAY, column=_appeal.received_on),
    "window_closes_on": Field(kind=FieldKind.DAY, column=_appeal.window_closes_on),
    "filed_at": Field(kind=FieldKind.INSTANT, column=_appeal.recorded_at),
    "completed_at": Field(kind=FieldKind.INSTANT, column=_appeal.completed_at),
    "decided_at": Field(kind=FieldKind.INSTANT, column=_appeal.decided_at),
    "outcome": Field(kind=FieldKind.CHOICE, column=_appeal.outcome, choices=tuple(Outcome)),
    "mine": own_field(_is_mine),
}
