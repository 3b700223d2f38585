"""Corrections of the registry over HTTP: drafted by an administrator, decided by another person, found in a list."""

import pytest
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import scored
from registry_calls import fresh_id_number


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def draft(hands, person, status=201, **asked):
    whole = {"number": None, "from": None, "void": False, "fields": None, "reason": "登记笔误"}
    response = hands.admin.post(f"/practitioners/{person}/registry-corrections", whole | asked)
    return answered(response, status) if status == 201 else response


def test_a_wrong_day_is_drafted_approved_by_another_person_and_read_back(hands):
    person = hands.person()
    [row] = answered(hands.clerk.get(f"/practitioners/{person}"))["affiliations"]
    made = draft(hands, person, kind="affiliation", number=row["number"], **{"from": "2025-02-01", "until": None})
    assert (made["state"], made["version"], made["from"], made["before"]) == ("drafted", 1, "2025-02-01", row)
    assert "until" not in made
    path = f"/registry-corrections/{made['id']}"
    waiting = answered(hands.clerk.get("/registry-corrections?state=drafted"))["items"]
    assert [one for one in waiting if one["id"] == made["id"]] == [made]
    refused(hands.admin.post(f"{path}/approve"), 403, "same_person")
    refused(hands.clerk.post(f"{path}/approve"), 403, "forbidden")
    refused(hands.reviewer.post(f"{path}/approve", headers={"If-Match": '"7"'}), 412, "version_mismatch")
    done = answered(hands.reviewer.post(f"{path}/approve"))
    assert (done["state"], done["decided_by"], done["revision"]) == ("approved", done["decided_by"], 3)
    assert answered(hands.clerk.get(path)) == done
    again = refused(hands.reviewer.post(f"{path}/reject", {"reason": "迟了"}), 409, "correction_state")
    assert again["state"] == "approved"
    after = answered(hands.clerk.get(f"/practitioners/{person}"))
    assert (after["affiliations"][0]["from"], after["version"]) == ("2025-02-01", 2)


def test_a_name_with_entries_is_refused_by_patch_and_corrected_by_two_with_the_number_masked(hands):
    person = hands.person()
    scored(hands, person, 3)
    patched = hands.admin.patch(f"/practitioners/{person}", {"name": "改正"}, headers={"If-Match": '"1"'})
    assert "registry-corrections" in refused(patched, 409, "second_person_required")["detail"]
    number = fresh_id_number()
    made = draft(hands, person, kind="person", fields={"name": "改正", "id_number": number})
    assert made["fields"] == {"name": "改正", "id_number": f"{number[:3]}***********{number[-4:]}"}
    answered(hands.office.client_for("office.admin").post(f"/registry-corrections/{made['id']}/approve"))
    assert answered(hands.clerk.get(f"/practitioners/{person}/standing"))["practitioner"]["name"] == "改正"


def test_an_until_of_null_alone_opens_the_row_and_beside_another_change_leaves_it(hands):
    person = hands.person()
    ended = {"institution": hands.institution, "from": None, "until": "2025-05-01"}
    answered(hands.admin.post(f"/practitioners/{person}/affiliations", ended), 201)
    kept = draft(hands, person, kind="affiliation", **{"from": "2025-02-01", "until": None})
    opened = draft(hands, person, kind="affiliation", until=None)
    assert ("until" in kept, opened["until"]) == (False, None)
    answered(hands.reviewer.post(f"/registry-corrections/{opened['id']}/approve"))
    assert answered(hands.clerk.get(f"/practitioners/{person}"))["affiliations"][0]["until"] is None


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"kind": "agreement"}, "/kind"),
        ({"kind": "person", "fields": {"status": "normal"}}, "/fields/status"),
        ({"kind": "person", "fields": {"name": ""}}, "/fields/name"),
        ({"kind": "person", "fields": {"id_number": "150402198001011233"}}, "/fields/id_number"),
        ({"kind": "person", "fields": {"code": "D1"}}, "/fields/code"),
        ({"kind": "affiliation", "number": 77, "void": True}, "/number"),
        ({"kind": "affiliation", "void": "yes"}, "/void"),
        ({"kind": "affiliation", "from": "2025-02-30"}, "/from"),
        ({"kind": "affiliation", "reason": " "}, "/reason"),
        ({"kind": "affiliation"}, ""),
    ],
)
def test_a_wrong_draft_is_refused_at_its_place(hands, asked, at):
    assert pointers(draft(hands, hands.person(), status=422, **asked)) == [at]


def test_a_correction_of_another_region_is_nobody_s_business(hands):
    person = hands.person()
    made = draft(hands, person, kind="affiliation", void=True)
    far = hands.office.client_for("office.reviewer", region="4311")
    for call in (far.get, far.post):
        path = f"/registry-corrections/{made['id']}"
        refused(call(path if call == far.get else f"{path}/approve"), 404, "not_found")
    assert answered(far.get("/registry-corrections"))["items"] == []
    refused(hands.clerk.get("/registry-corrections/nonsense"), 404, "not_found")
