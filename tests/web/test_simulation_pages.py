"""A draft tried on a year on its page: numbers before and after, the people, and what it says when there is nothing."""

import pytest
from console_world import make_console
from own_law import text_of, with_value
from test_rulebook_pages import bring

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
