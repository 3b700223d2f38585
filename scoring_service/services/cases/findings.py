"""Findings: what a case says of a person, checked and flagged against the rulebook and the person's file."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scoring_service.core.adjustments import (
    Charged,
    band_for,
    grounds_for,
    out_of_order,
    outside_band,
    stays_in_band,
    suggested_points,
)
from scoring_service.core.entries import Entry, Score
from scoring_service.core.fold import present_values
from scoring_service.core.months import add_months
from scoring_service.core.registry import known_versions
from scoring_service.core.rulebook import HIGHEST_POINTS, LOWEST_POINTS, Degree
from scoring_service.core.spread import Similar, lies_apart
from scoring_service.db.cases import KnownFinding
from scoring_service.db.files import File
from scoring_service.problems import Fault, Faulty, Invalid, NotFound
from scoring_service.services.cases.same_decisions import DUPLICATES, SAME_DECISION, SAME_FINDING, Charge
from scoring_service.services.unit_of_work.sight import require_practitioner

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from scoring_service.core.adjustments import Adjustment
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.like_cases import Kind
    from scoring_service.services.unit_of_work.transaction import Work

MOST_FINDINGS = 500  # in one case; the forms that hold a case whole are made for so many.
REPEAT_HIGHEST_POINTS = 6  # scheme.md 1: "the same act again in the year after a 1–6 point score".
REPEAT_MONTHS = 12
_ONE_DAY = timedelta(days=1)

OUTSIDE_BAND = "outside_band"
REPEAT_IN_YEAR = "repeat_in_year"
NOT_AFFILIATED_THEN = "not_affiliated_then"
DEGREE_ORDER = "degree_order"
NEVER_REGISTERED = "never_registered"
UNLIKE_SIMILAR_CASES = "unlike_similar_cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding as it is drafted: the person by id or code, the item, the degree, the points 1–12.

    `points` are None for whoever is responsible for a measure and not scored (P34).
    `[occurred_from, occurred_until)` is when the act took place; findings with the same `act` are one act;
    `legal_basis` is its own, asked for by an item without one; `reason` says why a flagged finding stands;
    `adjustment` why its points are not those of its degree.
    """

    practitioner: str
    item: str
    degree: str
    points: int | None
    occurred_from: date | None = None
    occurred_until: date | None = None
    act: str | None = None
    legal_basis: str | None = None
    reason: str | None = None
    adjustment: Adjustment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the findings of a case are judged by: where, when and under which rulebook it was decided.

    `elsewhere` are the charges that another case of the same decision makes too; `similar` is what like cases got, by
    item and degree.
    """

    institution: str
    decided_on: date
    rulebook: Rulebook
    elsewhere: Collection[Charge] = field(default_factory=frozenset)
    similar: Mapping[Kind, Similar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFinding:
    """A finding with the band of its item, the points its degree suggests, and what is to be looked at twice in it."""

    finding: KnownFinding
    band: str
    suggested_points: int | None
    flags: tuple[str, ...]
    similar: Similar | None


def resolved(work: Work, finding: Finding | KnownFinding, index: int) -> KnownFinding:
    """Return a drafted finding with its person, found by id or code; one that is known as it is.

    Raises Invalid for a person who is not known.
    """
    if isinstance(finding, KnownFinding):
        return finding
    try:
        person = require_practitioner(work, finding.practitioner)
    except NotFound:
        raise Invalid(f"/findings/{index}/practitioner", "没有该人员 / no such practitioner") from None
    return KnownFinding(
        id=str(uuid.uuid4()),
        practitioner_id=person.id,
        category=person.category,
        item=finding.item,
        degree=finding.degree,
        points=finding.points,
        occurred_from=finding.occurred_from,
        occurred_until=finding.occurred_until,
        act=finding.act,
        legal_basis=finding.legal_basis,
        reason=finding.reason,
        adjustment=finding.adjustment,
    )


def judge(
    basis: Basis, known: Sequence[KnownFinding], files: Mapping[str, File]
) -> list[JudgedFinding]:
    """Return the findings as `judged` does. Raises Faulty with all `faults_of` them."""
    refuse(faults_of(known, basis.decided_on, basis.rulebook))
    return judged(basis, known, files)


def faults_of(
    known: Sequence[KnownFinding | None],
    decided_on: date,
    rulebook: Rulebook | None,
) -> list[Fault]:
    """Return each fault of the findings: points, item, degree, adjustment, legal basis, dates.

    A None among them is passed over; without a rulebook the items are.
    """
    return [
        fault
        for index, finding in enumerate(known)
        if finding is not None
        for fault in _faults(f"/findings/{index}", finding, decided_on, rulebook)
    ]


def judged(
    basis: Basis, known: Sequence[KnownFinding], files: Mapping[str, File]
) -> list[JudgedFinding]:
    """Return findings without a fault as their rulebook judges them, with `flags` as the people's files stand."""
    twice = _charged_twice(known)
    disordered = _out_of_order(known)
    return [
        _judged(finding, basis, files[finding.practitioner_id], twice, disordered=finding.id in disordered)
        for finding in known
    ]


