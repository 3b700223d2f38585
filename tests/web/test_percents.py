"""Percent as people write it."""

import pytest

from scoring_service.services.registry.institution_people import Ratio
from scoring_service.web.wording.percents import percent, ratio_percent


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (0, 0, "0%"),
        (0, 60, "0%"),
        (1, 60, "2%"),
        (1, 40, "3%"),  # 2.5: a half goes up.
        (1, 8, "13%"),
        (1, 3, "33%"),
        (2, 3, "67%"),
        (1, 300, "不足 1%"),
        (1, 200, "1%"),
        (60, 60, "100%"),
        (299, 300, "99.6%"),
        (3, 2, "150%"),
    ],
)
def test_halves_go_up_something_is_not_nothing_and_not_all_is_not_all(console, part, whole, told):
    with console.app.test_request_context():
        assert percent(part, whole) == told


def test_a_ratio_never_reads_as_a_level_that_it_has_not_reached(console):
    below = Ratio(sanctioned=39, registered=200, alert_percent=20, severe_percent=50)
    reached = Ratio(sanctioned=40, registered=200, alert_percent=20, severe_percent=50)
    with console.app.test_request_context():
        assert (ratio_percent(below), below.level) == ("19.5%", None)
        assert (ratio_percent(reached), reached.level) == ("20%", "alert")
