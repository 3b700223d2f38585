"""The law is changed while the service runs: proposed by one person, adopted by another, in force from a later day on."""

import threading
from io import BytesIO

import pytest
from api_office import make_office, make_test_service
from case_calls import answered, refused
from draft_calls import CAP, adopted, file_with, proposed, sent
from eligibility_city import City
from own_law import text_of, with_value
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scoring_service.db.locks import Lock, share
from scoring_service.services.standing.proof import check_standings

ENDS = "2025-07-01: {value: null, source: S, verified: true}"


@pytest.fixture
def city(fresh_engine):
    return City(make_office(make_test_service(fresh_engine)))


@pytest.fixture
def second(city):
    return city.office.client_for("office.admin")


def fault(response, code):
    answer = refused(response, 422, code)
    assert [each["pointer"] for each in answer["errors"]] == ["/file"]
    return answer["detail"]


def cap(client, rulebook="national", on="2025-07-01"):
    return answered(client.get(f"/rulebooks/{rulebook}?on={on}"))["parameters"][CAP]


def test_a_value_is_proposed_shown_and_adopted_by_another_person(city, second):
    text = file_with()
    draft = proposed(city.admin, text)
    assert (draft["n"], draft["state"], draft["begins_on"], draft["fault"]) == (1, "proposed", "2025-07-01", None)
    [difference] = draft["differences"]
    assert (difference["parameter"], difference["before"]["value"], difference["after"]["value"]) == (CAP, 4, 6)
    assert "chifeng" in difference["applies_to"]
    path = "/rulebooks/national/drafts/1"
    assert second.get(f"{path}/file").data == text.encode()
    assert answered(second.get(path)) == answered(second.post(f"{path}/check")) == draft
    assert cap(second)["value"] == 4
    refused(city.admin.post(f"{path}/approve", {}), 403, "same_person")
    wrong_day = second.post(f"{path}/approve", {"begins_on": "2025-07-02"})
    assert refused(wrong_day, 422, "invalid")["errors"][0]["pointer"] == "/begins_on"
    done = answered(second.post(f"{path}/approve", {"begins_on": "2025-07-01"}))
    assert (done["state"], done["differences"]) == ("approved", draft["differences"])
    assert answered(city.admin.get(path))["differences"] == draft["differences"]
    assert cap(second)["value"] == cap(second, "chifeng")["value"] == 6
    assert cap(second, on="2025-06-30")["value"] == 4
    [compared] = answered(second.get("/rulebooks/chifeng?on=2025-07-15&against=2025-06-30"))["differences"]
    assert (compared["parameter"], compared["on"], compared["after"]["value"]) == (CAP, "2025-07-01", 6)
    assert answered(second.get("/rulebooks/chifeng?against=2025-06-30"))["differences"] == []
    refused(second.post(f"{path}/approve", {}), 409, "rulebook_draft_state")
    assert [each["n"] for each in answered(second.get("/rulebooks/national/drafts?state=approved"))["items"]] == [1]
    deeds = answered(city.office.client_for("office.auditor").get("/audit"))["items"]
    assert {"rulebook_draft.proposed", "rulebook_draft.approved"} <= {each["action"] for each in deeds}


def test_yaml_is_taken_as_a_body_too(city):
    answer = city.admin.post("/rulebooks/national/drafts", data=file_with().encode(), content_type="application/yaml")
    assert answered(answer, 201)["filename"] == "national.yaml"
    assert answer.headers["Location"].endswith("/rulebooks/national/drafts/1")
    refused(city.admin.post("/rulebooks/national/drafts", {"file": "x"}), 415, "unsupported_media_type")


def test_a_file_that_is_wrong_is_told_with_its_line_and_nothing_is_kept(city):
    for wrong in (
        text_of("national").replace("{value: 9, source: A B", "{value: 0, source: A B"),
        with_value(text_of("national"), "suspend_at", "2025-07-01: {value: 12, source: S, verified: true}"),
        text_of("national").replace("suspend_at:", "suspended_at:"),
        text_of("chifeng"),
        "",
    ):
        assert "national.yaml:" in fault(sent(city.admin, wrong), "rulebook_faulty")
    assert CAP in fault(sent(city.admin, file_with("2025-06-02")), "not_from_the_future")
    assert fault(sent(city.admin, text_of("national")), "changes_nothing")
    latin = BytesIO(file_with().encode("utf-16"))
    fault(city.admin.post("/rulebooks/national/drafts", data={"file": (latin, "national.yaml")}), "rulebook_faulty")
    large = {"data": file_with().encode() + b"#" * 1024 * 1024, "content_type": "application/yaml"}
    refused(city.admin.post("/rulebooks/national/drafts", **large), 413, "rulebook_too_large")
    refused(sent(city.admin, file_with(), "atlantis"), 404, "not_found")
    assert answered(city.admin.get("/rulebooks/national/drafts"))["items"] == []


