"""The violations of a rulebook as pages name them, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoring_service.web.languages import ENGLISH, language
from scoring_service.web.pages import work

_read: dict[tuple[str, date], dict[str, dict[str, Any]]] = {}


def items_of(rulebook_id: str, on: date) -> dict[str, dict[str, Any]]:
    """Return the items of a rulebook on a day by key, in the catalogue's order: gravest last."""
    key = (rulebook_id, work().rulebooks.resolve_for_reading(rulebook_id, on).valid_from)
    if key not in _read:
        told = work().rulebooks.describe(rulebook_id, on)["items"]
        order = ("minor", "moderate", "serious", "grave")
        _read[key] = {item["key"]: item for item in sorted(told, key=lambda item: order.index(item["band"]))}
    return _read[key]


def item_title(rulebook_id: str, on: date | str, key: str) -> str:
    """Return the title of an item in this page's language; its key when the rulebook does not know it."""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return _title(items_of(rulebook_id, day).get(key), key)


def activity_title(rulebook_id: str, key: str) -> str:
    """Return the title of a remediation activity in this page's language; its key when the rulebook has none."""
    parameter = work().rulebooks.describe(rulebook_id, work().today)["parameters"].get(f"remediation.{key}")
    return _title(parameter and parameter["value"], key)


def _title(told: dict[str, Any] | None, key: str) -> str:
    if told is None:
        return key
    return str(told["title_en"] if language() == ENGLISH and told.get("title_en") else told["title"])


def rulebook_title(rulebook_id: str) -> str:
    """Return the title of a rulebook in this page's language."""
    return _title(next(one for one in work().rulebooks.items() if one["id"] == rulebook_id), rulebook_id)
