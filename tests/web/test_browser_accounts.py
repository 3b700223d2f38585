"""In real Chromium: an account opened by two people in 8 clicks at most, closed in 4; pages fit in both languages."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from console_visitor import WIDE

from scoring_service.services.accounts.opening import NewAccount, add_account, request_account

NARROWEST = {"width": 360, "height": 800}
OPENED_IN, CLOSED_IN = 8, 4


class Clicks:
    """A window whose clicks are counted."""

    def __init__(self, window):
        self.window, self.page, self.number = window, window.page, 0

    def on(self, selector):
        self.page.click(selector)
        self.number += 1


@pytest.fixture(scope="module")
def second(console):
    with console.service.work() as work:
        add_account(work, username="admin2", real_name="高云", roles=["office.admin"], staff_no="DEMO900", password="demo-admin2")


def entered(visitor, username):
    window = visitor()
    window.go("/demo")
    window.page.click(f"form:has(input[value='{username}']) button")
    return Clicks(window)


@pytest.mark.usefixtures("second")
def test_two_people_open_an_account_and_one_closes_it(visitor):
    maker, other = entered(visitor, "admin"), entered(visitor, "admin2")
    maker.on("nav.menu a:has-text('账号')")
    maker.on("a:has-text('申请开立账号')")
    for name, value in (("real_name", "包·图雅"), ("staff_no", "N7"), ("username", "tuya")):
        maker.page.fill(f"#{name}", value)
    maker.on("label:has-text('经办人')")
    maker.on("button:has-text('提交申请')")
    other.on("nav.menu a:has-text('账号')")
    other.on("nav.tabs a:has-text('待批准')")
    other.on("a:has-text('包·图雅')")
    other.on("button:has-text('批准开立')")
    assert re.search(r"一次性密码：[a-z2-9-]{19}", other.page.text_content("main"))
    assert maker.number + other.number <= OPENED_IN, (maker.number, other.number)

    closing = Clicks(maker.window)
    closing.on("nav.menu a:has-text('账号')")
    closing.on("a:has-text('包·图雅')")
    closing.on("summary:has-text('注销账号')")
    closing.page.fill("details[open] #reason", "调离")
    closing.on("button:has-text('确认：注销账号')")
    assert "已注销" in closing.page.text_content("h1")
    assert closing.number <= CLOSED_IN


@pytest.mark.usefixtures("second")
def test_every_page_of_accounts_is_readable_in_both_languages_and_widths(console, visitor):
    new = NewAccount(username="waiting", real_name="呼和浩特·斯琴", roles=["office.reviewer", "office.appeals"], staff_no="N8")
    with console.service.work(console.actor("admin")) as work:
        request_account(work, new)
    window = entered(visitor, "admin2").window
    found = []
    for language in ("en", "zh"):
        window.go(f"/language/{language}?target=/glossary")
        for path in ("/accounts", "/accounts?tab=waiting", "/accounts?tab=left", "/account-requests/new", "/accounts/waiting", "/accounts/clinic", "/roles"):
            window.go(path)
            for size in (NARROWEST, WIDE):
                window.page.set_viewport_size(size)
                if window.overflow() > 0:
                    found.append((language, path, size["width"], window.overflow()))
            found += [(language, path, violation["id"]) for violation in Axe().run(window.page).response["violations"]]
    assert found == []
