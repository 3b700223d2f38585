"""Two administrators change a value of the law in real Chromium, in at most ten clicks; its pages are readable."""

import os

import pytest
from console_visitor import NARROW
from console_world import HOSPITAL
from own_law import text_of, with_value
from test_browser_two_stages import faults

from scoring_service.services.accounts.opening import add_account
from scoring_service.services.rulebooks import drafts

MOST_CLICKS = 10
CAP = "credits.points_cap_per_year"
SHOTS = os.environ.get("SCORING_TEST_SHOTS")


def law(day, value, key=CAP, rulebook="national", source="S"):
    return with_value(text_of(rulebook), key, f"{day}: {{value: {value}, source: {source}, verified: true}}")


@pytest.fixture(scope="module", autouse=True)
def second(console):
    with console.service.work() as work:
        add_account(
            work, username="admin2", real_name="高云", roles=["office.admin"], staff_no="DEMO900", password="demo-admin2"
        )


def propose(console, rulebook, text):
    with console.service.work(console.actor("admin")) as work:
        return drafts.propose(work, rulebook, filename=f"{rulebook}.yaml", content=text.encode()).draft


class Clicks:
    """A window whose clicks are counted, the choice of a file among them."""

    count = 0

    def __init__(self, window):
        self.window, self.page = window, window.page

    def on(self, selector):
        Clicks.count += 1
        self.page.click(selector)

    def file(self, path):
        Clicks.count += 1
        self.page.set_input_files("input[type=file]", path)


def test_two_people_adopt_a_changed_value_in_ten_clicks(console, visitor, tmp_path):
    path = tmp_path / "national.yaml"
    wrong = text_of("national").replace("{value: 9, source: A B", "{value: 0, source: A B")
    proposer, approver = Clicks(visitor("admin")), Clicks(visitor("admin2"))
    proposer.on("nav.menu a:has-text('规则')")
    proposer.on("main a:has-text('国家定点')")
    proposer.on("a:has-text('提出修改')")
    path.write_text(wrong, encoding="utf-8")
    proposer.page.set_input_files("input[type=file]", path)
    proposer.page.click("button:has-text('上传并检查')")
    assert "national.yaml:17" in proposer.page.inner_text(".error-summary")
    path.write_text(law("2025-07-01", 6), encoding="utf-8")
    proposer.file(path)
    proposer.on("button:has-text('上传并检查')")
    shown = proposer.page.inner_text("main")
    assert "每年修复分值上限" in shown or CAP in shown
    assert "由另一位管理员决定" in shown
    approver.window.go("/today")
    approver.on("a:has-text('待决定的规则草案')")
    approver.on("main a:has-text('第 1 号')")
    approver.on("summary:has-text('采纳')")
    approver.on("button:has-text('确认：自')")
    assert "已采纳" in approver.page.inner_text("main")
    assert Clicks.count <= MOST_CLICKS
    approver.window.go("/rulebooks/chifeng?on=2025-07-01")
    assert "6" in approver.page.inner_text(f"tr:has-text('{CAP}') .rule-value")
    approver.window.go("/rulebooks/chifeng?on=2025-06-30")
    assert "4" in approver.page.inner_text(f"tr:has-text('{CAP}') .rule-value")


def test_the_pages_are_readable_in_both_languages_and_widths(console, visitor):
    console.score(console.people["蓝一"], HOSPITAL, 5)
    text = with_value(
        text_of("chifeng"), "suspension_months.single.10", "2025-09-01: {value: 5, source: D-IM, verified: true}"
    )
    waiting = propose(console, "chifeng", text)
    window = visitor("admin2")
    at = f"/rulebooks/chifeng/drafts/{waiting.n}"
    pages = {
        "list": "/rulebooks",
        "rulebook": "/rulebooks/national?on=2025-06-02&against=2025-07-02",
        "new": "/rulebooks/chifeng/drafts/new",
        "draft": at,
        "adopted": "/rulebooks/national/drafts/1",
        "today": "/today",
    }
    assert [fault for path in pages.values() for fault in faults(window, path)] == []
    if SHOTS:
        for language, width, scheme in (("zh", {"width": 1280, "height": 900}, "light"), ("en", NARROW, "dark")):
            window.page.emulate_media(color_scheme=scheme)
            window.go(f"/language/{language}?target=/glossary")
            window.page.set_viewport_size(width)
            for name, path in pages.items():
                window.go(path)
                window.page.screenshot(path=f"{SHOTS}/{name}-{language}.png", full_page=name != "rulebook")
