"""The shape of a proposal: made by one person, decided by another, with a version, a reason and a list.

Each kind says where it is kept, what it is called and whom it concerns; what its approval does is its own module's.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import insert, or_, select, update

from scoring_service.core.procedure import ProposalState
from scoring_service.problems import NotFound, Stale, WrongState
from scoring_service.services.proposals.proposal_fields import proposal_fields
from scoring_service.services.unit_of_work.four_eyes import (
    check_other_hands,
    decided_by_actor,
    recorded_by_actor,
)
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.terms import PROPOSAL_STATES
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from enum import StrEnum

    from sqlalchemy import ColumnElement, RowMapping, Table

    from scoring_service.services.unit_of_work.fields import Fields
    from scoring_service.services.unit_of_work.makers import Hand
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """The user names of who made a proposal and who decided on it."""

    recorded_by: str
    decided_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What every proposal shows; `hands` are None for a caller who is not told of them.

    `practitioner` is empty for one that is about no person.
    """

    id: str
    version: int
    state: str
    practitioner: str
    hands: Hands | None
    recorded_at: datetime
    decided_at: datetime | None
    rejected_because: str | None


Shown = TypeVar("Shown")


def recorder(row: RowMapping) -> list[Hand]:
    """Return the hand that recorded a proposal."""
    return [(row["recorded_by_account"], row["recorded_staff_no"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Shown]):
    """A kind of proposal.

    `name` is what the audit and the looks call it, `noun` what a caller is told, `code` begins the code of a refusal
    in its state. `waiting` is the state before the decision, with those that come `before` it and `after` it, and
    `terms` are their names. Whoever is among the `hands` in it does not decide. `rejection` is the event of one, if
    anybody is told; `audited` are the columns that the audit of each deed tells.
    """

    table: Table
    name: str
    noun: str
    waiting: StrEnum
    show: Callable[[Work, RowMapping], Shown]
    check_touches: Callable[[Work, RowMapping], None]
    before: tuple[StrEnum, ...] = ()
    after: tuple[StrEnum, ...] = (ProposalState.APPROVED, ProposalState.REJECTED)
    terms: Mapping[str, str] = field(default_factory=lambda: PROPOSAL_STATES)
    hands: Callable[[RowMapping], list[Hand]] = recorder
    visible: Callable[[Work], ColumnElement[bool]] | None = None
    code: str | None = None
    rejection: str | None = None
    audited: tuple[str, ...] = ()
    people: tuple[str, ...] = ("practitioner_id",)
    more_fields: Fields = field(default_factory=dict)

    @property
    def fields(self) -> Fields:
        """What its list can be narrowed and sorted by."""
        return self.more_fields or proposal_fields(self.table, self.states)

    @property
    def states(self) -> tuple[str, ...]:
        """The states, in the order in which they come."""
        return (*self.before, self.waiting, *self.after)

    def known_to(self, work: Work) -> ColumnElement[bool]:
        """Return the condition on the table that the actor may know of a proposal."""
        return self.visible(work) if self.visible else practitioner_filter(work, self.table.c.practitioner_id)


def shared_fields(row: RowMapping, *, hides_hands: bool = False) -> dict[str, Any]:
    """Return the fields of `Proposal`, for the record of a kind."""
    hands = None if hides_hands else Hands(recorded_by=row["recorded_by"], decided_by=row["decided_by"])
    plain = ("id", "version", "state", "recorded_at", "decided_at", "rejected_because")
    return {"practitioner": row["practitioner_id"] or "", "hands": hands} | {name: row[name] for name in plain}


def propose(work: Work, kind: Kind[Shown], practitioner_id: str | None, deed: str, /, **columns: Any) -> Shown:
    """Record a proposal of the actor's for another person to decide on; return it.

    It waits for the decision, unless the columns say that another `state` comes first.
    """
    row = {"id": str(uuid.uuid4()), "practitioner_id": practitioner_id, "state": kind.waiting} | columns
    made = insert(kind.table).values(**row, **recorded_by_actor(work)).returning(*kind.table.c)
    stored = work.conn.execute(made).mappings().one()
    record_deed(work, kind, stored, deed)
    return kind.show(work, stored)


def require(work: Work, kind: Kind[Any], proposal_id: str) -> RowMapping:
    """Return a proposal's row. Raises NotFound."""
    return _find(work, kind, proposal_id, lock=False)


def hold(work: Work, kind: Kind[Any], proposal_id: str) -> RowMapping:
    """Return a proposal's row, locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says."""
    row = _find(work, kind, proposal_id, lock=True)
    kind.check_touches(work, row)
    return row


def hold_waiting(
    work: Work,
    kind: Kind[Any],
    proposal_id: str,
    expected_version: int | None,
    states: Collection[str] | None = None,
) -> RowMapping:
    """Return the row of a proposal that still waits, or is in one of `states`, locked.

    Raises as `hold`, Conflict `…_state` with the present state, Stale.
    """
    row = hold(work, kind, proposal_id)
    _check_state(row, kind, states, expected_version)
    return row


def hold_for_decision(
    work: Work,
    kind: Kind[Any],
    proposal_id: str,
    expected_version: int | None,
    states: Collection[str] | None = None,
) -> RowMapping:
    """Return the row of a proposal that the actor may decide on, locked.

    Raises as `hold_waiting`, Forbidden as `check_other_hands`.
    """
    row = hold(work, kind, proposal_id)
    check_other_hands(work, kind.hands(row))
    _check_state(row, kind, states, expected_version)
    return row


def _find(work: Work, kind: Kind[Any], proposal_id: str, *, lock: bool) -> RowMapping:
    query = select(kind.table).where(kind.table.c.id == proposal_id, kind.known_to(work))
    rows = work.conn.execute(query.with_for_update() if lock else query) if is_id(proposal_id) else None
    row = rows.mappings().one_or_none() if rows is not None else None
    if row is None:
        raise NotFound(kind.noun)
    return row


def check_waits(row: RowMapping, kind: Kind[Any]) -> None:
    """Refuse a decision on a proposal that waits no more, before anything is locked. Raises Conflict `…_state`."""
    _check_state(row, kind, None, None)


def _check_state(
    row: RowMapping, kind: Kind[Any], states: Collection[str] | None, expected_version: int | None
) -> None:
    if row["state"] not in (states or {kind.waiting}):
        raise WrongState(kind.code or kind.name, row["state"], kind.terms)
    if expected_version is not None and expected_version != row["version"]:
        raise Stale(row["version"])


def approved(work: Work, kind: Kind[Shown], row: RowMapping, detail: dict[str, Any], **columns: Any) -> Shown:
    """Keep that the actor approved a held proposal, with the columns of its kind; return it.

    It is decided at the instant at which what it brought about was recorded.
    """
    decided = change(work, kind, row, state=ProposalState.APPROVED, **columns, **decided_by_actor(work, at=work.now))
    record_deed(work, kind, decided, "approved", **detail)
    return kind.show(work, decided)


def reject(
    work: Work,
    kind: Kind[Shown],
    proposal_id: str,
    *,
    reason: str,
    expected_version: int | None = None,
) -> Shown:
    """Reject a proposal that waits, or is in a state before that; return it. Raises as `hold_for_decision`."""
    row = hold_for_decision(work, kind, proposal_id, expected_version, {*kind.before, kind.waiting})
    decided = change(work, kind, row, state=ProposalState.REJECTED, rejected_because=reason, **decided_by_actor(work))
    if kind.rejection is not None:
        work.event(kind.rejection, practitioner_id=row["practitioner_id"], **{kind.name: row["id"]})
    record_deed(work, kind, decided, "rejected", reason=reason)
    return kind.show(work, decided)


def change(work: Work, kind: Kind[Any], row: RowMapping, **columns: Any) -> RowMapping:
    """Write a change of a held proposal, its next version; return its row."""
    table = kind.table
    written = update(table).where(table.c.id == row["id"]).values(version=row["version"] + 1, **columns)
    return work.conn.execute(written.returning(*table.c)).mappings().one()


def read(work: Work, kind: Kind[Shown], proposal_id: str) -> Shown:
    """Return a proposal, the look at whom it concerns on record. Raises NotFound."""
    row = require(work, kind, proposal_id)
    for person in (row[column] for column in kind.people):
        if person is not None:
            work.look(person, kind.name)
    return kind.show(work, row)


def listing(
    work: Work, kind: Kind[Shown], *, state: str | None = None, practitioner_id: str | None = None
) -> Listing[Shown]:
    """Return the list of the proposals that the actor may know of: in a state, for a person."""
    query = select(kind.table).where(kind.known_to(work))
    if state is not None:
        query = query.where(kind.table.c.state == state)
    if practitioner_id is not None:
        query = query.where(or_(*(kind.table.c[person] == practitioner_id for person in kind.people)))
    return Listing(
        query=query,
        keys=(kind.table.c.recorded_at, kind.table.c.id),
        show=partial(kind.show, work),
        looked_at=kind.name,
        people=kind.people,
        fields=kind.fields,
    )


def party_of(work: Work) -> str:
    """Name who files: the person, an institution of theirs, or the office for them on paper."""
    if work.actor.has("practitioner") and work.actor.practitioner_id is not None:
        return "practitioner"
    return "institution" if work.actor.has("institution") else "office"


def record_deed(work: Work, kind: Kind[Any], row: RowMapping, deed: str, **detail: Any) -> None:
    """Put a deed on a proposal into the audit."""
    work.audit(
        f"{kind.name}.{deed}",
        object_kind=kind.name,
        object_id=row["id"],
        practitioner_id=row["practitioner_id"],
        detail={name: row[name] for name in kind.audited} | detail or None,
    )
