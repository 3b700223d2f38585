"""Appeals: the whole life of one, its windows, its experts, and what is refused."""

from datetime import date
from io import BytesIO

import pytest
from appeal_calls import APPEALS, EXPLANATION, acknowledge_all, make_expert, make_scene, opinion
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import drafted, granted, scored, set_clock
from sqlalchemy import select

from scoring_service.db.tables import events

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture
def scene(hands):
    return make_scene(hands)


def path(appeal, step):
    return f"{APPEALS}/{appeal['id']}/{step}"


def standing(client, person, **query):
    return answered(client.get(f"/practitioners/{person}/standing", query_string=query))


def test_each_addressee_has_a_window_of_their_own(alone):
    hands = make_hands(alone)
    scene = make_scene(hands)
    acknowledge_all(scene.doctor)
    set_clock(alone, date(2025, 6, 17))  # The eleventh working day.
    late = refused(scene.doctor.post(APPEALS, scene.body()), 409, "appeal_window_closed")
    assert late["closed_on"] == "2025-06-16"
    paper = scene.body(received_on="2025-06-17")
    refused(hands.clerk.post(APPEALS, paper), 409, "appeal_window_closed")
    # The state has a letter of its own, received on the same day.
    refused(scene.doctor.post(APPEALS, scene.body(against="state")), 409, "appeal_window_closed")
    in_time = scene.filed(hands.clerk, received_on="2025-06-16")
    assert (in_time["on_paper"], in_time["received_on"]) == (True, "2025-06-16")
    answered(scene.doctor.post(path(in_time, "withdraw")))
    # The institution has not received its own letter yet: 9 June by lapse of time, and ten working days from there.
    theirs = scene.filed(scene.clinic, filed_by="institution")
    assert (theirs["institution"], theirs["window_closes_on"]) == (hands.institution, "2025-06-23")


def test_a_letter_deemed_received_closes_the_window_too(alone):
    hands = make_hands(alone)
    scene = make_scene(hands)
    admin = alone.client_for("office.admin")
    # Deemed received five working days after 2 June, closed ten working days later.
    answered(admin.put("/clock", {"now": "2025-06-24T09:00:00+08:00"}))
    late = refused(scene.doctor.post(APPEALS, scene.body()), 409, "appeal_window_closed")
    assert late["closed_on"] == "2025-06-23"


def test_one_open_appeal_for_an_entry(scene):
    first = scene.filed()
    for client, filer in ((scene.doctor, "practitioner"), (scene.clinic, "institution")):
        again = refused(client.post(APPEALS, scene.body(filed_by=filer)), 409, "appeal_exists")
        assert again["appeal"] == first["id"]
    assert answered(scene.doctor.post(path(first, "withdraw")))["state"] == "withdrawn"
    for_itself = {"filed_by": "institution", "institution": scene.hands.institution}
    assert scene.filed(scene.clinic, **for_itself)["state"] == "filed"


def test_an_institution_files_for_no_other(hands, scene):
    for_another = scene.body(filed_by="institution", institution=hands.office.institution())
    assert pointers(scene.clinic.post(APPEALS, for_another)) == ["/institution"]


def test_what_is_wrong_in_an_appeal_is_named(hands, scene):
    other = make_scene(hands)
    wrong = [
        ({"entry": other.entry}, "/entry"),
        ({"entry": NOBODY}, "/entry"),
        ({"entry": "x"}, "/entry"),
        ({"entry": None}, "/entry"),
        ({"filed_by": "institution"}, "/filed_by"),
        ({"filed_by": "office"}, "/filed_by"),
        ({"against": "whim"}, "/against"),
        ({"grounds": " "}, "/grounds"),
        ({"received_on": "2025-06-02"}, "/received_on"),
        ({"surprise": 1}, "/surprise"),
    ]
    for more, pointer in wrong:
        assert pointers(scene.doctor.post(APPEALS, scene.body(**more))) == [pointer], more
    refused(scene.doctor.post(APPEALS, other.body()), 404, "not_found")
    for day in ("2025-06-03", "2025-06-01"):
        assert pointers(hands.clerk.post(APPEALS, scene.body(received_on=day))) == ["/received_on"]
    elsewhere = scene.body(filed_by="institution", institution=hands.office.institution())
    assert pointers(hands.clerk.post(APPEALS, elsewhere)) == ["/institution"]
    answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, scene.entry)['id']}/approve"))
    assert pointers(scene.doctor.post(APPEALS, scene.body())) == ["/entry"]


