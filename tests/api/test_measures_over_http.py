"""A measure against the institution: who is responsible follows it, scored or not (P34, scheme.md 2.1 and 2.3)."""

import pytest
from case_calls import answered, finding, make_hands, pointers, refused
from due_process_calls import drafted
from measure_calls import approved, handling, measure, notices_of, unscored


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def standing(hands, person, **query):
    return answered(hands.clerk.get(f"/practitioners/{person}/standing", query_string=query))


def test_who_is_responsible_is_suspended_and_not_scored(hands):
    person = hands.person()
    case = approved(hands, unscored(person), taken=measure(until="2025-12-01"))
    [only] = case["findings"]
    assert case["handling"]["measure"] == measure(until="2025-12-01")
    assert (only["points"], only["entry"], only["absorbed"]) == (None, None, False)
    span = {"kind": "suspension", "ground": "measure", "from": "2025-06-03", "until": "2025-12-01"}
    span |= {"state_until": "2025-12-01"}
    assert only["measure_sanction"] == span
    assert only["standing"]["sanctions"] == [span]
    after = standing(hands, person, as_of="2025-06-03")
    assert (after["status"], after["points"], after["current_sanction"]) == ("suspended", 0, span)
    assert (after["may_resume_from"], after["may_reapply_from"]) == (None, None)
    [step] = after["trace"]
    assert (step["entry"], step["kind"]) == (only["measure_entry"], "measure")
    assert step["consequence"] == "suspension by a measure against the institution"


def test_one_entry_a_person_and_case_stands_on_their_first_finding(hands):
    person, other = hands.person(), hands.person()
    findings = [
        finding(person, 4),
        unscored(person, item="repeat_or_excess_charging", reason="同一措施"),
        unscored(other),
        finding(other, 5, item="repeat_or_excess_charging", reason="同一措施"),
    ]
    case = approved(hands, *findings)
    scored = [each["entry"] is not None for each in case["findings"]]
    led = [each["measure_entry"] is not None for each in case["findings"]]
    assert scored == [True, False, False, True]
    assert led == [True, False, True, False]
    kinds = [entry["kind"] for entry in answered(hands.clerk.get(f"/practitioners/{person}/ledger"))["items"]]
    assert kinds == ["score", "measure"]


def test_a_finding_without_points_takes_in_no_other_on_its_act(hands):
    person = hands.person()
    acts = [unscored(person, act="甲"), finding(person, 4, act="甲", item="repeat_or_excess_charging")]
    case = approved(hands, *acts)
    assert [each["absorbed"] for each in case["findings"]] == [False, False]
    assert [each["entry"] is None for each in case["findings"]] == [True, False]


def test_a_terminated_agreement_terminates(hands):
    person = hands.person()
    case = approved(hands, unscored(person), taken=measure("agreement_terminated"))
    [only] = case["findings"]
    span = {"kind": "termination", "ground": "measure", "from": "2025-06-03", "until": "2026-06-03"}
    assert only["measure_sanction"] == span | {"state_until": None}
    after = standing(hands, person, as_of="2025-06-03")
    assert (after["status"], after["may_reapply_from"]) == ("terminated", "2026-06-03")


def test_a_measure_that_has_ended_before_it_could_begin_makes_no_span_and_no_letter(hands):
    person = hands.person()
    case = approved(hands, unscored(person), taken=measure(until="2025-06-03"))
    [only] = case["findings"]
    assert only["measure_entry"] is not None
    assert only["measure_sanction"] is None
    assert only["standing"]["sanctions"] == []
    assert notices_of(hands, person) == []


def test_a_measure_that_begins_later_is_pending(hands):
    person = hands.person()
    approved(hands, unscored(person), taken=measure(start="2025-07-01", until="2025-08-01"))
    assert standing(hands, person, as_of="2025-06-03")["status"] == "normal"
    assert standing(hands, person, as_of="2025-07-01")["status"] == "suspended"
    place = {"institution": hands.office.institution(), "from": "2025-06-10", "until": None}
    refused(hands.admin.post(f"/practitioners/{person}/affiliations", place), 409, "sanction_running")


def test_a_measure_takes_effect_as_a_score_does(hands):
    person = hands.person()
    case = hands.submitted(unscored(person), handling=handling(hands))
    early, day = {"effective_on": "2025-05-19"}, {"effective_on": "2025-05-25"}
    path = f"/cases/{case['id']}/approve"
    refused(hands.admin.post(path, early), 422, "invalid")
    refused(hands.reviewer.post(path, day), 403, "backfill_not_allowed")
    [only] = answered(hands.admin.post(path, day))["findings"]
    assert only["measure_sanction"]["from"] == "2025-05-26"


