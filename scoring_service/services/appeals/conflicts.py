"""Who may not touch an appeal: the hands of its case, those tied to the person, the experts of it and of late.

The same person is the same staff number, whatever the account (contract.md, Roles and Appeals).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from scoring_service.core.months import add_years
from scoring_service.db.appeals import (
    expert_accounts,
    hands_behind,
    institutions_since,
    read_experts,
    staff_heard_on,
    staff_tied_to,
)
from scoring_service.db.tables import cases, entries, findings
from scoring_service.problems import Forbidden
from scoring_service.services.unit_of_work.four_eyes import refusal_of
from scoring_service.services.unit_of_work.makers import Sharing, read_lineage, sharing
from scoring_service.services.unit_of_work.staff_numbers import staff_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.db.appeals import AssignedExpert, StoredAppeal
    from scoring_service.services.unit_of_work.makers import Hand
    from scoring_service.services.unit_of_work.transaction import Work


class Appointing(NamedTuple):
    """Who appoints experts: of which division the pool is, and who is none of them."""

    region: str | None
    staff_no: str


def check_no_conflict(work: Work, appeal: StoredAppeal, experts: Sequence[AssignedExpert] | None = None) -> None:
    """Refuse an office decision by a hand of the case, by who is tied to the person, or by an expert of the appeal.

    Whoever made one of them, or was made by one, is refused too. `experts` are read unless given.

    Raises Forbidden `conflict_of_interest`, or `password_change_required` as `four_eyes.check_other_hands` does.
    """
    _check_no_hand(work, appeal)
    present = read_experts(work.conn, appeal.id) if experts is None else experts
    hands = [(each.account_id, each.staff_no) for each in present]
    _refuse(work, hands, "您是本申诉的评审专家 / you are an expert of this appeal")


def check_expert_free(work: Work, appeal: StoredAppeal) -> None:
    """Refuse an opinion by a hand of the case or who is tied to the person. Raises Forbidden `conflict_of_interest`."""
    _check_no_hand(work, appeal)


def _check_no_hand(work: Work, appeal: StoredAppeal) -> None:
    _refuse(work, hands_behind(work.conn, appeal), "您经办或审核过本案 / you had a hand in the case")
    check_belongs_to_no_side(work, appeal)


def _refuse(work: Work, hands: Sequence[Hand], detail: str) -> None:
    """Refuse the actor as one of these people, their maker, or made by them."""
    shared = sharing(work, hands)
    if shared in {Sharing.PERSON, Sharing.MAKER}:
        raise _conflict(detail)
    refusal = refusal_of(shared)
    if refusal is not None:
        raise refusal


def check_belongs_to_no_side(work: Work, appeal: StoredAppeal) -> None:
    """Refuse whoever is tied to the person or their institutions. Raises Forbidden `conflict_of_interest`."""
    if staff_numbers([work.actor.staff_no]) & _tied(work, appeal):
        raise _conflict("您与当事人或其所在机构有关联 / you belong to the person's institutions")


def unfit_experts(work: Work, appeal: StoredAppeal, by: Appointing) -> frozenset[str]:
    """Return the staff numbers of those who may not be assigned to an appeal, its present experts among them."""
    hands = staff_numbers(staff_no for _account, staff_no in hands_behind(work.conn, appeal))
    present = staff_numbers(each.staff_no for each in read_experts(work.conn, appeal.id))
    year_ago = add_years(work.today, -1)
    heard = staff_heard_on(work.conn, appeal, work.now.replace(year=year_ago.year, day=year_ago.day))
    parties = {appeal.recorded_staff_no, appeal.countersigned_staff_no, by.staff_no}
    return hands | _kin_of(work, hands, by.region) | present | staff_numbers(heard | parties) | _tied(work, appeal)


def _kin_of(work: Work, hands: frozenset[str], region: str | None) -> frozenset[str]:
    """Return those who made these people's accounts, transitively, and the experts whose accounts they made."""
    pool = staff_numbers(each.staff_no for each in expert_accounts(work.conn, region))
    lineage = read_lineage(work.conn, hands | pool)
    return lineage.makers(hands) | {person for person in pool if lineage.makers(frozenset([person])) & hands}


def _tied(work: Work, appeal: StoredAppeal) -> frozenset[str]:
    matter = _matter_of(work, appeal.entry_id)
    own = _institutions_concerned(work, appeal.practitioner_id, matter)
    return staff_numbers(staff_tied_to(work.conn, appeal.practitioner_id, own, matter.since))


def institutions_concerned(work: Work, practitioner_id: str, entry_id: str | None) -> set[str]:
    """Return the person's institutions, now or at the time of the entry, and that of its case.

    For an appeal against the state of a file, the institutions of any time.
    """
    return _institutions_concerned(work, practitioner_id, _matter_of(work, entry_id))


def _institutions_concerned(work: Work, practitioner_id: str, matter: _Matter) -> set[str]:
    own = institutions_since(work.conn, [practitioner_id], matter.since)
    return own if matter.institution is None else own | {matter.institution}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matter:
    """What an entry is about: the first day that it speaks of (act, decision, effect) and its case's institution."""

    since: date | None = None
    institution: str | None = None


def _matter_of(work: Work, entry_id: str | None) -> _Matter:
    query = (
        select(
            findings.c.occurred_from, entries.c.decided_on, entries.c.effective_on, cases.c.institution_code
        )
        .select_from(entries)
        .outerjoin(findings, findings.c.id == entries.c.finding_id)
        .outerjoin(cases, cases.c.id == entries.c.case_id)
        .where(entries.c.id == entry_id)
    )
    row = None if entry_id is None else work.conn.execute(query).one_or_none()
    if row is None:
        return _Matter()
    *days, institution = row
    return _Matter(since=min(day for day in days if day is not None), institution=institution)


def _conflict(detail: str) -> Forbidden:
    return Forbidden("conflict_of_interest", detail)
