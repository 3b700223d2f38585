"""What waits for an institution today: letters, states to maintain, talks, appeals to sign or answer, its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from scoring_service.core.procedure import Duty, RequestState
from scoring_service.db import practitioner_lists
from scoring_service.db.appeals import EXPLAINED, FILED
from scoring_service.db.tables import appeals, practitioners
from scoring_service.services.appeals import reading
from scoring_service.services.appeals.parties import is_other_party
from scoring_service.services.desks import consent_desk
from scoring_service.services.desks.duty_desk import OpenCount, OpenDuty, count_duties, open_duties
from scoring_service.services.desks.resumption_desk import PersonOnTheWay, people_on_the_way, ways_back
from scoring_service.services.notices import issuing
from scoring_service.services.notices import talks as reminder_talks
from scoring_service.services.proposals import registration_requests
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.fields import narrowed
from scoring_service.services.unit_of_work.listing import Item, Listing, count, read_oldest, read_page

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from scoring_service.services.notices.records import NoticeOnRecord
    from scoring_service.services.notices.talks import TalkTask
    from scoring_service.services.proposals.remediation_reading import Application
    from scoring_service.services.unit_of_work.transaction import Work

SHOWN = 8
MOST_ON_THE_WAY = 100


class AppealDue(NamedTuple):
    """An appeal that waits for the institution's signature or answer, by the end of `due_on`."""

    id: str
    practitioner_id: str
    name: str
    against: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionToday:
    """Each list is the beginning of what there is, `SHOWN` rows at most, the oldest first; the counts are whole.

    `without_commitment`, `coming`, `suspended` and `terminated` count people who are registered there today;
    `on_the_way` are those who wait for a resumption, `MOST_ON_THE_WAY` at most, the term that ends first before the
    others, `applications` those for remediation that the institution has to answer; `requests` counts its own to the
    registry that wait.
    """

    letters: list[NoticeOnRecord]
    letter_count: int
    talks: list[TalkTask]
    talk_count: int
    states: list[OpenDuty]
    duties: dict[Duty, OpenCount]
    appeals: list[AppealDue]
    explained: list[AppealDue]
    applications: list[Application]
    on_the_way: list[PersonOnTheWay]
    on_the_way_count: int
    requests: int
    without_commitment: int
    coming: int
    suspended: int
    terminated: int


def today_at(work: Work, code: str) -> InstitutionToday:
    """Return what waits for the institution of the actor."""
    letters = narrowed(work, issuing.listing(work, unacknowledged=True), {"institution": code})
    due = reminder_talks.listing(work, institution=code, held=False)
    on_the_way = people_on_the_way(work, code)
    waiting, explained = _to_countersign(work), _to_answer(work, code)
    for appeal in (*waiting, *explained):
        work.look(appeal.practitioner_id, "today")
    return InstitutionToday(
        letters=_oldest(work, letters),
        letter_count=count(work, letters),
        talks=_oldest(work, due),
        talk_count=count(work, due),
        states=read_oldest(work, open_duties(work, Duty.MAINTENANCE), limit=SHOWN),
        duties=count_duties(work),
        appeals=waiting,
        explained=explained,
        applications=consent_desk.to_answer(work, APPLICATION, code),
        on_the_way=ways_back(work, read_page(work, on_the_way, limit=MOST_ON_THE_WAY).items),
        on_the_way_count=count(work, on_the_way),
        requests=count(work, registration_requests.listing(work, state=RequestState.REQUESTED)),
        without_commitment=_people(work, code, practitioner_lists.lacks_commitment(work.today)),
        coming=_people(work, code, practitioner_lists.has_coming_sanction(work.today)),
        suspended=_people(work, code, practitioner_lists.has_status("suspended", work.today)),
        terminated=_people(work, code, practitioner_lists.has_status("terminated", work.today)),
    )


def _oldest(work: Work, listing: Listing[Item]) -> list[Item]:
    """Return the first rows of a list; the look at their people is that of the page."""
    query = listing.query.order_by(*listing.keys).limit(SHOWN)
    return [listing.show(row) for row in work.conn.execute(query).mappings()]


def _to_countersign(work: Work) -> list[AppealDue]:
    """Return the appeals by people of the institution that wait for its signature, by last day."""
    query = _due(work, FILED, appeals.c.countersign_until)
    query = query.where(is_other_party(work), appeals.c.refused_at.is_(None))
    return [AppealDue(*row) for row in work.conn.execute(query)]


def _to_answer(work: Work, code: str) -> list[AppealDue]:
    """Return the appeals of the institution that the office has explained, by the last day to insist or withdraw."""
    query = _due(work, EXPLAINED, appeals.c.answer_due_on).where(appeals.c.institution_code == code)
    return [AppealDue(*row) for row in work.conn.execute(query)]


def _due(work: Work, state: str, last_day: ColumnElement[Any]) -> Select[Any]:
    person = (appeals.c.practitioner_id, practitioners.c.name)
    return (
        reading.listing(work, state=state)
        .query.with_only_columns(appeals.c.id, *person, appeals.c.against, last_day)
        .join(practitioners, practitioners.c.id == appeals.c.practitioner_id)
        .order_by(last_day, appeals.c.id)
        .limit(SHOWN)
    )


def _people(work: Work, code: str, condition: ColumnElement[bool]) -> int:
    conditions = [sight.practitioner_filter(work), practitioner_lists.at_institution(code, work.today), condition]
    return practitioner_lists.count(work.conn, conditions)
