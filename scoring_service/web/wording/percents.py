"""Shares in percent as people write them."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from flask_babel import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Flask

    from scoring_service.services.registry.institution_people import Ratio

ALL = 100
_WHOLE, _TENTH = Decimal(1), Decimal("0.1")


def prepare(app: Flask) -> None:
    """Give templates the percent of a ratio."""
    app.add_template_filter(ratio_percent)
    app.add_template_filter(share)


def ratio_percent(ratio: Ratio) -> str:
    """Return the percent of a ratio, which never reads as a level that it has not reached."""
    return percent(ratio.sanctioned, ratio.registered, {ratio.alert_percent, ratio.severe_percent})


def share(part: int, whole: int) -> str:
    """Return `part` of `whole` in percent, a dash where there is no whole."""
    return percent(part, whole) if whole else "—"


def percent(part: int, whole: int, limits: Collection[int] = ()) -> str:
    """Return `part` of `whole` in whole percent, halves rounded up: 1 of 60 is 2%.

    Something is never 0% and not all never 100%; what rounding would lift to one of `limits` keeps a decimal.
    """
    if not whole:
        return "0%"
    exact = Decimal(part * ALL) / whole
    rounded = exact.quantize(_WHOLE, ROUND_HALF_UP)
    if part and not rounded:
        return _("不足 1%")
    if any(exact < limit <= rounded for limit in {*limits, ALL}):
        return f"{exact.quantize(_TENTH, ROUND_FLOOR)}%"
    return f"{rounded}%"
