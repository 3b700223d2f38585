"""Who may know of whom: the relation of an account to persons and institutions (contract.md, Roles).

The office and the regulator see their region: who is or was registered there, and whom its cases charge; a file that
no region holds is that of the office bound to none. An institution sees its own people of today, and of those who
have left what `tenure` leaves of their files; a practitioner themselves. Settlement and experts see nobody through
here. What an actor may not know of is answered as if it did not exist. What it may touch is another rule: `touch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, false, literal_column, or_, select, true

from scoring_service import written
from scoring_service.core.standing import Span
from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.practitioner_lists import has_code, has_id
from scoring_service.db.registry import StoredInstitution
from scoring_service.db.tables import cases, findings, institutions, practitioners, standing_affiliations
from scoring_service.db.tables.schema import one_of
from scoring_service.problems import NotFound
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work

PERSON = "人员 / practitioner"
INSTITUTION = "机构 / institution"


class Relation(StrEnum):
    """How far a role sees."""

    REGION = "the account's region"
    OWN_PEOPLE = "the institution's own people"
    SELF = "the person"
    ASSIGNED = "what is assigned"
    ANY = "no relation needed"


ROLE_RELATION = dict.fromkeys(OFFICE_ROLES, Relation.REGION) | {
    "regulator": Relation.REGION,
    "institution": Relation.OWN_PEOPLE,
    "practitioner": Relation.SELF,
    "expert": Relation.ASSIGNED,
    "settlement": Relation.ANY,
}
REGIONAL_ROLES = OFFICE_ROLES | {"regulator"}


def by_ref(ref: str) -> ColumnElement[bool]:
    """Return the condition that finds a practitioner by the service's id or by any national code of theirs.

    A file that was merged is found as the one that answers for it.
    """
    read = written.as_ref(ref)
    return has_id(read) if written.is_id(read) else has_code(read)


def resolve(conn: Connection, ref: str) -> str | None:
    """Return the id of the person that `ref` names, whoever asks; None for a stranger."""
    practitioner_id: str | None = conn.execute(select(practitioners.c.id).where(by_ref(ref))).scalar_one_or_none()
    return practitioner_id


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPractitioner(NamedPractitioner):
    """A person whom the actor may know of, with what they are called, coded and registered as at present."""

    category: str


def require_practitioner(work: Work, ref: str) -> KnownPractitioner:
    """Return the practitioner. Raises NotFound when there is none or the actor may not know of them."""
    return _require(work, ref, practitioner_filter(work))


def require_known(work: Work, ref: str) -> KnownPractitioner:
    """Return a practitioner whom the actor knows now or, as an institution, from before they left it.

    What is told of the latter is cut to that time by `tenure`. Raises NotFound.
    """
    return _require(work, ref, known_filter(work))


def _require(work: Work, ref: str, seen: ColumnElement[bool]) -> KnownPractitioner:
    columns = (practitioners.c.id, practitioners.c.code, practitioners.c.name, practitioners.c.category)
    row = work.conn.execute(select(*columns).where(by_ref(ref), seen)).mappings().one_or_none()
    if row is None:
        raise NotFound(PERSON)
    return KnownPractitioner(**row)


def require_institution(work: Work, code: str) -> StoredInstitution:
    """Return the institution. Raises NotFound when there is none or the actor may not know of it."""
    query = select(institutions).where(institutions.c.code == written.as_code(code), institution_filter(work))
    row = work.conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(INSTITUTION)
    return StoredInstitution(**row)


def practitioner_filter(
    work: Work, practitioner_id: ColumnElement[str] = practitioners.c.id
) -> ColumnElement[bool]:
    """Return the condition on a column of practitioners' ids that keeps those whom the actor may know of."""
    actor = work.actor
    if _sees_everywhere(actor):
        return true()
    parts: list[ColumnElement[bool]] = []
    if actor.has(*REGIONAL_ROLES) and actor.region is not None:
        parts.append(_affiliated_in(actor.region, practitioner_id))
        parts.append(_in_cases_of(actor.region, practitioner_id))
    if actor.has("institution") and actor.institution_code is not None:
        parts.append(practitioner_id.in_(_own_people(work, actor.institution_code)))
    if actor.has("practitioner") and actor.practitioner_id is not None:
        parts.append(practitioner_id == actor.practitioner_id)
    return or_(*parts) if parts else false()


