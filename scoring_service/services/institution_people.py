"""How an institution stands: its people of today, those sanctioned this year, and the ratio of the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from scoring_service.db.tables import standing_affiliations, standing_sanctions

if TYPE_CHECKING:
    from scoring_service.services.work import Work

PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Persons `sanctioned` this year while there, of those `registered` there today; levels in percent."""

    sanctioned: int
    registered: int
    alert_percent: int
    severe_percent: int

    @property
    def percent(self) -> int:
        """The ratio in whole percent, rounded down; 0 without people."""
        return self.sanctioned * PERCENT // self.registered if self.registered else 0


def ratio_of(work: Work, code: str, region: str) -> Ratio:
    """Return the ratio of an institution by today (scheme.md 2.6, `institution_ratio`)."""
    there, struck = standing_affiliations.c, standing_sanctions.c
    registered = (
        select(func.count(there.practitioner_id.distinct()))
        .where(there.institution_code == code, there.from_on <= work.today)
        .where(or_(there.until_on.is_(None), there.until_on > work.today))
    )
    sanctioned = (
        select(func.count(there.practitioner_id.distinct()))
        .join(standing_sanctions, struck.practitioner_id == there.practitioner_id)
        .where(there.institution_code == code)
        .where(struck.from_on.between(work.today.replace(month=1, day=1), work.today))
        .where(there.from_on <= struck.from_on)
        .where(or_(there.until_on.is_(None), there.until_on > struck.from_on))
    )
    rulebook = work.rulebooks.resolve_for_reading(work.rulebooks.id_for_division(region), work.today)
    return Ratio(
        sanctioned=work.conn.execute(sanctioned).scalar_one(),
        registered=work.conn.execute(registered).scalar_one(),
        alert_percent=rulebook.institution_alert_percent,
        severe_percent=rulebook.institution_severe_percent,
    )
