"""What pages say of a suspension that no end of a term ends: within the term, after it, and who tells whom."""

from datetime import datetime

import pytest
from console_world import HOSPITAL, PEOPLE, as_seen, make_console
from own_law import on_application
from sqlalchemy import update

from scoring_service.db.tables import accounts

AFTER_THE_TERM = datetime.fromisoformat("2025-09-01T09:00:00+08:00")
MAY_APPLY = "期满不自动恢复：须申请，经机构同意、医保部门评估通过。"


@pytest.fixture(scope="module")
def console(module_engine, tmp_path_factory):
    """The small world under a law whose suspensions end on application; 蓝一 is suspended on 2 June for two months."""
    console = make_console(module_engine, rulebooks_dir=on_application(tmp_path_factory.mktemp("rulebooks")))
    ours = {"clinic": {"institution_code": HOSPITAL}, "doctor": {"practitioner_id": console.people["蓝一"]}}
    with module_engine.begin() as conn:
        for username, place in ours.items():
            conn.execute(update(accounts).where(accounts.c.username == username).values(**place))
    console.approved("蓝一", 9)
    return console


@pytest.fixture(scope="module")
def term_over(console):
    """The same world a month after the last day of the term."""
    with console.service.engine.begin() as conn:
        console.service.clock.advance(conn, AFTER_THE_TERM)
    return console


def checked(console, day):
    clinic = console.browser("clinic")
    clinic.page("/clinic/check")
    return as_seen(clinic.asked("/clinic/check", ref=PEOPLE["蓝一"], day=day))


def test_the_counter_is_told_of_the_term_and_of_what_follows_it(console):
    began = "自2025-06-03 周二起暂停医保支付资格，"
    assert f"{began}可恢复之日不早于2025-08-03 周日；急诊、抢救除外。" in checked(console, "2025-06-03")
    over = f"{began}暂停期已于2025-08-02 周六届满，尚待经办机构评估恢复；急诊、抢救除外。"
    assert over in checked(console, "2025-08-03")


def test_a_suspension_that_is_to_begin_promises_no_return(console):
    for username, path in (("doctor", "/me"), ("clerk", f"/people/{console.people['蓝一']}")):
        page = console.browser(username).page(path)
        assert "自 2025-06-03 周二 起暂停资格，最后一日 2025-08-02 周六。" in page
        assert "恢复。" not in page


@pytest.mark.parametrize("username", ["clinic", "clerk", "doctor"])
def test_after_the_term_a_file_says_that_the_person_is_not_restored(term_over, username):
    path = "/me" if username == "doctor" else f"/people/{term_over.people['蓝一']}"
    page = term_over.browser(username).page(path)
    assert "暂停期已于 2025-08-02 周六 届满，尚未恢复（一次性记分）。" in page
    assert "经申请、机构同意、医保部门评估通过后恢复。" in page
    assert '<section class="summary summary-warning"' in page
    assert '<span class="badge-plain badge-warning">期满待恢复</span>' in page
    assert "状态仍为暂停" in page


def test_after_the_term_a_list_shows_who_waits(term_over):
    for username, path in (("clinic", "/clinic/people?status=suspended"), ("clerk", "/people?status=suspended")):
        page = term_over.browser(username).page(path)
        assert "蓝一" in page
        assert "期满待恢复" in page


def test_a_term_that_runs_is_told_to_end_nothing(term_over):
    term_over.approved("蓝二", 9)
    with term_over.service.engine.begin() as conn:
        term_over.service.clock.advance(conn, datetime.fromisoformat("2025-09-02T09:00:00+08:00"))
    page = term_over.browser("clerk").page(f"/people/{term_over.people['蓝二']}")
    assert "暂停医保支付资格：2025-09-02 周二 至 2025-11-01 周六（含）（一次性记分）。" in page
    assert MAY_APPLY in page
    assert '<span class="badge-plain badge-warn">期限内</span>' in page
    assert "期满待恢复" not in page


def test_the_glossary_tells_how_a_suspension_ends(console):
    page = console.browser("clerk").page("/glossary")
    assert "暂停期满不自动恢复。期满前 15 个工作日起可以申请，经机构同意，医保部门在 10 个工作日内评估" in page
    assert "正在执行的暂停或终止不因此解除" in page
