"""Records the plan through the use cases, with the clock set to each act's day.

So `known_at` means something in the demo.

What is there already is left alone: a recording that was broken off goes on where it stopped.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from scoring_service.core.standing import Span
from scoring_service.db.tables import audit_log, institutions, practitioners
from scoring_service.demo import due_process, duties, waiting
from scoring_service.demo.accounts import demo_actors, institution_hand, seed_accounts
from scoring_service.demo.plan import (
    IN_FORCE_FROM,
    REGION,
    REGISTRY_RECORDED_AT,
    Plan,
    make_plan,
)
from scoring_service.demo.recorded_cases import recorded
from scoring_service.services.jobs.runs import begin, first_day, run_history
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import NewInstitution, register_institutions
from scoring_service.services.registry.practitioners import NewPractitioner, register_practitioners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from scoring_service.demo.acts import Act
    from scoring_service.demo.plan import PlannedInstitution, PlannedPractitioner
    from scoring_service.services.unit_of_work.transaction import Service, Work
    from scoring_service.settings import Demo

_TICK = timedelta(microseconds=1)
_IN_ONE_TRANSACTION = 500


@dataclass(slots=True)
class RecordingClock:
    """A clock that is set to each act's instant; every recorded change moves it by a microsecond."""

    instant: datetime
    simulated: bool = True

    def now(self, conn: Connection) -> datetime:  # noqa: ARG002 - the clock's protocol.
        """Return the instant that the recording stands at."""
        return self.instant

    def record(self, conn: Connection) -> datetime:  # noqa: ARG002 - the clock's protocol.
        """Return the next microsecond."""
        self.instant += _TICK
        return self.instant

    def advance(self, conn: Connection, to: datetime) -> datetime:  # noqa: ARG002 - the clock's protocol.
        """Set the clock to `to`, never back."""
        self.instant = max(self.instant, to)
        return self.instant


def seed(service: Service, wanted: Demo) -> None:
    """Record the demo: `accounts` with one institution and one practitioner, or the `full` year up to now."""
    with service.engine.connect() as conn:
        now = service.clock.now(conn)
        last: datetime | None = conn.execute(select(func.max(audit_log.c.at))).scalar()
        first_start = first_day(conn, now.date())
    clock = RecordingClock(last or min(now, REGISTRY_RECORDED_AT))
    recording = _Recording(replace(service, clock=clock), clock, now)
    plan = make_plan()
    if wanted != "full":
        recording.record(_smallest(plan), [])
        return
    recording.record(plan, _acts_of(plan, service, first_start))
    # Until here it told the day of the first start, by which a recording that was broken off goes on unchanged.
    with service.engine.begin() as conn:
        begin(conn, min(now, REGISTRY_RECORDED_AT))


def _acts_of(plan: Plan, service: Service, first_start: date) -> list[Act]:
    acts = [act for case in plan.cases for act in recorded(case)]
    calendar, rulebook = service.calendar, service.rulebooks.for_division(REGION, IN_FORCE_FROM)
    acts += duties.acts_of(plan, calendar)
    return [*acts, *due_process.acts_of(plan, calendar, rulebook), *waiting.acts_of(plan, calendar, first_start)]


def _smallest(plan: Plan) -> Plan:
    return replace(
        plan,
        institutions=tuple(each for each in plan.institutions if each.code == plan.clinic),
        practitioners=tuple(each for each in plan.practitioners if each.code == plan.doctor),
        cases=(),
        appeals=(),
    )


@dataclass(frozen=True, slots=True)
class _Recording:
    """The demo being recorded up to `until`."""

    service: Service
    clock: RecordingClock
    until: datetime

    def record(self, plan: Plan, acts: Sequence[Act]) -> None:
        """Record the registry, the accounts and the acts that had happened by now, with the jobs of their days."""
        with _progress(len(plan.institutions) + len(plan.practitioners) + len(acts)) as advance:
            self._each(plan.institutions, self._present(institutions.c.code), _register_institutions, advance)
            self._each(
                plan.practitioners, self._present(practitioners.c.code), _register_practitioners, advance
            )
            seed_accounts(self.service, plan)
            self._record_acts(acts, advance)

    def _present(self, column: Any) -> set[str]:
        with self.service.engine.connect() as conn:
            return set(conn.execute(select(column)).scalars())

    def _each(
        self,
        planned: Sequence[Any],
        present: set[str],
        register: Callable[[Work, Sequence[Any]], None],
        advance: Callable[[int], None],
    ) -> None:
        for batch in _batches([each for each in planned if each.code not in present]):
            with self.service.work() as work:
                register(work, batch)
            advance(len(batch))

    def _record_acts(self, acts: Sequence[Act], advance: Callable[[int], None]) -> None:
        """Record the acts in the order of time, each by its demo account; two of one instant a second apart."""
        actors = demo_actors(self.service)
        last = REGISTRY_RECORDED_AT
        for act in sorted(acts, key=lambda act: act.at):
            last = max(act.at, last + timedelta(seconds=1))
            if self.clock.instant < last <= self.until:
                self._run_jobs_until(last.date())
                self.clock.instant = last
                with self.service.work(actors.get(act.by) or institution_hand(act.by)) as work:
                    act.perform(work)
            advance(1)
        if acts:
            self._run_jobs_until(self.until.date())

    def _run_jobs_until(self, day: date) -> None:
        """Run the jobs of the days that have passed since the clock's day, up to `day`."""
        if self.clock.instant.date() < day:
            run_history(self.service, self.clock.instant.date(), day)


def _register_institutions(work: Work, planned: Sequence[PlannedInstitution]) -> None:
    register_institutions(
        work,
        [
            NewInstitution(
                code=each.code,
                name=each.name,
                kind=each.kind,
                region=each.region,
                agreement=Span(IN_FORCE_FROM, None),
            )
            for each in planned
        ],
    )


def _register_practitioners(work: Work, planned: Sequence[PlannedPractitioner]) -> None:
    register_practitioners(work, [_new_practitioner(each) for each in planned])


def _new_practitioner(planned: PlannedPractitioner) -> NewPractitioner:
    places = [place for place in (planned.institution, planned.second_institution) if place]
    return NewPractitioner(
        code=planned.code,
        name=planned.name,
        category=planned.category,
        registered_on=IN_FORCE_FROM,
        affiliations=[
            AskedAffiliation(institution=place, span=Span(IN_FORCE_FROM, None)) for place in places
        ],
        commitment_signed_on=REGISTRY_RECORDED_AT.date(),
    )


def _batches(planned: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(planned), _IN_ONE_TRANSACTION):
        yield planned[first : first + _IN_ONE_TRANSACTION]


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[int], None]]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("演示数据 / recording the demo", total=steps)
        yield lambda count: progress.advance(task, count)
