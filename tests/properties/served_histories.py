"""The model's histories driven through the use cases, each on a file of its own, the clock set to each act's day."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count

from model import histories
from services.case_world import OVERTREATMENT, finding, handling, make_service
from sqlalchemy import select

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.standing import Span
from scoring_service.db.tables import accounts
from scoring_service.demo.record import RecordingClock
from scoring_service.problems import Problem
from scoring_service.services.accounts.accounts import add_account
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.proposals.corrections import approve as approve_correction
from scoring_service.services.proposals.corrections import draft as draft_correction
from scoring_service.services.proposals.remediation import approve as approve_application
from scoring_service.services.proposals.remediation import file_application
from scoring_service.services.proposals.reregistrations import approve as approve_reregistration
from scoring_service.services.proposals.reregistrations import propose
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.registry.registrations import deregister, return_to_registry
from scoring_service.services.unit_of_work.actor import Actor

PLACES = {
    "chifeng": ("H15040200001", "150402"),
    "liaoning": ("H21010200001", "210102"),
    "hunan": ("H43010200001", "430102"),
    "tianjin": ("H12010100001", "120101"),
}
COURSES_FROM = date(2000, 1, 1)
numbers = count(1)


def morning(day):
    return datetime(day.year, day.month, day.day, 9, tzinfo=CIVIL_ZONE)


@dataclass
class Office:
    """The use cases on one database: institutions under each rulebook, and the hands of the office."""

    service: object
    clock: RecordingClock
    actors: dict = field(default_factory=dict)

    def work(self, name="system"):
        return self.service.work(self.actors[name]) if name in self.actors else self.service.work()

    def at(self, day):
        """Set the clock to a day's morning, or leave it where it stands on that day; a new file may go back."""
        if self.clock.instant.date() != day:
            self.clock.instant = morning(day)


def open_office(engine):
    clock = RecordingClock(morning(histories.OPENS))
    office = Office(replace(make_service(engine), clock=clock), clock)
    with office.work() as work:
        for code, region in PLACES.values():
            register_institution(
                work,
                code=code,
                name=code,
                kind="hospital",
                region=region,
                agreement=Span(histories.OPENS, None),
            )
        for name in ("clerk", "reviewer", "admin"):
            add_account(work, username=name, roles=[f"office.{name}"], staff_no=f"S-{name}")
    with engine.connect() as conn:
        for row in conn.execute(select(accounts)):
            office.actors[row.username] = Actor(
                account_id=row.id, username=row.username, staff_no=row.staff_no, roles=frozenset(row.roles)
            )
    return office


@dataclass
class ServedFile:
    """One history being driven: the person, the place of work, and the id of each entry by its seq."""

    office: Office
    home: str
    person: str | None = None
    entry_ids: dict = field(default_factory=dict)

    def do(self, operation):
        """Carry out one operation; return the code of its refusal, None when it was admitted."""
        self.office.at(operation["day"])
        try:
            entry_id = getattr(self, operation["kind"])(operation)
        except Problem as refused:
            return refused.code
        if "seq" in operation:
            self.entry_ids[operation["seq"]] = entry_id
        return None

    def score(self, operation):
        code, _ = PLACES[operation["rulebook"]]
        with self.office.work("clerk") as work:
            case = draft(
                work,
                institution=code,
                handling=handling(operation["decided_on"]),
                summary="检查发现过度诊疗",
                findings=[finding(self.person, operation["points"], item=OVERTREATMENT, reason="随机历史")],
            )
            submit(work, case.id)
        with self.office.work("admin" if operation["backfill"] else "reviewer") as work:
            approved = approve(work, case.id, effective_on=operation["effective_on"])
        return approved.findings[0].entry

    def points_credit(self, operation):
        return self._credited(operation, "points")

    def term_credit(self, operation):
        return self._credited(operation, "term")

    def _credited(self, operation, effect):
        with self.office.work("clerk") as work:
            filed = file_application(
                work,
                practitioner=self.person,
                activity="online_course",
                completed_on=COURSES_FROM + timedelta(days=next(numbers)),
                effect=effect,
                evidence="结业证书",
            )
        with self.office.work("reviewer") as work:
            approved = approve_application(work, filed.id)
        assert approved.granted == operation["granted"], operation
        return approved.entry

    def correction(self, operation):
        with self.office.work("clerk") as work:
            drafted = draft_correction(
                work,
                self.entry_ids[operation["target"]],
                value=operation["value"],
                basis="clerical",
                document_no="更正〔2025〕1号",
                reason="录入有误",
            )
        with self.office.work("reviewer") as work:
            return approve_correction(work, drafted.id).entry

    def reregistration(self, operation):
        day = operation["day"]
        with self.office.work("clerk") as work:
            proposed = propose(
                work, self.person, on=day, affiliations=self._workplace(day), commitment_signed_on=day
            )
        with self.office.work("reviewer") as work:
            return approve_reregistration(work, proposed.id).entry

    def deregistration(self, operation):
        with self.office.work() as work:
            deregister(work, self.person, on=operation["day"], reason="调离")

    def _workplace(self, day):
        return [AskedAffiliation(institution=PLACES[self.home][0], span=Span(day, None))]

    def __getattr__(self, name):
        if name != "return":  # A keyword cannot name a method.
            raise AttributeError(name)
        return self.come_back

    def come_back(self, operation):
        with self.office.work() as work:
            return_to_registry(
                work,
                self.person,
                from_on=operation["day"],
                affiliations=self._workplace(operation["day"]),
                commitment_signed_on=operation["day"],
            )

    def register(self):
        since = histories.OPENS
        with self.office.work() as work:
            self.person = register_practitioner(
                work,
                code=fresh_code(),
                name="王一",
                category="doctor",
                registered_on=since,
                affiliations=self._workplace(since),
            ).id


def fresh_code():
    return f"D150402{next(numbers):06}"


def drive(way, office, history, home):
    """Register a person at `home` and carry out the whole history the given way; every refusal is the model's."""
    office.at(histories.OPENS)
    file = way(office, home)
    file.register()
    for operation in history.operations:
        refused = file.do(operation)
        assert refused == operation.get("refused"), (operation, history.operations)
    office.clock.instant += timedelta(seconds=1)
    return file