def test_what_comes_of_a_new_value_is_told_by_the_line_of_the_file_sent(city):
    """Ten points keep their months and nine get more: the fault is at a value that nobody changed."""
    sent_text = file_with("2025-07-01", "6", "suspension_months.single.9")
    told_at = fault(sent(city.admin, sent_text), "rulebook_faulty")
    name, line = told_at.split(": ")[0].split(":")
    assert name == "national.yaml"
    assert "/" not in told_at.replace(" / ", "")
    lines = sent_text.splitlines()
    assert "10:" in "".join(lines[int(line) - 3 : int(line) - 1]), lines[int(line) - 4 : int(line)]
    nine = file_with("2025-07-01", "5", "suspension_months.single.9")
    both = with_value(nine, "suspension_months.single.10", "2025-07-01: {value: 5, source: S, verified: true}")
    assert fault(sent(city.admin, both), "rulebook_faulty").startswith("chifeng.yaml:"), "which states ten of its own"


def test_one_file_waits_for_a_day_and_none_beside_an_adopted_one_that_has_not_begun(city, second):
    proposed(city.admin, file_with())
    assert refused(sent(second, file_with(value="5")), 409, "draft_exists")["n"] == 1
    assert proposed(second, file_with("2025-08-01"))["n"] == 2
    answered(second.post("/rulebooks/national/drafts/1/approve", {}))
    both = with_value(file_with(), CAP, "2025-08-01: {value: 7, source: S, verified: true}")
    changed = both.replace("2025-07-01: {value: 6,", "2025-07-01: {value: 5,")
    assert refused(sent(second, changed), 409, "draft_exists")["n"] == 1
    # The waiting one was made of the file before: it would take back what was adopted meanwhile.
    later = city.admin.post("/rulebooks/national/drafts/2/approve", {})
    assert later.status_code in {409, 422}, later.json
    shown = answered(second.get("/rulebooks/national/drafts/2"))
    assert shown["state"] == "proposed"


def test_a_draft_is_rejected_with_a_reason_or_withdrawn_by_its_proposer(city, second):
    for day in ("2025-07-01", "2025-07-02"):
        proposed(city.admin, file_with(day))
    refused(city.admin.post("/rulebooks/national/drafts/1/reject", {"reason": "无"}), 403, "same_person")
    rejected = answered(second.post("/rulebooks/national/drafts/1/reject", {"reason": "依据不足"}))
    assert (rejected["state"], rejected["rejected_because"]) == ("rejected", "依据不足")
    refused(second.post("/rulebooks/national/drafts/2/withdraw"), 403, "not_party")
    assert answered(city.admin.post("/rulebooks/national/drafts/2/withdraw"))["state"] == "withdrawn"
    for n in (1, 2):
        refused(second.post(f"/rulebooks/national/drafts/{n}/approve", {}), 409, "rulebook_draft_state")
    proposed(second, file_with())
    refused(second.get("/rulebooks/national/drafts/9"), 404, "not_found")
    refused(second.get("/rulebooks/national/drafts/x"), 404, "not_found")


def test_a_draft_whose_day_has_come_is_not_adopted_any_more(city, second):
    proposed(city.admin, file_with("2025-06-03"))
    city.move_to("2025-06-03")
    fault(second.post("/rulebooks/national/drafts/1/approve", {}), "not_from_the_future")
    shown = answered(second.get("/rulebooks/national/drafts/1"))
    assert shown["fault"]
    assert not shown["differences"]


def test_a_region_changes_its_own_rulebook_only(city):
    near, far = (city.office.client_for("office.admin", region=each) for each in ("1504", "1505"))
    chifeng = with_value(
        text_of("chifeng"), "suspension_months.single.10", "2025-07-01: {value: 5, source: D-IM, verified: true}"
    )
    refused(sent(near, file_with()), 403, "outside_region")
    refused(sent(far, chifeng, "chifeng"), 403, "outside_region")
    proposed(near, chifeng, "chifeng")
    refused(far.post("/rulebooks/chifeng/drafts/1/approve", {}), 403, "outside_region")
    answered(city.admin.post("/rulebooks/chifeng/drafts/1/approve", {}))


def test_what_is_adopted_and_what_is_decided_cannot_be_changed_in_the_database(city, second):
    adopted(city.admin, second, file_with())
    for statement in (
        "UPDATE rulebook_drafts SET content = 'x'",
        "UPDATE rulebook_drafts SET state = 'rejected'",
        "DELETE FROM rulebook_drafts",
    ):
        with pytest.raises(DBAPIError), city.office.service.engine.begin() as conn:
            conn.execute(text(statement))


