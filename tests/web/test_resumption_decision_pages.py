"""A resumption on the office's desk: among what waits, seen before it is pressed, granted, or overtaken meanwhile."""

from datetime import date, datetime

import pytest
from console_world import REFUSED, make_console, path_of
from sqlalchemy import select

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.standing import Span
from scoring_service.db.tables import resumptions
from scoring_service.services.proposals.resumptions import consent, file_resumption
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner

THERE, SINCE = "H37010200001", date(2025, 1, 1)
# The fourteenth working day before the end of a term of two months from 3 June 2025.
WITHIN = datetime(2025, 7, 15, 9, tzinfo=CIVIL_ZONE)


@pytest.fixture
def console(fresh_engine):
    console = make_console(fresh_engine)
    with console.service.work() as work:
        register_institution(
            work, code=THERE, name="济南市中心医院", kind="hospital", region="370102", agreement=Span(SINCE, None)
        )
        console.people["鲁一"] = register_practitioner(
            work,
            code="D370102000001",
            name="鲁一",
            category="doctor",
            registered_on=SINCE,
            affiliations=[AskedAffiliation(institution=THERE, span=Span(SINCE, None))],
        ).id
    person = console.people["鲁一"]
    console.score(person, THERE, 9)
    with console.service.work() as work:
        work.service.clock.advance(work.conn, WITHIN)
    with console.service.work(console.actor("clerk")) as work:
        filed = file_resumption(work, practitioner=person, statement="已完成整改")
        consent(work, filed.id, institution=THERE)
    return console


@pytest.fixture
def path(console):
    with console.service.engine.connect() as conn:
        return f"/decisions/resumptions/{conn.execute(select(resumptions.c.id)).scalar_one()}"


def state(console):
    with console.service.engine.connect() as conn:
        return conn.execute(select(resumptions.c.state)).scalar_one()


def test_what_waits_is_seen_and_granted(console, path):
    reviewer = console.browser("reviewer")
    assert "恢复申请" in reviewer.page("/today")
    assert "鲁一" in reviewer.page("/decisions")
    page = reviewer.page(path)
    assert "待评估" in page
    assert "已完成整改" in page
    assert state(console) == "consented"
    assert path_of(reviewer.post(f"{path}/approve", version="2")) == path
    assert "已恢复" in reviewer.page(path)
    english = console.browser("reviewer")
    english.get("/language/en?target=/today")
    assert "Granted" in english.page(path)


def test_one_is_refused_with_a_reason(console, path):
    reviewer = console.browser("reviewer")
    reviewer.page(path)
    reviewer.post(f"{path}/reject", version="2", reason="材料不全")
    page = reviewer.page(path)
    assert "不予恢复" in page
    assert "材料不全" in page


def test_one_that_was_overtaken_lapses_and_the_page_says_why(console, path):
    reviewer = console.browser("reviewer")
    reviewer.page(path)
    console.score(console.people["鲁一"], THERE, 1)
    page = reviewer.page(path)
    assert "起可以申请恢复" in page
    assert state(console) == "consented"
    answer = reviewer.asked(f"{path}/approve", version="2")
    assert REFUSED in answer.text or "起可以申请恢复" in answer.text
    assert state(console) == "lapsed"
    assert "已失效" in reviewer.page(path)
