"""Requests of institutions to the registry: that somebody is registered with them, or has left; the office decides.

What is asked is tried at once, by the act that would do it, and taken back: whatever gate the act has refuses the
request too. An institution learns of its own requests only, and of a person on file elsewhere no more than it wrote.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, or_, select

from scoring_service.core.procedure import RequestKind, RequestState
from scoring_service.db import practitioner_lists
from scoring_service.db.persons import PRACTICE
from scoring_service.db.tables import practitioners
from scoring_service.db.tables import registration_requests as table
from scoring_service.identity import mask
from scoring_service.problems import Conflict, Forbidden, Invalid, NotFound
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.proposal import Hands, Kind
from scoring_service.services.proposals.registering import Wish, carry_out
from scoring_service.services.registry.persons import checked_id_number, exists
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.four_eyes import decided_by_actor, recorded_by_actor
from scoring_service.services.unit_of_work.touch import check_touches_case, not_party
from scoring_service.terms import REQUEST_STATES
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import RowMapping

    from scoring_service.db.tables.schema import Columns
    from scoring_service.problems import Problem
    from scoring_service.services.unit_of_work.listing import Listing
    from scoring_service.services.unit_of_work.transaction import Work

PERSON_FIELDS = ("name", "code", "category", *PRACTICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOnFile:
    """Whom a request is about, as their file has them; told to the office alone."""

    id: str
    name: str
    code: str | None
    id_number: str | None
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequest:
    """A request: `person` is what the institution wrote, the identity number masked, `on` the day it is asked for.

    `practitioner` is told to the institution of its own people and once the request is approved; `on_file` to the
    office, but for lists, and so is who decided. `effect` is what the approval has done.
    """

    id: str
    version: int
    kind: str
    state: str
    institution: str
    practitioner: str | None
    person: Mapping[str, str | None]
    on_file: PersonOnFile | None
    on: date
    commitment_signed_on: date | None
    reason: str | None
    effect: str | None
    hands: Hands
    recorded_at: datetime
    decided_at: datetime | None
    refused_because: str | None

    @property
    def starts_on(self) -> date | None:
        """The first day of the registration that is asked for."""
        return self.on if self.kind == RequestKind.REGISTRATION else None

    @property
    def leaves_on(self) -> date | None:
        """The first day on which the person is no longer at the institution."""
        return self.on if self.kind == RequestKind.DEPARTURE else None


def _show(work: Work, row: RowMapping) -> RegistrationRequest:
    own = row["kind"] == RequestKind.DEPARTURE or row["state"] == RequestState.APPROVED
    plain = ("id", "version", "kind", "state", "commitment_signed_on", "reason", "effect", "recorded_at", "decided_at")
    return RegistrationRequest(
        **{name: row[name] for name in plain},
        institution=row["institution_code"],
        practitioner=row["practitioner_id"] if own or work.actor.is_office else None,
        person={**row["person"], "id_number": row["id_number_masked"]},
        on_file=None,
        on=row["on_day"],
        hands=Hands(
            recorded_by=row["recorded_by"], decided_by=row["decided_by"] if work.actor.is_office else None
        ),
        refused_because=row["rejected_because"],
    )


def _whole(work: Work, row: RowMapping) -> RegistrationRequest:
    """Return a request with whom it is about, to the office; a list leaves that out."""
    shown = _show(work, row)
    person = _whom(work, row) if work.actor.is_office else None
    return shown if person is None else replace(shown, on_file=_on_file(work, person))


def _whom(work: Work, row: RowMapping) -> str | None:
    """Return whose file a request is about: while it waits that of who came on file by its code or number too."""
    person: str | None = row["practitioner_id"]
    if person is not None or row["state"] != RequestState.REQUESTED:
        return person
    try:
        return _present_person(work, _wish(work, row))
    except Conflict:
        return None


def _on_file(work: Work, practitioner_id: str) -> PersonOnFile:
    person = practitioners.c
    columns = (person.id, person.name, person.code, person.id_number_masked.label("id_number"), person.category)
    return PersonOnFile(**work.conn.execute(select(*columns).where(person.id == practitioner_id)).mappings().one())


def _check_touches(work: Work, row: RowMapping) -> None:
    """Leave the decision to the office of the institution's region, and the rest to the institution."""
    if work.actor.is_office:
        _check_decides(work, row["institution_code"], row["practitioner_id"])
    elif row["institution_code"] != work.actor.institution_code:
        raise not_party()


def _check_decides(work: Work, institution: str, practitioner_id: str | None) -> None:
    region = sight.require_institution(work, institution).region
    check_touches_case(work, region, [practitioner_id] if practitioner_id else [])


REQUEST = Kind(
    table=table,
    name="registration_request",
    noun="登记申请 / registration request",
    code="request",
    waiting=RequestState.REQUESTED,
    after=(RequestState.APPROVED, RequestState.REFUSED, RequestState.WITHDRAWN),
    terms=REQUEST_STATES,
    show=_show,
    check_touches=_check_touches,
    visible=lambda work: sight.institution_filter(work, table.c.institution_code),
    audited=("kind", "institution_code"),
)


