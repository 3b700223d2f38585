"""Which accounts an administrator of a region may make, see and close: those of what the region holds today.

An office's, regulator's or expert's account is bound to a division in the region, an institution's to one there, a
person's to somebody affiliated there at present. Settlement sees the whole country, so its accounts are made by
administrators without a region (contract.md, Roles).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, Text, and_, func, or_, select, true, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY

from scoring_service.db.tables import accounts, institutions, standing_affiliations
from scoring_service.problems import Forbidden
from scoring_service.services.unit_of_work.sight import REGIONAL_ROLES
from scoring_service.services.unit_of_work.staff_numbers import is_of_person

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work

BOUND_TO_A_DIVISION = sorted(REGIONAL_ROLES | {"expert"})
NATIONWIDE = ["settlement"]
_ROLES = type_coerce(accounts.c.roles, ARRAY(Text))


def within_reach(work: Work) -> ColumnElement[bool]:
    """Return the condition on `accounts` that the actor may touch them."""
    region = work.actor.region
    if region is None:
        return true()
    inside = func.coalesce(accounts.c.region.startswith(region), False)
    return and_(
        or_(inside, and_(accounts.c.region.is_(None), ~_ROLES.overlap(BOUND_TO_A_DIVISION))),
        ~_ROLES.overlap(NATIONWIDE),
        or_(accounts.c.institution_code.is_(None), accounts.c.institution_code.in_(_institutions(region))),
        or_(accounts.c.practitioner_id.is_(None), accounts.c.practitioner_id.in_(present_people(work, region))),
    )


def _institutions(region: str) -> Select[tuple[str]]:
    return select(institutions.c.code).where(institutions.c.region.startswith(region))


def present_people(work: Work, region: str | None = None) -> Select[tuple[str]]:
    """Return the query of the practitioners who are affiliated today, in a region or anywhere."""
    spans = standing_affiliations.c
    return select(spans.practitioner_id).where(
        true() if region is None else spans.institution_code.in_(_institutions(region)),
        spans.from_on <= work.today,
        or_(spans.until_on.is_(None), spans.until_on > work.today),
    )


def check_within_reach(work: Work, account_id: str) -> None:
    """Refuse an account just added that lies outside the actor's region. Raises Forbidden `outside_region`."""
    if work.conn.execute(select(accounts.c.id).where(accounts.c.id == account_id, within_reach(work))).first() is None:
        raise outside_region()


def check_person_within_reach(work: Work, staff_no: str) -> None:
    """Refuse a staff number whose person has an account beyond the actor's region. Raises Forbidden."""
    beyond = select(func.count()).where(
        is_of_person(staff_no), accounts.c.closed_at.is_(None), ~within_reach(work)
    )
    if work.conn.execute(beyond).scalar_one():
        detail = "该工号的人员另有区域外的账号 / the person of this staff number has an account outside your region"
        raise Forbidden("outside_region", detail)


def outside_region() -> Forbidden:
    """Return the refusal; it is the same for what lies outside and for what does not exist."""
    detail = (
        "只能为本区域的办公人员、机构和现在本区域登记的人员开立账号；结算账号由不限区域的管理员开立 / "
        "accounts are made for offices, institutions and people present in your region only; "
        "settlement accounts by administrators without a region"
    )
    return Forbidden("outside_region", detail)
