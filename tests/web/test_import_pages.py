"""The pages of imports: a file is brought, checked and written; a spoiled one comes back with comments."""

import io
import re

import openpyxl
import pytest
from console_world import HOSPITAL, PEOPLE, make_console

from scoring_service.services.imports.kinds import KINDS
from scoring_service.services.imports.running import run_waiting
from scoring_service.services.imports.workbooks import template
from scoring_service.terms import english
from scoring_service.workbooks.writing import Form

HEADINGS = "机构代码,机构名称,行政区划,协议起始日\n"
GOOD = HEADINGS + "H15100200001,新医院,150402,2025-01-01\n"
WRONG = GOOD + "H15100200002,,15040,2025-13-01\n"


@pytest.fixture(scope="module")
def console(module_engine):
    return make_console(module_engine)


def brought(console, browser, text, name="机构.csv"):
    """The page of a file that was brought, after the scheduler has worked on it."""
    browser.page("/imports/new/institutions")
    answer = browser.post("/imports/new/institutions", file=(io.BytesIO(text.encode("gb18030")), name))
    run_waiting(console.service)
    return answer.location


def test_a_file_is_checked_written_and_listed(console):
    admin = console.browser("admin")
    assert "还没有导入过文件" in admin.page("/imports")
    at = brought(console, admin, GOOD)
    assert "检查完毕，没有错误，尚未写入" in admin.page(at)
    admin.post(f"{at}/commit")
    assert "正在写入：0 / 1 行" in admin.page(at)
    run_waiting(console.service)
    assert "写入完毕" in admin.page(at)
    assert "新医院" in admin.page("/institutions?named=新医院")
    assert "机构.csv" in console.browser("clerk").page("/imports")
    again = brought(console, admin, GOOD)
    assert "文件与登记完全一致，没有要写入的内容" in admin.page(again)
    admin.post(f"{again}/cancel")
    assert "已取消，什么也没有写入" in admin.page(again)


def test_a_spoiled_file_comes_back_with_comments(console):
    admin = console.browser("admin")
    at = brought(console, admin, WRONG, "错.csv")
    page = admin.page(at)
    assert "3 处有误，什么也没有写入" in page
    assert all(f">{cell}</th>" in page for cell in ("B3", "C3", "D3"))
    copy = openpyxl.load_workbook(io.BytesIO(admin.get(f"{at}/workbook").data))
    assert {cell.coordinate for row in copy["错"] for cell in row if cell.comment} == {"B3", "C3", "D3"}
    assert copy.worksheets[0].title == "检查结果"


def test_an_identity_number_is_shown_masked_and_stays_in_the_copy(console):
    admin, number = console.browser("admin"), "150402198001010011"
    text = f"姓名,证件号,人员代码,机构代码\n巴图,{number},D150402{number},H1\n{number},,D15040,H1\n"
    admin.page("/imports/new/practitioners")
    at = admin.post("/imports/new/practitioners", file=(io.BytesIO(text.encode()), "人员.csv")).location
    run_waiting(console.service)
    page = admin.page(at)
    assert number not in page
    assert "150***********0011" in page
    assert "D15040<" in page
    copy = openpyxl.load_workbook(io.BytesIO(admin.get(f"{at}/workbook").data))
    assert copy["人员"]["B2"].value == number
    # In the order in which the file is read.
    cells = re.findall(r'<th scope="row">([A-Z])(\d+)</th>', page)
    assert sorted(cells, key=lambda cell: (int(cell[1]), cell[0])) == cells != []


CASES = (
    "机构代码,处理方式,决定机关,文书号,处理决定日,生效日,人员代码,姓名,违规情形,责任程度,记分\n"
    f"{HOSPITAL},行政处罚,赤峰市医疗保障局,赤医保罚决〔2025〕901号,2025-03-10,2025-03-12,{PEOPLE['蓝三']},蓝三,过度诊疗,主要责任,5\n"
)


def test_cases_of_earlier_years_are_brought_by_a_clerk_and_written_by_an_administrator(console):
    clerk, admin = console.browser("clerk"), console.browser("admin")
    assert "由经办人上传" in admin.page("/imports/new")
    clerk.page("/imports/new/cases")
    at = clerk.post("/imports/new/cases", file=(io.BytesIO(CASES.encode()), "2025.csv")).location
    run_waiting(console.service)
    own = clerk.page(at)
    assert "写入须由另一人（管理员）确认" in own
    assert f"{at}/commit" not in own
    assert clerk.post(f"{at}/commit").status_code == 403
    assert "检查完毕，没有错误，尚未写入" in clerk.page(at)
    assert f"{at}/commit" in admin.page(at)
    admin.post(f"{at}/commit")
    run_waiting(console.service)
    done = admin.page(at)
    assert "写入完毕" in done
    assert all(name in done for name in ("赵丽娟（clerk）", "郑海燕（admin）"))
    assert "赤医保罚决〔2025〕901号" in clerk.page(f"/people/{console.people['蓝三']}")


def test_what_is_no_table_is_told_beside_the_field(console):
    admin = console.browser("admin")
    for name, content, words in (("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0", "这不是表格文件"), ("空.csv", b"\n", "文件中没有数据行")):
        admin.page("/imports/new/institutions")
        answer = admin.post("/imports/new/institutions", file=(io.BytesIO(content), name))
        assert words in admin.page(answer.location)
    assert "请选择文件" in admin.page(admin.post("/imports/new/institutions").location)


def test_a_clerk_brings_findings_from_the_page_of_a_draft(console):
    clerk, draft = console.browser("clerk"), console.case("蓝一", 2, submitted=False).id
    at = f"/imports/new/findings?case={draft}"
    assert at.replace("&", "&amp;") in clerk.page(f"/cases/{draft}")
    assert f'name="case" value="{draft}"' in clerk.get(at).text
    assert "认定事项从案件草稿的页面导入" in clerk.page("/imports/new/findings")
    kinds = clerk.page("/imports/new")
    assert "/imports/new/cases" in kinds
    assert "/imports/new/institutions" not in kinds
    assert clerk.get("/imports/new/institutions").status_code == 403
    text = "人员代码,姓名,违规情形,责任程度,记分\nD000,某人,无此情形,主要,99\n"
    answer = clerk.post("/imports/new/findings", case=draft, file=(io.BytesIO(text.encode()), "认定.csv"))
    run_waiting(console.service)
    page = clerk.page(answer.location)
    assert "什么也没有写入" in page
    assert f"/cases/{draft}" in page


def test_a_template_explains_every_column_and_is_read_as_what_it_is(console):
    admin = console.browser("admin")
    for kind in KINDS.values():
        book = openpyxl.load_workbook(io.BytesIO(admin.get(f"/imports/templates/{kind.name}.xlsx").data))
        first, second = book.worksheets
        assert [cell.value for cell in first[1]] == [column.heading for column in kind.columns]
        assert second.max_row == len(kind.columns) + 1
        text = admin.get(f"/imports/templates/{kind.name}.csv").data.decode("utf-8-sig")
        assert text.strip() == ",".join(column.heading for column in kind.columns)
        assert b"".join(template(kind, Form.XLSX, english)).startswith(b"PK")
    empty = admin.get("/imports/templates/institutions.xlsx").data
    admin.page("/imports/new/institutions")
    answer = admin.post("/imports/new/institutions", file=(io.BytesIO(empty), "空模板.xlsx"))
    run_waiting(console.service)
    assert "文件中没有数据行" in admin.page(answer.location)
