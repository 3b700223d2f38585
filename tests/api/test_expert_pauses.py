"""The time with experts is not counted: the due day stands still, and moves by the working days that they took (P44)."""

from datetime import date

import pytest
from appeal_calls import APPEALS, make_expert, make_scene, opinion
from case_calls import answered, make_hands, pointers
from due_process_calls import set_clock
from sqlalchemy import select

from scoring_service.db.tables import events
from scoring_service.services.jobs.runs import run_named

DUE = "2025-06-30"  # Twenty working days after Monday 2 June.


@pytest.fixture
def scene(alone):
    return make_scene(make_hands(alone))


def path(appeal, step):
    return f"{APPEALS}/{appeal['id']}/{step}"


def times(client, appeal):
    shown = answered(client.get(f"{APPEALS}/{appeal['id']}"))
    return tuple(shown[name] for name in ("due_on", "paused_since", "paused_days", "working_days_left"))


def on(office, month, day):
    set_clock(office, date(2025, month, day))


def test_it_stands_still_from_the_appointment_to_the_last_opinion(alone, scene):
    first, second = make_expert(alone), make_expert(alone)
    appeal = scene.accepted()
    assert times(scene.doctor, appeal) == (DUE, None, 0, None)
    on(alone, 6, 5)  # A Thursday.
    answered(scene.named(appeal, first, second))
    # 6, 9–13, 16–20, 23–27 and 30 June.
    assert times(scene.doctor, appeal) == (DUE, "2025-06-05", 0, 17)
    on(alone, 6, 10)
    answered(first.client.post(path(appeal, "opinions"), opinion()))
    assert times(scene.doctor, appeal) == (DUE, "2025-06-05", 0, 17)
    on(alone, 6, 12)
    answered(second.client.post(path(appeal, "opinions"), opinion()))
    # 6, 9, 10, 11 and 12 June were theirs: 1, 2, 3, 4 and 7 July come instead; 17 working days are left.
    assert times(scene.doctor, appeal) == ("2025-07-07", None, 5, None)
    answered(scene.decide(appeal, "upheld"))


def test_several_pauses_add_up_and_those_on_each_others_heels_count_no_day_twice(alone, scene):
    first, second, third = (make_expert(alone) for _ in range(3))
    appeal = scene.accepted()
    answered(scene.named(appeal, first))
    on(alone, 6, 4)
    answered(first.client.post(path(appeal, "recuse"), {"reason": "与当事人相识"}))
    assert times(scene.desk, appeal) == ("2025-07-02", None, 2, None)
    answered(scene.named(appeal, second))
    assert times(scene.desk, appeal) == ("2025-07-02", "2025-06-04", 2, 20)
    on(alone, 6, 6)
    # A third is appointed while the second is awaited: it is one pause, to the last of them.
    answered(scene.named(appeal, third))
    answered(scene.desk.post(path(appeal, "release"), {"expert": second.username, "reason": "逾期未答"}))
    assert times(scene.desk, appeal) == ("2025-07-02", "2025-06-04", 2, 20)
    on(alone, 6, 9)
    answered(third.client.post(path(appeal, "opinions"), opinion()))
    assert times(scene.desk, appeal) == ("2025-07-07", None, 5, None)


def test_opinions_of_the_day_of_the_appointment_take_no_day(alone, scene):
    expert = make_expert(alone)
    appeal = scene.accepted()
    answered(scene.named(appeal, expert))
    answered(expert.client.post(path(appeal, "opinions"), opinion()))
    assert times(scene.desk, appeal) == (DUE, None, 0, None)


def test_experts_appointed_when_the_time_is_over_give_none_back(alone, scene):
    expert = make_expert(alone)
    appeal = scene.accepted()
    on(alone, 7, 2)
    answered(scene.named(appeal, expert))
    assert times(scene.desk, appeal) == (DUE, "2025-07-02", 0, 0)
    on(alone, 7, 4)
    answered(expert.client.post(path(appeal, "opinions"), opinion()))
    assert times(scene.desk, appeal) == (DUE, None, 2, None)


