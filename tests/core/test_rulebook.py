"""A rulebook asked for one of its values (scheme.md 2.6)."""

from dataclasses import replace
from fractions import Fraction

import pytest
from core_files import RULEBOOK

from scoring_service.core.rulebook import Activity


def test_an_activity_and_an_item_are_found_by_their_keys():
    other = Activity(key="talk", title="Talk", points=2, days=5)
    rulebook = replace(RULEBOOK, remediation=(*RULEBOOK.remediation, other))
    assert (rulebook.activity("talk"), rulebook.activity("none")) == (other, None)
    assert (rulebook.item("act"), rulebook.item("none")) == (RULEBOOK.items[0], None)


@pytest.mark.parametrize(
    ("points", "band"), [(0, None), (1, "light"), (6, "light"), (7, "heavy"), (12, "heavy"), (13, None)]
)
def test_both_ends_of_a_band_belong_to_it(points, band):
    found = RULEBOOK.band_of(points)
    assert (found and found.key) == band


@pytest.mark.parametrize(
    ("share", "months", "floor"), [("1/2", 2, 1), ("1/2", 3, 2), ("1/2", 1, 1), ("1/2", 36, 18), ("2/3", 4, 3), ("1/1", 5, 5)]
)
def test_a_floor_is_rounded_up_to_whole_months(share, months, floor):
    assert replace(RULEBOOK, floor_share=Fraction(share)).floor_months(months) == floor
