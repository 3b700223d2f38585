"""How a period is called (2025 年, 2025 年第 1 季度, 2025 年 3 月), and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from scoring_service import terms
from scoring_service.core.months import MONTHS_PER_YEAR
from scoring_service.core.period import QUARTER
from scoring_service.web.wording.languages import month, side

if TYPE_CHECKING:
    from scoring_service.core.period import Period


FIGURE = {name: LazyString(side, term) for name, term in terms.FIGURES.items()}
PUNCTUAL = {name: LazyString(side, term) for name, term in terms.PUNCTUAL.items()}


def period_words(period: Period) -> str:
    """Return what a period is called in the language of the page."""
    if period.months == MONTHS_PER_YEAR:
        return _("%(year)s 年", year=period.year)
    if period.months == QUARTER:
        return _("%(year)s 年第 %(number)s 季度", year=period.year, number=(period.first.month + 2) // QUARTER)
    return _("%(year)s 年 %(month)s", year=period.year, month=month(period.first.month))
