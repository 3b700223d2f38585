"""The head of office in real Chromium: worst institutions and what changed since last month, two clicks from home."""

import pytest
from console_world import HOSPITAL_NAME, PEOPLE


class Clicks:
    """Counts what a visitor clicks."""

    def __init__(self, visitor):
        self.page, self.count = visitor.page, 0

    def on(self, selector):
        self.count += 1
        self.page.click(selector)


@pytest.fixture(scope="module")
def scored(console):
    for name, points in zip(PEOPLE, (10, 3, 2, 1), strict=True):
        console.approved(name, points)


@pytest.mark.parametrize("username", ["reviewer", "admin", "appeals", "auditor", "regulator"])
def test_the_worst_institutions_are_two_clicks_from_home(visitor, scored, username):
    one = visitor(username)
    one.go("/")
    clicks = Clicks(one)
    if username != "regulator":
        clicks.on(".menu a:has-text('统计')")
    clicks.on(".tabs a:has-text('机构排名')")
    first = one.page.locator("tbody tr").first.inner_text()
    assert HOSPITAL_NAME in first
    assert "16" in first
    assert clicks.count <= 2


@pytest.mark.parametrize("username", ["reviewer", "regulator"])
def test_what_changed_since_last_month_is_two_clicks_from_home(visitor, scored, username):
    one = visitor(username)
    one.go("/")
    clicks = Clicks(one)
    if username != "regulator":
        clicks.on(".menu a:has-text('统计')")
    clicks.on(".tabs a:has-text('与上月相比')")
    assert clicks.count <= 2
    row = one.page.locator("tr:has(th:text-is('记分人次'))").last.inner_text().split()
    assert row == ["记分人次", "0", "4", "−4", "—"], "nobody was scored before 2025"


def test_a_number_leads_to_its_cases(visitor, scored):
    one = visitor("reviewer")
    one.go("/statistics/institutions")
    one.page.click("tbody tr td[data-label='记分人次'] a")
    assert one.page.locator(".list-count").inner_text().startswith("共 4 条")
    one.go("/statistics/breakdown")
    one.page.click("tr:has-text('主要责任') td a")
    assert one.page.locator(".list-count").inner_text().startswith("共 4 条")
    assert "主要责任" in one.page.locator(".applied").first.inner_text() + one.page.locator(".applied").last.inner_text()


def test_the_regulator_sees_numbers_and_no_cases(visitor, scored):
    one = visitor("regulator")
    for path in ("institutions", "breakdown", "changes"):
        one.go(f"/statistics/{path}")
        assert one.page.locator("a[href*='/cases']").count() == 0


def test_another_order_and_period_are_a_click_away(visitor, scored):
    one = visitor("reviewer")
    one.go("/statistics/institutions")
    one.page.click("th a:has-text('暂停、终止比例')")
    assert one.page.locator("th[aria-sort='descending']").inner_text().startswith("暂停、终止比例")
    one.page.select_option("#period", "2025-04")
    one.press("显示")
    assert "这个期间没有机构被记分" in one.page.inner_text("main")
    assert "sort=ratio" in one.page.url
