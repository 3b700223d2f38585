"""The letter that settles an appeal, declined or decided: to both sides, with the reasons."""

import pytest
from appeal_calls import APPEALS, make_scene
from case_calls import answered, make_hands


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def decided_letters(client, scene):
    listed = answered(client.get(f"/notices?practitioner={scene.person}&limit=200"))["items"]
    return [row for row in listed if row["kind"] == "appeal_decision"]


def declined(scene, appeal):
    scene.insisted(appeal)
    return answered(
        scene.desk.post(f"{APPEALS}/{appeal['id']}/decline", {"reason": "申诉事项不属于受理范围"})
    )


def upheld(scene, appeal):
    scene.accepted(appeal)
    return answered(scene.decide(appeal, "upheld"))


def test_a_declined_appeal_is_told_to_both_sides_with_the_reason(hands):
    scene = make_scene(hands)
    appeal = declined(scene, scene.complete())
    assert (appeal["state"], appeal["outcome"]) == ("declined", None)
    for party, addressee in ((scene.doctor, scene.person), (scene.clinic, hands.institution)):
        [letter] = decided_letters(party, scene)
        assert (letter["addressee"]["ref"], letter["entry"]) == (addressee, scene.entry)
        assert (letter["facts"]["outcome"], letter["window_closes_on"]) == ("declined", None)
        document = party.get(f"/notices/{letter['id']}/document").text
        assert "对该申诉不予受理，记分和医保支付资格状态不变。" in document
        assert "申诉事项不属于受理范围" in document
    assert len(decided_letters(hands.clerk, scene)) == 2


@pytest.mark.parametrize("settle", [declined, upheld])
def test_an_institution_that_the_person_has_left_is_told_too(hands, settle):
    scene = make_scene(hands)
    appeal = scene.filed(scene.clinic, filed_by="institution")
    answered(
        hands.admin.post(
            f"/practitioners/{scene.person}/deregistration", {"on": "2025-06-02", "reason": "离职"}
        )
    )
    answered(scene.doctor.post(f"{APPEALS}/{appeal['id']}/countersign"))
    settle(scene, appeal)
    told = {row["addressee"]["ref"] for row in decided_letters(hands.clerk, scene)}
    assert told == {scene.person, hands.institution}
    assert len(decided_letters(scene.clinic, scene)) == 1
