"""A small world for the tests of cases: two institutions, a few people, accounts of every hand."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime

from own_law import RULEBOOKS
from sqlalchemy import insert, select, update

from scoring_service.clock import SimulatedClock
from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.standing import Span
from scoring_service.db.tables import accounts, clock_state
from scoring_service.identity import IdentityNumbers
from scoring_service.law.calendars import load_calendar
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Handling
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.cases.findings import Finding
from scoring_service.services.proposals.correcting import post_correction
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.unit_of_work.actor import SYSTEM, Actor
from scoring_service.services.unit_of_work.transaction import Service, Work
from scoring_service.services.years.changing import changing
from scoring_service.settings import Settings

HOSPITAL, CLINIC, FAR_HOSPITAL = "H15040200001", "H15040200002", "H43110000001"
OVERTREATMENT, REPEAT_CHARGING, SHAM = "overtreatment", "repeat_or_excess_charging", "inducing_sham_treatment"
TODAY = date(2025, 6, 2)
DECIDED = date(2025, 5, 20)
CALENDAR = load_calendar()
_numbers = itertools.count(1)


def midday(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=CIVIL_ZONE)


def make_service(engine):
    return Service(
        engine=engine,
        clock=SimulatedClock(),
        rulebooks=RULEBOOKS,
        calendar=CALENDAR,
        identity_numbers=IdentityNumbers("k" * 40),
        settings=Settings(),
    )


@dataclass
class World:
    """Opens work for an account; `conn` is the test's own connection, rolled back at its end."""

    service: Service
    conn: object

    def work(self, name="clerk"):
        return Work(service=self.service, conn=self.conn, actor=self.actor(name))

    def actor(self, name):
        if name == "system":
            return SYSTEM
        row = self.conn.execute(select(accounts).where(accounts.c.username == name)).one()
        return Actor(
            account_id=row.id,
            username=row.username,
            staff_no=row.staff_no,
            roles=frozenset(row.roles),
            region=row.region,
            institution_code=row.institution_code,
            practitioner_id=row.practitioner_id,
        )

    def set_today(self, day):
        self.conn.execute(update(clock_state).values(now=midday(day)))

    def account(self, name, *roles, staff_no=None, made_by="system", **bound):
        return add_account(
            self.work(made_by), username=name, roles=roles, staff_no=staff_no or f"S-{name}", **bound
        )

    def institution(self, code, *, region="150402", since=date(2025, 1, 1), until=None):
        register_institution(
            self.work("system"),
            code=code,
            name=f"机构{code}",
            kind="hospital",
            region=region,
            agreement=Span(since, until) if since else None,
        )

    def person(self, *, at=HOSPITAL, since=date(2025, 1, 1), until=None):
        number = next(_numbers)
        return register_practitioner(
            self.work("system"),
            code=f"D150402{number:06}",
            name=f"医师{number}",
            category="doctor",
            registered_on=since,
            affiliations=[AskedAffiliation(institution=at, span=Span(since, until))],
        ).id

    def draft(self, *findings, by="clerk", institution=HOSPITAL, decided_on=DECIDED):
        return draft(
            self.work(by),
            institution=institution,
            handling=handling(decided_on),
            summary="检查发现过度诊疗",
            findings=findings,
        )

    def submitted(self, *findings, **case):
        return submit(self.work(case.get("by", "clerk")), self.draft(*findings, **case).id)

    def approved(self, *findings, **case):
        return approve(self.work("reviewer"), self.submitted(*findings, **case).id, confirm_duplicates=True)

    def corrected(self, person, entry, value):
        """Correct an entry as an appeals desk does after a court's decision, and tell nobody."""
        with changing(self.work("appeals"), [person]) as files:
            post_correction(
                files[person], target_entry_id=entry, value=value, basis="court", document_no="1", reason="减轻"
            )


def fresh_number():
    return f"赤医保罚〔2025〕{next(_numbers)}号"


def handling(decided_on=DECIDED, **other):
    members = {"kind": "penalty", "authority": "赤峰市医疗保障局", "document_no": fresh_number()} | other
    return Handling(decided_on=decided_on, **members)


def finding(person, points=5, *, item=OVERTREATMENT, degree="main", **other):
    return Finding(practitioner=person, item=item, degree=degree, points=points, **other)


def build(service, conn, today=TODAY):
    """Set the clock, then register two local institutions, a far one and the accounts."""
    world = World(service, conn)
    conn.execute(insert(clock_state).values(id=1, now=midday(today)))
    world.institution(HOSPITAL)
    world.institution(CLINIC)
    world.institution(FAR_HOSPITAL, region="431122")
    for role in ("clerk", "reviewer", "admin", "auditor", "appeals"):
        world.account(role, f"office.{role}")
    return world
