"""May see is one rule, may touch another: a region where somebody once worked, one's own file, every region at once."""

from datetime import date

import pytest
from api_office import make_office, make_test_service
from appeal_calls import APPEALS, make_scene
from case_calls import answered, finding, make_hands, refused
from due_process_calls import APPLICATIONS, application, correction, drafted, filed, scored, set_clock

NEAR, FAR = "150402", "150502"
MOVED = date(2025, 6, 5)


@pytest.fixture(scope="module")
def office(module_engine):
    return make_office(make_test_service(module_engine))


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def moved(office, hands):
    """A person scored in NEAR who works in FAR since; the ids of what hangs on them."""
    person = hands.person()
    scene = make_scene(hands, 8, person)
    appeal = scene.filed()["id"]
    found = {"person": person, "entry": scene.entry, "appeal": appeal}
    found["correction"] = drafted(hands.clerk, scene.entry)["id"]
    found["application"] = filed(scene.doctor, person)["id"]
    found["letter"] = answered(hands.clerk.get(f"/notices?practitioner={person}"))["items"][0]["id"]
    set_clock(office, MOVED)
    where, on = f"/practitioners/{person}/affiliations", MOVED.isoformat()
    answered(hands.admin.post(where, {"institution": hands.institution, "until": on}), 201)
    answered(hands.admin.post(where, {"institution": office.institution(region=FAR), "from": on}), 201)
    return found


def called(client, method, path, body):
    headers = {"If-Match": "*"} if method == "PATCH" else {}
    return client.open(method, path, json=body, headers=headers)


def outside(client, *calls):
    for method, path, body in calls:
        refused(called(client, method, path, body), 403, "outside_region")


def test_the_region_of_a_present_affiliation_may_not_touch_what_is_the_cases_region_s(office, moved):
    reason = {"reason": "无"}
    for role in ("office.clerk", "office.appeals"):
        client = office.client_for(role, region=FAR)
        outside(client, ("POST", f"/entries/{moved['entry']}/corrections", correction(0)))
    reviewer = office.client_for("office.reviewer", region=FAR)
    outside(
        reviewer,
        ("POST", f"/corrections/{moved['correction']}/approve", None),
        ("POST", f"/corrections/{moved['correction']}/reject", reason),
    )
    clerk, desk = office.client_for("office.clerk", region=FAR), office.client_for("office.appeals", region=FAR)
    path = f"{APPEALS}/{moved['appeal']}"
    paper = {"practitioner": moved["person"], "entry": moved["entry"], "against": "points", "grounds": "无"}
    outside(
        clerk,
        ("POST", APPEALS, paper | {"filed_by": "practitioner"}),
        ("POST", f"{path}/countersign", {}),
        ("POST", f"{path}/refuse-countersignature", reason),
        ("POST", f"{path}/insist", {}),
        ("POST", f"{path}/withdraw", None),
        ("POST", f"/notices/{moved['letter']}/acknowledge", {"proof": "回执"}),
    )
    outside(
        desk,
        *(("POST", f"{path}/{act}", body) for act, body in (("proceed", reason), ("accept", None), ("decline", reason))),
        ("POST", f"{path}/explain", {"text": "无"}),
    )
    # What is the region's own is still touched: who told of it, though, is seen by both.
    assert answered(clerk.get(path))["id"] == moved["appeal"]


def test_the_region_that_somebody_left_keeps_the_registry_and_applications_out_of_its_hands(office, moved):
    ref = f"/practitioners/{moved['person']}"
    admin, clerk = (office.client_for(role, region=NEAR) for role in ("office.admin", "office.clerk"))
    outside(
        admin,
        ("PATCH", ref, {"name": "新名"}),
        ("POST", f"{ref}/deregistration", {"on": "2025-06-05", "reason": "无"}),
        ("POST", f"{ref}/registrations", {"from": "2025-06-05", "affiliations": [], "commitment_signed_on": None}),
        ("POST", f"{ref}/affiliations", {"institution": "H15040200000", "from": "2025-06-05"}),
    )
    outside(
        clerk,
        ("POST", APPLICATIONS, application(moved["person"])),
        (
            "POST",
            f"{ref}/reregistrations",
            {"on": "2025-06-05", "affiliations": [], "commitment_signed_on": "2025-06-05"},
        ),
    )
    reviewer = office.client_for("office.reviewer", region=NEAR)
    outside(reviewer, ("POST", f"{APPLICATIONS}/{moved['application']}/approve", None))


