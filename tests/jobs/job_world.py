"""An office on a database of its own whose acts are committed, each in the transaction that the service opens."""

from dataclasses import dataclass, field
from datetime import datetime, time

from services.case_world import CALENDAR, CLINIC, HOSPITAL, World, build, finding, handling, make_service
from sqlalchemy import func, select

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.procedure import MeasureKind
from scoring_service.db.cases import HandlingMeasure
from scoring_service.db.tables import events, job_runs, notices
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.jobs.runs import begin, move_clock, run_named
from scoring_service.services.notices.records import notice_of
from scoring_service.services.unit_of_work.transaction import Service

__all__ = ["CALENDAR", "CLINIC", "HOSPITAL", "Office", "at", "office_on"]


def at(day, hour=0, minute=0):
    return datetime.combine(day, time(hour, minute), CIVIL_ZONE)


@dataclass
class Office:
    """What the tests ask an office to do, and what they look at afterwards."""

    service: Service
    actors: dict = field(default_factory=dict)

    @property
    def engine(self):
        return self.service.engine

    def work(self, name="system"):
        return self.service.work(self.actors[name])

    def person(self, **where):
        with self.work() as work:
            return World(self.service, work.conn).person(**where)

    def score(
        self, person, points, decided_on, *, approved_on=None, effective_on=None, institution=HOSPITAL, **decided
    ):
        """Record and approve one finding, on the day that the clock shows (or is moved to)."""
        if approved_on is not None:
            self.set_clock(at(approved_on, 10))
        case = self.draft(person, points, decided_on, institution=institution, **decided)
        with self.work("clerk") as work:
            submit(work, case)
        with self.work("reviewer" if effective_on is None else "admin") as work:
            return approve(work, case, effective_on=effective_on).findings[0].entry

    def draft(self, person, points, decided_on, *, institution=HOSPITAL, **decided):
        """Draft a case of one finding, with what else was `decided`; return its id."""
        with self.work("clerk") as work:
            return draft(
                work,
                institution=institution,
                handling=handling(decided_on, **decided),
                summary="检查发现过度诊疗",
                findings=[finding(person, points, reason="情节说明")],
            ).id

    def measure(self, person, until=None, **case):
        """Record and approve that a person is responsible for a suspended agreement, and not scored."""
        day = self.now().date()
        taken = HandlingMeasure(kind=MeasureKind.AGREEMENT_SUSPENDED, start=day, until=until)
        return self.score(person, None, day, measure=taken, **case)

    def set_clock(self, to):
        """Set the clock without running any job, as if no scheduler ran."""
        with self.engine.begin() as conn:
            self.service.clock.advance(conn, max(to, self.service.clock.now(conn)))

    def move_clock(self, to):
        move_clock(self.service, to)

    def run(self, job, day):
        """Run one daily job alone, at its instant."""
        self.set_clock(at(day))
        return run_named(self.service, job, day.isoformat())

    def now(self):
        with self.engine.connect() as conn:
            return self.service.clock.now(conn)

    def rows(self, query):
        with self.engine.connect() as conn:
            return conn.execute(query).all()

    def notices(self, kind, person=None):
        query = (
            select(notices)
            .where(notices.c.kind == kind)
            .order_by(notices.c.created_at, notices.c.addressee_kind.desc())
        )
        rows = self.rows(query if person is None else query.where(notices.c.practitioner_id == person))
        return [notice_of(row._mapping) for row in rows]

    def events(self, *kinds):
        return self.rows(select(events).where(events.c.kind.in_(kinds)).order_by(events.c.number))

    def runs(self, job):
        return self.rows(select(job_runs).where(job_runs.c.job == job).order_by(job_runs.c.period))

    def count(self, table, *conditions):
        return self.rows(select(func.count()).select_from(table).where(*conditions))[0][0]


def office_on(engine, today):
    """An office whose installation begins at noon of `today`."""
    service = make_service(engine)
    with engine.begin() as conn:
        world = build(service, conn, today)
        actors = {name: world.actor(name) for name in ("system", "clerk", "reviewer", "admin")}
        begin(conn, at(today, 12))
    return Office(service, actors)
