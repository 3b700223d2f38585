"""Records the plan through the use cases, with the clock set to each act's day.

So `known_at` means something in the demo.

What is there already is left alone: a recording that was broken off goes on where it stopped.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from scoring_service.core.standing import Span
from scoring_service.db.tables import audit_log, cases, institutions, practitioners
from scoring_service.demo.accounts import demo_actor, seed_accounts
from scoring_service.demo.due_process import Act, acts_of
from scoring_service.demo.plan import (
    IN_FORCE_FROM,
    REGISTRY_RECORDED_AT,
    Plan,
    PlannedCase,
    make_plan,
)
from scoring_service.services.affiliations import AskedAffiliation
from scoring_service.services.approval import approve
from scoring_service.services.cases import Handling, draft, submit
from scoring_service.services.findings import Finding
from scoring_service.services.institutions import NewInstitution, register_institutions
from scoring_service.services.job_runs import begin, run_history
from scoring_service.services.practitioners import NewPractitioner, register_practitioners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from scoring_service.demo.plan import PlannedFinding, PlannedInstitution, PlannedPractitioner
    from scoring_service.services.actor import Actor
    from scoring_service.services.work import Service, Work
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
    clock = RecordingClock(last or min(now, REGISTRY_RECORDED_AT))
    with service.engine.begin() as conn:
        begin(conn, clock.instant)
    recording = _Recording(replace(service, clock=clock), clock, now)
    plan = make_plan() if wanted == "full" else _smallest(make_plan())
    recording.record(plan)


def _smallest(plan: Plan) -> Plan:
    return replace(
        plan,
        institutions=tuple(one for one in plan.institutions if one.code == plan.clinic),
        practitioners=tuple(one for one in plan.practitioners if one.code == plan.doctor),
        cases=(),
    )


@dataclass(frozen=True, slots=True)
class _Recording:
    """The demo being recorded up to `until`."""

    service: Service
    clock: RecordingClock
    until: datetime

    def record(self, plan: Plan) -> None:
        with _progress(len(plan.institutions) + len(plan.practitioners) + 2 * len(plan.cases)) as advance:
            self._each(plan.institutions, self._present(institutions.c.code), _register_institutions, advance)
            self._each(
                plan.practitioners, self._present(practitioners.c.code), _register_practitioners, advance
            )
            seed_accounts(self.service, plan)
            self._record_acts(plan, advance)

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
        for batch in _batches([one for one in planned if one.code not in present]):
            with self.service.work() as work:
                register(work, batch)
            advance(len(batch))

    def _record_acts(self, plan: Plan, advance: Callable[[int], None]) -> None:
        """Draft, approve and what followed, in the order of time, as two people of the office did."""
        clerk, reviewer = demo_actor(self.service, "clerk"), demo_actor(self.service, "reviewer")
        followed = sorted(acts_of(plan), key=lambda act: act.at) if plan.cases else []
        for act in sorted([*self._acts_of_cases(plan.cases), *followed], key=lambda act: act.at):
            if self.clock.instant < act.at <= self.until:
                self._run_jobs_until(act.at.date())
                self.clock.instant = act.at
                act.perform(self.service, clerk, reviewer)
            advance(1)
        self._run_jobs_until(self.until.date())

    def _run_jobs_until(self, day: date) -> None:
        """Run the jobs of the days that have passed since the clock's day, up to `day`."""
        if self.clock.instant.date() < day:
            run_history(self.service, self.clock.instant.date(), day)

    def _acts_of_cases(self, planned: Sequence[PlannedCase]) -> Iterator[Act]:
        for case in planned:
            yield Act(case.drafted_at, partial(_draft, case))
            yield Act(case.approved_at, partial(_approve, case))


def _draft(case: PlannedCase, service: Service, clerk: Actor, _reviewer: Actor) -> None:
    with service.work(clerk) as work:
        drafted = draft(
            work,
            institution=case.institution,
            handling=Handling(
                kind=case.kind,
                authority="赤峰市医疗保障局",
                document_no=case.document_no,
                decided_on=case.decided_on,
            ),
            summary="日常监督检查发现违规行为,已依法依规作出处理。",
            findings=[_finding(one) for one in case.findings],
        )
        submit(work, drafted["id"])


def _approve(case: PlannedCase, service: Service, _clerk: Actor, reviewer: Actor) -> None:
    with service.work(reviewer) as work:
        drafted = select(cases.c.id).where(cases.c.document_no == case.document_no)
        approve(work, work.conn.execute(drafted).scalar_one())


def _register_institutions(work: Work, planned: Sequence[PlannedInstitution]) -> None:
    register_institutions(
        work,
        [
            NewInstitution(
                code=one.code,
                name=one.name,
                kind=one.kind,
                region=one.region,
                agreement=Span(IN_FORCE_FROM, None),
            )
            for one in planned
        ],
    )


def _register_practitioners(work: Work, planned: Sequence[PlannedPractitioner]) -> None:
    register_practitioners(work, [_new_practitioner(one) for one in planned])


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


def _finding(planned: PlannedFinding) -> Finding:
    return Finding(
        practitioner=planned.practitioner,
        item=planned.item,
        degree=planned.degree,
        points=planned.points,
        reason="处理决定已认定,依责任程度记分。",
    )


def _batches(planned: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(planned), _IN_ONE_TRANSACTION):
        yield planned[first : first + _IN_ONE_TRANSACTION]


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[int], None]]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("演示数据 / recording the demo", total=steps)
        yield lambda count: progress.advance(task, count)
