"""Accounts in the console: asked for and approved by two people, changed, reset, closed, read; names beside acts."""

import re

import pytest
from console_world import REFUSED

from scoring_service.api.pipeline.access import ROWS
from scoring_service.services.accounts import acts, opening
from scoring_service.services.accounts.names import real_names
from scoring_service.web.frame.pages import ACCESS

PASSWORD = re.compile(r"一次性密码：([a-z2-9-]{19})")


@pytest.fixture(scope="module")
def browsers(console):
    """The demo's administrator and a second one."""
    new = {"username": "admin2", "real_name": "高云", "roles": ["office.admin"], "staff_no": "DEMO900"}
    with console.service.work() as work:
        opening.add_account(work, password="demo-admin2", **new)
    return console.browser("admin"), console.browser("admin2")


def asked(browser, username, **other):
    """The page of the account that a browser asks for."""
    browser.page("/account-requests/new")
    fields = {"username": username, "real_name": "包·图雅", "staff_no": f"N-{username}", "roles": "office.clerk"}
    answer = browser.post("/account-requests/new", **fields | other)
    assert answer.headers["Location"] == f"/accounts/{username}", answer.headers["Location"]
    return browser.page(f"/accounts/{username}")


def acted(browser, username, act, **fields):
    """The account's page after an act that was done."""
    browser.page(f"/accounts/{username}")
    answer = browser.post(f"/accounts/{username}/{act}", **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/accounts/{username}")
    return browser.page(f"/accounts/{username}")


def test_the_only_administrator_is_told_that_another_is_needed_and_stays_one(console):
    """First: the others open a second one."""
    browser = console.browser("admin")
    assert "只有一名不限区域的管理员" in browser.page("/accounts")
    browser.page("/accounts/admin")
    sent = {"roles": "office.clerk", "real_name": "郑海燕", "region": "", "why": ""}
    assert "最后一名不限区域的管理员" in browser.asked("/accounts/admin/change", **sent).text


def test_an_account_goes_its_way_in_the_console(console, browsers):
    maker, other = browsers
    page = asked(maker, "tuya")
    assert "由您提出，须由另一名管理员决定" in page
    assert "批准开立" not in page
    assert "tuya" in other.page("/accounts?tab=waiting")
    page = acted(other, "tuya", "approve")
    password = PASSWORD.search(page)[1]
    assert password not in other.page("/accounts/tuya"), "shown once"
    visitor = console.browser()
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", username="tuya", password=password, target="/").headers["Location"] == "/account"
    acted(maker, "tuya", "change", roles=["office.clerk", "office.reviewer"], region="1504", real_name="包·图雅", why="兼任")
    assert "变更待批准" in other.page("/accounts/tuya")
    page = acted(other, "tuya", "approve")
    assert "审核人" in page
    assert PASSWORD.search(acted(other, "tuya", "reset"))
    page = acted(maker, "tuya", "close", reason="调离")
    assert "已注销" in page
    for words in ("申请开立", "批准开立", "首次登录", "提出变更", "批准变更", "重置密码", "注销", "调离", "郑海燕（admin）", "高云（admin2）"):
        assert words in page
    assert "确认：" not in page, "what is closed has no acts"


def test_a_request_is_refused_or_taken_back(browsers):
    maker, other = browsers
    asked(maker, "wrong1")
    page = acted(other, "wrong1", "refuse", reason="工号有误")
    assert "工号有误" in page
    assert "撤回申请" in asked(maker, "wrong2")
    assert "已注销" in acted(maker, "wrong2", "close", reason="重复")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"roles": ""}, "请至少选一个角色"),
        ({"real_name": ""}, "请填写"),
        ({"username": "admin"}, "用户名已被使用"),
        ({"username": "a b"}, "用户名为 1 至 64 个"),
        ({"roles": "institution"}, "请填写"),
        ({"roles": "institution", "institution": "没有这样的医院"}, "没有找到"),
        ({"roles": "practitioner", "practitioner": "蓝"}, "不止一个符合"),
        ({"region": "x"}, "行政区划代码"),
    ],
)
def test_a_wrong_request_comes_back_with_what_to_do(browsers, fields, words):
    browser, _ = browsers
    browser.page("/account-requests/new")
    sent = {"username": "never", "real_name": "包一", "staff_no": "N9", "roles": "office.clerk"} | fields
    page = browser.asked("/account-requests/new", **sent).text
    assert words in page
    assert "N9" in page


def test_an_account_is_bound_by_the_name_of_an_institution_or_a_person(browsers):
    browser, _ = browsers
    assert "红山区测试医院" in asked(browser, "desk1", roles="institution", institution="测试医院")
    assert "蓝一" in asked(browser, "doc1", roles="practitioner", practitioner="蓝一")


def test_what_may_not_be_done_is_told_on_the_page(console, browsers):
    maker, other = browsers
    asked(maker, "early")
    for browser, act, words in (
        (maker, "approve", None),
        (other, "reset", "当前状态为"),
        (other, "change", "当前状态为"),
    ):
        browser.page("/accounts/early")
        answer = browser.post(f"/accounts/early/{act}", roles="office.clerk", why="")
        if words is None:
            assert answer.status_code == 403
        else:
            assert words in browser.get(answer.headers["Location"]).text
    page = maker.asked("/accounts/early/close", reason="").text
    assert REFUSED in page


def test_the_auditor_reads_and_acts_on_none(console):
    auditor = console.browser("auditor")
    for path in ("/accounts", "/accounts/clerk", "/roles"):
        assert "申请开立账号" not in (page := auditor.page(path))
        assert "确认：" not in page
    assert ACCESS["web.close_account"] == {"office.admin"}


def test_names_stand_beside_what_people_did_for_the_office_only(console):
    case = console.approved("蓝一", 2)
    page = console.browser("auditor").page(f"/cases/{case.id}")
    assert "赵丽娟（clerk）" in page
    assert "钱国栋（reviewer）" in page
    assert "\0" not in page
    with console.service.work(console.actor("clinic")) as work:
        assert real_names(work, ["clerk"]) == {}
    clinic = console.browser("clinic")
    assert "赵丽娟" not in clinic.page("/letters")
    with console.service.work(console.actor("clinic")) as work:
        assert real_names(work, ["clinic", "clerk", "settlement"]) == {"clinic": "冯小兰"}


def test_every_right_has_words_in_both_languages():
    unnamed = {row.path for row in ROWS if row.admitted and " / " not in acts.words_of(row)[0]}
    assert unnamed == set()
    shown = acts.role_acts(ROWS)
    assert len(shown) > 80
    by_words = {(act.subject.split(" / ")[0], act.deed.split(" / ")[0]): set(act.roles) for act in shown}
    assert by_words["更正", "通过"] == {"office.reviewer"}
    assert by_words["账号", "注销"] == {"office.admin"}
