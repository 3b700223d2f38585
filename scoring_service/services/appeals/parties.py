"""Who is a party to an appeal: its filer, whoever countersigned it, and while nobody has, whoever may.

An institution may file and countersign for the people who are its own today, and against an entry for those who were
its own when it was made, or whom its own case charges (contract.md, Roles and Appeals).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, false, func, literal, or_, select

from scoring_service.db.tables import appeals, cases, entries, findings, standing_affiliations
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.services.unit_of_work.touch import check_touches_appeal, not_party

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.db.appeals import StoredAppeal
    from scoring_service.services.unit_of_work.transaction import Work

Ids = Any


def signed_by_institution(work: Work) -> ColumnElement[bool]:
    """Return the condition on `appeals` that the actor's institution filed or countersigned one."""
    code = work.actor.institution_code
    if not work.actor.has("institution") or code is None:
        return false()
    return or_(appeals.c.institution_code == code, appeals.c.countersigned_institution == code)


def concerns_institution(
    work: Work, practitioner_id: Ids = appeals.c.practitioner_id, entry_id: Ids = appeals.c.entry_id
) -> ColumnElement[bool]:
    """Return the condition that an entry is of the actor's institution: of its case, or of a person then there."""
    code = work.actor.institution_code
    if not work.actor.has("institution") or code is None:
        return false()
    first_day = func.least(findings.c.occurred_from, entries.c.decided_on, entries.c.effective_on)
    spans = standing_affiliations.c
    was_there = exists().where(
        spans.practitioner_id == practitioner_id,
        spans.institution_code == code,
        spans.from_on <= entries.c.effective_on,
        or_(spans.until_on.is_(None), spans.until_on > first_day),
    )
    subject = (
        select(literal(1))
        .select_from(
            entries.outerjoin(findings, findings.c.id == entries.c.finding_id).outerjoin(
                cases, cases.c.id == entries.c.case_id
            )
        )
        .where(entries.c.id == entry_id, or_(cases.c.institution_code == code, was_there))
    )
    return subject.exists()


def is_other_party(work: Work) -> ColumnElement[bool]:
    """Return the condition on `appeals` that the actor's institution is the other party of one by a person.

    It has countersigned, or while none has, it is one of those that may.
    """
    code = work.actor.institution_code
    if not work.actor.has("institution") or code is None:
        return false()
    signed = appeals.c.countersigned_institution
    own_now = practitioner_filter(work, appeals.c.practitioner_id)
    may_sign = and_(signed.is_(None), or_(own_now, concerns_institution(work)))
    return and_(appeals.c.filed_by == "practitioner", or_(signed == code, may_sign))


def is_party_to(work: Work, practitioner_id: str, entry_id: str) -> bool:
    """Tell whether the actor's institution may file against an entry of a person."""
    person, entry = (literal(value, entries.c.id.type) for value in (practitioner_id, entry_id))
    own_now, concerned = practitioner_filter(work, person), concerns_institution(work, person, entry)
    is_party: bool = work.conn.execute(select(or_(own_now, concerned))).scalar_one()
    return is_party


def is_other_party_of(work: Work, appeal: StoredAppeal) -> bool:
    """Tell whether the actor's institution is the other party of an appeal."""
    return _holds(work, appeal, is_other_party(work))


def check_touches_as_party(work: Work, appeal: StoredAppeal) -> None:
    """Refuse an act on an appeal by an office of another region, by no party to it, or on one's own file."""
    check_touches_appeal(work, appeal)
    if work.actor.is_office or work.actor.has("expert", "system"):
        return
    is_self = work.actor.has("practitioner") and work.actor.practitioner_id == appeal.practitioner_id
    if not is_self and not _holds(work, appeal, or_(signed_by_institution(work), is_other_party(work))):
        raise not_party()


def institution_of_case(work: Work, appeal: StoredAppeal) -> tuple[str, ...]:
    """Return the code of the institution of the case that an appeal is about, if it is about one."""
    query = select(cases.c.institution_code).where(cases.c.id == appeal.case_id)
    return tuple(work.conn.execute(query).scalars())


def institutions_signed(appeal: StoredAppeal) -> set[str]:
    """Return the codes of the institutions that filed or countersigned an appeal; the person may have left them."""
    return {code for code in (appeal.institution_code, appeal.countersigned_institution) if code is not None}


def _holds(work: Work, appeal: StoredAppeal, condition: ColumnElement[bool]) -> bool:
    query = select(appeals.c.id).where(appeals.c.id == appeal.id, condition)
    return work.conn.execute(query).first() is not None
