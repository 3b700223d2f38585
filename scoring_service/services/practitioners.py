"""Practitioners: register a person, change what is known of them, find and list them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring_service.core.standing import Span
from scoring_service.db import practitioner_lists, registry
from scoring_service.db.ledger import LockedFile, lock_files
from scoring_service.db.standing import refresh
from scoring_service.identity import mask, normalised
from scoring_service.problems import Conflict, Invalid, Stale
from scoring_service.services import sight
from scoring_service.services.affiliations import AskedAffiliation, check_affiliations
from scoring_service.services.codes import check_practitioner_code
from scoring_service.services.practitioner_answers import (
    current_registration,
    list_answer,
    practitioner_answer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Row

    from scoring_service.services.work import Work

NEAR_POINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPractitioner:
    """A person to be registered, with their first registration and affiliations."""

    name: str
    category: str
    registered_on: date
    affiliations: Sequence[AskedAffiliation] = ()
    code: str | None = None
    id_number: str | None = None
    commitment_signed_on: date | None = None


def register_practitioner(work: Work, **person: Any) -> dict[str, Any]:
    """Register one person, given by the fields of `NewPractitioner`, and return them.

    The file's revision is then 1 and one more for each affiliation. Raises Invalid for what is wrong in form,
    Conflict `practitioner_exists`.
    """
    practitioner_id = register_practitioners(work, [NewPractitioner(**person)])[0]
    return practitioner_answer(work, practitioner_id)


def register_practitioners(work: Work, people: Sequence[NewPractitioner]) -> list[str]:
    """Register several people in one transaction and return their ids; the first fault refuses them all."""
    places = {each.institution for person in people for each in person.affiliations}
    known = registry.institutions_by_code(work.conn, places)
    for person in people:
        _check(work, person, known)
    files = _new_files(work, people)
    _write_first_versions(work, people, files)
    refresh(work.conn, files)
    for file in files:
        put_on_record(work, "practitioner.registered", file.practitioner_id)
    return [file.practitioner_id for file in files]


def _check(work: Work, person: NewPractitioner, known: Mapping[str, Row[Any]]) -> None:
    if person.code is None and person.id_number is None:
        raise Invalid("/code", "人员代码与身份证号至少填一项 / give a code or an identity number")
    if person.code is not None:
        check_practitioner_code(person.code, person.category)
    check_affiliations(work, person.affiliations, person.registered_on, known)


def _write_first_versions(work: Work, people: Sequence[NewPractitioner], files: Sequence[LockedFile]) -> None:
    registered, affiliated = [], []
    for person, file in zip(people, files, strict=True):
        registered.append(
            registry.registration_row(
                file,
                span=Span(person.registered_on, None),
                category=person.category,
                commitment_signed_on=person.commitment_signed_on,
                recorded_at=work.record(),
                recorded_by=work.actor.username,
            )
        )
        affiliated += [
            registry.affiliation_row(
                file,
                institution=each.institution,
                span=each.span,
                recorded_at=work.record(),
                recorded_by=work.actor.username,
            )
            for each in person.affiliations
        ]
    registry.append_versions(work.conn, registered, affiliated)


def id_number_columns(work: Work, id_number: str | None, pointer: str = "/id_number") -> dict[str, Any]:
    """Return the three columns that keep an identity number. Raises Invalid at `pointer`."""
    if id_number is None:
        return {"id_number_encrypted": None, "id_number_digest": None, "id_number_masked": None}
    number = checked_id_number(id_number, pointer)
    numbers = work.service.identity_numbers
    return {
        "id_number_encrypted": numbers.encrypt(number),
        "id_number_digest": numbers.digest(number),
        "id_number_masked": mask(number),
    }


def checked_id_number(id_number: str, pointer: str = "/id_number") -> str:
    """Return an identity number in its normal form. Raises Invalid at `pointer`."""
    try:
        return normalised(id_number)
    except ValueError as error:
        raise Invalid(pointer, str(error)) from None


def _new_files(work: Work, people: Sequence[NewPractitioner]) -> list[LockedFile]:
    personal = [_personal_columns(work, person) for person in people]
    registry.lock_registry(work.conn)
    now = work.record()
    rows = [
        columns
        | {
            "id": str(uuid.uuid4()),
            "code_recorded_at": now if columns["code"] is not None else None,
            "recorded_at": now,
            "last_recorded_at": now,
        }
        for columns in personal
    ]
    if not registry.add_practitioners(work.conn, rows):
        raise _exists()
    files = lock_files(work.conn, [row["id"] for row in rows])
    return [files[row["id"]] for row in rows]


def _personal_columns(work: Work, person: NewPractitioner) -> dict[str, Any]:
    named = {"name": person.name, "category": person.category, "code": person.code}
    return named | id_number_columns(work, person.id_number)


def _exists() -> Conflict:
    return Conflict(
        "practitioner_exists",
        "该人员代码或身份证号已登记 / the code or identity number is registered already",
    )


def change_practitioner(
    work: Work, ref: str, *, expected_version: int | None, changes: dict[str, Any]
) -> dict[str, Any]:
    """Change `name`, `code` (once, from none), `id_number`, `category` or `commitment_signed_on`; return the person.

    Category and commitment are written on the running registration too. Raises NotFound, Stale, Invalid,
    Conflict `practitioner_exists`, `code_fixed` or `not_registered`.
    """
    practitioner_id = sight.require_practitioner(work, ref)["id"]
    file = lock_files(work.conn, [practitioner_id])[practitioner_id]
    person = registry.practitioner_by_id(work.conn, practitioner_id)
    if expected_version is not None and person.version != expected_version:
        raise Stale(person.version)
    registry.lock_registry(work.conn)
    values = _new_values(work, person, changes)
    _supersede_registration(work, file, changes)
    registry.change_practitioner(work.conn, practitioner_id, **values)
    refresh(work.conn, [file])
    put_on_record(work, "practitioner.changed", practitioner_id, fields=sorted(changes))
    return practitioner_answer(work, practitioner_id)


def _new_values(work: Work, person: Row[Any], changes: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {key: changes[key] for key in ("name", "category") if key in changes}
    code = changes.get("code")
    if "code" in changes and code != person.code:
        if person.code is not None:
            raise Conflict("code_fixed", "人员代码一经登记不得更改 / a code once given stays")
        values |= {"code": code, "code_recorded_at": work.record()}
    if code or person.code:
        check_practitioner_code(code or person.code, values.get("category", person.category))
    if "id_number" in changes:
        if changes["id_number"] is None:
            raise Invalid("/id_number", "身份证号不得清空 / an identity number cannot be taken away")
        values |= id_number_columns(work, changes["id_number"])
    digest = values.get("id_number_digest")
    if registry.practitioner_exists(work.conn, code=code, id_number_digest=digest, but=person.id):
        raise _exists()
    return values


def _supersede_registration(work: Work, file: LockedFile, changes: dict[str, Any]) -> None:
    changed: dict[str, Any] = {
        key: changes[key] for key in ("category", "commitment_signed_on") if key in changes
    }
    if not changed:
        return
    spans = registry.spans_known(work.conn, [file.practitioner_id])[file.practitioner_id]
    running = current_registration(spans, work.today)
    if running is None or not (running.span.until is None or running.span.until > work.today):
        if "commitment_signed_on" in changed:
            raise Conflict("not_registered", "该人员目前未登记 / the person is not registered at present")
        return
    registry.append_registration(
        work.conn,
        file,
        span=running.span,
        span_id=running.span_id,
        category=changed.get("category", running.category),
        commitment_signed_on=changed.get("commitment_signed_on", running.commitment_signed_on),
        reason=running.reason,
        recorded_at=work.record(),
        recorded_by=work.actor.username,
    )


def read_practitioner(work: Work, ref: str) -> dict[str, Any]:
    """Return a person and put the look on record. Raises NotFound."""
    practitioner_id = sight.require_practitioner(work, ref)["id"]
    work.look(practitioner_id, "practitioner")
    return practitioner_answer(work, practitioner_id)


def list_practitioners(
    work: Work,
    *,
    institution: str | None = None,
    status: str | None = None,
    near_points: int | None = None,
    limit: int,
    after: str | None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the people the actor may see, by id, and the id to go on after.

    `institution`: registered there today; `near_points`: at most so many points below the suspension's threshold
    of the default rulebook in this year.
    """
    conditions = []
    if institution is not None:
        conditions.append(practitioner_lists.at_institution(institution, work.today))
    if status is not None:
        conditions.append(practitioner_lists.has_status(status, work.today))
    if near_points is not None:
        conditions.append(practitioner_lists.near_threshold(_near(work, near_points)))
    return _page(work, conditions, limit=limit, after=after)


