"""How many statements an act takes over HTTP, whatever it is done to: each is a round trip under the file's lock."""

from contextlib import contextmanager

import pytest
from appeal_calls import make_scene
from case_calls import answered, finding, make_hands
from sqlalchemy import event


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@contextmanager
def counted(engine):
    """The statements that are run meanwhile."""
    seen = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def approve_one(hands, person):
    case = hands.submitted(finding(person))
    with counted(hands.office.service.engine) as seen:
        answered(hands.reviewer.post(f"/cases/{case['id']}/approve"))
    return seen


def reduce_one(hands):
    scene = make_scene(hands)
    appeal = scene.accepted()
    with counted(hands.office.service.engine) as seen:
        answered(scene.decide(appeal, "reduced", 8))
    return seen


def test_an_approval_of_one_finding(hands):
    approve_one(hands, hands.person())
    seen = approve_one(hands, hands.person())
    assert len(seen) <= 31, "\n".join(seen)


def test_a_decision_that_reduces(hands):
    reduce_one(hands)
    seen = reduce_one(hands)
    assert len(seen) <= 40, "\n".join(seen)
