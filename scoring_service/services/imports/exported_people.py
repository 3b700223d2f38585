"""How a person is named in an exported file: by code, else by identity number for whom that is given to, else by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.tables import practitioners

if TYPE_CHECKING:
    from collections.abc import Collection

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
    """Return how these people are named in a file for the actor."""
    columns = practitioners.c
    query = select(columns.id, columns.code, columns.name, columns.id_number_encrypted).where(columns.id.in_(ids))
    return {
        row.id: ExportedPerson(ref=row.code or _number(work, row.id_number_encrypted) or row.id, name=row.name)
        for row in work.conn.execute(query)
    }


def _number(work: Work, encrypted: bytes | None) -> str | None:
    if encrypted is None or not gives_numbers(work):
        return None
    return work.service.identity_numbers.decrypt(encrypted)