def _near(work: Work, points: int) -> practitioner_lists.NearThreshold:
    rulebooks = work.rulebooks
    suspend_at = rulebooks.for_reading("", work.today).suspend_at
    return practitioner_lists.NearThreshold(
        year=work.today.year, least=max(1, suspend_at - points), most=suspend_at - 1
    )


def search_practitioners(
    work: Work,
    *,
    name: str | None = None,
    id_number: str | None = None,
    code: str | None = None,
    limit: int,
    after: str | None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the people found by name (whole or its beginning), identity number and code.

    Raises Invalid when nothing is given or the identity number has the wrong form.
    """
    conditions = []
    if name is not None:
        conditions.append(practitioner_lists.named_like(name))
    if id_number is not None:
        digest = work.service.identity_numbers.digest(checked_id_number(id_number))
        conditions.append(practitioner_lists.has_id_number(digest))
    if code is not None:
        conditions.append(practitioner_lists.has_code(code))
    if not conditions:
        raise Invalid("", "请给出姓名、身份证号或人员代码 / give a name, an identity number or a code")
    return _page(work, conditions, limit=limit, after=after)


def _page(
    work: Work, conditions: list[ColumnElement[bool]], *, limit: int, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    seen = [sight.practitioner_filter(work), *conditions]
    rows = practitioner_lists.page(work.conn, seen, year=work.today.year, limit=limit + 1, after=after)
    for row in rows[:limit]:
        work.look(row.id, "list")
    items = [list_answer(work, row) for row in rows[:limit]]
    return items, rows[limit - 1].id if len(rows) > limit else None


def put_on_record(work: Work, kind: str, practitioner_id: str, **detail: Any) -> None:
    """Audit and announce a change of a person's registry; `detail` holds neither names nor numbers."""
    work.audit(
        kind,
        object_kind="practitioner",
        object_id=practitioner_id,
        practitioner_id=practitioner_id,
        detail=detail or None,
    )
    work.event(kind, practitioner_id=practitioner_id, **detail)
