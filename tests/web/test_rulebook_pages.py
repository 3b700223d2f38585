"""The desk of rulebooks: what waits, what a draft changes, who may decide, and what every refusal says."""

from io import BytesIO

import pytest
from console_world import HOSPITAL, REFUSED, make_console
from own_law import text_of, with_value

from scoring_service.services.accounts.opening import add_account

CAP = "credits.points_cap_per_year"
BASE = "/rulebooks/national"


@pytest.fixture
def console(fresh_engine):
    made = make_console(fresh_engine)
    with made.service.work() as work:
        add_account(
            work, username="admin2", real_name="高云", roles=["office.admin"], staff_no="DEMO900", password="demo-admin2"
        )
    return made


@pytest.fixture
def proposer(console):
    return console.browser("admin")


@pytest.fixture
def approver(console):
    return console.browser("admin2")


def file_with(day="2025-07-01", value="6", key=CAP):
    return with_value(text_of("national"), key, f"{day}: {{value: {value}, source: S, verified: true}}")


def bring(browser, text, rulebook="national"):
    at = f"/rulebooks/{rulebook}/drafts/new"
    browser.page(at)
    return browser.post(at, file=(BytesIO(text.encode()), f"{rulebook}.yaml"))


def refused(browser, answer):
    assert answer.status_code == 303
    page = browser.page(answer.headers["Location"])
    assert REFUSED in page
    return page


def test_a_draft_shows_what_it_changes_and_is_adopted_by_another_person(console, proposer, approver):
    assert "没有待决定的草案" in approver.page("/rulebooks")
    assert bring(proposer, file_with()).headers["Location"] == f"{BASE}/drafts/1"
    own = proposer.page(f"{BASE}/drafts/1")
    assert "由另一位管理员决定" in own
    assert "drafts/1/approve" not in own
    assert "error-summary" not in own, "nothing was refused"
    assert "drafts/1/withdraw" in own
    assert "待决定的规则草案" in approver.page("/today")
    assert "待决定的规则草案" not in console.browser("clerk").page("/today")
    assert "第 1 号" in approver.page("/rulebooks")
    shown = approver.page(f"{BASE}/drafts/1")
    assert CAP.rsplit(".", maxsplit=1)[-1] in shown.replace("<wbr>", "")
    assert "drafts/1/withdraw" not in shown
    wrong_day = approver.asked(f"{BASE}/drafts/1/approve", version="1", begins_on="2025-07-02")
    assert "2025-07-01" in wrong_day.text
    approver.page(f"{BASE}/drafts/1")
    assert approver.post(f"{BASE}/drafts/1/approve", version="1", begins_on="2025-07-01").status_code == 303
    assert "已采纳" in approver.page(f"{BASE}/drafts/1")
    compared = approver.page(f"{BASE}?on=2025-06-02&against=2025-07-01")
    assert "的不同" in compared
    assert f"{BASE}?on=2025-07-01&amp;against=2025-01-01" in compared
    assert "这两天的规则完全相同" in approver.page(f"{BASE}?on=2025-06-02&against=2025-06-30")
    assert proposer.get(f"{BASE}/file").data == proposer.get(f"{BASE}/drafts/1/file").data == file_with().encode()
    assert "规则草案" in console.browser("auditor").page("/audit")


def test_a_wrong_file_is_told_beside_its_field_and_nothing_is_lost(proposer):
    spoiled = text_of("national").replace("{value: 9, source: A B", "{value: 0, source: A B")
    assert "national.yaml:17" in refused(proposer, bring(proposer, spoiled))
    assert "没有任何不同" in refused(proposer, bring(proposer, text_of("national")))
    assert "已施行的取值不得改动" in refused(proposer, bring(proposer, file_with("2025-06-02")))
    proposer.page(f"{BASE}/drafts/new")
    assert "请选择文件" in refused(proposer, proposer.post(f"{BASE}/drafts/new"))
    assert "没有待决定的草案" in proposer.page("/rulebooks")


def test_a_second_file_for_the_day_is_refused_and_a_rejected_one_makes_room(proposer, approver):
    bring(proposer, file_with())
    again = bring(approver, file_with(value="5"))
    assert "已有第 1 号草案" in approver.page(again.headers["Location"])
    approver.page(f"{BASE}/drafts/1")
    assert REFUSED in approver.asked(f"{BASE}/drafts/1/reject", version="1", reason="").text
    assert approver.post(f"{BASE}/drafts/1/reject", version="1", reason="依据不足").status_code == 303
    assert "依据不足" in proposer.page(f"{BASE}/drafts/1")
    bring(approver, file_with(value="5"))
    approver.page(f"{BASE}/drafts/2")
    assert approver.post(f"{BASE}/drafts/2/withdraw", version="1").status_code == 303
    assert "已撤回" in proposer.page(f"{BASE}/drafts/2")


def test_an_item_that_entries_use_is_dropped_before_the_approver_s_eyes(console, proposer, approver):
    console.score(console.people["蓝一"], HOSPITAL, 5)
    bring(proposer, with_value(text_of("national"), "items.overtreatment", "2025-07-01: {value: null, source: S, verified: true}"))
    assert "已有 1 条记录依据该事项" in approver.page(f"{BASE}/drafts/1")


def test_a_rulebook_tells_which_others_have_a_value_of_their_own(approver):
    assert "另有规定：" in approver.page(BASE)
    assert "另有规定：" not in approver.page("/rulebooks/chifeng")
    reader = approver.page("/rulebooks")
    assert "待决定的草案" in reader


def test_an_administrator_of_a_region_changes_that_rulebook_only(console):
    with console.service.work() as work:
        new = {"username": "regional", "roles": ["office.admin"], "staff_no": "DEMO901", "password": "demo-regional"}
        add_account(work, region="1504", **new)
    regional = console.browser("regional")
    assert "提出修改" not in regional.page(BASE)
    assert "提出修改" in regional.page("/rulebooks/chifeng")
    assert regional.get(f"{BASE}/drafts/new").status_code == 403


def test_who_decides_nothing_proposes_nothing(console):
    page = console.browser("clerk").page(BASE)
    assert "提出修改" not in page
    assert console.browser("clerk").get(f"{BASE}/drafts/new").status_code == 403
    assert "待决定的草案" not in console.browser("clerk").page("/rulebooks")
