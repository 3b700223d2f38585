"""Person data: what a person is called and coded as, from which day, as it was known (scheme.md 2.2)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.db import persons, registry
from scoring_service.db.ledger import LockedFile, lock_files
from scoring_service.db.locks import Lock, hold
from scoring_service.db.persons import PRACTICE
from scoring_service.db.standing import refresh
from scoring_service.db.tables import entries
from scoring_service.identity import mask, normalised
from scoring_service.problems import Conflict, Invalid, Stale
from scoring_service.services.registry.codes import check_practitioner_code
from scoring_service.services.registry.practitioner_answers import (
    current_registration,
    practitioner_on_record,
)
from scoring_service.services.registry.spans import unbroken
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.touch import check_touches_registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scoring_service.db.persons import PersonData, PersonRow
    from scoring_service.db.registry import KnownSpans, RegistrationRow
    from scoring_service.services.registry.records import Practitioner
    from scoring_service.services.unit_of_work.transaction import Work


def with_id_number(work: Work, data: PersonData, id_number: str, pointer: str = "/id_number") -> PersonData:
    """Return person data with another identity number in its three forms. Raises Invalid at `pointer`.

    Whether the number is free, is asked after this: until the transaction ends it stays the same key that is written
    with.
    """
    number, numbers = checked_id_number(id_number, pointer), work.identity_numbers
    return replace(
        data,
        id_number_encrypted=numbers.encrypt(number),
        id_number_digest=numbers.digest(number),
        id_number_masked=mask(number),
    )


def number_digests(work: Work, id_number: str | None, pointer: str = "/id_number") -> list[bytes]:
    """Return the keyed hashes under which an identity number may be on record. Raises Invalid at `pointer`."""
    if id_number is None:
        return []
    return work.service.identity_numbers.digests(checked_id_number(id_number, pointer))


def checked_id_number(id_number: str, pointer: str = "/id_number") -> str:
    """Return an identity number in its normal form. Raises Invalid at `pointer`."""
    try:
        return normalised(id_number)
    except ValueError as error:
        raise Invalid(pointer, str(error)) from None


def check_signed(work: Work, signed_on: date | None, pointer: str) -> None:
    """Check that a commitment letter was signed by today, if it was. Raises Invalid at `pointer`."""
    if signed_on is not None and signed_on > work.today:
        name = pointer.rpartition("/")[2]
        raise Invalid(pointer, f"承诺书签署日不得晚于今日 / {name} may not lie in the future")


def exists() -> Conflict:
    """Return the refusal of a code or an identity number that is somebody's already."""
    return Conflict(
        "practitioner_exists",
        "该人员代码或身份证号已登记 / the code or identity number is registered already",
    )


def change_practitioner(
    work: Work, ref: str, *, expected_version: int | None, changes: Mapping[str, Any]
) -> Practitioner:
    """Change `name`, `code`, `id_number`, `category`, PRACTICE or `commitment_signed_on`; return the person.

    The row of person data in force is superseded; category and commitment are written on the running registration
    too. Raises NotFound, Stale, Invalid, Conflict `practitioner_exists`, `not_registered`, and
    `second_person_required` where the file has entries and a name, code or number on record would change.
    """
    practitioner_id = sight.require_practitioner(work, ref).id
    check_touches_registry(work, practitioner_id)
    file = lock_files(work.conn, [practitioner_id])[practitioner_id]
    version = registry.practitioner_by_id(work.conn, practitioner_id).version
    if expected_version is not None and version != expected_version:
        raise Stale(version)
    hold(work.conn, Lock.REGISTRY)
    spans = registry.spans_known(work.conn, [practitioner_id])[practitioner_id]
    present = spans.persons[-1]
    data = _changed_data(work, present, practitioner_id, changes)
    _check_one_hand(work, practitioner_id, present, data)
    revisions = supersede(work, file, present, data)
    _supersede_registration(work, file, spans, changes)
    write_person(work, file)
    put_on_record(work, "practitioner.changed", practitioner_id, fields=sorted(changes), **revisions)
    return practitioner_on_record(work, practitioner_id)


def add_commitment(work: Work, ref: str, *, signed_on: date) -> Practitioner:
    """Add the commitment letter that a registered person lacks, signed on a day; return the person (P21).

    It counts from that day on, for the whole registration. Raises NotFound, Invalid for a day in the future, Conflict
    `not_registered`, `commitment_exists`.
    """
    practitioner_id = sight.require_practitioner(work, ref).id
    check_touches_registry(work, practitioner_id)
    file = lock_files(work.conn, [practitioner_id])[practitioner_id]
    spans = registry.spans_known(work.conn, [practitioner_id])[practitioner_id]
    check_signed(work, signed_on, "/signed_on")
    running = running_registration(work, spans)
    if running is None:
        raise Conflict("not_registered", "该人员目前未登记 / the person is not registered at present")
    if running.commitment_signed_on is not None:
        raise Conflict(
            "commitment_exists",
            f"承诺书已于 {running.commitment_signed_on} 签署 / the commitment was signed on "
            f"{running.commitment_signed_on}",
            signed_on=running.commitment_signed_on.isoformat(),
        )
    _supersede_registration(work, file, spans, {"commitment_signed_on": signed_on})
    write_person(work, file)
    put_on_record(work, "practitioner.commitment_added", practitioner_id, signed_on=signed_on.isoformat())
    return practitioner_on_record(work, practitioner_id)


