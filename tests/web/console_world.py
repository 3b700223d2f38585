"""A console with a small world behind it: the demo's accounts, one hospital, a few people."""

import itertools
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from consents import agreed
from flask import Flask
from flask.testing import FlaskClient
from own_law import OWN_LAW
from sqlalchemy import Engine, select, update
from werkzeug.test import TestResponse

from scoring_service import demo
from scoring_service.app import create_app
from scoring_service.clock import start_clock
from scoring_service.core.standing import Span
from scoring_service.db.tables import accounts, installation, notices
from scoring_service.runtime.assembly import make_service
from scoring_service.services.appeals import experts, explaining, filing
from scoring_service.services.cases import drafting
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Handling, HandlingMeasure
from scoring_service.services.cases.findings import Finding
from scoring_service.services.proposals import remediation
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings

NOW = datetime.fromisoformat("2025-06-02T09:00:00+08:00")
HOSPITAL, HOSPITAL_NAME = "H15040290001", "红山区测试医院"
# Markup, a right-to-left mark and a character of four bytes: each is shown as it is, and harms nothing.
HOSTILE_NAME = "<b>巴图</b>\u202e𠮷"
PEOPLE = {"蓝一": "D150402900001", "蓝二": "D150402900002", "蓝三": "D150402900003", HOSTILE_NAME: "D150402900004"}
# What a page shows of a form that came back with errors.
REFUSED = 'class="error-summary"'
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_NUMBERS = itertools.count(100)
CLERK = Actor(account_id=None, username="seed", staff_no="SEED1", roles=frozenset({"office.clerk"}))


def make_console(engine: Engine, *, rulebooks_dir: Path = OWN_LAW, **chosen: Any) -> "Console":
    """A console on a fresh database; `chosen` are further settings."""
    settings = Settings(
        demo="accounts",
        clock="simulated",
        clock_start=NOW,
        secret_key="secret-of-the-tests-" * 2,
        identity_key="identity-of-the-tests-" * 2,
        rulebooks_dir=rulebooks_dir,
        **chosen,
    )
    with engine.begin() as conn:
        start_clock(conn, settings)
    service = make_service(settings, engine)
    demo.seed(service, "accounts")
    with engine.begin() as conn:
        conn.execute(update(installation).values(seeded="accounts", seeded_at=NOW))
    console = Console(app=create_app(settings, service), service=service)
    console.settle()
    return console


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    app: Flask
    service: Service
    people: dict[str, str] = field(default_factory=dict)

    def settle(self) -> None:
        """Register the hospital and its people; ids by name."""
        since = date(2025, 1, 1)
        with self.service.work() as work:
            register_institution(
                work, code=HOSPITAL, name=HOSPITAL_NAME, kind="hospital", region="150402", agreement=Span(since, None)
            )
            for name, code in PEOPLE.items():
                asked = [AskedAffiliation(institution=HOSPITAL, span=Span(since, None))]
                told = register_practitioner(
                    work, name=name, code=code, category="doctor", registered_on=since, affiliations=asked
                )
                self.people[name] = told.id

    def case(
        self,
        person: str,
        points: int | None,
        *,
        submitted: bool = True,
        item: str = "overtreatment",
        institution: str = HOSPITAL,
        measure: HandlingMeasure | None = None,
    ) -> Any:
        """A case by the demo's clerk on one person, by name or ref; its id and version."""
        handling = Handling(
            kind="penalty", authority="赤峰市医疗保障局", document_no=f"赤医保罚〔2025〕{next(_NUMBERS)}号", decided_on=date(2025, 5, 20)
        )
        handling = replace(handling, measure=measure)
        finding = Finding(practitioner=PEOPLE.get(person, person), item=item, degree="main", points=points, reason="已核实")
        with self.service.work(self.actor("clerk")) as work:
            told = drafting.draft(
                work, institution=institution, handling=handling, summary="抽查发现", findings=[finding]
            )
            return drafting.submit(work, told.id) if submitted else told

    def approved(self, name: str, points: int) -> Any:
        return self.score(PEOPLE[name], HOSPITAL, points)

    def score(self, ref: str, institution: str, points: int | None, measure: HandlingMeasure | None = None) -> Any:
        """An approved case on one person of an institution; without points they are responsible for a measure."""
        told = self.case(ref, points, institution=institution, measure=measure)
        with self.service.work(self.actor("reviewer")) as work:
            return approve(work, told.id)

    def letters(self, person: str) -> dict[tuple[str, str], str]:
        """The ids of a person's notices, by the kind of their addressee and their own."""
        columns = (notices.c.addressee_kind, notices.c.kind, notices.c.id)
        with self.service.engine.connect() as conn:
            rows = conn.execute(select(*columns).where(notices.c.practitioner_id == person)).all()
        return {(row.addressee_kind, row.kind): row.id for row in rows}

    def application(self, person: str, effect: str = "points", *, consented: bool = True) -> str:
        """An application of a person for remediation, recorded by the clerk with its consent; its id."""
        with self.service.work(self.actor("clerk")) as work:
            filed = remediation.file_application(
                work,
                practitioner=person,
                activity="online_course",
                completed_on=date(2025, 6, 1),
                effect=effect,
                evidence="证书 2025-88 号",
            )
            return agreed(work, filed) if consented else filed.id

    def appeal(self, person: str, entry: str) -> str:
        """An appeal of the demo's doctor that the clinic countersigned and an expert hears; its id."""
        filed = {"against": filing.POINTS, "entry": entry, "grounds": "诊疗有依据。", "filed_by": "practitioner"}
        with self.service.work(self.actor("doctor")) as work:
            appeal_id = filing.file_appeal(work, practitioner=person, **filed).appeal.id
        with self.service.work(self.actor("clinic")) as work:
            filing.countersign(work, appeal_id)
        with self.service.work(self.actor("reviewer")) as work:
            explaining.explain(work, appeal_id, text="依据现场检查笔录。")
        with self.service.work(self.actor("doctor")) as work:
            explaining.insist(work, appeal_id)
        with self.service.work(self.actor("appeals")) as work:
            filing.accept(work, appeal_id)
            experts.assign(work, appeal_id, experts=["expert"], reason="熟悉该专业")
        return str(appeal_id)

    def actor(self, username: str) -> Actor:
        return demo.accounts.demo_actors(self.service)[username]

    def bound(self, username: str) -> Any:
        """What a demo account is bound to: `institution_code`, `practitioner_id`."""
        with self.service.engine.connect() as conn:
            return conn.execute(select(accounts).where(accounts.c.username == username)).one()

    def browser(self, username: str | None = None) -> "Browser":
        """A browser without JavaScript, signed in as a demo account by its one click."""
        browser = Browser(client=self.app.test_client())
        if username is not None:
            browser.get("/demo")
            assert browser.post("/demo/enter", username=username).status_code == 303
        return browser


