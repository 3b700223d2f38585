"""Every write and every look is on record, and the person reads who looked."""

import pytest
from case_calls import finding, make_hands


@pytest.fixture
def world(office):
    code = office.institution()
    person = office.practitioner(code)
    return code, person, office.client_for("practitioner", practitioner=person["id"])


def test_a_look_is_told_to_the_person_with_name_role_and_instant(office, world):
    _, person, doctor = world
    clerk = office.client_for("office.clerk", username=f"looker-{person['code']}")
    assert clerk.get(f"/practitioners/{person['id']}").status_code == 200
    assert doctor.get(f"/practitioners/{person['id']}").status_code == 200
    items = doctor.get(f"/practitioners/{person['id']}/access-log").json["items"]
    assert [(item["username"], item["role"]) for item in items] == [(f"looker-{person['code']}", "office.clerk")]
    assert items[0]["at"].endswith("+08:00")
    assert items[0]["what"]


def test_nobody_reads_another_s_log(office, world):
    _, person, _ = world
    other = office.bound_client("practitioner")
    assert other.get(f"/practitioners/{person['id']}/access-log").status_code == 404
    assert office.client_for("office.auditor").get(f"/practitioners/{person['id']}/access-log").status_code == 200


def test_the_auditor_finds_writes_by_who_and_what(office, world):
    code, person, _ = world
    admin = office.client_for("office.admin", username=f"maker-{code}")
    made = admin.post("/users", {"username": f"made-{code}", "password": "long enough", "staff_no": "X1",
                                 "real_name": "王一", "roles": ["settlement"]}).json  # fmt: skip
    auditor = office.client_for("office.auditor")
    rows = auditor.get(f"/audit?username=maker-{code}").json["items"]
    assert [(row["action"], row["object_id"]) for row in rows] == [("account.requested", made["id"])]
    assert rows[0]["role"] == "office.admin"
    assert rows[0]["request_id"]
    assert "long enough" not in auditor.get(f"/audit?object_id={made['id']}").text
    assert auditor.get(f"/audit?practitioner={person['code']}").json["items"]


def test_the_auditor_finds_who_brought_a_score_on_a_person_without_the_looks_at_others(office):
    hands = make_hands(office)
    one, other = hands.person(), hands.person()
    case = hands.approved(finding(one), finding(other))
    hands.draft(finding(other))
    rows = office.client_for("office.auditor").get(f"/audit?practitioner={one}").json["items"]
    deeds = [(row["action"], row["case"]) for row in rows if row["object_kind"] == "case" and row["action"] != "look"]
    assert deeds == [(f"case.{deed}", case["id"]) for deed in ("approved", "submitted", "drafted")]
    assert {row["practitioner"] for row in rows} == {one, None}


def test_the_audit_is_read_newest_first_between_two_instants(office):
    auditor = office.client_for("office.auditor")
    numbers = [row["id"] for row in auditor.get("/audit?limit=200").json["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert auditor.get("/audit?before=2000-01-01T00:00:00%2B08:00").json["items"] == []
    assert auditor.get("/audit?since=2000-01-01T00:00:00%2B08:00&limit=1").json["items"]


def test_an_auditor_of_a_region_reads_of_that_region(office):
    inside, outside = office.institution(region="150402"), office.institution(region="130102")
    there, elsewhere = office.practitioner(inside), office.practitioner(outside)
    auditor = office.client_for("office.auditor", region="1301")
    assert auditor.get(f"/audit?practitioner={elsewhere['id']}").status_code == 200
    assert auditor.get(f"/audit?practitioner={there['id']}").status_code == 404
    seen = {row["practitioner"] for row in auditor.get("/audit?limit=200").json["items"]}
    assert there["id"] not in seen
    assert elsewhere["id"] in seen
