"""An office loads its people from a file in real Chromium: few clicks, a page that follows by itself."""

import openpyxl
from console_visitor import NARROW

from scoring_service.services.imports.running import run_waiting

PEOPLE = 500
MOST_CLICKS = 8


def roster(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["机构代码", "机构名称", "行政区划", "协议起始日", "联系人"])
    for number in range(PEOPLE):
        sheet.append([f"H151002{number:05}", f"第{number}医院", "150402", "2025-01-01", "王"])
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
    clicks.on("机构与协议")
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
    for path in ("/imports", "/imports/new", "/imports/new/institutions", here):
        admin.go(path)
        assert admin.overflow() == 0