def test_the_other_party_countersigns_and_not_the_filer(hands, scene):
    appeal = scene.filed()
    refused(scene.doctor.post(path(appeal, "countersign")), 403, "not_countersigner")
    same_person = hands.office.client_for(
        "institution", institution=hands.institution, staff_no=scene.doctor.staff_no
    )
    refused(same_person.post(path(appeal, "countersign")), 403, "same_person")
    refused(scene.clinic.post(path(appeal, "withdraw")), 403, "not_filer")
    stale = scene.clinic.post(path(appeal, "countersign"), headers={"If-Match": '"9"'})
    refused(stale, 412, "version_mismatch")
    answered(scene.clinic.post(path(appeal, "countersign"), headers={"If-Match": '"1"'}))
    again = refused(scene.clinic.post(path(appeal, "countersign")), 409, "appeal_state")
    assert again["state"] == "complete"
    theirs = make_scene(hands)
    filed = theirs.filed(theirs.clinic, filed_by="institution")
    refused(theirs.clinic.post(path(filed, "countersign")), 403, "not_countersigner")
    assert answered(theirs.doctor.post(path(filed, "countersign")))["state"] == "complete"


def test_without_a_countersignature_the_office_proceeds_when_it_may(alone):
    hands = make_hands(alone)
    scene, other = make_scene(hands), make_scene(hands)
    appeal, unanswered = scene.filed(), other.filed()
    why = {"reason": "另一方拒绝会签"}
    early = refused(scene.desk.post(path(appeal, "proceed"), why), 409, "countersign_pending")
    assert early["countersign_until"] == "2025-06-16"
    answered(scene.clinic.post(path(appeal, "refuse-countersignature"), {"reason": "不同意申诉理由"}))
    assert answered(scene.desk.post(path(appeal, "proceed"), why))["state"] == "complete"
    set_clock(alone, date(2025, 6, 16))
    refused(other.desk.post(path(unanswered, "proceed"), why), 409, "countersign_pending")
    set_clock(alone, date(2025, 6, 17))
    assert answered(other.desk.post(path(unanswered, "proceed"), why))["due_on"] == "2025-07-15"


def test_declined_with_a_reason(scene):
    appeal = scene.insisted()
    assert pointers(scene.desk.post(path(appeal, "decline"), {})) == ["/reason"]
    declined = answered(scene.desk.post(path(appeal, "decline"), {"reason": "申诉事项不属于受理范围"}))
    assert (declined["state"], declined["reasons"]) == ("declined", "申诉事项不属于受理范围")
    for step, body in (("accept", None), ("explain", EXPLANATION), ("experts", {"draw": 1})):
        assert refused(scene.desk.post(path(appeal, step), body), 409, "appeal_state")["state"] == "declined"
    refused(scene.doctor.post(path(appeal, "withdraw")), 409, "appeal_state")