def _out_of_order(known: Sequence[KnownFinding]) -> set[str]:
    """Return the ids of the findings with more points than a greater degree has; without points none is compared."""
    scored = [(finding, finding.points) for finding in known if finding.points is not None]
    charges = [_charged(finding, points) for finding, points in scored]
    return {scored[index][0].id for index in out_of_order(charges)}


def _charged(finding: KnownFinding, points: int) -> Charged:
    shares = {("item", finding.item), *([("act", finding.act)] if finding.act is not None else [])}
    return Charged(
        shares=frozenset(shares),
        degree=Degree(finding.degree),
        points=points,
        adjusted=finding.adjustment is not None,
    )


def _charged_twice(known: Sequence[KnownFinding]) -> set[Charge]:
    """Return the charges that would post more than one entry: findings on one act post one."""
    acts = {
        (charge_of(finding), index if finding.act is None else finding.act)
        for index, finding in enumerate(known)
    }
    counted = Counter(charge for charge, _act in acts)
    return {charge for charge, count in counted.items() if count > 1}


def charge_of(finding: KnownFinding) -> Charge:
    """Return whom a finding is on and its item: what one decision scores once."""
    return finding.practitioner_id, finding.item


def likely_duplicates(judged_findings: Iterable[JudgedFinding]) -> list[int]:
    """Return the places of the findings that look scored twice: in another case of this decision, or in this one."""
    return [index for index, each in enumerate(judged_findings) if not DUPLICATES.isdisjoint(each.flags)]


def refuse(faults: Sequence[Fault]) -> None:
    """Raise Faulty `invalid` with the faults, if there are any."""
    if faults:
        raise Faulty(faults)


def require_reasons(judged_findings: Sequence[JudgedFinding]) -> None:
    """Refuse a flagged finding without a reason. Raises Faulty with a pointer to each."""
    refuse(
        [
            Fault(
                f"/findings/{index}/reason",
                "有提示的认定须写明理由 / a flagged finding needs a reason",
            )
            for index, judged_finding in enumerate(judged_findings)
            if judged_finding.flags and not (judged_finding.finding.reason or "").strip()
        ]
    )


def _faults(
    at: str, finding: KnownFinding, decided_on: date, rulebook: Rulebook | None
) -> Iterator[Fault]:
    if rulebook is not None:
        yield from _item_faults(at, finding, rulebook)
        yield from _adjustment_faults(f"{at}/adjustment", finding, rulebook)
    yield from _date_faults(at, finding, decided_on)
    points = finding.points
    if points is not None and (type(points) is not int or not LOWEST_POINTS <= points <= HIGHEST_POINTS):
        yield Fault(
            f"{at}/points",
            f"分值必须为 {LOWEST_POINTS} 至 {HIGHEST_POINTS} 的整数 / "
            f"points must be an integer from {LOWEST_POINTS} to {HIGHEST_POINTS}",
        )


def _item_faults(at: str, finding: KnownFinding, rulebook: Rulebook) -> Iterator[Fault]:
    item = rulebook.item(finding.item)
    if item is None:
        yield Fault(f"{at}/item", f"规则中没有该事项 / the rulebook {rulebook.id} has no such item")
        return
    if finding.degree not in {degree.value for degree in item.degrees}:
        allowed = ", ".join(degree.value for degree in item.degrees)
        yield Fault(f"{at}/degree", f"该事项的责任程度只能为 / degrees of this item: {allowed}")
    if item.asks_legal_basis and not (finding.legal_basis or "").strip():
        yield Fault(f"{at}/legal_basis", "该事项须写明法律依据 / this item needs a legal basis of its own")


