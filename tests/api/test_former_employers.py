"""A former employer: what happened while the person was there and what it is a party to; and who may ask about whom."""

from datetime import date

import pytest
from api_office import fresh_code, make_office, make_test_service
from appeal_calls import APPEALS, make_scene
from case_calls import answered, make_hands, refused
from due_process_calls import APPLICATIONS, application, scored, set_clock

LEFT, TODAY = date(2025, 6, 5), date(2025, 6, 20)


@pytest.fixture(scope="module")
def office(module_engine):
    return make_office(make_test_service(module_engine))


class Move:
    """A person with 2 points of before who moved on LEFT, and got 8 more at the second place a week later."""

    def __init__(self, office):
        self.office, self.old = office, make_hands(office)
        self.new = make_hands(office)
        self.person = self.old.person(name="迁徙")
        self.scene = make_scene(self.old, 2, self.person)
        self.appeal = self.scene.filed(self.scene.clinic, filed_by="institution")["id"]
        self.application = answered(self.scene.clinic.post(APPLICATIONS, application(self.person)), 201)["id"]
        set_clock(office, LEFT)
        where, on = f"/practitioners/{self.person}/affiliations", LEFT.isoformat()
        answered(self.old.admin.post(where, {"institution": self.old.institution, "until": on}), 201)
        answered(self.old.admin.post(where, {"institution": self.new.institution, "from": on}), 201)
        set_clock(office, date(2025, 6, 12))
        [self.later] = scored(self.new, self.person, 8, decided_on="2025-06-10")
        set_clock(office, TODAY)
        [self.own_later] = scored(self.old, self.person, 1, decided_on="2025-06-18")
        self.former = self.scene.clinic
        self.present = office.client_for("institution", institution=self.new.institution)

    def read(self, client, what="", **query):
        return client.get(f"/practitioners/{self.person}{what}", query_string=query)


@pytest.fixture(scope="module")
def move(office):
    return Move(office)


def test_a_former_employer_reads_the_file_as_it_was_there(move):
    file = answered(move.read(move.former, "/file"))
    assert file["practitioner"]["name"] == "迁徙"
    assert [one["id"] for one in file["entries"]] == [move.scene.entry, move.own_later]
    assert [one["institution"] for one in file["cases"]] == [move.old.institution, move.old.institution]
    assert {one["institution"] for one in file["affiliations"]} == {move.old.institution}
    assert {one["addressee"]["ref"] for one in file["notices"]} == {move.old.institution}
    standing = file["standing"]
    assert (standing["as_of"], standing["points"], standing["sanctions"]) == ("2025-06-04", 2, [])
    assert [step["entry"] for step in standing["trace"]] == [move.scene.entry]
    assert [one["id"] for one in file["appeals"]] == [move.appeal]
    assert [one["id"] for one in file["remediation"]] == [move.application]
    whole = answered(move.read(move.present, "/file"))
    assert (whole["practitioner"]["name"], whole["standing"]["points"]) == ("迁徙", 11)
    assert move.later in [one["id"] for one in whole["entries"]]


def test_nothing_tells_a_former_employer_how_the_person_stands_today(move):
    person = answered(move.read(move.former))
    assert (person["name"], person["status"], person["registrations"][-1]["until"]) == ("迁徙", "normal", None)
    assert {one["institution"] for one in person["affiliations"]} == {move.old.institution}
    assert answered(move.read(move.former, "/standing"))["as_of"] == "2025-06-04"
    there = answered(move.read(move.former, "/standing", as_of="2025-06-03"))
    assert (there["points"], there["sanctions"]) == (2, [])
    for day in ("2025-06-05", "2025-06-20", "2019-12-31"):
        refused(move.read(move.former, "/standing", as_of=day), 404, "not_found")
    refused(move.read(move.former, "/outlook"), 404, "not_found")
    seqs = [one["id"] for one in answered(move.read(move.former, "/ledger"))["items"]]
    assert move.later not in seqs
    assert seqs == [move.scene.entry, move.own_later]
    listed = answered(move.former.get("/practitioners"))["items"]
    found = answered(move.former.post("/practitioners/search", {"name": "迁徙"}))["items"]
    assert move.person not in {one["id"] for one in listed + found}
    events = answered(move.former.get("/events?limit=200"))["items"]
    of_person = {one["detail"].get("entry") for one in events if one["practitioner"] == move.person}
    assert move.later not in of_person
    assert move.own_later in of_person


