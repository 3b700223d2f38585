"""The way back from a suspension as desks show it: a person's own, an institution's people's, and what waits (P39)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from scoring_service.core.sanctions import SanctionKind
from scoring_service.db import practitioner_lists
from scoring_service.db.files import read_files
from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.tables import practitioners, resumptions, standing_sanctions
from scoring_service.problems import Conflict
from scoring_service.services.desks.consent_desk import may_proceed, number_of
from scoring_service.services.proposals.consent import OPEN
from scoring_service.services.proposals.resumption_reading import CONSENTED, FILED, RESUMPTION, listing
from scoring_service.services.standing.ways_back import open_window, window_on
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.core.fold import FoldedFile
    from scoring_service.services.proposals.resumption_reading import ResumptionApplication
    from scoring_service.services.standing.ways_back import ResumptionWindow
    from scoring_service.services.unit_of_work.transaction import Work

_applied = resumptions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """Where a person stands today: the window of the suspensions that wait for a resumption, None when none does.

    `refusal` is why none may be applied for today, `application` the one that waits for consent or evaluation.
    """

    window: ResumptionWindow | None
    refusal: Conflict | None
    application: ResumptionApplication | None

    @property
    def is_open(self) -> bool:
        """Whether an application may be filed today."""
        return self.refusal is None and self.application is None

    @property
    def is_unanswered(self) -> bool:
        """Whether the application waits for an institution that has not answered."""
        return self.application is not None and self.application.is_unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOnTheWay:
    """A person at an institution of whom a suspension waits for a resumption."""

    practitioner_id: str
    name: str
    way: WayBack


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingResumptions:
    """How many applications wait for an institution (`filed`) and for the office (`consented`), each with the late.

    Of those that wait for an institution the late are those that the office may go on with (`refused` ones too).
    """

    filed: int
    filed_late: int
    consented: int
    consented_late: int


def way_back_of(work: Work, practitioner_id: str) -> WayBack:
    """Return where a person stands today; the look at them is the caller's."""
    file = read_files(work.conn, [practitioner_id])[practitioner_id]
    return _way_back(work, file.folded(), _open_applications(work, [practitioner_id]).get(practitioner_id))


def people_on_the_way(work: Work, institution: str) -> Listing[NamedPractitioner]:
    """Return the list of an institution's people who wait for a resumption, the term that ends first before the others.

    Last come those whose application waits though a change of the file has left nothing to resume.
    """
    spans = standing_sanctions.c
    waits = and_(
        spans.kind == SanctionKind.SUSPENSION.value,
        spans.from_on <= work.today,
        spans.state_until_on.is_(None),
        spans.until_on.is_not(None),
    )
    applied = select(_applied.practitioner_id).where(_applied.state.in_(OPEN))
    person = (practitioners.c.id, practitioners.c.code, practitioners.c.name)
    people = (
        select(*person, func.coalesce(func.max(spans.until_on), date.max).label("ends_on"))
        .outerjoin(standing_sanctions, and_(spans.practitioner_id == practitioners.c.id, waits))
        .where(sight.practitioner_filter(work), practitioner_lists.at_institution(institution, work.today))
        .where(or_(spans.practitioner_id.is_not(None), practitioners.c.id.in_(applied)))
        .group_by(*person)
        .subquery()
    )
    return Listing(
        query=select(people),
        keys=(people.c.ends_on, people.c.id),
        show=lambda row: NamedPractitioner(id=row["id"], code=row["code"], name=row["name"]),
        descending=False,
    )


def ways_back(work: Work, people: Sequence[NamedPractitioner]) -> list[PersonOnTheWay]:
    """Return where each of these people stands today; each is looked at."""
    wanted = [person.id for person in people]
    files = read_files(work.conn, wanted) if wanted else {}
    applications = _open_applications(work, wanted)
    for person in wanted:
        work.look(person, RESUMPTION.name)
    return [
        PersonOnTheWay(
            practitioner_id=person.id,
            name=person.name,
            way=_way_back(work, files[person.id].folded(), applications.get(person.id)),
        )
        for person in people
    ]


def _open_applications(work: Work, people: list[str]) -> dict[str, ResumptionApplication]:
    if not people:
        return {}
    query = listing(work).query.where(_applied.practitioner_id.in_(people), _applied.state.in_(OPEN))
    rows = work.conn.execute(query).mappings()
    return {row["practitioner_id"]: RESUMPTION.show(work, row) for row in rows}


def _way_back(work: Work, folded: FoldedFile, application: ResumptionApplication | None) -> WayBack:
    calendar, today = work.service.calendar, work.today
    try:
        window: ResumptionWindow | None = open_window(calendar, folded, today)
    except Conflict as refusal:
        return WayBack(window=window_on(calendar, folded, today), refusal=refusal, application=application)
    return WayBack(window=window, refusal=None, application=application)


def waiting(work: Work, state: str | None = None) -> Listing[ResumptionApplication]:
    """Return the list of the applications that wait, in one state or either, the last day that comes first before."""
    due_on = func.coalesce(_applied.evaluation_due_on, _applied.consent_due_on).label("due_on")
    applications = listing(work, state=state)
    query = applications.query.add_columns(due_on).where(_applied.state.in_(OPEN))
    return replace(applications, query=query, keys=(due_on, _applied.id), descending=False)


def waiting_for_institution(work: Work) -> Listing[ResumptionApplication]:
    """Return the list of the applications that no institution has answered, the last day that comes first before."""
    applications = waiting(work, FILED.value)
    return replace(applications, query=applications.query.where(_applied.consent_recorded_at.is_(None)))


def decided(work: Work) -> Listing[ResumptionApplication]:
    """Return the list of the applications that were granted, refused or overtaken, the newest first."""
    applications = listing(work)
    return replace(applications, query=applications.query.where(_applied.state.not_in(OPEN)))


def count_waiting(work: Work) -> WaitingResumptions:
    """Count the applications that wait and that the actor may know of."""
    may_go_on = may_proceed(resumptions, work.today)
    counted = (
        number_of(_applied.state == FILED).label("filed"),
        number_of(and_(_applied.state == FILED, may_go_on)).label("filed_late"),
        number_of(_applied.state == CONSENTED).label("consented"),
        number_of(and_(_applied.state == CONSENTED, _applied.evaluation_due_on < work.today)).label("consented_late"),
    )
    query = listing(work).query.with_only_columns(*counted).where(_applied.state.in_(OPEN))
    return WaitingResumptions(**work.conn.execute(query).mappings().one())
