"""The story of one hospital, from the suspension of a department to the turn of the year (P34, P42, P39; scheme.md 2).

On Monday 2 June 2025 the office suspends the orthopaedic department for three months. Three people are responsible: the
head, who works at a second hospital too, a doctor, who is scored 9 besides, and a nurse.
"""

from datetime import date

import pytest
from api_office import fresh_code, make_office, make_test_service
from appeal_calls import APPEALS, EXPLANATION, make_expert, opinion
from case_calls import answered, finding, make_hands, refused
from due_process_calls import set_clock
from measure_calls import handling, measure, unscored
from resumption_calls import RESUMPTIONS, act, application, consented, standing

from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY

MEASURE = measure("department_suspended", start="2025-06-03", until="2025-09-03", department="骨科")
BEGINS, LIFTED_ON, TERM_ENDS = date(2025, 6, 3), date(2025, 7, 15), date(2025, 8, 3)


@pytest.fixture
def hands(fresh_engine):
    """The office of Chifeng under the rulebooks that the service is delivered with."""
    return make_hands(make_office(make_test_service(fresh_engine, rulebooks_dir=RULEBOOKS_DIRECTORY)))


class Hospital:
    """The hospital's people, those who act for them, and the case that it begins with."""

    def __init__(self, hands):
        office = hands.office
        self.hands, self.second = hands, office.institution()
        self.head = office.practitioner(hands.institution, self.second)["id"]
        self.doctor, self.nurse = hands.person(), hands.person(category="nurse", code=fresh_code("N"))
        self.clinic = office.client_for("institution", institution=hands.institution)
        self.own_desk = office.client_for("practitioner", practitioner=self.doctor)
        self.appeals_desk, self.settlement = office.client_for("office.appeals"), office.client_for("settlement")
        self.case = hands.approved(
            unscored(self.head),
            finding(self.doctor, 9, reason="情节严重"),
            unscored(self.nurse, degree="general"),
            handling=handling(hands, MEASURE, decided_on="2025-06-02"),
        )

    @property
    def people(self):
        return (self.head, self.doctor, self.nurse)

    def on(self, day):
        set_clock(self.hands.office, day)

    def fee(self, person, day, institution=None, **more):
        query = {"service_time": str(day), "institution": institution or self.hands.institution} | more
        return answered(self.settlement.get(f"/eligibility/{person}", query_string=query))

    def batch(self, person, day):
        checks = [
            {"ref": person, "service_time": str(day), "institution": code}
            for code in (self.hands.institution, self.second)
        ]
        answer = answered(self.settlement.post("/eligibility/batch", {"checks": checks}))
        return [line["payable"] for line in answer["results"]]

    def letters(self, client, **query):
        return answered(client.get("/notices", query_string={"limit": 200} | query))["items"]

    def post(self, client, path, body=None):
        return answered(client.post(path, body if body is not None else {}))


@pytest.fixture
def hospital(hands):
    return Hospital(hands)


def the_measure_befalls_three(hospital):
    """Three are suspended at every hospital; one is scored, and of no other are points told."""
    findings = hospital.case["findings"]
    assert [found["points"] for found in findings] == [None, 9, None]
    assert [found["entry"] is None for found in findings] == [True, False, True]
    assert all(found["measure_entry"] and not found["absorbed"] for found in findings)
    for person in hospital.people:
        current = standing(hospital.hands, person, as_of=str(BEGINS))["current_sanction"]
        assert (current["kind"], hospital.fee(person, BEGINS)["reason"]) == ("suspension", "suspended")
        kinds = {letter["kind"] for letter in hospital.letters(hospital.clinic, practitioner=person)}
        assert kinds >= ({"measure", "score", "suspension"} if person == hospital.doctor else {"measure"})
    for place in (hospital.hands.institution, hospital.second):
        answer = hospital.fee(hospital.head, BEGINS, place)
        assert (answer["payable"], answer["reason"]) == (False, "suspended")
    assert hospital.batch(hospital.head, BEGINS) == [False, False]


def the_hospital_does_its_part(hospital):
    """It receives the letters, sets the state within three working days, and holds the talk within ten."""
    for letter in hospital.letters(hospital.clinic, unacknowledged="true"):
        hospital.post(hospital.clinic, f"/notices/{letter['id']}/acknowledge")
    assert hospital.letters(hospital.clinic, maintenance="open")
    for letter in hospital.letters(hospital.clinic, maintenance="open"):
        assert letter["maintenance_due_on"] == "2025-06-05"
        kept = hospital.post(hospital.clinic, f"/notices/{letter['id']}/maintenance", {"on": "2025-06-02"})
        assert kept["maintained_on"] == "2025-06-02"
    [asking] = hospital.letters(hospital.clinic, talk="open")
    assert (asking["practitioner"], asking["talk_due_on"]) == (hospital.doctor, "2025-06-16")
    talk = {"notice": asking["id"], "held_on": "2025-06-04", "summary": "已谈话提醒。"}
    hospital.on(date(2025, 6, 4))
    answered(hospital.clinic.post("/talks", talk), 201)
    assert hospital.letters(hospital.clinic, maintenance="open") == hospital.letters(hospital.clinic, talk="open") == []


