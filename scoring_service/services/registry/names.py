"""Names beside codes: what a page shows where an answer carries a code only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from scoring_service.db import practitioner_lists
from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.registry import StoredInstitution
from scoring_service.db.tables import institutions, practitioners, standing_codes
from scoring_service.db.tables.schema import one_of
from scoring_service.services.unit_of_work import sight
from scoring_service.written import as_code, is_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work


def institution_names(work: Work, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of institutions by code; names of institutions are public."""
    wanted = set(codes)
    if not wanted:
        return {}
    query = select(institutions.c.code, institutions.c.name).where(one_of(institutions.c.code, "codes"))
    return {row.code: row.name for row in work.conn.execute(query, {"codes": list(wanted)})}


def institution_regions(work: Work, codes: Iterable[str]) -> dict[str, str]:
    """Return the divisions of the institutions that the actor may know of, by code."""
    wanted = set(codes)
    if not wanted:
        return {}
    query = select(institutions.c.code, institutions.c.region).where(
        institutions.c.code.in_(wanted), sight.institution_filter(work)
    )
    return {row.code: row.region for row in work.conn.execute(query)}


def practitioner_names(
    work: Work, refs: Iterable[str], shown_as: str, case_id: str | None = None
) -> dict[str, str]:
    """Return the names of those of the people whom the actor may know of, by the id or national code given.

    A name shown is a look at the person, and goes on record as one at `shown_as`.
    """
    wanted = set(refs)
    if not wanted:
        return {}
    ids = {ref for ref in wanted if is_id(ref)}
    query = (
        select(practitioners.c.id, standing_codes.c.code, practitioners.c.name)
        .outerjoin(standing_codes, standing_codes.c.practitioner_id == practitioners.c.id)
        .where(
            or_(practitioners.c.id.in_(ids), standing_codes.c.code.in_(wanted - ids)),
            sight.known_filter(work),
        )
    )
    rows = work.conn.execute(query).all()
    for row in rows:
        work.look(row.id, shown_as, case_id)
    names = {row.id: row.name for row in rows} | {row.code: row.name for row in rows}
    return {ref: name for ref, name in names.items() if ref in wanted}


def practitioner_codes(work: Work, ids: Iterable[str]) -> dict[str, str]:
    """Return the code that each of the files has, by its id; of one that was merged the code that it had.

    Files without a code are left out. Whoever shows one shows the name too, which puts the look on record.
    """
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(practitioners.c.id, practitioners.c.code).where(
        practitioners.c.id.in_(wanted), practitioners.c.code.is_not(None), sight.known_filter(work)
    )
    return {row.id: row.code for row in work.conn.execute(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Namesake(NamedPractitioner):
    """A person of a name that was typed, told from others of it by code or masked identity number."""

    id_number_masked: str | None


def people_called(work: Work, name: str, *, limit: int) -> list[Namesake]:
    """Return those whom the actor knows, also from before they left it.

    Whose name is or begins with `name`; each look is on record.
    """
    columns = (practitioners.c.id, practitioners.c.code, practitioners.c.id_number_masked, practitioners.c.name)
    named = (practitioners.c.merged_into.is_(None), practitioner_lists.named_like(name))
    query = select(*columns).where(*named, sight.known_filter(work))
    rows = work.conn.execute(query.order_by(practitioners.c.id).limit(limit)).mappings()
    namesakes = [Namesake(**row) for row in rows]
    for namesake in namesakes:
        work.look(namesake.id, "list")
    return namesakes


def find_institutions(work: Work, typed: str, *, limit: int = 20) -> list[StoredInstitution]:
    """Return the institutions that the actor may know of whose code is `typed` or whose name holds it."""
    query = select(institutions).where(fits(work, typed)).order_by(institutions.c.name, institutions.c.code)
    return [StoredInstitution(**row) for row in work.conn.execute(query.limit(limit)).mappings()]


def count_institutions(work: Work, typed: str) -> int:
    """Return how many institutions `find_institutions` would find without a limit."""
    return work.conn.execute(select(func.count()).select_from(institutions).where(fits(work, typed))).scalar_one()


def fits(work: Work, typed: str) -> ColumnElement[bool]:
    """Return the condition that the actor may know of an institution whose code is `typed` or whose name holds it."""
    like = institutions.c.name.contains(typed, autoescape=True)
    return and_(or_(institutions.c.code == as_code(typed), like), sight.institution_filter(work))
