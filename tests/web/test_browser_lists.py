"""Lists as tools in real Chromium: this week's due appeals as a sheet, a view kept, a filter that leaves nothing."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from scoring_service.db.tables import appeals
from scoring_service.services.appeals import filing


class Clicks:
    """Counts what a visitor clicks."""

    def __init__(self, visitor):
        self.page, self.count = visitor.page, 0

    def on(self, selector):
        self.count += 1
        self.page.click(selector)


@pytest.fixture(scope="module")
def due(console):
    """Two appeals: one whose present step ends this week, one whose does later; the ids."""
    me, own = console.bound("doctor").practitioner_id, console.bound("clinic").institution_code
    soon, later = (filed(console, me, console.score(me, own, points).findings[0].entry) for points in (2, 3))
    with console.service.engine.begin() as conn:
        for appeal, day in ((soon, date(2025, 6, 6)), (later, date(2025, 6, 20))):
            conn.execute(appeals.update().where(appeals.c.id == appeal).values(countersign_until=day))
    return soon, later


def filed(console, person, entry):
    with console.service.work(console.actor("doctor")) as work:
        return filing.file_appeal(
            work, practitioner=person, entry=entry, against="points", grounds="有异议", filed_by="practitioner"
        ).appeal.id


def test_this_week_s_due_appeals_are_a_sheet_in_three_clicks(visitor, due):
    one = visitor("appeals")
    clicks = Clicks(one)
    clicks.on(".menu a:has-text('申诉')")
    clicks.on(".views a:has-text('本周到期')")
    assert one.page.locator(".list-count").inner_text().startswith("共 1 条")
    with one.page.expect_download() as fetched:
        clicks.on(".downloads a:has-text('XLSX')")
    sheet = load_workbook(io.BytesIO(fetched.value.path().read_bytes()), read_only=True).active
    rows = list(sheet.iter_rows(values_only=True))
    assert clicks.count <= 3
    assert [due[0] in row for row in rows[1:]] == [True]


def test_a_view_is_kept_opened_and_deleted(visitor, console, due):
    console.case("蓝一", 2, submitted=False)
    one = visitor("clerk")
    one.go("/cases")
    one.page.click("summary:has-text('筛选与排序')")
    one.page.select_option("[name='handling.kind']", "penalty")
    one.page.select_option("[name='sort']", "-handling.decided_on")
    one.press("筛选")
    assert one.page.url.endswith("/cases?state=&handling.kind=penalty&sort=-handling.decided_on")
    assert one.page.locator("th[aria-sort='descending']").inner_text().startswith("决定日")
    one.page.click("summary:has-text('存为视图')")
    one.page.fill("#view-name", "处罚草稿")
    one.press("保存")
    assert one.page.locator(".views [aria-current]").inner_text() == "处罚草稿"
    one.page.click(".applied")
    assert one.page.locator(".views [aria-current]").count() == 0
    one.page.go_back()
    assert one.page.locator(".views [aria-current]").inner_text() == "处罚草稿"
    one.page.click("a:has-text('管理我的视图')")
    one.press("删除")
    assert "还没有存下的视图" in one.page.inner_text("main")


def test_filters_that_leave_nothing_say_which_to_drop(visitor, console):
    console.case("蓝二", 2, submitted=False)
    one = visitor("clerk")
    one.go("/cases?state=draft&handling.kind=agreement&mine=true&colour=red&sort=size")
    told = one.page.inner_text("main")
    assert "colour" in told
    assert "size" in told
    assert "没有同时符合这些条件的内容" in told
    one.page.click(".empty a:has-text('处理方式')")
    assert "handling.kind" not in one.page.url
    assert one.page.locator("tbody tr").count() >= 0
    one.go("/cases?handling.decided_on_from=2025-06-02&handling.decided_on_to=2025-06-01&due=someday&institution=H0")
    assert one.page.locator(".field-wrong").count() == 3
    assert "最后一日不得早于起始日" in one.page.inner_text("main")