def test_experts_with_a_conflict_are_neither_drawn_nor_named(alone):
    hands = make_hands(alone)
    scene = make_scene(hands)
    free = make_expert(alone)
    colleague = hands.person()
    make_expert(alone, staff_no=hands.clerk.staff_no)  # Drafted the case under another account.
    make_expert(alone, "practitioner", practitioner=colleague)
    make_expert(alone, "institution", institution=hands.institution)
    staff = alone.client_for("institution", institution=hands.institution)
    second = make_expert(alone, staff_no=staff.staff_no)
    earlier = make_scene(hands, 1, scene.person)
    heard = make_expert(alone)
    answered(earlier.named(earlier.accepted(), heard))

    appeal = scene.accepted()
    few = refused(scene.desk.post(path(appeal, "experts"), {"draw": 2}), 409, "experts_unavailable")
    assert few["available"] == 1
    for unfit in (second, heard):
        refused(scene.named(appeal, unfit), 403, "conflict_of_interest")
    assert pointers(scene.desk.post(path(appeal, "experts"), {"experts": ["nobody"], "reason": "无"})) == [
        "/experts/0"
    ]
    for body, pointer in (
        ({}, "/draw"),
        ({"draw": 0}, "/draw"),
        ({"draw": 1, "experts": ["x"], "reason": "无"}, "/draw"),
        ({"experts": ["x"]}, "/reason"),
        ({"experts": [], "reason": "无"}, "/experts"),
    ):
        assert pointers(scene.desk.post(path(appeal, "experts"), body)) == [pointer], body
    drawn = answered(scene.desk.post(path(appeal, "experts"), {"draw": 1}))
    assert [one["username"] for one in drawn["experts"]] == [free.username]
    again = {"experts": [free.username], "reason": "无"}
    assert pointers(scene.desk.post(path(appeal, "experts"), again)) == ["/experts/0"]
    answered(free.client.post(path(appeal, "recuse"), {"reason": "与当事人相识"}))
    refused(free.client.post(path(appeal, "opinions"), opinion()), 404, "not_found")
    refused(free.client.get(path(appeal, "")[:-1]), 404, "not_found")
    refused(scene.desk.post(path(appeal, "experts"), {"draw": 1}), 409, "experts_unavailable")
    answered(scene.decide(appeal, "upheld"))


def test_opinions_are_hidden_until_all_are_in_and_from_the_parties_for_ever(office, scene):
    first, second, stranger = (make_expert(office) for _ in range(3))
    appeal = scene.accepted()
    answered(scene.named(appeal, first, second))
    where = f"{APPEALS}/{appeal['id']}"
    for wrong in (None, 0, 10, 12):
        assert pointers(first.client.post(f"{where}/opinions", opinion("reduce", wrong))) == ["/points"]
    assert pointers(first.client.post(f"{where}/opinions", opinion("uphold", 3))) == ["/points"]
    answered(first.client.post(f"{where}/opinions", opinion("reduce", 9)))
    refused(first.client.post(f"{where}/opinions", opinion()), 409, "opinion_given")
    refused(first.client.post(f"{where}/recuse", {"reason": "迟了"}), 409, "opinion_given")

    def opinions(client):
        shown = answered(client.get(where))
        return [one["opinion"] for one in shown["opinions"]], len(shown["experts"])

    assert opinions(first.client) == (["reduce"], 1)
    assert opinions(second.client) == ([], 1)
    assert opinions(scene.desk) == ([], 2)
    assert answered(second.client.get(where))["case"]["findings"][0]["points"] == 10
    answered(second.client.post(f"{where}/opinions", opinion("revoke")))
    for client in (first.client, second.client, scene.desk):
        assert opinions(client) == (["reduce", "revoke"], 2)
    refused(stranger.client.get(where), 404, "not_found")
    assert appeal["id"] not in {one["id"] for one in answered(stranger.client.get(APPEALS))["items"]}
    assert [one["id"] for one in answered(first.client.get(APPEALS))["items"]] == [appeal["id"]]
    answered(scene.decide(appeal, "revoked"))
    for client in (scene.doctor, scene.clinic):
        shown = answered(client.get(where))
        assert shown["outcome"] == "revoked"
        assert not {"experts", "opinions", "case", "decided_by", "recorded_by"} & shown.keys()
        assert first.username not in client.get(where).text
    assert standing(scene.desk, scene.person)["points"] == 0
    log = answered(scene.doctor.get(f"/practitioners/{scene.person}/access-log"))["items"]
    assert {look["username"] for look in log if look["role"] == "expert"} == {"expert"}