@dataclass(slots=True, kw_only=True)
class Browser:
    """Flask's client that keeps cookies and sends each form with the token of the page before."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._kept(self.client.get(path, **kwargs))

    def post(self, path: str, **fields: Any) -> TestResponse:
        data = {"csrf_token": self.token} | fields
        return self._kept(self.client.post(path, data=data))

    def asked(self, path: str, **fields: Any) -> TestResponse:
        """Send a question or a form that comes back; the page at the address that it leads to."""
        answer = self.post(path, **fields)
        assert answer.status_code == 303, (path, answer.status_code)
        assert "form=" in answer.headers["Location"] or path == "/find", answer.headers["Location"]
        page = self.get(answer.headers["Location"])
        assert page.status_code == 200, (path, page.status_code)
        return page

    def found(self, typed: str) -> str:
        """The page that a search leads to: of what was found, or of the one thing with that code or number."""
        answer = self.post("/find", q=typed)
        assert answer.status_code == 303, answer.status_code
        assert typed.strip() not in answer.headers["Location"]
        return self.page(answer.headers["Location"])

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
        return as_seen(answer)

    def _kept(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and (found := TOKEN.search(answer.text)):
            self.token = found[1]
        return answer

    def cookie(self, name: str) -> Any:
        return self.client.get_cookie(name)


def as_seen(answer: TestResponse) -> str:
    """The text without the marks that only keep a day on one line."""
    text = re.sub(r'<span class="whole">([0-9-]{10}|[A-Z]\w\w \d+ \w{3} \d{4})</span>', r"\1", answer.text)
    return without_marks(text)


def without_marks(text: str) -> str:
    """A text as one reads it: what keeps a day on one line is a space, or nothing."""
    return text.replace("\u00a0", " ").replace("\u2060", "")


def path_of(answer: TestResponse) -> str:
    return urlsplit(answer.headers["Location"]).path
