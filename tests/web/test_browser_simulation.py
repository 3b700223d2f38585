"""A head of office asks in real Chromium what a draft would have done to a year: from home to a person's file."""

import pytest
from own_law import text_of, with_value

from scoring_service.services.accounts.opening import add_account
from scoring_service.services.rulebooks import drafts

MONTHS = "suspension_months.single.9"
# What leads there in each language: the menu, the list of drafts, the trial, and what stands on it.
WORDS = {
    "zh": ("规则", "国家", "试算：放在过去一年", "4 人中，1 人的结果会不同。", "延长到", "没有 2024 年的数据"),
    "en": ("Rulebooks", "National", "Try it on a past year", "1 person of 4 would have been treated differently.", "extended to", "There are no data of 2024"),
}


@pytest.fixture(scope="module", autouse=True)
def drafted(console):
    """A draft by one administrator that lengthens a suspension, and four people scored; another opens it."""
    for name, points in (("蓝一", 9), ("蓝二", 3), ("蓝三", 2)):
        console.approved(name, points)
    console.score(console.bound("doctor").practitioner_id, console.bound("clinic").institution_code, 1)
    text = with_value(text_of("national"), MONTHS, "2025-07-01: {value: 3, source: S, verified: true}")
    with console.service.work(console.actor("admin")) as work:
        drafts.propose(work, "national", filename="national.yaml", content=text.encode())
    with console.service.work() as work:
        head = {"username": "head", "real_name": "高云", "staff_no": "DEMO900", "password": "demo-head"}
        add_account(work, roles=["office.admin"], **head)


@pytest.mark.parametrize("language", WORDS)
def test_who_would_have_been_treated_otherwise_is_four_clicks_from_home(visitor, language):
    menu, rulebook, trial, sentence, outcome, nothing = WORDS[language]
    one = visitor()
    one.go(f"/language/{language}?target=/sign-in")
    one.page.fill("#username", "head")
    one.page.fill("#password", "demo-head")
    one.page.click("main form button")
    one.page.click(f".menu a:has-text('{menu}')")
    one.page.click(f"main table a:has-text('{rulebook}')")
    one.page.click(f"main a:has-text('{trial}')")
    one.page.click("main .tabs a:has-text('2025')")
    page = one.page.inner_text("main")
    assert sentence in page
    row = one.page.locator("main tr:has(a:text-is('蓝一'))")
    assert outcome in row.inner_text()
    assert one.page.locator("main tr:has(a:text-is('蓝二'))").count() == 0
    at = one.page.url
    row.locator("a").click()
    assert "蓝一" in one.page.inner_text("h1")
    one.go(at.removeprefix(one.address).replace("2025", "2024"))
    assert nothing in one.page.inner_text("main")


def test_a_clerk_finds_no_draft_and_no_trial(visitor):
    clerk = visitor("clerk")
    clerk.go("/rulebooks/national")
    assert clerk.page.locator("a[href*='/drafts/']").count() == 0
    assert clerk.go("/rulebooks/national/drafts/1/simulation").status == 403
