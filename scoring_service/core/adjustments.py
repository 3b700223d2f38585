"""How the points of a finding are set: by degree in its item's band, lighter or heavier with a ground (P25)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scoring_service.core.rulebook import Degree

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from scoring_service.core.rulebook import AdjustmentGround, Band, Item, Rulebook

_BY_GRAVITY = tuple(Degree)


class AdjustmentKind(StrEnum):
    """What a ground does to the points: fewer or more inside the item's band, or the next band below or above."""

    LIGHTER = "lighter"
    ONE_BAND_DOWN = "one_band_down"
    HEAVIER = "heavier"
    ONE_BAND_UP = "one_band_up"


_BANDS_AWAY = {AdjustmentKind.ONE_BAND_DOWN: -1, AdjustmentKind.ONE_BAND_UP: 1}
_SOFTER = frozenset({AdjustmentKind.LIGHTER, AdjustmentKind.ONE_BAND_DOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Why a finding's points are not those of its degree: `ground` is a key of the rulebook's `adjustment_grounds`."""

    kind: AdjustmentKind
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What the order of degrees is looked at by: findings that share an act or item are compared."""

    shares: frozenset[Hashable]
    degree: Degree
    points: int
    adjusted: bool


def grounds_for(rulebook: Rulebook, kind: AdjustmentKind) -> tuple[AdjustmentGround, ...]:
    """Return the grounds on which points may be adjusted in this way."""
    return rulebook.lighter_grounds if kind in _SOFTER else rulebook.heavier_grounds


def band_for(rulebook: Rulebook, item: Item, kind: AdjustmentKind | None) -> Band | None:
    """Return the band in which points so adjusted are in order, the item's or the next; None where there is none."""
    bands = sorted(rulebook.bands, key=lambda band: band.lowest)
    own = next(index for index, band in enumerate(bands) if band.key == item.band)
    index = own + (_BANDS_AWAY.get(kind, 0) if kind else 0)
    return bands[index] if 0 <= index < len(bands) else None


def outside_band(rulebook: Rulebook, item: Item, kind: AdjustmentKind | None, points: int) -> bool:
    """Tell whether points lie outside the band in which they are in order (scheme.md 2.6: flagged, not refused)."""
    band = band_for(rulebook, item, kind)
    return band is None or not band.lowest <= points <= band.highest


def stays_in_band(rulebook: Rulebook, item: Item, kind: AdjustmentKind, points: int) -> bool:
    """Tell whether points lie in the item's own band although they are adjusted to the next one."""
    return kind in _BANDS_AWAY and not outside_band(rulebook, item, None, points)


def suggested_points(
    rulebook: Rulebook, item: Item, degree: Degree, kind: AdjustmentKind | None = None
) -> int | None:
    """Return the points that the degree suggests in the band of the item, or the band that it is adjusted to.

    None where the rulebook suggests none.
    """
    band = band_for(rulebook, item, kind)
    return rulebook.degree_points.get(band.key, {}).get(degree) if band else None


def out_of_order(charges: Sequence[Charged]) -> frozenset[int]:
    """Return the indices of those with more points than a greater degree has, for one act or item, neither adjusted."""
    plain = [(index, charge) for index, charge in enumerate(charges) if not charge.adjusted]
    return frozenset(
        index
        for index, lesser in plain
        for _other, greater in plain
        if lesser.points > greater.points
        and _BY_GRAVITY.index(lesser.degree) < _BY_GRAVITY.index(greater.degree)
        and lesser.shares & greater.shares
    )
