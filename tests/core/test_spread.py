"""The spread of like cases beside a plain model of it: every case in a row, the places counted by hand."""

from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_service.core.spread import (
    LEAST_COMPARED,
    Spread,
    count_apart,
    lies_apart,
    like_days,
    similar_of,
    spread_of,
)

POINTS = st.lists(st.integers(1, 12), max_size=90)


def percentile(points, percent):
    """The first of the points in order up to which lie at least so many per cent of them."""
    ordered = sorted(points)
    return next(
        (each for place, each in enumerate(ordered, 1) if Fraction(place, len(ordered)) >= Fraction(percent, 100)), None
    )


def model(points):
    low, median, high = (percentile(points, percent) for percent in (5, 50, 95))
    return Spread(n=len(points), median=median, p5=low, p95=high)


@given(POINTS, POINTS, st.integers(1, 12))
def test_every_figure_is_that_of_the_cases_put_in_a_row(here, elsewhere, asked):
    similar = similar_of(Counter(here), Counter(elsewhere))
    whole = model(here + elsewhere)
    assert Spread(n=similar.n, median=similar.median, p5=similar.p5, p95=similar.p95) == whole
    assert (similar.here, similar.elsewhere) == (model(here), model(elsewhere))
    apart = len(here + elsewhere) >= LEAST_COMPARED and (asked < whole.p5 or asked > whole.p95)
    assert lies_apart(asked, similar) is apart
    counted = sum(whole.n >= LEAST_COMPARED and not whole.p5 <= each <= whole.p95 for each in here)
    assert count_apart(Counter(here), similar) == counted


@given(st.lists(st.integers(1, 12), min_size=LEAST_COMPARED, max_size=300))
def test_at_most_a_tenth_of_the_cases_lie_apart_from_themselves(points):
    assert count_apart(Counter(points), spread_of(Counter(points))) * 10 <= len(points)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, (0, None, None, None)),
        ({5: 1}, (1, 5, 5, 5)),
        ({4: 1, 6: 1}, (2, 4, 4, 6)),
        # Of twenty the first is the 5th percentile and the nineteenth the 95th: one alone at the top lies apart.
        ({4: 1, 5: 18, 6: 1}, (20, 5, 4, 5)),
        ({4: 2, 5: 36, 6: 2}, (40, 5, 4, 5)),
        ({4: 1, 5: 39, 12: 0}, (40, 5, 5, 5)),
    ],
)
def test_ranks_are_nearest_ranks(counts, expected):
    spread = spread_of(counts)
    assert (spread.n, spread.median, spread.p5, spread.p95) == expected


def test_of_fewer_than_twenty_nothing_lies_apart():
    few, enough = spread_of({5: LEAST_COMPARED - 1}), spread_of({5: LEAST_COMPARED})
    assert (few.is_few, lies_apart(12, few)) == (True, False)
    assert (enough.is_few, lies_apart(12, enough), lies_apart(5, enough)) == (False, True, False)


@pytest.mark.parametrize(
    ("decided_on", "since"),
    [(date(2027, 5, 20), date(2025, 5, 20)), (date(2028, 2, 29), date(2026, 2, 28))],
)
def test_like_cases_are_those_of_two_years(decided_on, since):
    assert like_days(decided_on) == (since, decided_on)
