"""How a year's points spread by office, over HTTP: the offices of one's region, measured by all there are."""

import csv
import io

import pytest
from api_office import make_office, make_test_service
from case_calls import answered, finding, make_hands
from registry_calls import fresh_code

FAR = "431122"
HELD = ("office", "item", "degree", "n", "median", "p5", "p95", "few", "outside", "outside_percent")


@pytest.fixture(scope="module")
def hands(module_engine):
    """An office of its own: 24 scores of 5 points here, and elsewhere one of 5, one of 8 and one annulled."""
    hands = make_hands(make_office(make_test_service(module_engine)))
    hands.approved(*(finding(hands.person()) for _ in range(24)))
    far = elsewhere(hands)
    people = [hands.office.practitioner(far)["id"] for _ in range(3)]
    charged = [finding(person, points, reason="情节") for person, points in zip(people, (5, 8, 8), strict=True)]
    other = {"kind": "penalty", "authority": "永州市医疗保障局", "document_no": "永医保罚〔2025〕1号", "decided_on": "2025-05-21"}
    case = hands.approved(*charged, institution=far, handling=other)
    void = {"value": 0, "basis": "court", "document_no": "1", "reason": "撤销"}
    drafted = answered(hands.clerk.post(f"/entries/{case['findings'][2]['entry']}/corrections", void), 201)
    answered(hands.reviewer.post(f"/corrections/{drafted['id']}/approve", {}))
    return hands


def elsewhere(hands):
    code = fresh_code("H")
    body = {"code": code, "name": "外地医院", "kind": "hospital", "region": FAR}
    answered(hands.admin.post("/institutions", body | {"agreement": {"from": "2025-01-01", "until": None}}), 201)
    return code


def spread(client, **question):
    return answered(client.get("/statistics/spread", query_string={"year": 2025} | question))


def told(answer):
    return [tuple(row[name] for name in HELD) for row in answer["items"]]


def test_each_office_is_measured_by_all(hands):
    answer = spread(hands.clerk)
    assert (answer["year"], answer["by"], answer["next_cursor"]) == (2025, "division", None)
    assert told(answer) == [
        ("150402", "overtreatment", "main", 24, 5, 5, 5, False, 0, 0.0),
        (FAR, "overtreatment", "main", 2, 5, 5, 8, True, 1, 50.0),
    ]
    assert {tuple(row["everywhere"].values()) for row in answer["items"]} == {(26, 5, 5, 5)}
    assert [row["office"] for row in spread(hands.clerk, by="authority")["items"]] == ["永州市医疗保障局", "赤峰市医疗保障局"]
    assert spread(hands.clerk, year=2024)["items"] == []


def test_a_region_sees_its_own_offices_measured_by_all(hands):
    near = hands.office.client_for("regulator", region="43")
    [row] = spread(near)["items"]
    assert (row["office"], row["everywhere"]["n"], row["outside"]) == (FAR, 26, 1)
    assert [row["office"] for row in spread(near, by="authority")["items"]] == ["永州市医疗保障局"]
    assert near.get("/statistics/spread?year=2025&region=1504").status_code == 403
    assert hands.office.client_for("settlement").get("/statistics/spread").status_code == 403
    assert hands.clerk.get("/statistics/spread?by=person").status_code == 422


def test_the_list_is_read_page_by_page_and_as_a_file(hands):
    first = spread(hands.clerk, limit=1)
    second = spread(hands.clerk, limit=1, cursor=first["next_cursor"])
    assert told(first) + told(second) == told(spread(hands.clerk))
    assert second["next_cursor"] is None
    file = hands.clerk.get("/statistics/spread?year=2025", headers={"Accept": "text/csv", "Accept-Language": "zh"})
    rows = list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert [(row["区划或部门"], row["九成以外件数"], row["全部：件数"]) for row in rows] == [("150402", "0", "26"), (FAR, "1", "26")]
    assert list(rows[0])[:3] == ["区划或部门", "违规情形", "责任程度"]
    assert {row["违规情形"] for row in rows} == {"过度诊疗"}, "an item is told by its title, not by its key"


def test_few_everywhere_are_not_compared(hands):
    hands.approved(finding(hands.person(), 6, item="repeat_or_excess_charging"))
    row = next(row for row in spread(hands.clerk)["items"] if row["item"] == "repeat_or_excess_charging")
    assert (row["n"], row["few"], row["outside"], row["outside_percent"]) == (1, True, None, None)