def test_a_decision_says_what_it_must(scene):
    appeal = scene.accepted()
    wrong = [
        ({"outcome": "reduced"}, "/points"),
        ({"outcome": "reduced", "points": 0}, "/points"),
        ({"outcome": "reduced", "points": 10}, "/points"),
        ({"outcome": "reduced", "points": 11}, "/points"),
        ({"outcome": "reduced", "points": "6"}, "/points"),
        ({"outcome": "upheld", "points": 6}, "/points"),
        ({"outcome": "revoked", "points": 6}, "/points"),
        ({"outcome": "upheld", "reasons": ""}, "/reasons"),
        ({"outcome": "maybe"}, "/outcome"),
        ({"outcome": "upheld", "entry": NOBODY}, "/entry"),
    ]
    for body, pointer in wrong:
        response = scene.desk.post(path(appeal, "decide"), {"reasons": "理由"} | body)
        assert pointers(response) == [pointer], body
    stale = {"outcome": "upheld", "reasons": "理由"}
    refused(
        scene.desk.post(path(appeal, "decide"), stale, headers={"If-Match": '"1"'}), 412, "version_mismatch"
    )
    answered(scene.decide(appeal, "upheld"))
    assert refused(scene.decide(appeal, "upheld"), 409, "appeal_state")["state"] == "decided"


def test_the_decider_had_no_hand_in_the_case_under_any_account(hands, office, scene):
    appeal = scene.accepted()
    body = {"outcome": "upheld", "reasons": "理由"}
    expert = make_expert(office)
    answered(scene.named(appeal, expert))
    answered(expert.client.post(path(appeal, "opinions"), opinion()))
    for staff_no in (
        hands.clerk.staff_no,
        hands.reviewer.staff_no,
        scene.clinic.staff_no,
        expert.client.staff_no,
    ):
        second = office.client_for("office.appeals", staff_no=staff_no)
        refused(second.post(path(appeal, "decide"), body), 403, "conflict_of_interest")


def test_an_appeal_against_the_state_may_name_what_to_correct(hands, scene):
    filed = scene.filed(entry=None, against="state")
    assert (filed["entry"], filed["against"]) == (None, "state")
    refused(scene.doctor.post(APPEALS, scene.body(entry=None, against="state")), 409, "appeal_exists")
    scene.accepted(answered(scene.clinic.post(path(filed, "countersign"))))
    assert pointers(scene.decide(filed, "revoked", entry=make_scene(hands).entry)) == ["/entry"]
    assert pointers(scene.decide(filed, "upheld", entry=scene.entry)) == ["/entry"]
    decided = answered(scene.decide(filed, "reduced", 8, entry=scene.entry))
    assert decided["affected"]["after"] == []
    calm = make_scene(hands, 1)
    assert pointers(calm.doctor.post(APPEALS, calm.body(entry=None, against="state"))) == ["/against"]


def test_an_appeal_against_the_state_corrects_the_entry_behind_the_latest_sanction(hands):
    scene = make_scene(hands, 2)
    [behind] = scored(hands, scene.person, 8)
    appeal = scene.accepted(entry=None, against="state")
    assert pointers(scene.decide(appeal, "reduced", 8)) == ["/points"]
    decided = answered(scene.decide(appeal, "revoked"))
    assert (len(decided["affected"]["before"]), decided["affected"]["after"]) == (1, [])
    trace = standing(scene.desk, scene.person)["trace"]
    assert {step["entry"]: step["corrected_to"] for step in trace} == {scene.entry: None, behind: 0}
    again = scene.accepted(entry=None, against="state")
    assert pointers(scene.decide(again, "revoked")) == ["/entry"]  # It counts for nothing already.


