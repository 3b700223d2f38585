"""An office loads its people from a file in real Chromium: few clicks, a page that follows by itself."""

import openpyxl
from console_visitor import NARROW
from console_world import HOSPITAL

from scoring_service.services.imports.running import run_waiting

PEOPLE = 500
MOST_CLICKS = 8


def roster(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["人员代码", "姓名", "人员类别", "登记日", "承诺书签署日", "机构代码", "备注"])
    for number in range(PEOPLE):
        sheet.append([f"D150402{number + 700_000}", f"张{number}", "医师", "2025-01-01", "2025年1月1日", HOSPITAL, "无"])
    book.save(path)
    return str(path)


class Clicks:
    """A window whose clicks are counted, the choice of a file among them."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def on(self, words):
        self.count += 1
        self.page.click(f"a:visible:has-text('{words}'), button:visible:has-text('{words}'), summary:visible:has-text('{words}')")

    def file(self, path):
        self.count += 1
        self.page.set_input_files("input[type=file]", path)


def test_an_office_loads_500_people(visitor, console, tmp_path):
    admin = visitor("admin")
    clicks = Clicks(admin.page)
    clicks.on("导入")
    clicks.on("导入文件")
    clicks.on("人员与登记")
    clicks.file(roster(tmp_path / "人员.xlsx"))
    clicks.on("上传并检查")
    admin.page.wait_for_selector("progress")
    run_waiting(console.service)
    admin.page.wait_for_selector("text=检查完毕")
    clicks.on("写入")
    clicks.on("确认：写入")
    run_waiting(console.service)
    admin.page.wait_for_selector("text=写入完毕")
    assert clicks.count <= MOST_CLICKS
    assert admin.page.locator(".counts dd").first.inner_text() == str(PEOPLE)
    here = admin.page.url.removeprefix(admin.address)
    admin.page.set_viewport_size(NARROW)
    for path in ("/imports", "/imports/new", "/imports/new/practitioners", here):
        admin.go(path)
        assert admin.overflow() == 0