def request_registration(
    work: Work,
    *,
    from_on: date,
    practitioner: str | None = None,
    id_number: str | None = None,
    commitment_signed_on: date | None = None,
    **person: str | None,
) -> RegistrationRequest:
    """Ask that somebody is registered with the actor's institution from a day on; return the request.

    They are named by a reference (`practitioner`), or by what is known of them (the fields of `PERSON_FIELDS`); whose
    code or identity number is on file is that person, who gets a further institution or is registered again.
    Raises NotFound, Invalid, and the Conflicts of the act that would do it; `request_exists` while another waits.
    """
    institution = _own_institution(work)
    written = {name: person.get(name) for name in PERSON_FIELDS}
    ref = None if practitioner is None else _known_by(work, practitioner)
    if practitioner is not None and not is_id(practitioner):
        written["code"] = written["code"] or practitioner
    columns: Columns = {
        "kind": RequestKind.REGISTRATION,
        "practitioner_id": ref or _on_record(work, written["code"], id_number),
        "on_day": from_on,
        "person": written,
        "commitment_signed_on": commitment_signed_on,
        **_sealed(work, id_number),
    }
    return _request(work, institution, columns)


def request_departure(work: Work, *, practitioner: str, on: date, reason: str) -> RegistrationRequest:
    """Report that one of the institution's people is no longer there from a day on; return the request.

    Raises NotFound for nobody of its own, Invalid, Conflict `not_affiliated` and those of the acts, `request_exists`.
    """
    institution = _own_institution(work)
    person = sight.require_practitioner(work, practitioner)
    written = dict.fromkeys(PERSON_FIELDS) | {"name": person.name, "code": person.code, "category": person.category}
    columns: Columns = {
        "kind": RequestKind.DEPARTURE,
        "practitioner_id": person.id,
        "on_day": on,
        "person": written,
        "reason": reason,
    }
    return _request(work, institution, columns)


# The file that answers for a person: after a merge it is another one.
_STANDING = func.coalesce(practitioners.c.merged_into, practitioners.c.id)


def _own_institution(work: Work) -> str:
    if work.actor.institution_code is None:
        raise not_party()
    return work.actor.institution_code


def _known_by(work: Work, ref: str) -> str:
    """Return the id of a person: of its own people by any reference, of others by a national code alone."""
    if is_id(ref):
        return sight.require_practitioner(work, ref).id
    query = select(practitioners.c.id).where(practitioner_lists.has_code(ref))
    practitioner_id: str | None = work.conn.execute(query).scalar_one_or_none()
    if practitioner_id is None:
        raise NotFound(sight.PERSON)
    return practitioner_id


def _on_record(work: Work, code: str | None, id_number: str | None) -> str | None:
    """Return the id of whom a code and an identity number name; Conflict where they name two people."""
    named = []
    if code is not None:
        named.append(practitioner_lists.has_code(code))
    if id_number is not None:
        digests = work.service.identity_numbers.digests(checked_id_number(id_number))
        named.append(practitioner_lists.has_id_number(digests))
    if not named:
        return None
    people = list(work.conn.execute(select(_STANDING).where(or_(*named)).distinct()).scalars())
    if len(people) > 1:
        raise exists()
    return people[0] if people else None


def _sealed(work: Work, id_number: str | None) -> Columns:
    if id_number is None:
        return {}
    number, numbers = checked_id_number(id_number), work.identity_numbers
    return {
        "id_number_encrypted": numbers.encrypt(number),
        "id_number_digest": numbers.digest(number),
        "id_number_masked": mask(number),
    }


def _request(work: Work, institution: str, columns: Columns) -> RegistrationRequest:
    row = {"id": str(uuid.uuid4()), "institution_code": institution, "state": RequestState.REQUESTED} | columns
    _check_none_waits(work, row)
    rehearse(work, lambda: carry_out(work, _wish(work, row)))
    made = insert(table).values(**row, **recorded_by_actor(work)).returning(*table.c)
    stored = work.conn.execute(made).mappings().one()
    proposal.record_deed(work, REQUEST, stored, "requested")
    _announce(work, stored)
    return _show(work, stored)


def _check_none_waits(work: Work, row: Columns) -> None:
    same = [table.c.practitioner_id == row["practitioner_id"]] if row["practitioner_id"] else []
    sealed = row.get("id_number_encrypted")
    if isinstance(sealed, bytes):
        numbers = work.service.identity_numbers
        digests = numbers.digests(numbers.decrypt(sealed))
        same.append(table.c.id_number_digest.in_(digests))
    written = row["person"]
    if isinstance(written, Mapping) and written["code"]:
        same.append(table.c.person["code"].astext == written["code"])
    if not same:
        return
    mine = (table.c.institution_code == row["institution_code"], table.c.kind == row["kind"])
    query = select(table.c.id).where(*mine, table.c.state == RequestState.REQUESTED, or_(*same))
    other = work.conn.execute(query.limit(1)).scalar_one_or_none()
    if other is not None:
        detail = "该人员已有同类申请待办理 / a request of this kind for the person waits already"
        raise Conflict("request_exists", detail, request=other)