def _adjustment_faults(at: str, finding: KnownFinding, rulebook: Rulebook) -> Iterator[Fault]:
    adjustment, item = finding.adjustment, rulebook.item(finding.item)
    if adjustment is None:
        return
    grounds = [ground.key for ground in grounds_for(rulebook, adjustment.kind)]
    if adjustment.ground not in grounds:
        listed = ", ".join(grounds)
        yield Fault(f"{at}/ground", f"须为下列情形之一（P25）：{listed} / must be a ground of P25: {listed}")
    if item is None:
        return
    if band_for(rulebook, item, adjustment.kind) is None:
        yield Fault(f"{at}/kind", "该事项的档次之外没有更低或更高的档次 / there is no band beyond that of the item")
    elif finding.points is None:
        yield Fault(f"{at}/kind", "不记分的认定没有从轻、从重 / without points there is nothing to adjust")
    elif stays_in_band(rulebook, item, adjustment.kind, finding.points):
        yield Fault(
            f"{at}/kind",
            "分值仍在该事项的档次内：应为从轻或从重，或者改用相邻档次的分值"
            " / the points lie in the item's own band: lighter or heavier, or points of the next band",
        )


def _date_faults(at: str, finding: KnownFinding, decided_on: date) -> Iterator[Fault]:
    start, until = finding.occurred_from, finding.occurred_until
    if start is not None and start > decided_on:
        yield Fault(f"{at}/occurred_from", "不得晚于处理决定日 / not later than the decision")
    if until is not None and until > decided_on + _ONE_DAY:
        yield Fault(f"{at}/occurred_until", "不得晚于处理决定日 / not later than the decision")
    if start is not None and until is not None and until < start:
        yield Fault(f"{at}/occurred_until", "不得早于起始日 / not before occurred_from")


def _judged(
    finding: KnownFinding, basis: Basis, file: File, twice: Collection[Charge], *, disordered: bool
) -> JudgedFinding:
    item = basis.rulebook.item(finding.item)
    assert item is not None  # noqa: S101 - judged after the faults were refused.
    adjusted = finding.adjustment.kind if finding.adjustment else None
    flags = []
    if finding.points is not None and outside_band(basis.rulebook, item, adjusted, finding.points):
        flags.append(OUTSIDE_BAND)
    if disordered:
        flags.append(DEGREE_ORDER)
    similar = basis.similar.get(kind_of(finding)) if finding.points is not None else None
    if is_unlike(finding, similar):
        flags.append(UNLIKE_SIMILAR_CASES)
    if charge_of(finding) in basis.elsewhere:
        flags.append(SAME_DECISION)
    if charge_of(finding) in twice:
        flags.append(SAME_FINDING)
    if repeated(finding.item, basis.decided_on, file.entries):
        flags.append(REPEAT_IN_YEAR)
    if not registered_by(file, basis.decided_on):
        flags.append(NEVER_REGISTERED)
    elif not affiliated_then(finding, basis, file):
        flags.append(NOT_AFFILIATED_THEN)
    suggested = suggested_points(basis.rulebook, item, Degree(finding.degree), adjusted)
    return JudgedFinding(
        finding=finding, band=item.band, suggested_points=suggested, flags=tuple(flags), similar=similar
    )


def kind_of(finding: KnownFinding) -> Kind:
    """Return what makes a finding like others: its item and degree."""
    return finding.item, finding.degree


def is_unlike(finding: KnownFinding, similar: Similar | None) -> bool:
    """Tell whether a finding's points lie outside the middle 90 % of like cases, where there are enough of them."""
    return finding.points is not None and similar is not None and lies_apart(finding.points, similar)


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


def registered_by(file: File, day: date) -> bool:
    """Tell whether the person was ever registered up to a day; having left since does not matter."""
    return any(version.span.start <= day for version in known_versions(file.registrations))


def affiliated_then(finding: KnownFinding, basis: Basis, file: File) -> bool:
    """Tell whether the person was registered at the case's institution on some day of the act.

    Without dates of the act, on the day of the decision.
    """
    first, last = act_days(finding.occurred_from, finding.occurred_until, basis.decided_on)
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