def test_a_withdrawn_appeal_is_with_nobody(alone, scene):
    appeal = scene.accepted()
    answered(scene.named(appeal, make_expert(alone)))
    answered(scene.doctor.post(path(appeal, "withdraw")))
    assert times(scene.desk, appeal) == (DUE, None, 0, None)


def test_lists_and_reminders_leave_out_what_experts_have(alone, scene):
    expert = make_expert(alone)
    admin = alone.client_for("office.admin")
    appeal = scene.accepted()
    answered(scene.named(appeal, expert))

    def due_before(day):
        items = answered(scene.desk.get(APPEALS, query_string={"due_before": day}))["items"]
        return [one["id"] for one in items]

    def reminded(day):
        answered(admin.put("/clock", {"now": f"{day}T09:00:00+08:00"}))
        with alone.service.engine.connect() as conn:
            kinds = select(events.c.kind).where(events.c.kind.in_(["appeal_due_soon", "appeal_overdue"]))
            return list(conn.execute(kinds.order_by(events.c.number)).scalars())

    assert due_before("2025-12-31") == []
    assert reminded("2025-07-01") == []
    answered(expert.client.post(path(appeal, "opinions"), opinion()))
    # Twenty-one working days later, all of them the experts': 3 June to 1 July.
    assert times(scene.desk, appeal) == ("2025-07-29", None, 21, None)
    assert due_before("2025-07-30") == [appeal["id"]]
    assert due_before("2025-07-29") == []
    assert reminded("2025-07-23") == []
    assert reminded("2025-07-24") == ["appeal_due_soon"]
    assert reminded("2025-07-30") == ["appeal_due_soon", "appeal_overdue"]


def test_who_does_not_answer_in_time_is_released_and_another_is_drawn_on_their_heels(alone, scene):
    pool = {expert.username: expert for expert in (make_expert(alone), make_expert(alone))}
    appeal = scene.accepted()

    def job(month, day):
        on(alone, month, day)
        run_named(alone.service, "deadlines", date(2025, month, day).isoformat())
        return [(one["username"], one["state"], one["due_on"]) for one in shown()["experts"]]

    def shown():
        return answered(scene.desk.get(f"{APPEALS}/{appeal['id']}"))

    assert pointers(scene.desk.post(path(appeal, "experts"), {"draw": 1, "due_on": "2025-06-02"})) == ["/due_on"]
    answered(scene.desk.post(path(appeal, "experts"), {"draw": 1, "due_on": "2025-06-16"}))
    [(first, *_)] = seats = job(6, 16)
    assert seats == [(first, "assigned", "2025-06-16")]
    seats = job(6, 17)
    [second] = pool.keys() - {first}
    assert seats == [(first, "released", "2025-06-16"), (second, "assigned", "2025-07-01")]
    # 3 to 17 June were the first one's; those of the second are not counted again.
    assert times(scene.desk, appeal) == ("2025-07-15", "2025-06-17", 11, 20)
    assert pool[first].client.get(f"{APPEALS}/{appeal['id']}").status_code == 404
    answered(pool[second].client.post(path(appeal, "opinions"), opinion()))
    named = make_expert(alone)
    answered(scene.named(appeal, named, due_on="2025-06-20"))
    assert job(6, 21)[2] == (named.username, "released", "2025-06-20")
    assert times(scene.desk, appeal)[1] is None
    with alone.service.engine.connect() as conn:
        kinds = events.c.kind.in_(["appeal_opinion_due_soon", "appeal_expert_released", "appeal_expert_missing"])
        told = conn.execute(select(events.c.kind, events.c.detail).where(kinds).order_by(events.c.number)).all()
    assert [kind.removeprefix("appeal_") for kind, _ in told] == [
        *("opinion_due_soon", "expert_released", "expert_released", "expert_missing"),
    ]
    assert not any(name in str(detail) for _, detail in told for name in (first, second, named.username))