def rehearse(work: Work, act: Callable[[], object]) -> None:
    """Do an act and take it back, for the refusals that it may raise. Nothing of it stays, nothing is on record."""
    savepoint = work.conn.begin_nested()
    try:
        act()
    finally:
        savepoint.rollback()
        work.discard()


def _wish(work: Work, stored: RowMapping | Columns) -> Wish:
    row: dict[str, Any] = dict(stored)
    sealed = row.get("id_number_encrypted")
    return Wish(
        kind=row["kind"],
        institution=row["institution_code"],
        practitioner=row["practitioner_id"],
        person=row["person"],
        id_number=work.service.identity_numbers.decrypt(sealed) if sealed else None,
        on=row["on_day"],
        commitment_signed_on=row.get("commitment_signed_on"),
        reason=row.get("reason"),
    )


def approve(work: Work, request_id: str, *, expected_version: int | None = None) -> RegistrationRequest:
    """Do what was asked; return the request with its effect.

    Whoever came on file meanwhile by the code or number is that person. Raises NotFound, Forbidden `outside_region`,
    `conflict_of_interest`, Stale, Conflict `request_state` and those of the act.
    """
    row = proposal.hold_waiting(work, REQUEST, request_id, expected_version)
    wish = _wish(work, row)
    wish = wish.about(_present_person(work, wish))
    if wish.practitioner is not None:
        _check_decides(work, wish.institution, wish.practitioner)
    person, effect = carry_out(work, wish)
    decided = proposal.change(
        work,
        REQUEST,
        row,
        state=RequestState.APPROVED,
        practitioner_id=person,
        effect=effect,
        **decided_by_actor(work, at=work.now),
    )
    return _ended(work, decided, "approved", effect=effect)


def _present_person(work: Work, wish: Wish) -> str | None:
    """Return the id of the file that answers today for whom a wish is about; Conflict where it names two people."""
    if wish.practitioner is None:
        return _on_record(work, wish.person["code"], wish.id_number)
    standing = select(_STANDING).where(practitioners.c.id == wish.practitioner)
    return str(work.conn.execute(standing).scalar_one())


def refuse(
    work: Work, request_id: str, *, reason: str, expected_version: int | None = None
) -> RegistrationRequest:
    """Refuse a request, with a reason that the institution reads; return it. Raises as `approve`, but the act's."""
    row = proposal.hold_waiting(work, REQUEST, request_id, expected_version)
    columns = {"state": RequestState.REFUSED, "rejected_because": reason, **decided_by_actor(work)}
    return _ended(work, proposal.change(work, REQUEST, row, **columns), "refused", reason=reason)


def withdraw(work: Work, request_id: str, *, expected_version: int | None = None) -> RegistrationRequest:
    """Withdraw a request of the actor's institution; return it. Raises NotFound, Stale, Conflict `request_state`."""
    row = proposal.hold_waiting(work, REQUEST, request_id, expected_version)
    return _ended(work, proposal.change(work, REQUEST, row, state=RequestState.WITHDRAWN), "withdrawn")


def _ended(work: Work, row: RowMapping, deed: str, **detail: Any) -> RegistrationRequest:
    proposal.record_deed(work, REQUEST, row, deed, **detail)
    _announce(work, row)
    return _whole(work, row)


def _announce(work: Work, row: RowMapping) -> None:
    """Tell the institution and its office; the person is told of by what the approval does."""
    detail = {"request": row["id"], "request_kind": row["kind"], "state": row["state"]}
    work.event(REQUEST.name, institution_code=row["institution_code"], **detail)


def foresee(work: Work, request_id: str) -> tuple[str | None, Problem | None]:
    """Return what approving a request now would do, or why it cannot be approved. Call it before other acts."""
    effects: list[str | None] = []
    try:
        rehearse(work, lambda: effects.append(approve(work, request_id).effect))
    except (Conflict, Invalid, Forbidden) as problem:
        return None, problem
    return effects[0], None


def listing(work: Work, *, state: str | None = None) -> Listing[RegistrationRequest]:
    """Return the list of the requests that the actor may know of, in a state."""
    return proposal.listing(work, REQUEST, state=state)


def read(work: Work, request_id: str) -> RegistrationRequest:
    """Return a request, the look at a person on file on record. Raises NotFound."""
    row = proposal.require(work, REQUEST, request_id)
    shown = _whole(work, row)
    person = row["practitioner_id"] if shown.on_file is None else shown.on_file.id
    if person is not None:
        work.look(person, REQUEST.name)
    return shown
