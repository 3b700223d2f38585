"""Findings: what a case says of a person, checked and flagged against the rulebook and the person's file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoring_service.core.entries import Entry, Score
from scoring_service.core.fold import present_values
from scoring_service.core.months import add_months
from scoring_service.core.registry import known_versions
from scoring_service.db.files import File
from scoring_service.problems import Fault, Faulty, Invalid, NotFound
from scoring_service.services.cases.same_decisions import Charge
from scoring_service.services.unit_of_work.sight import require_practitioner

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scoring_service.core.rulebook import Item, Rulebook
    from scoring_service.services.unit_of_work.transaction import Work

LOWEST_POINTS = 1
HIGHEST_POINTS = 12
MOST_FINDINGS = 200  # in one case; the forms that hold a case whole are made for so many.
REPEAT_HIGHEST_POINTS = 6  # scheme.md 1: "the same act again in the year after a 1–6 point score".
REPEAT_MONTHS = 12
_ONE_DAY = timedelta(days=1)

OUTSIDE_BAND = "outside_band"
REPEAT_IN_YEAR = "repeat_in_year"
NOT_AFFILIATED_THEN = "not_affiliated_then"
SAME_DECISION = "same_decision"
SAME_FINDING = "same_finding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding as it is drafted: the person by id or code, the item, the degree, the points 1–12.

    `[occurred_from, occurred_until)` is when the act took place; findings with the same `act` are one act;
    `reason` says why a flagged finding stands.
    """

    practitioner: str
    item: str
    degree: str
    points: int
    occurred_from: date | None = None
    occurred_until: date | None = None
    act: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the findings of a case are judged by: where, when and under which rulebook it was decided.

    `elsewhere` are the charges that another case of the same decision makes too.
    """

    institution: str
    decided_on: date
    rulebook: Rulebook
    elsewhere: Collection[Charge] = field(default_factory=frozenset)


def resolved(work: Work, finding: Finding | Mapping[str, Any], index: int) -> Mapping[str, Any]:
    """Return the columns of a drafted finding, its person found by id or code; a stored row as it is.

    Raises Invalid for a person who is not known.
    """
    if not isinstance(finding, Finding):
        return finding
    try:
        person = require_practitioner(work, finding.practitioner)
    except NotFound:
        raise Invalid(f"/findings/{index}/practitioner", "没有该人员 / no such practitioner") from None
    return _columns(finding) | {"practitioner_id": person["id"], "category": person["category"]}


def _columns(finding: Finding) -> dict[str, Any]:
    return {
        "item": finding.item,
        "degree": finding.degree,
        "points": finding.points,
        "occurred_from": finding.occurred_from,
        "occurred_until": finding.occurred_until,
        "act": finding.act,
        "reason": finding.reason,
    }


def judge(basis: Basis, rows: Sequence[Mapping[str, Any]], files: Mapping[str, File]) -> list[dict[str, Any]]:
    """Return the findings as `judged` does. Raises Faulty with all `faults_of` them."""
    refuse(faults_of(rows, files, basis.decided_on, basis.rulebook))
    return judged(basis, rows, files)


def faults_of(
    rows: Sequence[Mapping[str, Any] | None],
    files: Mapping[str, File],
    decided_on: date,
    rulebook: Rulebook | None,
) -> list[Fault]:
    """Return each fault of the findings: points, item, degree, dates, a person never registered.

    A None among the rows is passed over; without a rulebook the items are.
    """
    return [
        fault
        for index, row in enumerate(rows)
        if row is not None
        for fault in _faults(f"/findings/{index}", row, files[row["practitioner_id"]], decided_on, rulebook)
    ]


def judged(basis: Basis, rows: Sequence[Mapping[str, Any]], files: Mapping[str, File]) -> list[dict[str, Any]]:
    """Return findings without a fault with their `band` and `flags` as the people's files stand."""
    twice = _charged_twice(rows)
    return [dict(row) | _judgement(row, basis, files[row["practitioner_id"]], twice) for row in rows]


def _charged_twice(rows: Sequence[Mapping[str, Any]]) -> set[Charge]:
    """Return the charges that would post more than one entry: findings on one act post one."""
    acts = {(charge_of(row), index if row["act"] is None else row["act"]) for index, row in enumerate(rows)}
    counted = Counter(charge for charge, _act in acts)
    return {charge for charge, count in counted.items() if count > 1}


def charge_of(row: Mapping[str, Any]) -> Charge:
    """Return whom a finding is on and its item: what one decision scores once."""
    return row["practitioner_id"], row["item"]


def refuse(faults: Sequence[Fault]) -> None:
    """Raise Faulty `invalid` with the faults, if there are any."""
    if faults:
        raise Faulty(faults)


