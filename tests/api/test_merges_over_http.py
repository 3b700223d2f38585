"""Two files of one person over HTTP: proposed with what it would make of them, decided by another person, for good."""

import pytest
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import scored

REASON = {"reason": "两份档案，同一人"}


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def propose(hands, merged, into, **headers):
    return hands.admin.post(f"/practitioners/{merged}/merge", {"into": into} | REASON, headers=headers or None)


def test_two_files_are_merged_by_two_people_and_both_references_answer(hands):
    merged, into = hands.person(), hands.person()
    code = answered(hands.clerk.get(f"/practitioners/{merged}"))["code"]
    [entry] = scored(hands, merged, 7)
    scored(hands, into, 6)
    then = answered(hands.clerk.get(f"/practitioners/{code}/standing"))
    made = answered(propose(hands, merged, into, **{"Idempotency-Key": "m1"}), 201)
    assert answered(propose(hands, merged, into, **{"Idempotency-Key": "m1"}), 201) == made
    assert (made["state"], made["practitioner"], made["into"]) == ("drafted", merged, into)
    seen = made["preview"]
    assert [seen[each]["points"] for each in ("merged", "into", "after")] == [7, 6, 12]
    assert [span["kind"] for span in seen["new_sanctions"]] == ["termination"]
    assert seen["after"]["codes"] == sorted({*seen["merged"]["codes"], *seen["into"]["codes"]})
    path = f"/merges/{made['id']}"
    listed = answered(hands.clerk.get("/merges?state=drafted"))["items"]
    assert listed == [{name: value for name, value in made.items() if name != "preview"}]
    refused(hands.admin.post(f"{path}/approve"), 403, "same_person")
    refused(hands.clerk.post(f"{path}/approve"), 403, "forbidden")
    refused(hands.reviewer.post(f"{path}/approve", headers={"If-Match": '"7"'}), 412, "version_mismatch")
    exists = refused(propose(hands, into, merged), 409, "merge_exists")
    assert exists["merge"] == made["id"]
    done = answered(hands.reviewer.post(f"{path}/approve"))
    assert (done["state"], done["preview"]) == ("approved", None)
    assert refused(hands.reviewer.post(f"{path}/approve"), 409, "merge_state")["state"] == "approved"
    refused(hands.reviewer.post(f"{path}/reject", {"reason": "迟了"}), 409, "merge_state")
    refused(propose(hands, code, into), 409, "same_file")
    for ref in (merged, into, code):
        now = answered(hands.clerk.get(f"/practitioners/{ref}/standing"))
        assert (now["practitioner"]["id"], now["points"]) == (into, 12)
        assert answered(hands.clerk.get(f"/practitioners/{ref}"))["merged_files"][0]["id"] == merged
    settlement = hands.office.client_for("settlement")
    lines = [answered(settlement.get(f"/eligibility/{ref}")) for ref in (merged, into, code)]
    assert [(line["reason"], line["revision"]) for line in lines] == [("eligible", now["revision"])] * 3
    asked = {"known_at": then["known_at"], "revision": then["revision"]}
    assert answered(hands.clerk.get(f"/practitioners/{code}/standing", query_string=asked)) == then
    copies = answered(hands.clerk.get(f"/practitioners/{code}/ledger"))["items"]
    assert [each["copied_from"] for each in copies] == [None, entry]


def test_what_a_merge_asks_for_and_a_refused_one(hands):
    merged, into = hands.person(), hands.person()
    assert pointers(propose(hands, merged, "D150402999999")) == ["/into"]
    assert pointers(hands.admin.post(f"/practitioners/{merged}/merge", {"into": into})) == ["/reason"]
    made = answered(propose(hands, merged, into), 201)
    assert answered(hands.reviewer.post(f"/merges/{made['id']}/reject", {"reason": "同名不同人"}))["state"] == "rejected"
    wrong = {"kind": "person", "fields": {"name": "改正"}, "reason": "笔误"}
    waiting = answered(hands.admin.post(f"/practitioners/{merged}/registry-corrections", wrong), 201)
    open_matters = refused(propose(hands, merged, into), 409, "matters_open")
    assert open_matters["matters"] == [{"kind": "registry_correction", "id": waiting["id"]}]
    answered(propose(hands, into, merged), 201)
