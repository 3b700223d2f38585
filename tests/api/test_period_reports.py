"""The reports to the authorities: the same to the byte for the same moment, and nobody to be recognised in the public one."""

import io
from datetime import timedelta

import openpyxl
import pytest
from api_office import make_office, make_test_service
from eligibility_city import City

from scoring_service.workbooks.writing import MEDIA_TYPES, Form

XLSX, PDF = MEDIA_TYPES[Form.XLSX], "application/pdf"
KNOWN = "2026-01-31T00:00:00+08:00"
LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def city(module_engine):
    made = City(make_office(make_test_service(module_engine)))
    made.hospital, made.pharmacy = made.institution(), made.institution("pharmacy")
    made.people = [made.person(made.hospital) for _ in range(4)]
    made.people.append(made.person(made.pharmacy, category="pharmacist", prefix="HY"))
    made.entries = [
        made.score(person, made.hospital if person != made.people[-1] else made.pharmacy, points)["findings"][0]["entry"]
        for person, points in zip([*made.people, made.people[0]], (6, 9, 12, 2, 3, 2), strict=True)
    ]
    made.move_to("2026-02-02")
    return made


def report(city, kind="periodic", client=None, accept="application/json", language="zh", **question):
    headers = {"Accept": accept, "Accept-Language": language}
    asked = {"period": "2025", "known_at": KNOWN} | question
    return (client or city.reviewer).get(f"/statistics/reports/{kind}", query_string=asked, headers=headers)


def files(city, **question):
    """Every file of both reports, by kind, form, audience and language."""
    return {
        (kind, accept, audience, language): report(
            city, kind, accept=accept, audience=audience, language=language, **question
        ).data
        for kind in ("periodic", "yearly")
        for accept in (XLSX, PDF)
        for audience in ("full", "public")
        for language in LANGUAGES
    }


def posted(answer, status):
    assert answer.status_code == status, answer.json
    return answer


def change_everything(city):
    """Scores corrected, the institution and a person renamed, a receipt corrected, an affiliation that had been forgotten."""
    for entry, value in ((city.entries[2], 0), (city.entries[1], 4)):
        body = {"value": value, "basis": "court", "document_no": "判1号", "reason": "改判"}
        made = posted(city.clerk.post(f"/entries/{entry}/corrections", body), 201)
        posted(city.reviewer.post(f"/corrections/{made.json['id']}/approve"), 200)
    path = f"/institutions/{city.hospital}"
    shown = city.admin.get(path)
    posted(city.admin.patch(path, {"name": "改名医院"}, headers={"If-Match": shown.headers["ETag"]}), 200)
    renamed = {"kind": "person", "number": None, "void": False, "fields": {"name": "改名者"}, "reason": "录入有误"}
    made = posted(city.admin.post(f"/practitioners/{city.people[0]}/registry-corrections", renamed), 201)
    posted(city.office.client_for("office.admin").post(f"/registry-corrections/{made.json['id']}/approve"), 200)
    notice = city.clerk.get(f"/notices?institution={city.hospital}").json["items"][-1]["id"]
    receipt = {"received_on": "2025-06-04", "proof": "EMS 1", "reason": "录入有误"}
    posted(city.clerk.post(f"/notices/{notice}/receipt-corrections", receipt), 200)
    posted(city.admin.post(f"/practitioners/{city.people[4]}/affiliations", {"institution": city.hospital, "from": "2025-06-01"}), 201)


def test_a_report_is_the_same_to_the_byte_after_later_corrections(city):
    before, told = files(city), report(city).json
    assert {name: data[:2] for name, data in before.items()} == {name: b"PK" if name[1] == XLSX else b"%P" for name in before}
    city.move(minutes=1)
    change_everything(city)
    city.move(days=40)
    assert {name for name, data in files(city).items() if data != before[name]} == set()
    assert report(city).json == told
    now = report(city, known_at=city.now().isoformat()).json
    assert now["figures"]["person_times"] == told["figures"]["person_times"] - 1
    assert now["institutions"] != told["institutions"]


def sheets_of(answer):
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def test_the_full_report_lists_scores_for_the_office_and_the_moment_in_its_file(city):
    book = sheets_of(report(city, accept=XLSX))
    assert book.properties.created.isoformat() == "2026-01-30T16:00:00"
    summary = dict(list(row)[:2] for row in book["概要"].values)
    assert (summary["截至"], summary["记分人次"], summary["记分合计"]) == ("2026-01-31 00:00:00", 6, 34)
    scores = list(book["记分名单"].values)
    assert len(scores) == 1 + 6
    assert {row[5] for row in scores[1:]} == {"张安"}
    assert {row[3] for row in scores[1:]} == {"安和机构"}
    assert list(book["按机构"].values)[1][3:6] == (5, 4, 31)
    for client in (city.office.client_for("regulator"), city.office.client_for("regulator", region="1504")):
        assert "记分名单" not in sheets_of(report(city, client=client, accept=XLSX)).sheetnames
    looked = city.office.client_for("office.auditor").get("/audit?object_kind=period-report").json["items"]
    assert {row["detail"]["known_at"] for row in looked} >= {KNOWN}