def test_the_state_is_upheld_without_an_entry(scene):
    appeal = scene.accepted(entry=None, against="state")
    decided = answered(scene.decide(appeal, "upheld"))
    assert (decided["outcome"], decided["affected"]) == ("upheld", None)


def test_a_credit_can_be_appealed_against(hands):
    scene = make_scene(hands, 5)
    credit = answered(granted(hands, scene.person))["entry"]
    appeal = scene.accepted(entry=credit)
    second = hands.office.client_for("office.appeals", staff_no=hands.reviewer.staff_no)
    body = {"outcome": "upheld", "reasons": "理由"}
    refused(second.post(path(appeal, "decide"), body), 403, "conflict_of_interest")
    answered(scene.decide(appeal, "upheld"))


def test_evidence_is_attached_before_the_decision(scene):
    appeal = scene.filed()
    where = path(appeal, "attachments")

    def send(client):
        return client.post(where, data={"file": (BytesIO(b"%PDF-1.7\n"), "病历.pdf")})

    assert answered(send(scene.doctor), 201)["n"] == 1
    # The body made by hand: the test client would leave a temporary file open.
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="large.pdf"\r\n\r\n%PDF-'
    large = {"data": head + b"0" * 30_000_000, "content_type": "multipart/form-data; boundary=cut"}
    refused(scene.doctor.post(where, **large), 413, "too_large")
    scene.accepted(answered(scene.clinic.post(path(appeal, "countersign"))))
    assert scene.desk.get(f"{where}/1").data == b"%PDF-1.7\n"
    assert answered(scene.clinic.get(where))["items"][0]["file_name"] == "病历.pdf"
    answered(scene.decide(appeal, "upheld"))
    refused(send(scene.doctor), 409, "appeal_state")


def test_lists_and_the_file_show_it_to_whom_it_concerns(hands, office, scene):
    appeal = scene.complete()
    query = {"practitioner": scene.person, "state": "complete", "due_before": "2025-07-01"}
    for client in (scene.desk, scene.doctor, scene.clinic, hands.clerk):
        assert [one["id"] for one in answered(client.get(APPEALS, query_string=query))["items"]] == [
            appeal["id"]
        ]
        file = answered(client.get(f"/practitioners/{scene.person}/file"))
        assert [one["id"] for one in file["appeals"]] == [appeal["id"]]
    assert answered(scene.desk.get(APPEALS, query_string=query | {"due_before": "2025-06-30"}))["items"] == []
    for outsider in (
        office.client_for("office.appeals", region="21"),
        office.bound_client("institution"),
        office.bound_client("practitioner"),
    ):
        refused(outsider.get(f"{APPEALS}/{appeal['id']}"), 404, "not_found")
        assert appeal["id"] not in {one["id"] for one in answered(outsider.get(APPEALS))["items"]}


def test_reminders_before_and_after_the_due_day(alone):
    hands = make_hands(alone)
    admin = alone.client_for("office.admin")
    scene = make_scene(hands)
    appeal = scene.complete()
    assert appeal["due_on"] == "2025-06-30"

    def told(day):
        answered(admin.put("/clock", {"now": f"{day}T09:00:00+08:00"}))
        with alone.service.engine.connect() as conn:
            query = select(events.c.kind).where(events.c.kind.in_(["appeal_due_soon", "appeal_overdue"]))
            return list(conn.execute(query.order_by(events.c.number)).scalars())

    assert told("2025-06-24") == []
    assert told("2025-06-25") == ["appeal_due_soon"]
    assert told("2025-06-30") == ["appeal_due_soon"]
    assert told("2025-07-01") == ["appeal_due_soon", "appeal_overdue"]
    assert told("2025-07-03") == ["appeal_due_soon", "appeal_overdue"]


def test_two_scores_two_appeals(hands):
    scene = make_scene(hands, 4)
    [other] = scored(hands, scene.person, 2)
    assert scene.filed()["id"] != scene.filed(entry=other)["id"]
