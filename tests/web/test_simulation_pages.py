"""A draft tried on a year on its page: numbers before and after, the people, and what it says when there is nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from console_world import make_console
from own_law import text_of, with_value
from sqlalchemy import insert, select
from test_rulebook_pages import bring

from scoring_service.db.tables.rulebook_drafts import rulebook_drafts
from scoring_service.services.simulation import drafts

MONTHS = "suspension_months.single.9"
AT = "/rulebooks/national/drafts/1"


@pytest.fixture
def console(fresh_engine):
    return make_console(fresh_engine)


def brought(console, value="3", key=MONTHS):
    browser = console.browser("admin")
    bring(browser, with_value(text_of("national"), key, f"2025-07-01: {{value: {value}, source: S, verified: true}}"))
    return browser


def test_the_people_and_the_numbers_of_a_year_are_shown_before_and_after(console):
    console.approved("蓝一", 9)
    browser = brought(console)
    assert f"{AT}/simulation" in browser.page(AT)
    page = browser.page(f"{AT}/simulation")
    assert "1 人中，1 人的结果会不同" in page
    assert "结果会不同的人员" in page
    assert "延长到" in page
    assert "没有改动任何档案" in page
    assert "结果会不同的机构" in page


def test_a_year_in_which_nobody_would_have_fared_otherwise_says_so(console):
    console.approved("蓝一", 3)
    browser = brought(console)
    assert "没有人的结果会不同" in browser.page(f"{AT}/simulation?year=2025")
    for wrong in ("1999", "abc", "2031"):
        assert browser.page(f"{AT}/simulation?year={wrong}")


def test_a_year_without_entries_says_so(console):
    assert "2025 年没有可以试算的记录" in brought(console).page(f"{AT}/simulation")


@pytest.mark.parametrize(("language", "place"), [("zh", "national.yaml:17: 此处应为"), ("en", "national.yaml:17: a whole")])
def test_a_draft_that_became_faulty_says_in_which_line(console, language, place):
    browser = brought(console)
    faulty = text_of("national").replace("{value: 9, source: A B", "{value: 0, source: A B")
    with console.service.engine.begin() as conn:
        row = dict(conn.execute(select(rulebook_drafts)).mappings().one())
        other = {"id": uuid4(), "n": 2, "begins_on": row["begins_on"] + timedelta(days=1), "content": faulty}
        conn.execute(insert(rulebook_drafts).values(row | other))
    browser.client.set_cookie("scoring_language", language)
    assert place in browser.page("/rulebooks/national/drafts/2/simulation")


def test_a_year_too_large_for_a_page_names_the_command(console, monkeypatch):
    console.approved("蓝一", 9)
    console.approved("蓝二", 3)
    browser = brought(console)
    monkeypatch.setattr(drafts, "MOST_ENTRIES", 0)
    assert "该年度有 2 条记录" in browser.page(f"{AT}/simulation")
    browser.client.set_cookie("scoring_language", "en")
    page = browser.page(f"{AT}/simulation")
    assert "<p>the year has 2 entries: try it by the command scoring-service simulate on the server</p>" in page
