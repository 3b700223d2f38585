"""The model's histories driven through the use cases, each on a file of its own, the clock set to each act's day."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count

from consents import agreed
from model import histories
from own_law import RULEBOOKS
from properties.agreement import shown
from services.case_world import OVERTREATMENT, finding, handling, make_service
from sqlalchemy import select

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.procedure import MeasureKind
from scoring_service.core.standing import Span
from scoring_service.db.cases import HandlingMeasure
from scoring_service.db.tables import accounts
from scoring_service.demo.record import RecordingClock
from scoring_service.problems import Problem
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.proposals import resumption_decisions, resumptions
from scoring_service.services.proposals.consent import consent, proceed, refuse_consent
from scoring_service.services.proposals.corrections import approve as approve_correction
from scoring_service.services.proposals.corrections import draft as draft_correction
from scoring_service.services.proposals.liftings import approve as approve_lifting
from scoring_service.services.proposals.liftings import draft as draft_lifting
from scoring_service.services.proposals.proposal import read as read_proposal
from scoring_service.services.proposals.remediation import approve as approve_application
from scoring_service.services.proposals.remediation import file_application
from scoring_service.services.proposals.reregistrations import approve as approve_reregistration
from scoring_service.services.proposals.reregistrations import propose
from scoring_service.services.proposals.resumption_reading import RESUMPTION
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.registry.registrations import deregister, return_to_registry
from scoring_service.services.standing.reading import standing_of
from scoring_service.services.unit_of_work.actor import Actor

PLACES = {
    "chifeng": ("H15040200001", "150402"),
    "liaoning": ("H21010200001", "210102"),
    "hunan": ("H43010200001", "430102"),
    "tianjin": ("H12010100001", "120101"),
}
MEASURES = {"suspension": MeasureKind.AGREEMENT_SUSPENDED, "termination": MeasureKind.AGREEMENT_TERMINATED}
LINE = ("payable", "reason", "status", "until", "may_resume_from", "may_reapply_from")
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


    def add_hand(self, name, role, **bound):
        """Add an account of one role, bound to an institution or a person where the role is; return its actor."""
        with self.service.work() as work:
            account_id = add_account(work, username=name, roles=[role], staff_no=f"S-{name}", **bound)
            row = work.conn.execute(select(accounts).where(accounts.c.id == account_id)).one()
        self.actors[name] = Actor(
            account_id=row.id,
            username=row.username,
            staff_no=row.staff_no,
            roles=frozenset(row.roles),
            institution_code=row.institution_code,
            practitioner_id=row.practitioner_id,
        )
        return self.actors[name]


def clinic_of(home):
    return f"clinic-{home}"


def open_office(engine, rulebooks=RULEBOOKS, way=Office, **more):
    """The office on a database: an institution under each rulebook with its account, and the office's own hands."""
    # Before the first person: what is asked by the knowledge of their first moment knows the institutions.
    clock = RecordingClock(morning(histories.OPENS) - timedelta(hours=1))
    service = replace(make_service(engine), clock=clock, rulebooks=rulebooks)
    office = way(service, clock, **more)
    agreement = Span(histories.OPENS, None)
    with office.work() as work:
        for code, region in PLACES.values():
            register_institution(work, code=code, name=code, kind="hospital", region=region, agreement=agreement)
    for name in ("clerk", "reviewer", "admin"):
        office.add_hand(name, f"office.{name}")
    for home, (code, _) in PLACES.items():
        office.add_hand(clinic_of(home), "institution", institution=code)
    clock.instant = morning(histories.OPENS)
    return office


