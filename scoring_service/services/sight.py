"""Who may know of whom: the relation of an account to persons and institutions (contract.md, Roles).

The office and the regulator see their region: who is or was registered there, and whom its cases charge; a file that
no region holds is that of the office bound to none. An institution sees its own people (now or at some time before), a
practitioner themselves. Settlement and experts see nobody through here. What an actor may not know of is
answered as if it did not exist. What an actor may touch is another rule: `touch`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, false, literal_column, or_, select, true

from scoring_service import written
from scoring_service.db.practitioner_lists import has_code
from scoring_service.db.tables import cases, findings, institutions, practitioners, standing_affiliations
from scoring_service.problems import NotFound
from scoring_service.services.actor import OFFICE_ROLES

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from scoring_service.services.actor import Actor
    from scoring_service.services.work import Work

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
    """Return the condition that finds a practitioner by the service's id or by any national code of theirs."""
    read = written.as_ref(ref)
    return practitioners.c.id == read if is_id(read) else has_code(read)


def resolve(conn: Connection, ref: str) -> str | None:
    """Return the id of the person that `ref` names, whoever asks; None for a stranger."""
    found: str | None = conn.execute(select(practitioners.c.id).where(by_ref(ref))).scalar_one_or_none()
    return found


def require_practitioner(work: Work, ref: str) -> RowMapping:
    """Return the practitioner's row. Raises NotFound when there is none or the actor may not know of them."""
    query = select(practitioners).where(by_ref(ref), practitioner_filter(work))
    row = work.conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(PERSON)
    return row


def require_institution(work: Work, code: str) -> RowMapping:
    """Return the institution's row. Raises NotFound when there is none or the actor may not know of it."""
    query = select(institutions).where(institutions.c.code == written.as_code(code), institution_filter(work))
    row = work.conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(INSTITUTION)
    return row


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
    return select(standing_affiliations.c.practitioner_id).where(
        standing_affiliations.c.institution_code == code,
        standing_affiliations.c.from_on <= work.today,
        or_(
            standing_affiliations.c.until_on.is_(None),
            standing_affiliations.c.until_on > standing_affiliations.c.from_on,
        ),
    )


def is_id(ref: str) -> bool:
    """Tell whether `ref` has the form of the service's ids, in small letters or capitals."""
    return written.is_id(ref.lower())
