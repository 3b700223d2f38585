"""The resolved values of a rulebook: to `core.Rulebook`, to canonical JSON and its hash, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from scoring_service.core.rulebook import (
    SCORE_GROUNDS,
    Activity,
    AdjustmentGround,
    Band,
    Degree,
    Ground,
    Item,
    ResumptionMode,
    Rulebook,
    SanctionStart,
    WarningTier,
)

_PLAIN = {
    "suspend_at": "suspend_at",
    "terminate_at": "terminate_at",
    "emergency_covers_termination": "emergency_covers_termination",
    "resumption_apply_working_days": "resumption.apply_working_days",
    "resumption_evaluation_working_days": "resumption.evaluation_working_days",
    "resumption_pays_after_term": "resumption.pays_after_term",
    "consent_working_days": "consent.working_days",
    "commitment_unpaid_without": "commitment.unpaid_without",
    "points_cap_per_year": "credits.points_cap_per_year",
    "appeal_window_working_days": "appeal.window_working_days",
    "appeal_countersign_working_days": "appeal.countersign_working_days",
    "talk_working_days": "talk.working_days",
    "appeal_explanation_working_days": "appeal.explanation_working_days",
    "appeal_insistence_working_days": "appeal.insistence_working_days",
    "notice_issue_working_days": "notice.issue_working_days",
    "notice_deliver_working_days": "notice.deliver_working_days",
    "notice_maintain_working_days": "notice.maintain_working_days",
    "appeal_decision_working_days": "appeal.decision_working_days",
    "notice_deemed_received_working_days": "notice.deemed_received_working_days",
    "institution_alert_percent": "institution_ratio.alert_percent",
    "institution_severe_percent": "institution_ratio.severe_percent",
}


# What values recorded before a parameter existed say about it: what the service did when they were in force. The
# database and `config/rulebooks/superseded` have such values; a file in force that lacks a parameter is refused.
READINGS: Mapping[str, Any] = MappingProxyType(
    {
        "ban_years.measure": 1,
        "resumption.mode": "automatic",
        "resumption.apply_working_days": 15,
        "resumption.evaluation_working_days": 10,
        "resumption.pays_after_term": False,
        "consent.working_days": 5,
        "commitment.unpaid_without": False,
        "talk.working_days": 10,
        "appeal.explanation_working_days": 5,
        "appeal.insistence_working_days": 5,
        "notice.issue_working_days": 5,
        "notice.deliver_working_days": 3,
        "notice.maintain_working_days": 3,
    }
)


def canonical_values(stated: Mapping[str, Any]) -> str:
    """Return what the values `stated` by a file decide, as canonical JSON: keys sorted, no blanks.

    Left out is what is only shown: English titles, and interpretations, which nobody can choose.
    """
    decisive = {
        key: {name: part for name, part in value.items() if name != "title_en"}
        if isinstance(value, Mapping)
        else value
        for key, value in stated.items()
        if not key.startswith("interpretations.")
    }
    return json.dumps(decisive, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def values_hash(rulebook_id: str, valid_from: date, values_json: str) -> str:
    """Return the SHA-256, in hexadecimal, that names the values of this rulebook from this day on.

    Id and day are hashed with the values, so that two rulebooks with equal values never share a name.
    """
    return hashlib.sha256(f"{rulebook_id}\n{valid_from}\n{values_json}".encode()).hexdigest()


@lru_cache(maxsize=1000)
def from_values(rulebook_id: str, valid_from: date, values_json: str) -> Rulebook:
    """Return the rulebook whose `values` are the canonical JSON `values_json`, as the database has stored them.

    Every read of a file asks for it, and the same values are the same rulebook for ever. What they do not say is read
    as READINGS has it.
    """
    values = READINGS | json.loads(values_json)
    bands = _bands(values)
    return Rulebook(
        id=rulebook_id,
        valid_from=valid_from,
        sha256=values_hash(rulebook_id, valid_from, values_json),
        values=values_json,
        bands=bands,
        degree_points=MappingProxyType(_degree_points(values)),
        lighter_grounds=_grounds(values, "lighter"),
        heavier_grounds=_grounds(values, "heavier"),
        suspension_months=MappingProxyType({ground: _months(values, ground) for ground in SCORE_GROUNDS}),
        ban_years=MappingProxyType({ground: values[f"ban_years.{ground}"] for ground in Ground}),
        sanction_start=SanctionStart(values["sanction_start"]),
        resumption_mode=ResumptionMode(values["resumption.mode"]),
        warnings=_warnings(values),
        remediation=_remediation(values),
        floor_share=Fraction(values["floors"]),
        items=_items(values, bands),
        **{field: values[key] for field, key in _PLAIN.items()},
    )


def rows(values: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Return the values of the parameters below `group`, by the rest of their keys."""
    prefix = f"{group}."
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def _bands(values: Mapping[str, Any]) -> tuple[Band, ...]:
    bands = (Band(key=key, **band) for key, band in rows(values, "bands").items())
    return tuple(sorted(bands, key=lambda band: band.lowest))


def _degree_points(values: Mapping[str, Any]) -> dict[str, Mapping[Degree, int]]:
    return {
        band: MappingProxyType({degree: points[degree] for degree in Degree})
        for band, points in rows(values, "degree_points").items()
    }


def _grounds(values: Mapping[str, Any], kind: str) -> tuple[AdjustmentGround, ...]:
    grounds = rows(values, f"adjustment_grounds.{kind}")
    return tuple(AdjustmentGround(key=key, title=ground["title"]) for key, ground in sorted(grounds.items()))


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
            legal_basis=item.get("legal_basis"),
            degrees=tuple(degree for degree in Degree if degree in item["degrees"]),
        )
        for key, item in rows(values, "items").items()
    )
    return tuple(sorted(items, key=lambda item: (gravity.index(item.band), item.asks_legal_basis, item.key)))
