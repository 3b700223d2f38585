"""What waits for somebody, counted by matter and nothing else: what desks list by name is told outside without one.

The conditions are those of the desks' pages; nobody is looked at. A role counts what it may act on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.procedure import Duty, RequestState
from scoring_service.core.reminding import Matter
from scoring_service.db import practitioner_lists
from scoring_service.db.appeals import EXPLAINED, FILED
from scoring_service.db.tables import appeal_experts, appeals, cases, job_runs
from scoring_service.services.appeals import reading as appeal_reading
from scoring_service.services.appeals.parties import is_other_party
from scoring_service.services.cases import reading as case_reading
from scoring_service.services.desks import consent_desk
from scoring_service.services.desks.duty_desk import open_duties
from scoring_service.services.desks.office_today import WAITING
from scoring_service.services.notices import issuing
from scoring_service.services.notices import talks as reminder_talks
from scoring_service.services.proposals import proposal, registration_requests
from scoring_service.services.proposals.consent import is_under_agreement
from scoring_service.services.proposals.kinds import CONSENTED_KINDS
from scoring_service.services.proposals.kinds import KINDS as PROPOSALS
from scoring_service.services.proposals.resumption_reading import CONSENTED, RESUMPTION
from scoring_service.services.unit_of_work.fields import narrowed
from scoring_service.services.unit_of_work.listing import Listing, count_each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.services.unit_of_work.transaction import Work

Waiting = tuple[Matter, Listing[Any]]
CLERK, REVIEWER, APPEALS, ADMIN = "office.clerk", "office.reviewer", "office.appeals", "office.admin"
# For whom anything ever waits.
WAITED_FOR = (CLERK, REVIEWER, APPEALS, ADMIN, "expert", "institution", "practitioner")


def waiting_for(work: Work) -> dict[Matter, int]:
    """Return how much waits for the actor, by matter in the order of `Matter`, what nothing waits of left out.

    One statement, whatever the roles; nothing goes on record.
    """
    listings = [*_at_the_office(work), *_at_an_institution(work), *_of_oneself(work), *_of_an_expert(work)]
    counted = count_each(work, {str(place): listing for place, (_matter, listing) in enumerate(listings)})
    sums: Counter[Matter] = Counter()
    for (matter, _listing), rows in zip(listings, counted.values(), strict=True):
        sums[matter] += rows
    return {matter: sums[matter] for matter in Matter if sums[matter]}


def _at_the_office(work: Work) -> Iterator[Waiting]:
    if work.actor.has(CLERK):
        yield Matter.RETURNED, _only(case_reading.listing(work, state="draft"), cases.c.reason.is_not(None))
        yield Matter.DELIVERIES, open_duties(work, Duty.DELIVERY)
    if work.actor.has(CLERK, REVIEWER):
        yield Matter.LATE_CASES, case_reading.overdue(work)
    if work.actor.has(REVIEWER):
        yield Matter.SUBMITTED, case_reading.listing(work, state="submitted")
        for decided in PROPOSALS.values():
            yield Matter.DECISIONS, proposal.listing(work, decided.kind, state=decided.kind.waiting)
        yield Matter.RESUMPTIONS, proposal.listing(work, RESUMPTION, state=CONSENTED)
    if work.actor.has(REVIEWER, APPEALS):
        open_now = appeals.c.state.in_(WAITING) & appeals.c.paused_since.is_(None)
        yield Matter.APPEALS, _only(appeal_reading.listing(work), open_now)
    if work.actor.has(ADMIN):
        yield Matter.REQUESTS, registration_requests.listing(work, state=RequestState.REQUESTED)
    if work.actor.has(ADMIN) and work.actor.region is None:
        yield Matter.FAILED_JOBS, _rows(select(job_runs.c.job).where(job_runs.c.state == "failed"))


def _at_an_institution(work: Work) -> Iterator[Waiting]:
    code = work.actor.institution_code
    if not work.actor.has("institution") or code is None:
        return
    yield Matter.LETTERS, narrowed(work, issuing.listing(work, unacknowledged=True), {"institution": code})
    yield Matter.STATES, open_duties(work, Duty.MAINTENANCE)
    yield Matter.TALKS, reminder_talks.listing(work, institution=code, held=False)
    to_sign = is_other_party(work) & appeals.c.refused_at.is_(None)
    yield Matter.SIGNATURES, _only(appeal_reading.listing(work, state=FILED), to_sign)
    own = appeals.c.institution_code == code
    yield Matter.ANSWERS, _only(appeal_reading.listing(work, state=EXPLAINED), own)
    if is_under_agreement(work, code):
        for kind in CONSENTED_KINDS:
            columns, listing = kind.table.c, consent_desk.waiting(work, kind)
            here = practitioner_lists.at_institution(code, work.today, person=columns.practitioner_id)
            yield Matter.CONSENTS, _only(listing, columns.consent_recorded_at.is_(None) & here)


def _of_oneself(work: Work) -> Iterator[Waiting]:
    me = work.actor.practitioner_id
    if not work.actor.has("practitioner") or me is None:
        return
    yield Matter.LETTERS, issuing.listing(work, unacknowledged=True)
    by_institution = (appeals.c.filed_by == "institution") & appeals.c.refused_at.is_(None)
    yield Matter.SIGNATURES, _only(appeal_reading.listing(work, state=FILED, practitioner_id=me), by_institution)
    by_me = appeals.c.filed_by == "practitioner"
    yield Matter.ANSWERS, _only(appeal_reading.listing(work, state=EXPLAINED, practitioner_id=me), by_me)


def _of_an_expert(work: Work) -> Iterator[Waiting]:
    if work.actor.has("expert"):
        place = appeal_experts.c
        mine = place.account_id == work.actor.account_id
        unanswered = place.given_at.is_(None) & place.recused_at.is_(None)
        yield Matter.OPINIONS, _rows(select(place.appeal_id).where(mine, unanswered))


def _only(listing: Listing[Any], condition: Any) -> Listing[Any]:
    return replace(listing, query=listing.query.where(condition))


def _rows(query: Any) -> Listing[Any]:
    return Listing(query=query, keys=(), show=dict)
