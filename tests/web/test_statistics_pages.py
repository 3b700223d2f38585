"""The pages of statistics: what is asked wrongly is said, what is empty too, and a report is downloaded as it was chosen."""

import io

import openpyxl
import pytest
from console_world import HOSPITAL_NAME, PEOPLE

REPORT = "/statistics/reports?kind=periodic&period=2025&audience=full&known_at="


@pytest.fixture(scope="module")
def scored(console):
    for name, points in zip(PEOPLE, (10, 3, 2, 1), strict=True):
        console.approved(name, points)


@pytest.mark.parametrize("path", ["changes", "institutions", "breakdown", "timeliness"])
def test_a_period_that_is_none_is_named_and_another_shown(console, scored, path):
    reviewer = console.browser("reviewer")
    for typed in ("2025-13", "1999", "2031", "<b>"):
        page = reviewer.page(f"/statistics/{path}?period={typed}")
        assert f"没有“{typed.replace('<', '&lt;').replace('>', '&gt;')}”这个期间的数据" in page
    assert "这个期间的数据" not in reviewer.page(f"/statistics/{path}?period=2025-05")


def test_an_empty_month_says_so(console, scored):
    reviewer = console.browser("reviewer")
    assert "这个期间没有机构被记分" in reviewer.page("/statistics/institutions?period=2025-01")
    assert "这个期间没有记分" in reviewer.page("/statistics/breakdown?period=2025-01")
    first = reviewer.page("/statistics/changes?period=2025-01")
    assert "没有机构的记分人次比上月多" in first
    assert "记分自 2025 年开始，此前各月写作“—”" in first
    assert first.count("—</span>") >= 3 * 10, "of months before there are no numbers"


def test_what_the_pages_list_is_downloaded(console, scored):
    reviewer = console.browser("reviewer")
    first = {"changes": "记分人次", "institutions": HOSPITAL_NAME, "breakdown": "150402", "timeliness": "出具文书"}
    for path, words in first.items():
        answer = reviewer.get(f"/statistics/{path}?period=2025-05&download=csv")
        assert answer.status_code == 200
        assert words in answer.data.decode("utf-8-sig").split("\r\n")[1]
        assert "2025-05.csv" in answer.headers["Content-Disposition"], "a sheet says of which month it is"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2025-06-03T00:00:00", "known_at 不得晚于当前时间"),
        ("yesterday", "请填写日期和时间"),
        ("2025-06-02T09:00:00&region=赤峰", "请填写行政区划代码的开头"),
        ("2024-12-31T00:00:00", "该期间在 known_at 时尚未开始"),
    ],
)
def test_a_report_asked_for_wrongly_says_what_is_wrong(console, scored, asked, words):
    answer = console.browser("reviewer").get(f"{REPORT}{asked}&download=xlsx")
    assert answer.status_code == 422
    assert words in answer.text
    assert "2025-06-02T" in answer.text or asked[:10] in answer.text


def test_a_report_is_downloaded_in_the_form_and_language_chosen(console, scored):
    reviewer, regulator = console.browser("reviewer"), console.browser("regulator")
    at = console.browser("reviewer").page("/statistics/reports").split('name="known_at" type="datetime-local" value="')[1][:19]
    book = openpyxl.load_workbook(io.BytesIO(reviewer.get(f"{REPORT}&download=xlsx").data))
    assert len(list(book["记分名单"].values)) == 1 + len(PEOPLE)
    assert reviewer.get(f"{REPORT}{at}&download=pdf").data.startswith(b"%PDF")
    reviewer.get("/language/en?target=/statistics")
    book = openpyxl.load_workbook(io.BytesIO(reviewer.get(f"{REPORT}&download=xlsx").data))
    assert "By institution" in book.sheetnames
    lesser = openpyxl.load_workbook(io.BytesIO(regulator.get(f"{REPORT}&download=xlsx").data))
    assert "记分名单" not in lesser.sheetnames
    assert "按机构" in lesser.sheetnames


def test_each_person_of_a_full_report_is_a_look_on_record(console, scored):
    reviewer = console.browser("reviewer")
    reviewer.get(f"{REPORT}&download=xlsx")
    audit = console.browser("auditor").page(f"/audit?practitioner={console.people[next(iter(PEOPLE))]}")
    assert "下载的列表" in audit