EMERGENCY = {"key": "emergency_covers_termination", "value": "false"}


@pytest.fixture
def terminated(city):
    """A person who is terminated from 3 June on, at an institution."""
    here = city.institution()
    person = city.person(here)
    city.score(person, here, 12)
    return {"ref": person, "institution": here}


def test_an_adopted_value_binds_from_its_day_in_every_answer_and_the_past_answers_as_before(city, second, terminated):
    ref, place = terminated["ref"], terminated["institution"]

    def line(day):
        return {"ref": ref, "service_time": day, "institution": place, "emergency": True}

    def single(day, **known):
        query = {"service_time": day, "institution": place, "emergency": "true"} | known
        return answered(city.settlement.get(f"/eligibility/{ref}", query_string=query))

    def batch(*days, **known):
        return answered(city.settlement.post("/eligibility/batch", {"checks": [line(day) for day in days]} | known))["results"]

    days = ("2025-06-10", "2025-06-30", "2025-07-01", "2026-01-01")
    before = [single(day) for day in days]
    known = {"known_at": before[-1]["known_at"]}
    assert {each["reason"] for each in before} == {"emergency_exception"}
    city.move(minutes=1)
    adopted(city.admin, second, file_with(**EMERGENCY))
    after = [single(day) for day in days]
    assert [each["reason"] for each in after] == ["emergency_exception"] * 2 + ["terminated"] * 2
    assert [each["reason"] for each in batch(*days)] == [each["reason"] for each in after]
    assert [each["decision_id"] for each in after[:2]] == [each["decision_id"] for each in before[:2]]
    # By the knowledge of before, also about the days that are changed: the same for ever.
    assert [single(day, revision=each["revision"], **known) for day, each in zip(days, before, strict=True)] == before
    assert batch(*days, **known) == before
    city.move_to("2025-07-02")
    assert single("2025-07-01")["reason"] == single("2025-07-02")["reason"] == "terminated"
    assert single("2025-06-30")["decision_id"] == before[1]["decision_id"]
    assert [single(day, revision=each["revision"], **known) for day, each in zip(days, before, strict=True)] == before
    assert check_standings(city.office.service)[1] == []


def test_whoever_judges_by_the_law_holds_back_its_change_until_the_answer_is_given(city, second):
    proposed(city.admin, file_with())
    service, answers = city.office.service, []
    with service.engine.begin() as conn:
        share(conn, Lock.LAW)
        approving = threading.Thread(
            target=lambda: answers.append(second.post("/rulebooks/national/drafts/1/approve", {}))
        )
        approving.start()
        approving.join(0.5)
        assert approving.is_alive()
        assert cap(city.admin)["value"] == 4
    approving.join(10)
    assert answered(answers[0])["state"] == "approved"
    assert cap(city.admin)["value"] == 6


def test_another_process_knows_it_at_once(city, second, fresh_engine):
    """Two services on one database, as two workers are; each remembers the law that it read."""
    other = make_office(make_test_service(fresh_engine))
    there = other.client_for("office.admin")
    assert cap(there)["value"] == cap(second)["value"] == 4
    adopted(city.admin, second, file_with())
    assert cap(there)["value"] == cap(second)["value"] == 6
    adopted(there, city.admin, with_value(file_with(), CAP, "2025-09-01: {value: 7, source: S, verified: true}"))
    assert [cap(second, on=day)["value"] for day in ("2025-08-31", "2025-09-01")] == [6, 7]


def test_an_item_that_entries_use_is_dropped_in_the_open(city, second):
    here = city.institution()
    city.score(city.person(here), here, 11)
    draft = proposed(city.admin, with_value(text_of("national"), "items.fictitious_services", ENDS))
    [dropped] = draft["dropped_items"]
    assert (dropped["item"], dropped["on"], dropped["entries"]) == ("fictitious_services", "2025-07-01", 1)
    answered(second.post("/rulebooks/national/drafts/1/approve", {}))
    items = {on: answered(second.get(f"/rulebooks/chifeng?on={on}"))["items"] for on in ("2025-06-30", "2025-07-01")}
    assert ["fictitious_services" in {item["key"] for item in each} for each in items.values()] == [True, False]
    city.score(city.person(here), here, 11)
    city.move_to("2025-07-01")
    handling = {"kind": "penalty", "authority": "局", "document_no": "1", "decided_on": "2025-07-01"}
    finding = {"practitioner": city.person(here), "item": "fictitious_services", "degree": "main", "points": 11}
    case = {"institution": here, "handling": handling, "summary": "检查", "findings": [finding]}
    assert refused(city.clerk.post("/cases", case), 422, "invalid")["errors"][0]["pointer"] == "/findings/0/item"
