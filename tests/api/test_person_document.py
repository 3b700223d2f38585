"""A person's whole file as PDF: every part of it, in one language, the look and the export on record."""

import json
import re

import pytest
from api_office import make_office, make_test_service
from eligibility_city import City

from scoring_service.api.tables.person_document import PARTS, document_of
from scoring_service.services.desks.practitioner_file import file_of

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def city(module_engine):
    return City(make_office(make_test_service(module_engine)))


@pytest.fixture(scope="module")
def person(city):
    here = city.institution()
    person = city.person(here)
    city.score(person, here, 6)
    city.score(person, here, 4)
    return person


def test_the_document_tells_every_part_in_one_language(city, person):
    with city.office.service.work() as work:
        file = file_of(work, person)
        chinese, english = (document_of(work, file, language) for language in ("zh", "en"))
    assert [section["heading"] for section in chinese["sections"]][:3] == ["当前状态", "暂停与终止", "记分与台账"]
    assert len(chinese["sections"]) == len(PARTS) + 2
    rows = chinese["sections"][2]["table"]["rows"]
    assert [(row[4], row[5]) for row in rows] == [("6", "0 → 6"), ("4", "6 → 10")]
    assert rows[1][6].startswith("暂停 ")
    assert re.fullmatch(r"截至 2025-06-\d\d · [\d :-]{19} \(UTC\+8\) · 修订号 \d+", chinese["known"])
    words = json.dumps([[part["heading"], part["table"] and part["table"]["head"]] for part in english["sections"]])
    assert not CHINESE.search(words)
    assert all(
        len(set(part["table"]["head"])) == len(part["table"]["head"]) for part in english["sections"] if part["table"]
    )


def test_it_comes_as_pdf_where_that_is_preferred(city, person):
    answer = city.clerk.get(f"/practitioners/{person}/file", headers={"Accept": "application/pdf"})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert city.clerk.get(f"/practitioners/{person}/file", headers={"Accept": "*/*"}).is_json
