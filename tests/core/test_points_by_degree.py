"""Points by degree and band, adjusted with a ground, and the order of degrees (P25)."""

from dataclasses import replace

import pytest
from core_files import RULEBOOK

from scoring_service.core.adjustments import (
    AdjustmentKind,
    Charged,
    band_for,
    grounds_for,
    out_of_order,
    outside_band,
    stays_in_band,
    suggested_points,
)
from scoring_service.core.rulebook import AdjustmentGround, Band, Degree, Item

BANDS = tuple(
    Band(key=key, lowest=lowest, highest=lowest + 2)
    for key, lowest in (("grave", 10), ("serious", 7), ("moderate", 4), ("minor", 1))
)
BY_DEGREE = {band.key: dict(zip(Degree, range(band.lowest, band.highest + 1), strict=True)) for band in BANDS}
OWNED_UP, INTENT = AdjustmentGround(key="owned_up", title="主动承认"), AdjustmentGround(key="intent", title="故意")
LAW = replace(
    RULEBOOK, bands=BANDS, degree_points=BY_DEGREE, lighter_grounds=(OWNED_UP,), heavier_grounds=(INTENT,)
)
DOWN, UP = AdjustmentKind.ONE_BAND_DOWN, AdjustmentKind.ONE_BAND_UP


def item(band):
    return Item(key="x", band=band, title="x", legal_basis="x", degrees=tuple(Degree))


@pytest.mark.parametrize(
    ("band", "kind", "expected"),
    [
        ("moderate", None, "moderate"),
        ("moderate", AdjustmentKind.LIGHTER, "moderate"),
        ("moderate", AdjustmentKind.HEAVIER, "moderate"),
        ("moderate", DOWN, "minor"),
        ("moderate", UP, "serious"),
        ("minor", DOWN, None),
        ("grave", UP, None),
    ],
)
def test_points_are_in_order_in_the_items_band_or_the_next(band, kind, expected):
    allowed = band_for(LAW, item(band), kind)
    assert (allowed and allowed.key) == expected
    for points in range(1, 13):
        inside = allowed is not None and allowed.lowest <= points <= allowed.highest
        assert outside_band(LAW, item(band), kind, points) is not inside


@pytest.mark.parametrize(
    ("degree", "kind", "points"),
    [
        (Degree.GENERAL, None, 4),
        (Degree.MAIN, None, 6),
        (Degree.MAIN, AdjustmentKind.LIGHTER, 6),
        (Degree.GENERAL, DOWN, 1),
        (Degree.IMPORTANT, UP, 8),
    ],
)
def test_a_degree_suggests_points_of_the_band_it_is_adjusted_to(degree, kind, points):
    assert suggested_points(LAW, item("moderate"), degree, kind) == points


def test_nothing_is_suggested_beyond_the_last_band():
    assert suggested_points(LAW, item("grave"), Degree.MAIN, UP) is None


def test_only_an_adjustment_to_the_next_band_can_stay_behind_in_the_items_own():
    assert [points for points in range(1, 13) if stays_in_band(LAW, item("moderate"), DOWN, points)] == [4, 5, 6]
    assert not stays_in_band(LAW, item("moderate"), AdjustmentKind.LIGHTER, 5)


def test_fewer_and_more_points_have_grounds_of_their_own():
    assert grounds_for(LAW, DOWN) == grounds_for(LAW, AdjustmentKind.LIGHTER) == (OWNED_UP,)
    assert grounds_for(LAW, UP) == grounds_for(LAW, AdjustmentKind.HEAVIER) == (INTENT,)


def charged(degree, points, *shares, adjusted=False):
    return Charged(shares=frozenset(shares), degree=degree, points=points, adjusted=adjusted)


@pytest.mark.parametrize(
    ("charges", "indices"),
    [
        ([charged(Degree.MAIN, 4, "a"), charged(Degree.GENERAL, 5, "a")], {1}),
        ([charged(Degree.GENERAL, 5, "a"), charged(Degree.IMPORTANT, 5, "a")], set()),
        ([charged(Degree.GENERAL, 4, "a"), charged(Degree.MAIN, 6, "a")], set()),
        ([charged(Degree.MAIN, 4, "a"), charged(Degree.GENERAL, 5, "b")], set()),
        ([charged(Degree.MAIN, 4, "a", "b"), charged(Degree.GENERAL, 5, "b", "c")], {1}),
        ([charged(Degree.MAIN, 4, "a", adjusted=True), charged(Degree.GENERAL, 5, "a")], set()),
        ([charged(Degree.MAIN, 4, "a"), charged(Degree.GENERAL, 5, "a", adjusted=True)], set()),
        ([charged(Degree.IMPORTANT, 6, "a"), charged(Degree.MAIN, 4, "a"), charged(Degree.GENERAL, 5, "a")], {0, 2}),
    ],
)
def test_a_lesser_degree_with_more_points_stands_out(charges, indices):
    assert out_of_order(charges) == indices
