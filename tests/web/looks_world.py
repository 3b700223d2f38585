"""A console and an API with one of everything that speaks of a person, and what each answer shows of whom."""

import html
import json
from dataclasses import dataclass, field
from datetime import date, datetime

from console_world import make_console
from sqlalchemy import select

from scoring_service.api.pipeline.access import PREFIX
from scoring_service.core.procedure import MeasureKind
from scoring_service.core.standing import Span
from scoring_service.db.cases import HandlingMeasure
from scoring_service.db.tables import audit_log, eligibility_refusals, practitioners, standing_codes
from scoring_service.services.accounts.signing_in import issue_token
from scoring_service.services.appeals import evidence, filing
from scoring_service.services.bundles.asking import bundle_notices
from scoring_service.services.bundles.making import make_waiting
from scoring_service.services.cases import drafting
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.finding import kept_searches
from scoring_service.services.imports import requests
from scoring_service.services.notices.receipts import acknowledge
from scoring_service.services.proposals import (
    corrections,
    liftings,
    merges,
    registration_requests,
    registry_corrections,
    remediation,
    reregistrations,
    resumptions,
)
from scoring_service.services.proposals.consent import consent
from scoring_service.services.proposals.resumption_reading import RESUMPTION
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner

PDF = b"%PDF-1.7 evidence"
SHORT_NAME = 2
NAMES = "阿如娜其木格", "陶格陶胡巴雅尔", "乌兰图雅格日勒", "苏布德其其格玛"
AWAY = "H37010200001"
BANNED_UNTIL = datetime.fromisoformat("2026-06-08T09:00:00+08:00")


@dataclass
class World:
    """`ids` name an object of each kind; `people` are the words by which each person is known."""

    console: object
    ids: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    tokens: dict = field(default_factory=dict)

    def rows(self, query):
        with self.console.service.engine.connect() as conn:
            return conn.execute(query).all()

    def last_look(self):
        return self.rows(select(audit_log.c.id).order_by(audit_log.c.id.desc()).limit(1))[0].id

    def looked_at(self, username, since, once_a_day=()):
        """Whom the account looked at since that row; at what counts once a day, since ever."""
        query = select(audit_log.c.practitioner_id).where(
            (audit_log.c.id > since) | audit_log.c.object_kind.in_(once_a_day),
            audit_log.c.username == username,
            audit_log.c.action == "look",
        )
        return {row.practitioner_id for row in self.rows(query)}

    def shown_in(self, answer):
        """The people of whom a name, a code or an id stands in the body."""
        body = answer.get_data().decode(errors="replace")
        text = json.dumps(answer.json, ensure_ascii=False) if answer.is_json else html.unescape(body)
        return {person for person, words in self.people.items() if any(word in text for word in words)}

    def own(self, username):
        return self.console.bound(username).practitioner_id

    def call(self, username, method, path, body=None):
        """An answer of the API to a demo account."""
        if username not in self.tokens:
            with self.console.service.engine.begin() as conn:
                account = self.console.bound(username).id
                self.tokens[username] = issue_token(conn, account, hours=12).token
        headers = {"Authorization": f"Bearer {self.tokens[username]}"}
        more = {} if body is None else {"json": body}
        return self.console.app.test_client().open(PREFIX + path, method=method, headers=headers, **more)


def make_world(engine):
    console = make_console(engine)
    world = World(console)
    clinic = console.bound("clinic").institution_code
    one, banned, struck = (_person(console, clinic, name) for name in NAMES[:3])
    me = console.bound("doctor").practitioner_id
    console.score(banned, clinic, 6)
    console.score(banned, clinic, 6)
    away = _suspended(console)
    with console.service.engine.begin() as conn:
        console.service.clock.advance(conn, BANNED_UNTIL)
    entry = console.score(one, clinic, 4).findings[0].entry
    other = console.score(one, clinic, 3).findings[0].entry
    own_entry = console.score(me, clinic, 4).findings[0].entry
    grave = console.score(struck, clinic, 10).findings[0].entry
    letters = console.letters(one)
    with console.service.work(console.actor("clinic")) as work:
        acknowledge(work, letters["institution", "score"])
    waiting = _filed(console, one, entry)
    stalled = _filed(console, struck, grave)
    with console.service.work(console.actor("clinic")) as work:
        filing.refuse_countersignature(work, stalled, reason="本机构不同意")
    world.ids = {
        "person": one,
        "banned": banned,
        "case": _case(console, one, clinic),
        "draft": console.case(one, 2, submitted=False, institution=clinic).id,
        "notice": letters["practitioner", "score"],
        "own_notice": letters["institution", "score"],
        "talk": letters["institution", "score"],
        "entry": other,
        "appeal": waiting,
        "heard": console.appeal(me, own_entry),
        "application": _application(console, one),
        "correction": _correction(console, other),
        "lifting": _lifting(console, struck, clinic),
        "reregistration": _reregistration(console, banned, clinic),
        "resumption": _resumption(console, away),
        "registry_correction": _registry_correction(console, one),
        "request": _request(console, one),
        "merge": _merge(console, struck, away),
        "institution": clinic,
        "account": console.bound("doctor").id,
        "import": _import(console),
        "search": _search(console),
        "bundle": _bundle(console, letters["practitioner", "score"]),
    }
    world.ids["decision"] = _refused(world, banned)
    with console.service.engine.connect() as conn:
        found = conn.execute(
            select(practitioners.c.id, practitioners.c.name, standing_codes.c.code).outerjoin(
                standing_codes, standing_codes.c.practitioner_id == practitioners.c.id
            )
        ).all()
    # A name of two characters may be part of another word; an id or a code is nobody else's.
    world.people = {
        row.id: [row.id, row.code, *([row.name] if len(row.name) > SHORT_NAME else [])] for row in found
    }
    return world


