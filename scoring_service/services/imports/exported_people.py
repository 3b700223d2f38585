"""How a person is named in an exported file: by code, else by identity number for whom that is given to, else by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.db.tables import practitioners

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Row

    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedPerson:
    """A person: the reference that a file is read back by, and the name."""

    ref: str
    name: str


def gives_numbers(work: Work) -> bool:
    """Tell whether identity numbers are given out: to an administrator, or the operator of the machine."""
    return work.actor.has("office.admin", "system")


def exported_people(work: Work, ids: Collection[str]) -> dict[str, ExportedPerson]:
    """Return how these people are named in a file for the actor; whose file was merged as the one that answers now."""
    rows = {row.id: row for row in work.conn.execute(_NAMED.where(practitioners.c.id.in_(ids)))}
    merged = {row.merged_into for row in rows.values()} - {None, *rows}
    answering = exported_people(work, merged) if merged else {}
    return {
        row.id: _named(work, row) if row.merged_into is None else answering.get(row.merged_into) or _named(work, row)
        for row in rows.values()
    }


_NAMED = select(*(practitioners.c[name] for name in ("id", "code", "name", "id_number_encrypted", "merged_into")))


def _named(work: Work, row: Row[Any]) -> ExportedPerson:
    return ExportedPerson(ref=row.code or number_of(work, row.id_number_encrypted) or row.id, name=row.name)


def number_of(work: Work, encrypted: bytes | None) -> str | None:
    """Return an identity number as it was encrypted; None for whom it is not given to."""
    if encrypted is None or not gives_numbers(work):
        return None
    return work.service.identity_numbers.decrypt(encrypted)