def test_small_numbers_are_withheld_from_the_public(city):
    public = report(city, audience="public").json
    assert public["figures"]["person_times"] == 6
    assert public["figures"]["persons"] == 5
    assert public["figures"]["terminated"] is None
    assert public["institutions"] == []
    assert {row["points"] for rows in public["tables"].values() for row in rows or ()} <= {None}
    # 5 of one category and 1 of another: six together, so both would be known.
    assert public["tables"]["category"] is None
    assert [row["person_times"] for row in public["tables"]["county"]] == [6]
    book = sheets_of(report(city, accept=XLSX, audience="public"))
    assert "记分名单" not in book.sheetnames
    assert "按机构" not in book.sheetnames
    assert "不足 5" in {value for row in book["概要"].values for value in row}
    text = "".join(str(value) for sheet in book for row in sheet.values for value in row)
    assert not any(name in text for name in ("张安", "安和机构", city.hospital, *city.people))


def test_a_place_of_one_person_is_told_to_the_office_only(city):
    lone = city.office.institution(region="150499")
    city.score(city.person(lone), lone, 3)
    known_at = city.now().isoformat()
    question = {"region": "150499", "period": city.now().date().isoformat()[:4], "known_at": known_at}
    assert report(city, **question).json["figures"]["persons"] == 1
    public = report(city, audience="public", **question).json
    assert public["figures"]["persons"] is public["figures"]["person_times"] is public["figures"]["points"] is None
    assert set(public["tables"].values()) == {None}


def test_what_cannot_be_reported_is_refused_and_what_is_empty_says_so(city):
    for wrong, pointer in (
        ({"period": "2027"}, "/query/period"),
        ({"period": "2026-03"}, "/query/period"),
        ({"period": "x"}, "/query/period"),
        ({"known_at": (city.now() + timedelta(days=1)).isoformat()}, "/query/known_at"),
        ({"audience": "press"}, "/query/audience"),
    ):
        answer = report(city, **wrong)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer), wrong
    assert report(city, "yearly", period="2025-Q1").status_code == 422
    assert report(city, "weekly").status_code == 404
    assert report(city, client=city.settlement).status_code == 403
    for empty in ({"period": "2024"}, {"period": "2025", "known_at": "2025-01-02T00:00:00+08:00"}):
        assert not any(report(city, **empty).json["figures"].values())
        book = sheets_of(report(city, accept=XLSX, **empty))
        assert "这个期间没有记分，也没有开始的暂停或终止" in {value for row in book["概要"].values for value in row}
        assert report(city, accept=PDF, **empty).data.startswith(b"%PDF")
        assert [row[0] for row in book["更正"].values] == ["依据", None, "无"], "as on paper"


def test_the_values_of_the_rules_are_parted_as_the_language_has_it(city):
    told = {language: list(sheets_of(report(city, accept=XLSX, language=language)).worksheets) for language in LANGUAGES}
    rules = {language: next(sheet for sheet in sheets if sheet.title in {"所用规则", "Rules applied"}) for language, sheets in told.items()}
    words = {language: "".join(list(sheet.values)[1][2:4]) for language, sheet in rules.items()}
    assert "；" in words["zh"]
    assert not {",", ";"} & set(words["zh"])
    assert ", " in words["en"]
    assert not {"、", "；"} & set(words["en"])


def test_numbers_stand_on_the_right_whatever_is_withheld_and_words_in_a_cell_begin_with_a_capital(city):
    public = sheets_of(report(city, accept=XLSX, audience="public", language="en"))
    withheld = [cell for sheet in public for row in sheet.iter_rows() for cell in row if cell.value in {"<5", "—"}]
    assert withheld
    assert {cell.alignment.horizontal for cell in withheld} == {"right"}
    full = sheets_of(report(city, accept=XLSX, language="en"))
    assert {row[0] for row in list(full["By band"].values)[1:]} == {"Minor", "Moderate", "Serious", "Grave"}
    share = [row[-1] for row in full["In time"].iter_rows(min_row=2)]
    assert "0.0%" in {cell.number_format for cell in share}
    assert all(isinstance(cell.value, float | int) or cell.value == "—" for cell in share)


def test_a_year_that_is_not_over_lists_the_months_begun(city):
    early = report(city, known_at="2025-07-01T08:00:00+08:00").json
    assert [row["key"] for row in early["tables"]["month"]] == [str(month) for month in range(1, 8)]
    assert len(report(city).json["tables"]["month"]) == 12
    quarter = report(city, period="2025-Q2", known_at="2025-05-31T08:00:00+08:00").json
    assert [row["key"] for row in quarter["tables"]["month"]] == ["4", "5"]