def _bundle(console, notice):
    with console.service.work(console.actor("clerk")) as work:
        asked = bundle_notices(work, [notice])
    make_waiting(console.service)
    return asked.id


def _person(console, institution, name):
    since = date(2025, 1, 1)
    with console.service.work() as work:
        return register_practitioner(
            work,
            name=name,
            code=f"D15040290{NAMES.index(name) + 1001:04}",
            category="doctor",
            registered_on=since,
            affiliations=[AskedAffiliation(institution=institution, span=Span(since, None))],
        ).id


def _request(console, person):
    with console.service.work(console.actor("clinic")) as work:
        return registration_requests.request_departure(
            work, practitioner=person, on=date(2026, 12, 1), reason="调离"
        ).id


def _import(console):
    with console.service.work(console.actor("admin")) as work:
        content = "机构代码,机构名称,行政区划\nH15100200001,新医院,150402\n".encode()
        return requests.upload(work, "institutions", filename="名册.csv", content=content, dry_run=True).id


def _search(console):
    with console.service.work(console.actor("clerk")) as work:
        return kept_searches.keep(work, "如娜")


def _suspended(console):
    """Somebody of a division where a suspension ends on application, whose term is over by BANNED_UNTIL."""
    with console.service.work() as work:
        register_institution(
            work, code=AWAY, name="济南市中心医院", kind="hospital", region="370102", agreement=Span(date(2025, 1, 1), None)
        )
    person = _person(console, AWAY, NAMES[-1])
    console.score(person, AWAY, 9)
    return person


def _resumption(console, person):
    with console.service.work(console.actor("clerk")) as work:
        waiting = resumptions.file_resumption(work, practitioner=person, statement="已完成整改")
        return consent(work, RESUMPTION, waiting.id, institution=AWAY).id


def _case(console, person, institution):
    case = console.case(person, 2, submitted=False, institution=institution).id
    with console.service.work(console.actor("clerk")) as work:
        drafting.attach(work, case, file_name="evidence.pdf", content=PDF)
        drafting.submit(work, case)
    return case


def _filed(console, person, entry):
    with console.service.work(console.actor("clerk")) as work:
        appeal = filing.file_appeal(
            work,
            practitioner=person,
            entry=entry,
            against="points",
            grounds="请复核",
            filed_by="practitioner",
        ).appeal.id
        evidence.attach(work, appeal, file_name="evidence.pdf", content=PDF)
    return appeal


def _application(console, person):
    application = console.application(person)
    with console.service.work(console.actor("clerk")) as work:
        remediation.attach(work, application, file_name="evidence.pdf", content=PDF)
    return application


def _correction(console, entry):
    with console.service.work(console.actor("clerk")) as work:
        told = corrections.draft(
            work, entry, value=1, basis="clerical", document_no="更正〔2026〕1号", reason="录入有误"
        )
    return told.id


def _lifting(console, person, institution):
    """The end that is proposed for a measure on a person who is not scored for it."""
    taken = HandlingMeasure(kind=MeasureKind.AGREEMENT_SUSPENDED, start=date(2025, 5, 20))
    entry = console.score(person, institution, None, taken).findings[0].measure_entry
    with console.service.work(console.actor("clerk")) as work:
        return liftings.draft(work, entry, reason="整改验收合格").id


def _reregistration(console, person, institution):
    today = BANNED_UNTIL.date()
    with console.service.work(console.actor("clerk")) as work:
        told = reregistrations.propose(
            work,
            person,
            on=today,
            affiliations=[AskedAffiliation(institution=institution, span=Span(today, None))],
            commitment_signed_on=today,
        )
    return told.id


def _registry_correction(console, person):
    with console.service.work(console.actor("admin")) as work:
        told = registry_corrections.draft(
            work, person, kind="person", fields={"name": "阿如娜其其格"}, reason="录入有误"
        )
    return told.id


def _merge(console, person, into):
    with console.service.work(console.actor("admin")) as work:
        told = merges.draft(work, person, into=into, reason="同一人")
    return told.id


def _refused(world, person):
    """The decision on a line of a terminated person, refused to the settlement system."""
    day = BANNED_UNTIL.date()
    with world.console.service.work(world.console.actor("settlement")) as work:
        check_lines(work, [make_check(person, day.isoformat(), day, world.ids["institution"], emergency=False)])
    return world.rows(select(eligibility_refusals.c.decision_id))[0].decision_id