def _changed_data(
    work: Work, present: PersonRow, practitioner_id: str, changes: Mapping[str, Any]
) -> PersonData:
    """Return the whole data with the changes in them, checked. Raises Invalid, Conflict `practitioner_exists`."""
    plain = {key: changes[key] for key in ("name", "category", "code", *PRACTICE) if key in changes}
    data = replace(present.data, **plain)
    digests: list[bytes] = []
    if data.code is None and present.code is not None:
        raise Invalid("/code", "人员代码不得清空 / a code cannot be taken away")
    if data.code is not None:
        check_practitioner_code(data.code, data.category)
    if "id_number" in changes:
        data = with_changed_number(work, data, changes["id_number"])
        digests = number_digests(work, changes["id_number"])
    check_free(work, code=data.code, digests=digests, but=practitioner_id)
    return data


def with_changed_number(
    work: Work, data: PersonData, id_number: str | None, pointer: str = "/id_number"
) -> PersonData:
    """Return person data with a new identity number, as they are when it is the one on record. Raises Invalid."""
    if id_number is None:
        raise Invalid(pointer, "身份证号不得清空 / an identity number cannot be taken away")
    same = data.id_number_digest in number_digests(work, id_number, pointer)
    return data if same else with_id_number(work, data, id_number, pointer)


def check_free(work: Work, *, code: str | None, digests: Sequence[bytes], but: str) -> None:
    """Refuse a code or an identity number that is somebody else's. Raises Conflict `practitioner_exists`."""
    if persons.is_taken(work.conn, codes=[code] if code else [], digests=digests, but=but):
        raise exists()


def _check_one_hand(work: Work, practitioner_id: str, present: PersonRow, data: PersonData) -> None:
    """Let one person alone change names and numbers only of a file without entries; what was missing may be added."""
    corrected = [
        name
        for name in ("name", "code", "id_number_digest")
        if getattr(present, name) is not None and getattr(present, name) != getattr(data, name)
    ]
    mine = entries.c.practitioner_id == practitioner_id
    if corrected and work.conn.execute(select(entries.c.id).where(mine).limit(1)).first() is not None:
        raise Conflict(
            "second_person_required",
            "该档案已有记录，姓名、代码和证件号须由两人更正：请提交登记更正（registry-corrections） / the file has "
            "entries: a name, code or number is corrected by two people, POST …/registry-corrections",
        )


def supersede(
    work: Work, file: LockedFile, present: PersonRow, data: PersonData, reason: str | None = None
) -> dict[str, int]:
    """Write the row that supersedes `present`; return the revisions of both for the record, nothing if none changed."""
    if data == present.data:
        return {}
    append_row(work, file, span=present.span, span_id=present.span_id, data=data, reason=reason)
    return {"superseded": present.revision, "by": file.revision}


def append_row(work: Work, file: LockedFile, **version: Any) -> None:
    """Add a row of person data, recorded now by the actor."""
    persons.append_person(
        work.conn, file, recorded_at=work.record(), recorded_by=work.actor.username, **version
    )


def write_person(work: Work, file: LockedFile) -> None:
    """Write what follows from the file's new rows: the present data, the heads and the cache."""
    rows = persons.read_persons(work.conn, [file.practitioner_id])[file.practitioner_id]
    registry.change_practitioner(work.conn, file.practitioner_id, **asdict(persons.present_data(rows)))
    refresh(work.conn, [file])


def _supersede_registration(
    work: Work, file: LockedFile, spans: KnownSpans, changes: Mapping[str, Any]
) -> None:
    changed = {key: changes[key] for key in ("category", "commitment_signed_on") if key in changes}
    if not changed:
        return
    if "commitment_signed_on" in changed and running_registration(work, spans) is None:
        raise Conflict("not_registered", "该人员目前未登记 / the person is not registered at present")
    for version in superseding_registrations(work, spans, changed):
        registry.append_registration(
            work.conn, file, recorded_at=work.record(), recorded_by=work.actor.username, **version
        )


def superseding_registrations(
    work: Work, spans: KnownSpans, changed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return what supersedes registrations when a person's `category` or `commitment_signed_on` is another.

    The category is that of the running registration; a letter is signed for all that another code or category parted
    from it. Empty for a person who is not registered.
    """
    running = running_registration(work, spans)
    if running is None:
        return []
    signed_anew = "commitment_signed_on" in changed
    return [
        {
            "span": version.span,
            "span_id": version.span_id,
            "category": changed.get("category", version.category) if version is running else version.category,
            "commitment_signed_on": changed.get("commitment_signed_on", version.commitment_signed_on),
            "reason": version.reason,
        }
        for version in (_under_one_letter(spans, running) if signed_anew else [running])
    ]


def running_registration(work: Work, spans: KnownSpans) -> RegistrationRow | None:
    """Return the registration of today, or the one that is to come; None where the last is over."""
    last = current_registration(spans, work.today)
    return last if last is not None and (last.span.until is None or last.span.until > work.today) else None


def _under_one_letter(spans: KnownSpans, running: RegistrationRow) -> list[RegistrationRow]:
    """Return the running registration and what another code or category parted from it."""
    chain = unbroken(spans.registrations, spans.registrations[-1])
    parts = chain if running in chain else unbroken(spans.registrations, running)
    return [version for version in parts if version.commitment_signed_on == running.commitment_signed_on]


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
