"""The statistics of a year over HTTP, computed from recorded cases, by the knowledge of now and of then."""

import io
from datetime import timedelta
from urllib.parse import quote

import openpyxl
import pytest
from api_office import make_office, make_test_service
from eligibility_city import City

from scoring_service.workbooks.writing import MEDIA_TYPES, Form

XLSX = MEDIA_TYPES[Form.XLSX]


@pytest.fixture(scope="module")
def city(module_engine):
    return City(make_office(make_test_service(module_engine)))


def figures(city, client=None, **question):
    answer = (client or city.clerk).get("/statistics", query_string={"year": 2025} | question)
    assert answer.status_code == 200, answer.json
    names = ("institutions", "person_times", "persons", "suspended", "terminated")
    return tuple(answer.json[name] for name in names)


def test_the_year_is_counted_from_its_cases_and_reproducible_at_any_moment(city):
    assert figures(city) == (0, 0, 0, 0, 0)
    here, there = city.institution(), city.institution("pharmacy")
    one, other, third = (
        city.person(here),
        city.person(here),
        city.person(there, category="pharmacist", prefix="HY"),
    )
    city.score(one, here, 6)
    city.score(other, here, 12)
    half = city.move(minutes=1)
    city.move(minutes=1)
    city.score(one, here, 3)
    city.score(third, there, 2)
    assert figures(city) == (2, 4, 3, 1, 1)
    assert figures(city, known_at=half.isoformat()) == (1, 2, 2, 0, 1)
    told = city.clerk.get("/statistics?year=2025").json
    assert told["by_band"] == {"grave": 1, "minor": 2, "moderate": 1}
    assert told["by_category"] == {"doctor": 3, "pharmacist": 1}
    assert {row["month"]: row["person_times"] for row in told["by_month"] if row["person_times"]} == {6: 4}
    assert figures(city, year=2024) == (0, 0, 0, 0, 0)
    report = city.clerk.get("/statistics?year=2025", headers={"Accept": XLSX})
    book = openpyxl.load_workbook(io.BytesIO(report.data), read_only=True)
    assert book.sheetnames == ["年度数字", "按月", "按档次", "按人员类别", "按机构", "暂停与终止名单"]
    totals = dict(book["年度数字"].values)
    assert [totals[name] for name in ("记分人次", "记分人数", "涉及机构", "暂停人数", "终止人数")] == [4, 3, 2, 1, 1]
    assert [month for month, _times in list(book["按月"].values)[1:]] == list(range(1, half.month + 1)), "no zero of a month to come"
    before = city.clerk.get("/statistics?year=2024", headers={"Accept": XLSX})
    assert len(list(openpyxl.load_workbook(io.BytesIO(before.data))["按月"].values)) == 1 + 12
    assert {row[3] for row in list(book["暂停与终止名单"].values)[1:]} == {"暂停", "终止"}
    then = city.clerk.get(f"/statistics?year=2025&known_at={quote(half.isoformat())}", headers={"Accept": XLSX})
    assert dict(openpyxl.load_workbook(io.BytesIO(then.data))["年度数字"].values)["记分人次"] == 2


def test_a_regional_account_counts_its_region_only(city):
    before = figures(city, region="1504")
    assert before == figures(city, client=city.office.client_for("regulator", region="1504"))
    far = city.office.client_for("regulator", region="21")
    assert figures(city, client=far) == (0, 0, 0, 0, 0)
    assert far.get("/statistics?year=2025&region=1504").status_code == 403
    assert city.settlement.get("/statistics?year=2025").status_code == 403


def test_a_moment_in_the_future_is_refused(city):
    future = (city.now() + timedelta(days=1)).isoformat()
    assert city.clerk.get("/statistics", query_string={"known_at": future}).status_code == 422