def merged_filter(work: Work, practitioner_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition as `practitioner_filter` does, of rows that stay with a file when it is merged.

    Who may know of the file that answers for it may know of them.
    """
    seen = practitioner_filter(work, practitioner_id)
    if _sees_everywhere(work.actor):
        return seen
    merged = practitioners.alias("merged")
    answered = select(merged.c.id).where(
        merged.c.merged_into.is_not(None), practitioner_filter(work, merged.c.merged_into)
    )
    return or_(seen, practitioner_id.in_(answered))


def known_filter(work: Work, practitioner_id: ColumnElement[str] = practitioners.c.id) -> ColumnElement[bool]:
    """Return the condition as `practitioner_filter` does, that keeps the people who have left an institution too."""
    seen = practitioner_filter(work, practitioner_id)
    code = work.actor.institution_code
    if not work.actor.has("institution") or code is None:
        return seen
    spans = standing_affiliations.c
    return or_(seen, practitioner_id.in_(select(spans.practitioner_id).where(formerly_at(work, code))))


def formerly_at(work: Work, code: str) -> ColumnElement[bool]:
    """Return the condition on `standing_affiliations` that a span at an institution has ended by today."""
    spans = standing_affiliations.c
    return and_(spans.institution_code == code, spans.from_on <= work.today, spans.until_on <= work.today)


def days_known(work: Work, practitioner_ids: Collection[str]) -> dict[str, tuple[Span, ...]]:
    """Return those of these people whom the actor knows, each with the spans of days that it may ask about.

    Of its own people an institution may ask about every day, of those who have left about the days when they were
    there; whoever else knows a person, about every day.
    """
    parameters = {"people": list(practitioner_ids)}
    seen = select(practitioners.c.id).where(one_of(practitioners.c.id, "people"), practitioner_filter(work))
    known: dict[str, tuple[Span, ...]] = dict.fromkeys(work.conn.execute(seen, parameters).scalars(), (_EVERY_DAY,))
    code = work.actor.institution_code
    if work.actor.has("institution") and code is not None:
        spans = standing_affiliations.c
        left = select(spans.practitioner_id, spans.from_on, spans.until_on).where(
            one_of(spans.practitioner_id, "people"), formerly_at(work, code)
        )
        for row in work.conn.execute(left, parameters):
            known[row.practitioner_id] = (*known.get(row.practitioner_id, ()), Span(row.from_on, row.until_on))
    return known


_EVERY_DAY = Span(date.min, None)


def institution_filter(work: Work, code: ColumnElement[str] = institutions.c.code) -> ColumnElement[bool]:
    """Return the condition on a column of institution codes that keeps those which the actor may know of."""
    actor = work.actor
    if _sees_everywhere(actor):
        return true()
    parts: list[ColumnElement[bool]] = []
    if actor.has(*REGIONAL_ROLES) and actor.region is not None:
        regional = select(institutions.c.code).where(institutions.c.region.startswith(actor.region))
        parts.append(code.in_(regional))
    if actor.has("institution") and actor.institution_code is not None:
        parts.append(code == actor.institution_code)
    return or_(*parts) if parts else false()


def sees_practitioner(work: Work, practitioner_id: str) -> bool:
    """Tell whether the actor may know of the person."""
    query = select(practitioners.c.id).where(practitioners.c.id == practitioner_id, practitioner_filter(work))
    return work.conn.execute(query).first() is not None


def _sees_everywhere(actor: Actor) -> bool:
    return actor.has("system") or (actor.region is None and actor.has(*REGIONAL_ROLES))


# Each person is looked up by index. Without the OFFSET PostgreSQL may gather the ids of the whole region instead,
# which a page of fifty rows, or a count that ends early, would wait for.
def _each(query: Select[tuple[str]]) -> ColumnElement[bool]:
    return query.offset(literal_column("0")).exists()


def _affiliated_in(region: str, practitioner_id: ColumnElement[str]) -> ColumnElement[bool]:
    spans, places = standing_affiliations.alias(), institutions.alias()
    return _each(
        select(spans.c.practitioner_id).where(
            spans.c.practitioner_id == practitioner_id,
            places.c.code == spans.c.institution_code,
            places.c.region.startswith(region),
        )
    )


def _in_cases_of(region: str, practitioner_id: ColumnElement[str]) -> ColumnElement[bool]:
    charged, handled = findings.alias(), cases.alias()
    return _each(
        select(charged.c.practitioner_id).where(
            charged.c.practitioner_id == practitioner_id,
            handled.c.id == charged.c.case_id,
            handled.c.region.startswith(region),
        )
    )


def _own_people(work: Work, code: str) -> Select[tuple[str]]:
    spans = standing_affiliations.c
    return select(spans.practitioner_id).where(
        spans.institution_code == code,
        spans.from_on <= work.today,
        or_(spans.until_on.is_(None), spans.until_on > work.today),
    )


def known_among(work: Work, ids: Collection[str]) -> set[str]:
    """Return those of the people whom the actor may know of."""
    query = select(practitioners.c.id).where(practitioners.c.id.in_(ids), known_filter(work))
    return set(work.conn.scalars(query)) if ids else set()
