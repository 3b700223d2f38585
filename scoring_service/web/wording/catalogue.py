"""The violations of a rulebook as pages name them, in both languages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from flask import g

from scoring_service.core.adjustments import AdjustmentKind, suggested_points
from scoring_service.core.rulebook import Degree
from scoring_service.terms import ADJUSTMENTS, chinese, english
from scoring_service.web.wording.languages import ENGLISH, language

if TYPE_CHECKING:
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.services.unit_of_work.transaction import Work

# The items of a rulebook by key.
Catalogue = dict[str, dict[str, Any]]

# By the hash that names the values of a rulebook.
_read: dict[str, Catalogue] = {}


def items_of(rulebook_id: str, on: date) -> Catalogue:
    """Return the items of a rulebook on a day by key, each with its `Band` and the points that each degree suggests.

    These are by the kind of adjustment, empty for none, and by degree. The gravest stand last, as the bands are
    listed; the last of each band asks for a legal basis of its own.
    """
    rulebook = _work().rulebooks.resolve_for_reading(rulebook_id, on)
    if rulebook.sha256 not in _read:
        described = _work().rulebooks.describe(rulebook_id, on)["items"]
        _read[rulebook.sha256] = {
            item["key"]: item | {"band": band, "suggested_points": _suggested(rulebook, item["key"])}
            for band in rulebook.bands
            for item in described
            if item["band"] == band.key
        }
    return _read[rulebook.sha256]


def grounds_of(rulebook_id: str, on: date) -> dict[str, dict[str, str]]:
    """Return the titles of the grounds on which points are adjusted, by `lighter` and `heavier` and their keys."""
    parameters = _work().rulebooks.describe(rulebook_id, on)["parameters"]
    return {
        direction: {
            name.removeprefix(f"adjustment_grounds.{direction}."): _title(parameter["value"], name)
            for name, parameter in parameters.items()
            if name.startswith(f"adjustment_grounds.{direction}.")
        }
        for direction in ("lighter", "heavier")
    }


def adjustments_of(rulebook_id: str, on: date) -> dict[str, tuple[str, str]]:
    """Return the ways in which points are adjusted, as `kind:ground`, each as it is called in Chinese and English."""
    parameters = _work().rulebooks.describe(rulebook_id, on)["parameters"]
    ways = {}
    for kind, called in ADJUSTMENTS.items():
        start = f"adjustment_grounds.{direction_of(kind)}."
        for name, parameter in parameters.items():
            if name.startswith(start):
                title, key = parameter["value"], name.removeprefix(start)
                in_english = title.get("title_en") or title["title"]
                ways[f"{kind}:{key}"] = f"{chinese(called)} · {title['title']}", f"{english(called)} · {in_english}"
    return ways


def direction_of(kind: str) -> str:
    """Return the direction whose grounds fit a kind of adjustment."""
    return "lighter" if kind in {AdjustmentKind.LIGHTER, AdjustmentKind.ONE_BAND_DOWN} else "heavier"


def ground_title(rulebook_id: str, on: date, ground: str) -> str:
    """Return the title of a ground of adjustment in this page's language; its key when the rulebook has none."""
    lighter, heavier = grounds_of(rulebook_id, on).values()
    return (lighter | heavier).get(ground, ground)


def _suggested(rulebook: Rulebook, key: str) -> dict[str, dict[str, int]]:
    """Return the points that each degree suggests for an item, by the kind of adjustment."""
    item = rulebook.item(key)
    assert item is not None  # noqa: S101 -- the catalogue lists the rulebook's own items
    ways: list[AdjustmentKind | None] = [None, *AdjustmentKind]
    points = {kind: {degree: suggested_points(rulebook, item, degree, kind) for degree in Degree} for kind in ways}
    return {
        kind or "": {degree: number for degree, number in by_degree.items() if number is not None}
        for kind, by_degree in points.items()
    }


def items_of_all(on: date) -> Catalogue:
    """Return the items that any rulebook has on a day, the default's before others, gravest last."""
    merged: Catalogue = {}
    for listed in _work().rulebooks.items():
        merged = items_of(listed["id"], on) | merged
    return dict(sorted(merged.items(), key=lambda item: (item[1]["band"].lowest, item[1]["asks_legal_basis"])))


def item_of(rulebook_id: str, on: date, key: str) -> dict[str, Any] | None:
    """Return an item of a rulebook, or of another if it has none: one key names one violation wherever it is used.

    Entries name items that their rulebook had when they were made.
    """
    return items_of(rulebook_id, on).get(key) or items_of_all(on).get(key)


def item_title(rulebook_id: str, on: date, key: str) -> str:
    """Return the title of an item in this page's language; its key when no rulebook knows it."""
    return _title(item_of(rulebook_id, on, key), key)


def title_of(items: Catalogue, key: str) -> str:
    """Return the title of an item in this page's language; what is no key of an item stays as it is."""
    return _title(items.get(key), key)


def items_named(items: Catalogue, typed: str) -> list[str]:
    """Return the keys of the items that `typed` names: one by its key or title in either language, else by a part."""
    if typed in items:
        return [typed]
    wanted = typed.casefold()
    titles = {key: [str(item[name] or "").casefold() for name in ("title", "title_en")] for key, item in items.items()}
    exact = [key for key, both in titles.items() if wanted in both]
    return exact or [key for key, both in titles.items() if any(wanted in side for side in both)]


def activity_title(rulebook_id: str, key: str) -> str:
    """Return the title of a remediation activity in this page's language; its key when the rulebook has none."""
    parameter = _work().rulebooks.describe(rulebook_id, _work().today)["parameters"].get(f"remediation.{key}")
    return _title(parameter and parameter["value"], key)


def _title(parameter: dict[str, Any] | None, key: str) -> str:
    if parameter is None:
        return key
    return str(parameter["title_en"] if language() == ENGLISH and parameter.get("title_en") else parameter["title"])


def rulebook_title(rulebook_id: str) -> str:
    """Return the title of a rulebook in this page's language."""
    return _title(next(each for each in _work().rulebooks.items() if each["id"] == rulebook_id), rulebook_id)


def _work() -> Work:
    """Return the open transaction of this page; words are made without knowing the frame around them."""
    return cast("Work", g.work)