def test_a_file_that_no_region_holds_is_the_unbound_office_s(office, hands):
    loner, leaver = office.practitioner()["id"], hands.person()
    answered(
        hands.admin.post(f"/practitioners/{leaver}/deregistration", {"on": "2025-06-02", "reason": "离职"})
    )
    admin = office.client_for("office.admin", region=NEAR)
    refused(admin.get(f"/practitioners/{loner}"), 404, "not_found")
    assert answered(admin.get(f"/practitioners/{leaver}"))["id"] == leaver
    outside(admin, ("PATCH", f"/practitioners/{leaver}", {"name": "新名"}))
    new = {"code": "D150402990001", "name": "王一", "category": "doctor", "registered_on": "2025-01-01"}
    new |= {"commitment_signed_on": None}
    outside(admin, ("POST", "/practitioners", new | {"affiliations": []}))
    assert answered(hands.admin.get(f"/practitioners/{loner}"))["id"] == loner


@pytest.fixture(scope="module")
def own(office, hands):
    """A doctor's file, and accounts of the same person: the staff number typed otherwise."""
    person = hands.person()
    office.client_for("practitioner", practitioner=person, staff_no="own-7")
    return {"person": person, "case": hands.submitted(finding(person, reason="已核实"))["id"]} | {
        role: office.client_for(f"office.{role}", staff_no="OWN-7")
        for role in ("clerk", "reviewer", "appeals", "admin")
    }


def test_nobody_acts_on_their_own_file(hands, own):
    ref, case = f"/practitioners/{own['person']}", f"/cases/{own['case']}"
    [entry] = scored(hands, own["person"], 2)
    waiting = drafted(hands.clerk, entry)["id"]
    asked = filed(hands.clerk, own["person"])["id"]
    letter = answered(hands.clerk.get(f"/notices?practitioner={own['person']}"))["items"][0]["id"]
    reason = {"reason": "无"}
    calls = {
        "clerk": [
            ("POST", "/cases", hands.body(finding(own["person"]))),
            ("POST", f"{case}/withdraw", reason),
            ("POST", f"/entries/{entry}/corrections", correction(0)),
            ("POST", APPLICATIONS, application(own["person"])),
            ("POST", f"/notices/{letter}/acknowledge", {"proof": "回执"}),
        ],
        "reviewer": [
            ("POST", f"{case}/approve", {}),
            ("POST", f"{case}/return", reason),
            ("POST", f"/corrections/{waiting}/approve", None),
            ("POST", f"{APPLICATIONS}/{asked}/reject", reason),
        ],
        "appeals": [("POST", f"/entries/{entry}/corrections", correction(0))],
        "admin": [
            ("PATCH", ref, {"name": "新名"}),
            ("POST", f"{ref}/deregistration", {"on": "2025-06-05", "reason": "无"}),
            ("POST", f"{case}/approve", {"effective_on": "2025-05-21"}),
        ],
    }
    for role, tried in calls.items():
        for method, path, body in tried:
            refused(called(own[role], method, path, body), 403, "conflict_of_interest")


def test_jobs_and_the_clock_are_moved_by_an_account_of_no_region(office, hands):
    admin = office.client_for("office.admin", region=NEAR)
    outside(
        admin,
        ("POST", "/jobs/deadlines/runs", {}),
        ("PUT", "/clock", {"now": "2025-06-06T09:00:00+08:00"}),
    )
    assert answered(admin.get("/jobs"))["items"]
