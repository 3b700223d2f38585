"""Ids that are drawn together are as good as those drawn one by one."""

import uuid

from scoring_service.db.bulk import fresh_ids


def test_ids_drawn_together_are_random_ones_each_of_its_own():
    drawn = fresh_ids(10_000)
    assert len(set(drawn)) == 10_000
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in drawn} == {(4, uuid.RFC_4122)}
    assert all(str(uuid.UUID(each)) == each for each in drawn)
    assert fresh_ids(0) == []