def the_doctor_appeals_in_vain(hospital):
    """The office explains, the doctor insists, two experts are heard, and the points stand."""
    entry = hospital.case["findings"][1]["entry"]
    hospital.on(date(2025, 6, 5))
    whole = {"practitioner": hospital.doctor, "entry": entry, "against": "points", "filed_by": "practitioner"}
    filed = answered(hospital.own_desk.post(APPEALS, whole | {"grounds": "手术指征明确。"}), 201)
    path = f"{APPEALS}/{filed['id']}"
    hospital.on(date(2025, 6, 6))
    assert hospital.post(hospital.clinic, f"{path}/countersign")["due_on"] == "2025-07-04"
    hospital.on(date(2025, 6, 9))
    assert hospital.post(hospital.hands.reviewer, f"{path}/explain", EXPLANATION)["answer_due_on"] == "2025-06-16"
    refused(hospital.appeals_desk.post(f"{path}/accept"), 409, "appeal_state")
    hospital.on(date(2025, 6, 10))
    assert hospital.post(hospital.own_desk, f"{path}/insist", {"grounds": None})["state"] == "insisted"
    hospital.on(date(2025, 6, 12))
    hospital.post(hospital.appeals_desk, f"{path}/accept")
    experts = [make_expert(hospital.hands.office), make_expert(hospital.hands.office)]
    named = {"experts": [expert.username for expert in experts], "reason": "骨科专业"}
    heard = hospital.post(hospital.appeals_desk, f"{path}/experts", named)
    assert (heard["due_on"], heard["paused_since"]) == ("2025-07-04", "2025-06-12")
    hospital.on(date(2025, 6, 20))
    for expert in experts:
        answered(expert.client.post(f"{path}/opinions", opinion()))
    # 13 and 16 to 20 June were theirs.
    shown = answered(hospital.own_desk.get(path))
    assert (shown["due_on"], shown["paused_since"]) == ("2025-07-14", None)
    decision = {"outcome": "upheld", "points": None, "reasons": "事实清楚。"}
    assert hospital.post(hospital.appeals_desk, f"{path}/decide", decision)["outcome"] == "upheld"


def the_measure_is_lifted(hospital):
    """Under four eyes, for each of the three; the head is paid at both hospitals again, and was not as known before."""
    hospital.on(date(2025, 7, 14))
    known_before = standing(hospital.hands, hospital.head)["known_at"]
    refused(hospital.own_desk.post(RESUMPTIONS, application(hospital.doctor)), 409, "sanction_running")
    hospital.on(LIFTED_ON)
    for found in hospital.case["findings"]:
        entry = found["measure_entry"]
        drafted = answered(hospital.hands.clerk.post(f"/entries/{entry}/lift", {"reason": "整改合格"}), 201)
        refused(hospital.hands.clerk.post(f"/liftings/{drafted['id']}/approve"), 403, "forbidden")
        assert hospital.post(hospital.hands.reviewer, f"/liftings/{drafted['id']}/approve")["state"] == "approved"
        again = hospital.hands.clerk.post(f"/entries/{entry}/lift", {"reason": "整改合格"})
        refused(again, 409, "measure_ended")
    assert hospital.batch(hospital.head, LIFTED_ON) == [True, True]
    for place in (hospital.hands.institution, hospital.second):
        assert hospital.fee(hospital.head, LIFTED_ON, place)["reason"] == "eligible"
        then = hospital.fee(hospital.head, LIFTED_ON, place, known_at=known_before)
        assert (then["payable"], then["reason"]) == (False, "suspended")
    assert hospital.fee(hospital.nurse, LIFTED_ON)["payable"]
    assert hospital.fee(hospital.doctor, LIFTED_ON)["reason"] == "suspended"


def the_doctor_resumes(hospital):
    """The suspension of points does not end with the measure: it is asked for, agreed to and evaluated."""
    hospital.on(date(2025, 7, 16))
    waiting = consented(hospital.hands, hospital.doctor)
    hospital.on(date(2025, 7, 25))
    granted = answered(act(hospital.hands.reviewer, waiting, "approve"))
    assert granted["resumes_on"] == str(TERM_ENDS)
    last_day = date(2025, 8, 2)
    assert [hospital.fee(hospital.doctor, day)["payable"] for day in (last_day, TERM_ENDS)] == [False, True]


def the_year_turns(hospital):
    """The next year starts at 0; measures are counted apart from what points brought."""
    answered(hospital.hands.admin.put("/clock", {"now": "2026-01-05T09:00:00+08:00"}))
    state = standing(hospital.hands, hospital.doctor)
    assert (state["points"], state["totals"], state["status"]) == (0, [{"year": 2025, "points": 9}], "normal")
    assert [letter["kind"] for letter in hospital.letters(hospital.own_desk)].count("year_statement") == 1
    figures = answered(hospital.hands.admin.get("/statistics", query_string={"year": 2025}))
    counted = tuple(figures[name] for name in ("person_times", "suspended", "terminated", "measures"))
    assert counted == (1, 1, 0, 3)


def test_the_story_of_a_hospital(hospital):
    the_measure_befalls_three(hospital)
    the_hospital_does_its_part(hospital)
    the_doctor_appeals_in_vain(hospital)
    the_measure_is_lifted(hospital)
    the_doctor_resumes(hospital)
    the_year_turns(hospital)
