"""A case of sixty people, from a sheet of the inspectors to its letters, with the clicks counted."""

from datetime import date

from axe_playwright_python.sync_playwright import Axe
from console_visitor import NARROW, WIDE
from console_world import HOSPITAL
from playwright.sync_api import expect
from pypdf import PdfReader

from scoring_service.core.standing import Span
from scoring_service.services.bundles.making import make_waiting
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import NewPractitioner, register_practitioners

COUNT, MOST_CLICKS = 60, 25


def coded(number):
    return f"D150402{700000 + number}"


def register(console):
    """Sixty doctors of the hospital."""
    since = date(2025, 1, 1)
    asked = [AskedAffiliation(institution=HOSPITAL, span=Span(since, None))]
    with console.service.work() as work:
        register_practitioners(
            work,
            [
                NewPractitioner(
                    name=f"医生{number}", code=coded(number), category="doctor", registered_on=since, affiliations=asked
                )
                for number in range(COUNT)
            ],
        )


def sheet():
    """Headings in two lines, the item in one merged cell, one person suspended."""
    lines = ["相关人员\t\t认定\t\t", "姓名\t人员代码\t违规情形\t责任程度\t记分"]
    lines.append(f"医生0\t{coded(0)}\t冒名结算\t主要责任\t9")
    lines.append(f"医生1\t{coded(1)}\t过度诊疗\t一般责任\t4")
    lines += [f"医生{number}\t{coded(number)}\t\t一般责任\t" for number in range(2, COUNT)]
    return "\n".join(lines)


class Clicks:
    """Clicks by hand; a choice from a list takes two."""

    def __init__(self):
        self.count = 0

    def on(self, one, selector, times=1):
        self.count += times
        one.page.click(selector)

    def press(self, one, words):
        self.count += 1
        one.press(words)


def faults_of(one):
    return [violation["id"] for violation in Axe().run(one.page).response["violations"]] + ["too wide"] * (one.overflow() > 0)


def drafted(clerk, clicks):
    """The clerk's part: the decision typed from field to field, the people pasted."""
    clerk.go("/today")
    clicks.on(clerk, ".menu a:has-text('案件')")
    clicks.on(clerk, "main a:has-text('起草案件')")
    page = clerk.page
    page.fill("#institution", HOSPITAL)
    clicks.count += 2
    page.select_option("#handling-kind", "penalty")
    page.fill("#handling-authority", "赤峰市医疗保障局")
    page.fill("#handling-document_no", "赤医保罚〔2025〕60号")
    page.fill("#handling-decided_on", "2025-05-30")
    page.fill("#summary", "过度诊疗，六十人。")
    clicks.on(clerk, "summary:has-text('从表格粘贴多人')")
    clicks.on(clerk, "#paste")
    page.fill("#paste", sheet())
    clicks.press(clerk, "加入认定，先不保存")


def test_a_case_of_sixty_people_from_a_pasted_sheet_to_one_pdf_of_its_letters(visitor, console):
    register(console)
    clerk, reviewer, clicks = visitor("clerk"), visitor("reviewer"), Clicks()
    drafted(clerk, clicks)
    assert "已加入 60 项认定，还没有保存。第 2 行是表头。" in clerk.page.inner_text("main")
    assert clerk.page.locator("fieldset.finding").count() == COUNT
    clicks.press(clerk, "保存草稿")
    clicks.press(clerk, "提交审核")
    reviewer.go("/today")
    clicks.on(reviewer, "text=赤医保罚〔2025〕60号")
    clicks.press(reviewer, "审核通过")
    told = reviewer.page.inner_text("main")
    assert "暂停 1 人" in told
    assert reviewer.page.locator("#outcome ~ div tbody tr").count() == COUNT
    assert reviewer.page.locator(".letters-of a").count() >= 2 * COUNT
    assert faults_of(reviewer) == []
    clicks.press(reviewer, "本案全部文书合并为一份 PDF")
    reviewer.page.wait_for_selector("progress")
    make_waiting(console.service)
    with reviewer.page.expect_download() as download:
        clicks.on(reviewer, "a:has-text('下载 PDF')")
    assert len(PdfReader(download.value.path()).pages) >= 2 * COUNT
    assert clicks.count <= MOST_CLICKS, clicks.count


def test_the_editor_of_many_stays_where_one_works_and_completes_names(visitor):
    clerk = visitor("clerk")
    drafted(clerk, Clicks())
    page = clerk.page
    page.click("button:has-text('删除认定 40')")
    page.wait_for_url("**#findings-39-practitioner")
    expect(page.locator("#findings-39-practitioner")).to_be_in_viewport()
    clerk.press("再加一项认定")
    expect(page.locator("#findings-59-practitioner")).to_be_in_viewport()
    page.locator("#findings-59-practitioner").press_sequentially("蓝")
    page.wait_for_selector("#people option", state="attached")
    assert page.locator("#people option").evaluate_all("(all) => all.map((one) => one.value)")[0].startswith("蓝一 D")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert clerk.overflow() == 0
