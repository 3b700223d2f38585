"""An expert who does not answer is released by the office, with a reason, and replaced."""

import pytest
from appeal_calls import APPEALS, make_expert, make_scene, opinion
from case_calls import answered, make_hands, pointers, refused
from sqlalchemy import select

from scoring_service.db.tables import audit_log, events

WHY = {"reason": "逾期未出具意见"}


@pytest.fixture(scope="module")
def scene(office):
    return make_scene(make_hands(office))


def path(appeal, step):
    return f"{APPEALS}/{appeal['id']}/{step}"


def test_a_silent_expert_is_released_and_replaced(office, scene):
    silent, other = make_expert(office), make_expert(office)
    appeal = scene.accepted()
    answered(scene.named(appeal, silent))
    refused(scene.decide(appeal, "upheld"), 409, "opinions_pending")
    assert pointers(scene.desk.post(path(appeal, "release"), {"expert": silent.username})) == ["/reason"]
    assert pointers(scene.desk.post(path(appeal, "release"), WHY | {"expert": other.username})) == ["/expert"]

    told = answered(scene.desk.post(path(appeal, "release"), WHY | {"expert": silent.username}))
    [expert] = told["experts"]
    assert (expert["state"], expert["recused_because"]) == ("released", WHY["reason"])
    assert expert["released_by"]
    refused(silent.client.get(f"{APPEALS}/{appeal['id']}"), 404, "not_found")
    refused(silent.client.post(path(appeal, "opinions"), opinion()), 404, "not_found")
    assert answered(silent.client.get(APPEALS))["items"] == []
    refused(scene.desk.post(path(appeal, "release"), WHY | {"expert": silent.username}), 409, "recused")
    assert pointers(scene.named(appeal, silent)) == ["/experts/0"]

    answered(scene.named(appeal, other))
    answered(other.client.post(path(appeal, "opinions"), opinion()))
    refused(scene.desk.post(path(appeal, "release"), WHY | {"expert": other.username}), 409, "opinion_given")
    assert answered(scene.decide(appeal, "upheld"))["state"] == "decided"
    refused(scene.desk.post(path(appeal, "release"), WHY | {"expert": other.username}), 409, "appeal_state")

    with office.service.engine.connect() as conn:
        own = audit_log.c.object_id == appeal["id"]
        deed = conn.execute(select(audit_log).where(own, audit_log.c.action == "appeal.expert_released")).one()
        told = (events.c.kind == "appeal_expert_released") & (events.c.practitioner_id == scene.person)
        event = conn.execute(select(events).where(told)).one()
    assert deed.detail == WHY | {"expert": silent.username}
    assert silent.username not in str(event)


def test_a_release_is_made_once_for_a_key(office, scene):
    expert = make_expert(office)
    appeal = make_scene(scene.hands).accepted()
    answered(scene.named(appeal, expert))
    key = {"Idempotency-Key": "release-once"}
    body = WHY | {"expert": expert.username}
    first = scene.desk.post(path(appeal, "release"), body, headers=key)
    again = scene.desk.post(path(appeal, "release"), body, headers=key)
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)


def test_the_parties_are_not_told_who_was_released(office):
    own = make_scene(make_hands(office))
    expert = make_expert(office)
    appeal = own.accepted()
    answered(own.named(appeal, expert))
    answered(own.desk.post(path(appeal, "release"), WHY | {"expert": expert.username}))
    for party in (own.doctor, own.clinic):
        assert expert.username not in party.get(f"{APPEALS}/{appeal['id']}").text
