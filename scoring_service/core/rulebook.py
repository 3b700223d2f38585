"""A rulebook: the parameters of scheme.md 2.6 as they hold for a division on a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scoring_service.core.months import first_of_next_month

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from fractions import Fraction

# What one score may be (scheme.md 2.1). A rulebook sets its bands and thresholds within them.
LOWEST_POINTS, HIGHEST_POINTS = 1, 12
# The band of a score whose points lie in none.
OUTSIDE = "outside"
_ONE_DAY = timedelta(days=1)


class SanctionStart(StrEnum):
    """When a sanction begins, counted from the score's `effective_on`."""

    NEXT_DAY = "next_day"
    EFFECTIVE_DATE = "effective_date"
    FIRST_OF_NEXT_MONTH = "first_of_next_month"


class ResumptionMode(StrEnum):
    """How a suspension's state ends: by itself with its term, or when the person's application is granted (P39)."""

    AUTOMATIC = "automatic"
    ON_APPLICATION = "on_application"


class Ground(StrEnum):
    """Why a sanction came: scores that add up, one finding alone, or a measure against the institution (P34)."""

    ACCUMULATED = "accumulated"
    SINGLE = "single"
    MEASURE = "measure"


# The grounds that points bring: only they have months by total.
SCORE_GROUNDS = (Ground.ACCUMULATED, Ground.SINGLE)


class Degree(StrEnum):
    """Degree of responsibility: 一般 general, 重要 important, 主要 main."""

    GENERAL = "general"
    IMPORTANT = "important"
    MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range of points by gravity, both ends included."""

    key: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A violation of the catalogue, with the band of points it belongs to and its legal basis.

    An *other* item of G annex 2, last in its band, has no legal basis of its own: the finding must name one.
    """

    key: str
    band: str
    title: str
    legal_basis: str | None
    degrees: tuple[Degree, ...]

    @property
    def asks_legal_basis(self) -> bool:
        """Tell whether a finding of this item must name its own legal basis."""
        return self.legal_basis is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentGround:
    """Why a finding is lighter or heavier than its degree suggests (P25)."""

    key: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningTier:
    """A total of points at which the institution must hold a talk (`measure`)."""

    points: int
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A remediation activity and what it gives back: points of the year, or days of a sanction."""

    key: str
    title: str
    points: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRulebook:
    """A rulebook as a case or an entry cites it: which one, and exactly which values."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Every parameter of a rulebook, resolved for one day.

    `values` is what was stated, as canonical JSON, and `sha256` names exactly that: a parameter that had not been
    thought of when the values were stated is in neither.
    """

    id: str
    valid_from: date
    sha256: str
    values: str = field(repr=False)
    suspend_at: int
    terminate_at: int
    bands: tuple[Band, ...]
    degree_points: Mapping[str, Mapping[Degree, int]]
    lighter_grounds: tuple[AdjustmentGround, ...]
    heavier_grounds: tuple[AdjustmentGround, ...]
    suspension_months: Mapping[Ground, Mapping[int, int]]
    ban_years: Mapping[Ground, int]
    resumption_mode: ResumptionMode
    resumption_apply_working_days: int
    resumption_evaluation_working_days: int
    resumption_pays_after_term: bool
    consent_working_days: int
    commitment_unpaid_without: bool
    sanction_start: SanctionStart
    emergency_covers_termination: bool
    talk_working_days: int
    warnings: tuple[WarningTier, ...]
    points_cap_per_year: int
    remediation: tuple[Activity, ...]
    floor_share: Fraction
    appeal_window_working_days: int
    appeal_countersign_working_days: int
    appeal_explanation_working_days: int
    appeal_insistence_working_days: int
    appeal_decision_working_days: int
    notice_issue_working_days: int
    notice_deliver_working_days: int
    notice_maintain_working_days: int
    notice_deemed_received_working_days: int
    institution_alert_percent: int
    institution_severe_percent: int
    items: tuple[Item, ...]

    def start(self, effective_on: date) -> date:
        """Return the first day of a sanction that a score effective on `effective_on` brings."""
        if self.sanction_start is SanctionStart.NEXT_DAY:
            return effective_on + _ONE_DAY
        if self.sanction_start is SanctionStart.EFFECTIVE_DATE:
            return effective_on
        return first_of_next_month(effective_on)

    def floor_months(self, imposed_months: int) -> int:
        """Return how many whole months of `imposed_months` must be served, whatever is credited."""
        share = self.floor_share * imposed_months
        return -(-share.numerator // share.denominator)

    def band_of(self, points: int) -> Band | None:
        """Return the band in which `points` lie, None outside all bands."""
        for band in self.bands:
            if band.lowest <= points <= band.highest:
                return band
        return None

    def item(self, key: str) -> Item | None:
        """Return the catalogue item with this key, None if there is none."""
        return next((item for item in self.items if item.key == key), None)

    def activity(self, key: str) -> Activity | None:
        """Return the remediation activity with this key, None if there is none."""
        return next((activity for activity in self.remediation if activity.key == key), None)