def require_reasons(rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a flagged finding without a reason. Raises Faulty with a pointer to each."""
    refuse(
        [
            Fault(
                f"/findings/{index}/reason",
                "有提示的认定须写明理由 / a flagged finding needs a reason",
            )
            for index, row in enumerate(rows)
            if row["flags"] and not (row["reason"] or "").strip()
        ]
    )


def _faults(
    at: str, row: Mapping[str, Any], file: File, decided_on: date, rulebook: Rulebook | None
) -> Iterator[Fault]:
    if rulebook is not None:
        yield from _item_faults(at, row, rulebook)
    yield from _date_faults(at, row, decided_on)
    points = row["points"]
    if type(points) is not int or not LOWEST_POINTS <= points <= HIGHEST_POINTS:
        yield Fault(
            f"{at}/points",
            f"分值必须为 {LOWEST_POINTS} 至 {HIGHEST_POINTS} 的整数 / "
            f"points must be an integer from {LOWEST_POINTS} to {HIGHEST_POINTS}",
        )
    if not any(version.span.start <= decided_on for version in known_versions(file.registrations)):
        yield Fault(
            f"{at}/practitioner",
            f"该人员在 {decided_on} 及以前从未登记 / never registered up to {decided_on}",
        )


def _item_faults(at: str, row: Mapping[str, Any], rulebook: Rulebook) -> Iterator[Fault]:
    item = rulebook.item(row["item"])
    if item is None:
        yield Fault(f"{at}/item", f"规则中没有该事项 / the rulebook {rulebook.id} has no such item")
    elif row["degree"] not in {degree.value for degree in item.degrees}:
        allowed = ", ".join(degree.value for degree in item.degrees)
        yield Fault(f"{at}/degree", f"该事项的责任程度只能为 / degrees of this item: {allowed}")


def _date_faults(at: str, row: Mapping[str, Any], decided_on: date) -> Iterator[Fault]:
    start, until = row["occurred_from"], row["occurred_until"]
    if start is not None and start > decided_on:
        yield Fault(f"{at}/occurred_from", "不得晚于处理决定日 / not later than the decision")
    if until is not None and until > decided_on + _ONE_DAY:
        yield Fault(f"{at}/occurred_until", "不得晚于处理决定日 / not later than the decision")
    if start is not None and until is not None and until < start:
        yield Fault(f"{at}/occurred_until", "不得早于起始日 / not before occurred_from")


def _judgement(
    row: Mapping[str, Any], basis: Basis, file: File, twice: Collection[Charge]
) -> dict[str, Any]:
    item = basis.rulebook.item(row["item"])
    assert item is not None  # noqa: S101 - judged after the faults were refused.
    flags = []
    if outside_band(row["points"], item, basis.rulebook):
        flags.append(OUTSIDE_BAND)
    if charge_of(row) in basis.elsewhere:
        flags.append(SAME_DECISION)
    if charge_of(row) in twice:
        flags.append(SAME_FINDING)
    if repeated(row["item"], basis.decided_on, file.entries):
        flags.append(REPEAT_IN_YEAR)
    if not affiliated_then(row, basis, file):
        flags.append(NOT_AFFILIATED_THEN)
    return {"band": item.band, "flags": flags}


def outside_band(points: int, item: Item, rulebook: Rulebook) -> bool:
    """Tell whether `points` lie outside the band of the item."""
    band = next(band for band in rulebook.bands if band.key == item.band)
    return not band.lowest <= points <= band.highest


def repeated(item: str, decided_on: date, entries: Sequence[Entry]) -> bool:
    """Tell whether a score of 1–6 for the same item, as it counts now, was decided in the 12 months before."""
    corrected = present_values(entries)
    return any(
        isinstance(entry, Score)
        and entry.item == item
        and LOWEST_POINTS <= corrected.get(entry.id, entry.points) <= REPEAT_HIGHEST_POINTS
        and entry.decided_on < decided_on < add_months(entry.decided_on, REPEAT_MONTHS)
        for entry in entries
    )


def affiliated_then(row: Mapping[str, Any], basis: Basis, file: File) -> bool:
    """Tell whether the person was registered at the case's institution on some day of the act.

    Without dates of the act, on the day of the decision.
    """
    first, last = act_days(row["occurred_from"], row["occurred_until"], basis.decided_on)
    return any(
        version.institution == basis.institution
        and version.span.start <= last
        and (version.span.until is None or version.span.until > first)
        for version in known_versions(file.affiliations)
    )


def act_days(occurred_from: date | None, occurred_until: date | None, decided_on: date) -> tuple[date, date]:
    """Return the first and the last day of an act, both included.

    `occurred_until` is the day after the last one, as everywhere; equal to `occurred_from` it means that day.
    """
    last = decided_on if occurred_until is None else occurred_until - _ONE_DAY
    if occurred_from is None:
        return last, last
    return occurred_from, max(occurred_from, last)