def test_a_former_employer_writes_as_a_party_only(move):
    refused(move.former.post(APPLICATIONS, application(move.person)), 404, "not_found")
    paper = {"practitioner": move.person, "against": "points", "grounds": "无", "filed_by": "institution"}
    refused(move.former.post(APPEALS, paper | {"entry": move.later}), 403, "not_party")
    assert answered(move.former.post(APPEALS, paper | {"entry": move.own_later}), 201)["state"] == "filed"
    refused(move.present.post(f"{APPEALS}/{move.appeal}/withdraw"), 403, "not_party")
    assert answered(move.former.post(f"{APPEALS}/{move.appeal}/withdraw"))["state"] == "withdrawn"
    for notice in answered(move.former.get("/notices"))["items"]:
        answered(move.former.post(f"/notices/{notice['id']}/acknowledge"))


def asked(client, ref, **more):
    """The answer and nothing that names the question or the instant."""
    response = client.get(f"/eligibility/{ref}", query_string=more)
    if response.status_code != 200:
        return response.status_code, response.json["code"]
    named = {"ref", "known_at", "decision_id", "service_time"}
    return {name: value for name, value in response.json.items() if name not in named}


def in_a_batch(client, ref, **more):
    known_at = {"known_at": more.pop("known_at")} if "known_at" in more else {}
    more.pop("revision", None)
    body = {"checks": [{"ref": ref, "service_time": "2025-06-15"} | more]} | known_at
    return answered(client.post("/eligibility/batch", body))["results"][0]["reason"]


QUESTIONS = [
    {"service_time": "2025-06-15"},
    {"service_time": "2025-06-15", "revision": "0"},
    {"service_time": "2025-06-15", "revision": "2"},
    {"service_time": "2025-06-15", "revision": "4000"},
    {"service_time": "2025-06-15", "known_at": "2025-06-14T00:00:00+08:00"},
    {"service_time": "2030-01-01", "emergency": "true"},
    {},
]


def test_a_stranger_answers_exactly_like_nobody(move):
    office, old = move.office, move.old
    coming = office.practitioner()
    where = f"/practitioners/{coming['id']}/affiliations"
    answered(old.admin.post(where, {"institution": old.institution, "from": "2025-07-01"}), 201)
    loner, elsewhere = office.practitioner(), office.practitioner(office.institution(region="130102"))
    former = answered(old.admin.get(f"/practitioners/{move.person}"))
    nobody = fresh_code()
    region = office.client_for("office.clerk", region="1504")
    cases = [(move.former, coming), (move.former, loner), (move.former, elsewhere), (move.former, former)]
    cases += [(region, loner), (region, elsewhere)]
    for client, person in cases:
        for ref in (person["code"], person["id"]):
            for question in QUESTIONS:
                more = question | {"institution": old.institution}
                for each in (question, more):
                    assert asked(client, ref, **each) == asked(client, nobody, **each), (person, each)
            assert in_a_batch(client, ref) == "unknown_practitioner"
            decision = answered(client.get(f"/eligibility/{ref}?service_time=2025-06-15"))["decision_id"]
            refused(client.get(f"/eligibility/decisions/{decision}"), 404, "not_found")


def test_an_institution_asks_about_the_days_on_which_somebody_who_left_was_there(move):
    ref = answered(move.old.admin.get(f"/practitioners/{move.person}"))["code"]
    there = asked(move.former, ref, service_time="2025-06-04", institution=move.old.institution)
    assert (there["payable"], there["reason"], there["status"]) == (True, "eligible", "normal")
    # Of its own people it may ask about every day, also before they came.
    before = asked(move.present, ref, service_time="2025-06-04", institution=move.new.institution)
    assert before["reason"] == "not_affiliated"
    checks = [{"ref": ref, "service_time": day} for day in ("2025-06-04", "2025-06-05")]
    told = answered(move.former.post("/eligibility/batch", {"checks": checks}))["results"]
    assert [one["reason"] for one in told] == ["eligible", "unknown_practitioner"]
