"""Countersignatures on paper: a clerk records the other party's, never that of the side that filed."""

import pytest
from appeal_calls import APPEALS, make_scene
from case_calls import answered, make_hands, pointers, refused


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture
def scene(hands):
    return make_scene(hands)


def sign(client, appeal, body=None):
    return client.post(f"{APPEALS}/{appeal['id']}/countersign", body)


def refuse(client, appeal):
    return client.post(f"{APPEALS}/{appeal['id']}/refuse-countersignature", {"reason": "单位不予盖章"})


def test_a_clerk_records_the_seal_of_the_institution(scene):
    appeal = scene.filed()
    assert (appeal["countersigned_on_paper"], appeal["countersigned_institution"]) == (False, None)
    signed = answered(sign(scene.hands.clerk, appeal, {"proof": "盖章页扫描件 3 号"}))
    assert (signed["state"], signed["due_on"]) == ("complete", "2025-06-30")
    assert (signed["countersigned_on_paper"], signed["countersigned_institution"]) == (
        True,
        scene.hands.institution,
    )
    assert signed["countersign_proof"] == "盖章页扫描件 3 号"
    shown = answered(scene.doctor.get(f"{APPEALS}/{appeal['id']}"))
    assert shown["countersigned_on_paper"]
    assert not {"countersign_proof", "countersigned_by"} & set(shown)
    refused(sign(scene.hands.clerk, appeal), 409, "appeal_state")


def test_a_clerk_records_the_person_s_signature(scene):
    appeal = scene.filed(scene.clinic, filed_by="institution")
    assert pointers(sign(scene.hands.clerk, appeal, {"institution": scene.hands.institution})) == [
        "/institution"
    ]
    signed = answered(sign(scene.hands.clerk, appeal))
    assert (signed["countersigned_on_paper"], signed["countersigned_institution"]) == (True, None)


def test_one_sheet_with_both_signatures_is_recorded_by_one_clerk(office, hands):
    second = office.institution()
    scene = make_scene(hands, person=office.practitioner(hands.institution, second)["id"])
    appeal = scene.filed(hands.clerk)
    elsewhere = office.institution()
    assert pointers(sign(hands.clerk, appeal, {"institution": elsewhere})) == ["/institution"]
    signed = answered(sign(hands.clerk, appeal, {"institution": second}))
    assert (signed["on_paper"], signed["countersigned_institution"]) == (True, second)


def test_who_belongs_to_a_side_records_no_paper_of_the_other(office, scene):
    """The person's second account, and that of a colleague."""
    person = office.client_for("office.clerk", staff_no=scene.doctor.staff_no)
    colleague = office.client_for("office.clerk", staff_no=scene.clinic.staff_no)
    appeal = scene.filed()
    refused(sign(person, appeal), 403, "same_person")
    refused(sign(colleague, appeal), 403, "conflict_of_interest")
    answered(scene.doctor.post(f"{APPEALS}/{appeal['id']}/withdraw"))
    refused(person.post(APPEALS, scene.body()), 403, "conflict_of_interest")
    on_paper = scene.filed(scene.hands.clerk)
    for step in (sign, refuse):
        refused(step(person, on_paper), 403, "conflict_of_interest")
        refused(step(colleague, on_paper), 403, "conflict_of_interest")
    answered(sign(scene.clinic, on_paper))


def test_a_party_signs_for_itself_and_says_nothing_of_paper(office, scene):
    appeal = scene.filed()
    assert pointers(sign(scene.clinic, appeal, {"proof": "扫描件"})) == ["/proof"]
    assert pointers(sign(scene.clinic, appeal, {"institution": office.institution()})) == ["/institution"]
    signed = answered(sign(scene.clinic, appeal, {"institution": scene.hands.institution}))
    assert (signed["countersigned_on_paper"], signed["countersigned_institution"]) == (
        False,
        scene.hands.institution,
    )


def test_a_refusal_on_paper_lets_the_office_proceed(scene):
    appeal = scene.filed()
    told = answered(refuse(scene.hands.clerk, appeal))
    assert told["countersign_refused_because"] == "单位不予盖章"
    proceeded = answered(scene.desk.post(f"{APPEALS}/{appeal['id']}/proceed", {"reason": "单位拒绝会签"}))
    assert proceeded["state"] == "complete"
