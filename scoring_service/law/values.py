"""The resolved values of a rulebook: to `core.Rulebook`, to canonical JSON and its hash, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from scoring_service.core.rulebook import (
    Activity,
    Band,
    Degree,
    Ground,
    Item,
    Rulebook,
    SanctionStart,
    WarningTier,
)

_PLAIN = {
    "suspend_at": "suspend_at",
    "terminate_at": "terminate_at",
    "emergency_covers_termination": "emergency_covers_termination",
    "points_cap_per_year": "credits.points_cap_per_year",
    "appeal_window_working_days": "appeal.window_working_days",
    "appeal_countersign_working_days": "appeal.countersign_working_days",
    "appeal_decision_working_days": "appeal.decision_working_days",
    "appeal_extension_working_days": "appeal.extension_working_days",
    "notice_deemed_received_working_days": "notice.deemed_received_working_days",
    "institution_alert_percent": "institution_ratio.alert_percent",
    "institution_severe_percent": "institution_ratio.severe_percent",
}


def canonical_values(rulebook: Rulebook) -> str:
    """Return the values of `rulebook` as canonical JSON: keys sorted, no blanks, no sources."""
    return json.dumps(_values_of(rulebook), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def values_hash(rulebook_id: str, valid_from: date, values_json: str) -> str:
    """Return the SHA-256, in hexadecimal, that names the values of this rulebook from this day on.

    Id and day are hashed with the values, so that two rulebooks with equal values never share a name.
    """
    return hashlib.sha256(f"{rulebook_id}\n{valid_from}\n{values_json}".encode()).hexdigest()


@lru_cache(maxsize=1000)
def from_values(rulebook_id: str, valid_from: date, values_json: str) -> Rulebook:
    """Return the rulebook whose `canonical_values` are `values_json`, as the database has stored them.

    Every read of a file asks for it, and the same values are the same rulebook for ever.
    """
    return rulebook_of(rulebook_id, valid_from, json.loads(values_json))


def rulebook_of(rulebook_id: str, valid_from: date, values: Mapping[str, Any]) -> Rulebook:
    """Return the rulebook with these `values`, one for each dotted parameter."""
    bands = _bands(values)
    rulebook = Rulebook(
        id=rulebook_id,
        valid_from=valid_from,
        sha256="",
        bands=bands,
        suspension_months=MappingProxyType({ground: _months(values, ground) for ground in Ground}),
        ban_years=MappingProxyType({ground: values[f"ban_years.{ground}"] for ground in Ground}),
        sanction_start=SanctionStart(values["sanction_start"]),
        warnings=_warnings(values),
        remediation=_remediation(values),
        floor_share=Fraction(values["floors"]),
        items=_items(values, bands),
        **{field: values[key] for field, key in _PLAIN.items()},
    )
    return replace(rulebook, sha256=values_hash(rulebook_id, valid_from, canonical_values(rulebook)))


def rows(values: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Return the values of the parameters below `group`, by the rest of their keys."""
    prefix = f"{group}."
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def _bands(values: Mapping[str, Any]) -> tuple[Band, ...]:
    bands = (Band(key=key, **band) for key, band in rows(values, "bands").items())
    return tuple(sorted(bands, key=lambda band: band.lowest))


def _months(values: Mapping[str, Any], ground: Ground) -> Mapping[int, int]:
    months = {int(points): months for points, months in rows(values, f"suspension_months.{ground}").items()}
    return MappingProxyType(dict(sorted(months.items())))


def _warnings(values: Mapping[str, Any]) -> tuple[WarningTier, ...]:
    tiers = (
        WarningTier(points=int(points), measure=measure)
        for points, measure in rows(values, "warnings").items()
    )
    return tuple(sorted(tiers, key=lambda tier: tier.points))


def _remediation(values: Mapping[str, Any]) -> tuple[Activity, ...]:
    return tuple(
        Activity(key=key, title=activity["title"], points=activity["points"], days=activity["days"])
        for key, activity in sorted(rows(values, "remediation").items())
    )


def _items(values: Mapping[str, Any], bands: tuple[Band, ...]) -> tuple[Item, ...]:
    gravity = [band.key for band in bands]
    items = (
        Item(
            key=key,
            band=item["band"],
            title=item["title"],
            legal_basis=item["legal_basis"],
            degrees=tuple(degree for degree in Degree if degree in item["degrees"]),
        )
        for key, item in rows(values, "items").items()
    )
    return tuple(sorted(items, key=lambda item: (gravity.index(item.band), item.key)))


def _values_of(rulebook: Rulebook) -> dict[str, Any]:
    values: dict[str, Any] = {key: getattr(rulebook, field) for field, key in _PLAIN.items()}
    values["sanction_start"] = rulebook.sanction_start.value
    share = rulebook.floor_share
    values["floors"] = f"{share.numerator}/{share.denominator}"
    for band in rulebook.bands:
        values[f"bands.{band.key}"] = {"lowest": band.lowest, "highest": band.highest}
    for ground in Ground:
        values[f"ban_years.{ground}"] = rulebook.ban_years[ground]
        for points, months in rulebook.suspension_months[ground].items():
            values[f"suspension_months.{ground}.{points}"] = months
    for tier in rulebook.warnings:
        values[f"warnings.{tier.points}"] = tier.measure
    return values | _catalogue_of(rulebook)


def _catalogue_of(rulebook: Rulebook) -> dict[str, Any]:
    activities = {
        f"remediation.{activity.key}": {
            "title": activity.title,
            "points": activity.points,
            "days": activity.days,
        }
        for activity in rulebook.remediation
    }
    items = {
        f"items.{item.key}": {
            "band": item.band,
            "title": item.title,
            "legal_basis": item.legal_basis,
            "degrees": [degree.value for degree in item.degrees],
        }
        for item in rulebook.items
    }
    return activities | items