@dataclass
class ServedFile:
    """One history being driven: the person, the place of work, and the id of each entry by its seq."""

    office: Office
    home: str
    person: str | None = None
    entry_ids: dict = field(default_factory=dict)
    # The id of what waits for a decision, by kind.
    waiting: dict = field(default_factory=dict)

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
            agreed(work, filed)
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

    def measure(self, operation):
        """A case whose decision takes the measure; the person is responsible and not scored."""
        taken = HandlingMeasure(
            kind=MEASURES[operation["effect"]], start=operation["from"], until=operation["until"]
        )
        with self.office.work("clerk") as work:
            case = draft(
                work,
                institution=PLACES[operation["rulebook"]][0],
                handling=handling(operation["day"], measure=taken),
                summary="检查发现虚构诊疗",
                findings=[finding(self.person, None, item=OVERTREATMENT, reason="随机历史")],
            )
            submit(work, case.id)
        with self.office.work("reviewer") as work:
            return approve(work, case.id).findings[0].measure_entry

    def measure_lifted(self, operation):
        with self.office.work("clerk") as work:
            drafted = draft_lifting(work, self.entry_ids[operation["target"]], reason="整改验收合格")
        with self.office.work("reviewer") as work:
            return approve_lifting(work, drafted.id).entry

    def hand(self, operation):
        """The name of the account that acts; the person's is made when it is needed first."""
        if operation["hand"] == "clinic":
            return clinic_of(self.home)
        if operation["hand"] == "doctor":
            return self._doctor()
        return operation["hand"]

    def _doctor(self):
        name = f"doctor-{self.person[:8]}"
        if name not in self.office.actors:
            self.office.add_hand(name, "practitioner", practitioner=self.person)
        return name

    def filing(self, operation):
        with self.office.work(self.hand(operation)) as work:
            filed = resumptions.file_resumption(work, practitioner=self.person, statement="已完成整改")
        assert (filed.state, filed.evaluation_due_on) == (operation["state"], operation["due_on"]), operation
        self.waiting["resumption"] = filed.id

    def consent(self, operation):
        with self.office.work(self.hand(operation)) as work:
            agreed = consent(work, RESUMPTION, self.waiting["resumption"], institution=self._named(operation))
        assert (agreed.state, agreed.evaluation_due_on) == ("consented", operation["due_on"]), operation

    def consent_refused(self, operation):
        with self.office.work(self.hand(operation)) as work:
            named = self._named(operation)
            refuse_consent(work, RESUMPTION, self.waiting["resumption"], institution=named, reason="整改不足")

    def _named(self, operation):
        """The institution that a clerk names on paper, None where none is left."""
        return PLACES[self.home][0] if operation["hand"] == "clerk" and operation["affiliated"] else None

    def proceeding(self, operation):
        with self.office.work("reviewer") as work:
            going_on = proceed(work, RESUMPTION, self.waiting["resumption"], reason="机构未同意")
        assert going_on.evaluation_due_on == operation["due_on"], operation

    def refusal(self, _operation):
        with self.office.work("reviewer") as work:
            resumption_decisions.refuse(work, self.waiting["resumption"], reason="评估未通过")

    def approval(self, operation):
        try:
            entry, resumes_on = self._approve_resumption()
        finally:
            assert (self._state_of_resumption() == "lapsed") is operation["lapsed"], operation
        assert resumes_on == operation["resumes_on"], operation
        return entry

    def _approve_resumption(self):
        with self.office.work("reviewer") as work:
            granted = resumption_decisions.approve(work, self.waiting["resumption"])
        return granted.entry, granted.resumes_on

    def _state_of_resumption(self):
        with self.office.work("clerk") as work:
            return read_proposal(work, RESUMPTION, self.waiting["resumption"]).state

    def proposal(self, operation):
        day = operation["day"]
        with self.office.work("clerk") as work:
            self.waiting["reregistration"] = propose(
                work,
                self.person,
                on=operation["on"],
                affiliations=self._workplace(operation["on"]),
                commitment_signed_on=day,
            ).id

    def reregistration(self, operation):
        """Approve what was proposed; where no proposal is an act of its own, propose it on the same day."""
        if "reregistration" not in self.waiting:
            self.proposal(operation | {"on": operation["day"]})
        entry = self._approve_reregistration()
        del self.waiting["reregistration"]
        return entry

    def _approve_reregistration(self):
        with self.office.work("reviewer") as work:
            return approve_reregistration(work, self.waiting["reregistration"]).entry

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

    def standing(self, day, **clocks):
        """What is told of a day, by the knowledge of these clocks; with that knowledge, to ask again by."""
        with self.office.work("clerk") as work:
            told = standing_of(work, self.person, as_of=day, **clocks)
        state = told.standing.state
        answer = {
            "points": told.standing.points,
            "totals": {year: points for year, points in told.standing.totals.items() if points},
            "status": state.status.value,
            "may_reapply": state.may_reapply,
            "may_reapply_from": state.may_reapply_from,
            "may_resume_from": state.may_resume_from,
            "may_apply_from": told.may_apply_from,
            "current_sanction": state.sanction and shown([state.sanction])[0],
            "sanctions": shown(told.standing.sanctions),
        }
        return answer, {"known_at": told.known_at, "revision": told.revision}

    def line(self, day, *, institution, emergency, **clocks):
        """What is told of a claim line of a day."""
        check = make_check(self.person, day.isoformat(), day, institution, emergency=emergency)
        with self.office.work("clerk") as work:
            told = check_lines(work, [check], **clocks)[0]
        return {name: getattr(told, name) for name in LINE}

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


def drive(way, office, history, home, after_each=None):
    """Register a person at `home` and carry out the whole history the given way; every refusal is the model's.

    `after_each(file, number)` is asked after each operation, numbered from 0.
    """
    office.at(histories.OPENS)
    file = way(office, home)
    file.register()
    for number, operation in enumerate(history.operations):
        refused = file.do(operation)
        assert refused == operation.get("refused"), (operation, refused, history.operations)
        if after_each is not None:
            after_each(file, number)
    office.clock.instant += timedelta(seconds=1)
    return file