def test_everybody_gets_a_letter_and_the_parties_a_window(hands):
    elsewhere = hands.office.institution()
    person = hands.office.practitioner(hands.institution, elsewhere)["id"]
    approved(hands, unscored(person))
    letters = notices_of(hands, person)
    addressees = {(one["addressee"]["kind"], one["addressee"]["ref"]) for one in letters}
    assert addressees == {
        ("practitioner", person),
        ("institution", hands.institution),
        ("institution", elsewhere),
        ("authority", "health_commission"),
    }
    own = next(one for one in letters if one["addressee"]["kind"] == "practitioner")
    received = answered(
        hands.clerk.post(f"/notices/{own['id']}/acknowledge", {"received_on": "2025-06-02", "proof": "回执"})
    )
    assert received["window_closes_on"] == "2025-06-16"
    of_case = next(one for one in letters if one["addressee"]["ref"] == hands.institution)
    assert of_case["deliver_due_on"] == "2025-06-05"
    kept = answered(
        hands.clerk.post(f"/notices/{of_case['id']}/acknowledge", {"received_on": "2025-06-02", "proof": "回执"})
    )
    assert (kept["maintenance_due_on"], kept["talk_due_on"]) == ("2025-06-05", None)
    document = hands.clerk.get(f"/notices/{own['id']}/document")
    assert "医保支付资格措施通知书" in document.text
    assert "中止医保服务协议" in document.text
    assert "申诉期限的最后一日" in document.text
    pdf = hands.clerk.get(f"/notices/{own['id']}/document", headers={"Accept": "application/pdf"})
    assert pdf.data.startswith(b"%PDF")


def test_the_case_s_institution_is_told_although_the_person_has_left_it(hands):
    person = hands.person()
    answered(hands.admin.post(f"/practitioners/{person}/deregistration", {"on": "2025-06-01", "reason": "离职"}))
    approved(hands, unscored(person))
    refs = {one["addressee"]["ref"] for one in notices_of(hands, person)}
    assert hands.institution in refs


def test_a_person_of_another_institution_is_flagged_and_needs_a_reason(hands):
    stranger = hands.office.practitioner(hands.office.institution())["id"]
    case = hands.draft(unscored(stranger), handling=handling(hands))
    assert case["findings"][0]["flags"] == ["not_affiliated_then"]
    assert pointers(hands.clerk.post(f"/cases/{case['id']}/submit")) == ["/findings/0/reason"]


WRONG = {
    "ends before it begins": (measure(until="2025-05-19"), "/handling/measure/until"),
    "ends as it begins": (measure(until="2025-05-20"), "/handling/measure/until"),
    "a terminated agreement ends": (measure("agreement_terminated", until="2026-01-01"), "/handling/measure/until"),
    "no department": (measure("department_suspended"), "/handling/measure/department"),
    "a department too many": (measure(department="内科"), "/handling/measure/department"),
    "another kind": (measure("closed"), "/handling/measure/kind"),
    "no first day": ({"kind": "agreement_suspended"}, "/handling/measure/from"),
    "an unknown field": (measure() | {"to": "2025-07-01"}, "/handling/measure/to"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_measure_is_refused(hands, name):
    taken, pointer = WRONG[name]
    body = hands.body(unscored(hands.person()), handling=handling(hands, taken))
    assert pointers(hands.clerk.post("/cases", body)) == [pointer]


def test_points_are_needed_without_a_measure(hands):
    person = hands.person()
    body = hands.body(finding(person), unscored(person))
    assert pointers(hands.clerk.post("/cases", body)) == ["/findings/1/points"]
    body["findings"][1]["points"] = 0
    assert pointers(hands.clerk.post("/cases", body)) == ["/findings/1/points"]
    del body["findings"][1]["points"]
    assert pointers(hands.clerk.post("/cases", body)) == ["/findings/1/points"]


def test_a_draft_gains_changes_and_loses_its_measure(hands):
    case = hands.draft(finding(hands.person()))
    assert case["handling"]["measure"] is None

    def edit(version, **changes):
        return hands.clerk.patch(f"/cases/{case['id']}", changes, headers={"If-Match": f'"{version}"'})

    of_department = measure("department_suspended", department="内科")
    changed = answered(edit(1, handling={"measure": of_department}, findings=[unscored(hands.person())]))
    assert changed["handling"]["measure"] == of_department
    assert changed["handling"]["decided_on"] == case["handling"]["decided_on"]
    kept = answered(edit(2, summary="其他"))
    assert kept["handling"]["measure"] == of_department
    assert pointers(edit(3, handling={"measure": None})) == ["/findings/0/points"]
    lost = answered(edit(3, handling={"measure": None}, findings=[finding(hands.person())]))
    assert lost["handling"]["measure"] is None


def counts(hands, **query):
    told = answered(hands.clerk.get("/statistics", query_string={"year": 2025} | query))
    return {name: told[name] for name in ("person_times", "persons", "suspended", "terminated", "measures")}


def test_statistics_count_measures_apart(alone):
    hands = make_hands(alone)
    before = answered(hands.clerk.get("/statistics"))["known_at"]
    people = [hands.person() for _ in range(3)]
    approved(hands, unscored(people[0]), finding(people[1], 9, reason="情节严重"))
    approved(hands, unscored(people[2]), taken=measure("agreement_terminated"))
    told = {"person_times": 1, "persons": 1, "suspended": 1, "terminated": 0, "measures": 3}
    assert counts(hands) == told
    now = answered(hands.clerk.get("/statistics"))["known_at"]
    assert counts(hands, known_at=before) == dict.fromkeys(told, 0)
    entry = answered(hands.clerk.get(f"/practitioners/{people[0]}/ledger"))["items"][0]["id"]
    draft = drafted(hands.clerk, entry)
    answered(hands.reviewer.post(f"/corrections/{draft['id']}/approve"))
    assert counts(hands)["measures"] == 2
    assert counts(hands, known_at=now) == told
    assert counts(hands, region="1504") == told | {"measures": 2}
    assert counts(hands, region="4311") == dict.fromkeys(told, 0)
