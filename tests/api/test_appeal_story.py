"""The story of ten points: a letter, an appeal on the tenth working day, two experts, and both ends of it."""

from datetime import date

import pytest
from appeal_calls import APPEALS, acknowledge_all, make_expert, make_scene, opinion
from case_calls import answered, make_hands, refused
from due_process_calls import set_clock

SUSPENSION = {
    "kind": "suspension",
    "ground": "single",
    "from": "2025-06-03",
    "until": "2025-10-03",
    "state_until": "2025-10-03",
}


def path(appeal, step):
    return f"{APPEALS}/{appeal['id']}/{step}"


def standing(client, person, **query):
    return answered(client.get(f"/practitioners/{person}/standing", query_string=query))


@pytest.mark.parametrize("changed", [True, False], ids=["reduced to 6", "upheld"])
def test_the_story_of_ten_points(alone, changed):
    hands = make_hands(alone)
    settlement = alone.client_for("settlement")
    scene = make_scene(hands)
    assert acknowledge_all(scene.doctor) == "2025-06-16"
    acknowledge_all(scene.clinic)

    def ask(day):
        query = {"service_time": day, "institution": hands.institution}
        return answered(settlement.get(f"/eligibility/{scene.person}", query_string=query))

    set_clock(alone, date(2025, 6, 16))  # The tenth working day after 2 June.
    refusals = [ask("2025-06-05"), ask("2025-06-16")]
    assert [line["reason"] for line in refusals] == ["suspended", "suspended"]
    then = standing(hands.clerk, scene.person)
    assert (then["points"], then["current_sanction"]) == (10, SUSPENSION)

    appeal = scene.filed()
    assert (appeal["state"], appeal["window_closes_on"], appeal["due_on"]) == ("filed", "2025-06-16", None)
    complete = answered(scene.clinic.post(path(appeal, "countersign")))
    # Twenty working days after Monday 16 June.
    assert (complete["state"], complete["due_on"]) == ("complete", "2025-07-14")
    scene.accepted(complete)
    experts = {expert.username: expert for expert in (make_expert(alone), make_expert(alone))}
    drawn = answered(scene.desk.post(path(appeal, "experts"), {"draw": 2}))
    assert {one["username"] for one in drawn["experts"]} == set(experts)
    for name, kind in zip(experts, ("reduce", "uphold"), strict=True):
        refused(scene.decide(appeal, "upheld"), 409, "opinions_pending")
        said = opinion(kind, 6 if kind == "reduce" else None)
        answered(experts[name].client.post(path(appeal, "opinions"), said))

    set_clock(alone, date(2025, 6, 20))
    decided = answered(scene.decide(appeal, "reduced", 6) if changed else scene.decide(appeal, "upheld"))
    assert (decided["state"], decided["outcome"]) == ("decided", "reduced" if changed else "upheld")
    now = standing(hands.clerk, scene.person)
    if changed:
        affected = decided["affected"]
        assert (affected["before"], affected["after"]) == ([SUSPENSION], [])
        assert [one["decision_id"] for one in affected["refusals"]] == [
            one["decision_id"] for one in refusals
        ]
        assert (now["points"], now["status"], now["sanctions"]) == (6, "normal", [])
        assert standing(hands.clerk, scene.person, as_of="2025-06-03")["status"] == "normal"
        assert ask("2025-06-05")["payable"]
        last = answered(hands.clerk.get(f"/practitioners/{scene.person}/ledger"))["items"][-1]
        assert (last["kind"], last["basis"], last["value"]) == ("correction", "appeal", 6)
        assert (last["target"], last["id"]) == (scene.entry, decided["correction"])
    else:
        assert (decided["affected"], decided["correction"]) == (None, None)
        assert (now["points"], now["sanctions"]) == (10, [SUSPENSION])
        assert not ask("2025-06-05")["payable"]
    known = {"known_at": then["known_at"], "revision": then["revision"], "as_of": then["as_of"]}
    assert standing(hands.clerk, scene.person, **known) == then
    letters = answered(hands.clerk.get("/notices", query_string={"practitioner": scene.person}))["items"]
    told = [one for one in letters if one["kind"] == "appeal_decision"]
    assert sorted(one["addressee"]["kind"] for one in told) == ["institution", "practitioner"]
    assert told[0]["facts"]["points_after"] == (6 if changed else 10)
    document = scene.doctor.get(
        f"/notices/{answered(scene.doctor.get('/notices'))['items'][0]['id']}/document"
    )
    assert document.status_code == 200
    # The decision closes it to its experts.
    refused(next(iter(experts.values())).client.post(path(appeal, "opinions"), opinion()), 404, "not_found")
