"""Every reason of scheme.md 2.5 over HTTP, by the knowledge of now and of then."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from api_office import API, fresh_code, make_office, make_test_service
from eligibility_city import SCHEME_START, City
from own_law import unpaid_without_commitment


@pytest.fixture(scope="module")
def city(module_engine):
    return City(make_office(make_test_service(module_engine)))


def test_each_reason_in_its_order(city):
    here, there = city.institution(), city.institution()
    ended = city.institution(until="2025-03-01")
    person = city.person(here, ended)
    assert city.reason(person) == "eligible"
    assert city.reason(person, institution=here) == "eligible"
    assert city.reason(fresh_code()) == "unknown_practitioner"
    for stranger in ("x" * 64, "a/b", "a//b/", "decisions", "batch", "张三", "a%2Fb", "?", "a b"):
        answer = city.ask(quote(stranger, safe=""))
        assert (answer["ref"], answer["reason"]) == (stranger, "unknown_practitioner")
    assert city.reason(person, service_time="2024-12-31") == "not_registered"
    assert city.reason(person, institution=ended) == "institution_not_contracted"
    assert city.reason(person, institution=ended, service_time="2025-02-28") == "eligible"
    assert city.reason(person, institution=fresh_code("H")) == "institution_not_contracted"
    assert city.reason(person, institution=there) == "not_affiliated"
    city.score(person, here, 10)
    assert city.reason(person, institution=here) == "eligible", "the day of approval stays payable"
    tomorrow = (city.now() + timedelta(days=1)).date().isoformat()
    answer = city.ask(person, service_time=tomorrow, institution=here)
    assert (answer["reason"], answer["status"], answer["until"]) == ("suspended", "suspended", "2025-10-03")
    assert city.reason(person, service_time=tomorrow, emergency="true") == "emergency_exception"
    assert city.reason(person, service_time="2025-10-03") == "eligible"
    assert city.reason(person, service_time=tomorrow, institution=there) == "not_affiliated"


def test_a_termination_refuses_until_a_new_registration(city):
    here = city.institution()
    person = city.person(here)
    city.score(person, here, 12)
    answer = city.ask(person, service_time="2025-07-01")
    assert (answer["reason"], answer["until"], answer["may_reapply_from"]) == (
        "terminated",
        None,
        "2028-06-03",
    )
    assert city.reason(person, service_time="2030-01-01") == "terminated"
    assert city.reason(person, service_time="2025-07-01", emergency="true") == "emergency_exception"


def test_a_pharmacy_is_judged_by_its_principal_of_the_day(city):
    pharmacy, without = city.institution("pharmacy"), city.institution("pharmacy")
    principal = city.person(pharmacy, category="pharmacy_principal", prefix="HY")
    city.person(pharmacy, category="pharmacist", prefix="HY")

    def reason(code, **question):
        return city.settlement.get("/eligibility", query_string={"institution": code} | question).json[
            "reason"
        ]

    assert reason(pharmacy) == "eligible"
    assert reason(without) == "not_registered"
    assert reason(pharmacy, service_time="2024-06-01") == "not_registered"
    city.score(principal, pharmacy, 9)
    assert reason(pharmacy, service_time="2025-06-20") == "suspended"
    assert city.settlement.get("/eligibility").status_code == 422
    hospital = city.institution()
    assert city.settlement.get("/eligibility", query_string={"institution": hospital}).status_code == 422


def test_of_successive_principals_the_one_of_the_day_is_judged(city):
    pharmacy = city.institution("pharmacy")
    first = city.person(pharmacy, category="pharmacy_principal", prefix="HY")
    ended = {"institution": pharmacy, "from": SCHEME_START, "until": "2025-05-01"}
    assert city.admin.post(f"/practitioners/{first}/affiliations", ended).status_code in {200, 201}
    second = city.person(pharmacy, category="pharmacy_principal", prefix="HY", registered_on="2025-05-02")
    city.score(second, pharmacy, 9)

    def reason(day):
        question = {"institution": pharmacy, "service_time": day}
        return city.settlement.get("/eligibility", query_string=question).json["reason"]

    days = ("2025-04-30", "2025-05-01", "2025-05-02", "2025-06-20")
    assert [reason(day) for day in days] == ["eligible", "not_registered", "eligible", "suspended"]


def test_a_suspension_holds_at_every_institution(city):
    here, there = city.institution(), city.institution()
    person = city.person(here, there)
    city.score(person, here, 9)
    for institution in (here, there):
        assert city.reason(person, institution=institution, service_time="2025-06-20") == "suspended"


def test_known_at_gives_the_answer_of_then_for_entries_affiliations_and_agreements(city):
    here, there = city.institution(), city.institution()
    person = city.person(here)
    before = city.move(minutes=1)
    city.move(minutes=1)
    then = {"known_at": before.isoformat(), "service_time": "2025-09-01"}
    told = city.ask(person, institution=here, **then)
    moved = {"institution": there, "from": "2025-02-01", "until": None}
    assert city.admin.post(f"/practitioners/{person}/affiliations", moved).status_code in {200, 201}
    ending = {"from": SCHEME_START, "until": "2025-08-01"}
    assert city.admin.post(f"/institutions/{here}/agreements", ending).status_code in {200, 201}
    city.score(person, there, 11)
    assert city.reason(person, service_time="2025-09-01", institution=there) == "suspended"
    assert city.reason(person, service_time="2025-09-01", institution=here) == "institution_not_contracted"
    assert city.reason(person, institution=there, **then) == "not_affiliated"
    assert city.ask(person, institution=here, **then) == told
    assert city.ask(person, institution=here, revision=told["revision"], **then) == told
    early = (before - timedelta(minutes=30)).isoformat()
    assert city.reason(person, known_at=early) == "unknown_practitioner"


def test_a_question_that_cannot_be_answered_says_why(city):
    person = city.person(city.institution())
    future = (city.now() + timedelta(days=1)).isoformat()
    for question, name in (
        ({"known_at": future}, "known_at"),
        ({"known_at": "2025-06-01T08:00:00"}, "known_at"),
        ({"service_time": "2025-06-01T08:00:00"}, "service_time"),
        ({"service_time": "2025-02-30"}, "service_time"),
        ({"revision": "99"}, "revision"),
        ({"emergency": "perhaps"}, "emergency"),
    ):
        answer = city.settlement.get(f"/eligibility/{person}", query_string=question)
        assert answer.status_code == 422, question
        assert answer.json["errors"][0]["pointer"] == f"/query/{name}"
    assert city.settlement.get(f"/eligibility/{'x' * 65}").status_code == 422
    hospital = city.settlement.get("/eligibility", query_string={"institution": city.institution()})
    assert hospital.json["errors"][0]["pointer"] == "/query/institution"


def test_a_refusal_is_recorded_once_and_can_be_read_again(city):
    here = city.institution()
    person = city.person(here)
    city.score(person, here, 9)
    question = {"service_time": "2025-07-01", "institution": here}
    told = city.ask(person, **question)
    assert city.ask(person, **question)["decision_id"] == told["decision_id"]
    recorded = city.settlement.get(f"/eligibility/decisions/{told['decision_id']}")
    assert recorded.status_code == 200
    assert {name: recorded.json[name] for name in ("reason", "revision", "ref")} == {
        "reason": "suspended",
        "revision": told["revision"],
        "ref": person,
    }
    other = city.office.client_for("settlement")
    for region, status in ((None, 200), ("1504", 200), ("1503", 404)):
        clerk = city.office.client_for("office.clerk", region=region)
        assert clerk.get(f"/eligibility/decisions/{told['decision_id']}").status_code == status, region
    auditor = city.office.client_for("office.auditor")
    looks = auditor.get(f"/practitioners/{person}/access-log").json["items"]
    assert [look["what"] for look in looks].count("eligibility") == 2
    assert other.get(f"/eligibility/decisions/{told['decision_id']}").status_code == 404
    payable = city.ask(person, service_time="2025-05-01")
    assert city.settlement.get(f"/eligibility/decisions/{payable['decision_id']}").status_code == 404


def test_a_stranger_answers_an_institution_like_an_unknown_person(city):
    own, other = city.institution(), city.institution()
    mine, stranger, nobody = city.person(own), city.person(other), fresh_code()
    clinic = city.office.client_for("institution", institution=own)
    assert city.ask(mine, client=clinic)["reason"] == "eligible"
    about_stranger, about_nobody = city.ask(stranger, client=clinic), city.ask(nobody, client=clinic)
    for answer in (about_stranger, about_nobody):
        del answer["ref"], answer["decision_id"], answer["service_time"]
    assert about_stranger == about_nobody
    refusals = [clinic.get(f"/eligibility/{one}?revision=1") for one in (stranger, nobody)]
    assert [refusal.status_code for refusal in refusals] == [422, 422]
    assert refusals[0].json["detail"] == refusals[1].json["detail"]
    assert clinic.get(f"/eligibility/{mine}?revision=1").status_code == 200


def test_a_batch_answers_in_order_and_points_at_a_malformed_row(city):
    here = city.institution()
    person = city.person(here)
    checks = [
        {"ref": person, "service_time": "2025-06-01", "institution": here, "emergency": False},
        {"ref": "nobody", "service_time": "2025-06-01T08:00:00+08:00", "institution": None},
        {"ref": None, "institution": city.institution("pharmacy")},
    ]
    answer = city.settlement.post("/eligibility/batch", {"checks": checks, "known_at": None})
    assert answer.status_code == 200, answer.json
    reasons = [result["reason"] for result in answer.json["results"]]
    assert reasons == ["eligible", "unknown_practitioner", "not_registered"]
    wrong = [*checks, {"ref": person, "service_time": "2025-06-01T08:00:00"}]
    refused = city.settlement.post("/eligibility/batch", {"checks": wrong})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/checks/3/service_time"
    no_one = city.settlement.post("/eligibility/batch", {"checks": [{"ref": None, "institution": here}]})
    assert no_one.status_code == 422
    assert no_one.json["errors"][0]["pointer"] == "/checks/0/ref"
    future = {"checks": checks, "known_at": (city.now() + timedelta(days=1)).isoformat()}
    too_early = city.settlement.post("/eligibility/batch", future)
    assert too_early.json["errors"][0]["pointer"] == "/known_at"


def test_a_batch_comes_line_by_line_too(city):
    here = city.institution()
    body = {"checks": [{"ref": city.person(here), "institution": here}, {"ref": "nobody"}] * 600}
    whole = city.settlement.post("/eligibility/batch", body | {"known_at": city.now().isoformat()})
    lines = city.settlement.open(
        "POST", "/eligibility/batch", json=body | {"known_at": whole.json["known_at"]},
        headers={"Accept": "application/x-ndjson, application/json;q=0.5"},
    )  # fmt: skip
    assert (lines.status_code, lines.mimetype) == (200, "application/x-ndjson")
    assert lines.is_streamed
    results = [json.loads(line) for line in lines.text.splitlines()]
    assert [each["reason"] for each in results] == [each["reason"] for each in whole.json["results"]]
    assert {name for each in results for name in each} == {*whole.json["results"][0]}
    wrong = {"checks": [{"ref": 5}]}
    refused = city.settlement.open("POST", "/eligibility/batch", json=wrong, headers={"Accept": "application/x-ndjson"})
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")


def test_a_batch_is_an_object_and_its_refusals_speak_both_languages(city):
    bare = city.settlement.post("/eligibility/batch", [{"ref": "x"}])
    assert (bare.status_code, bare.json["errors"][0]["pointer"]) == (422, "")
    assert city.settlement.post("/eligibility/batch").json["errors"][0]["pointer"] == "/checks"
    wrong = city.settlement.post("/eligibility/batch", {"checks": [{"ref": 5, "service_time": 5}]})
    assert {fault["detail"] for fault in wrong.json["errors"]} == {"必须为文本 / must be text"}


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_batch_holds_one_to_ten_thousand_checks(city, count):
    refused = city.settlement.post("/eligibility/batch", {"checks": [{"ref": "x"}] * count})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/checks"


def test_the_largest_batch_is_answered(city):
    person = city.person(city.institution())
    answer = city.settlement.post("/eligibility/batch", {"checks": [{"ref": person}] * 10_000})
    assert {result["reason"] for result in answer.json["results"]} == {"eligible"}
    assert len(answer.json["results"]) == 10_000


def test_the_standing_of_a_day_by_the_knowledge_of_then(city):
    here = city.institution()
    person = city.person(here)
    before = city.move(seconds=10)
    city.move(seconds=10)
    city.score(person, here, 10)
    path = f"/practitioners/{person}/standing"
    standing = city.clerk.get(path, query_string={"as_of": "2025-06-20"}).json
    assert (standing["points"], standing["status"], standing["revision"]) == (10, "suspended", 3)
    assert standing["current_sanction"] == standing["sanctions"][0]
    assert standing["next_threshold"] == {"points": 12, "remaining": 2, "consequence": "termination"}
    assert standing["trace"][0]["consequence"] == "suspension of 4 months"
    then = city.clerk.get(path, query_string={"as_of": "2025-06-20", "known_at": before.isoformat()}).json
    assert (then["points"], then["status"], then["revision"], then["trace"]) == (0, "normal", 2, [])
    assert city.clerk.get(path, query_string={"revision": 9}).status_code == 422
    unescaped = f"{API}{path}?known_at={before.isoformat()}"
    headers = {"Authorization": f"Bearer {city.clerk.token}"}
    assert city.clerk.flask.get(unescaped, headers=headers).json["points"] == 0


def test_without_a_commitment_nothing_is_paid_where_the_rulebook_says_so(fresh_engine, tmp_path):
    """One by one, in a batch and as known then; from 2025-03-01 on, and in Chifeng only."""
    books = unpaid_without_commitment(tmp_path, since="2025-03-01")
    city = City(make_office(make_test_service(fresh_engine, rulebooks_dir=books)))
    here = city.institution()
    person, other = city.person(here, signed_on=None), city.person(here)
    before, days = city.now().isoformat(), ("2024-12-31", "2025-02-28", "2025-03-01", "2025-05-20", "2025-06-02")
    unsigned = ["not_registered", "eligible", *["no_commitment"] * 3]
    assert reasons(city, person, days) == unsigned
    assert city.reason(person, emergency="true") == "no_commitment"
    assert city.reason(other) == "eligible"
    signed = city.admin.patch(f"/practitioners/{person}", {"commitment_signed_on": "2025-05-20"}, headers={"If-Match": "*"})
    assert signed.status_code == 200, signed.json
    assert reasons(city, person, days) == ["not_registered", "eligible", "no_commitment", "eligible", "eligible"]
    assert reasons(city, person, days, known_at=before) == unsigned


def reasons(city, person, days, **knowledge):
    """The reasons of days asked one by one, which a batch gives as well."""
    one_by_one = [city.ask(person, service_time=day, **knowledge) for day in days]
    checks = [{"ref": person, "service_time": day} for day in days]
    batch = city.settlement.post("/eligibility/batch", {"checks": checks, **knowledge}).json["results"]
    assert [line["reason"] for line in batch] == [line["reason"] for line in one_by_one]
    assert all(line["payable"] is (line["reason"] == "eligible") for line in [*batch, *one_by_one])
    return [line["reason"] for line in batch]
