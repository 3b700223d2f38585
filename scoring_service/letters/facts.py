"""The facts of each kind of notice: what is kept as JSON with the notice, and what its letter is written from.

Dates are ISO strings, points, days and totals are integers, sanctions have the contract's shape
`{"kind", "ground", "from", "until"}`. A builder takes everything its letter needs besides.

What the parties did wrong, the decision against the institution and the time to appeal stand in the case, the
ledger and the rulebook of the notice's entry; a score's facts hold what the fold made of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.db.sanction_json import StatedSanction


Facts = dict[str, Any]


class StatedEntry(TypedDict):
    """A row of a year's statement; `kind` is that of the entry, `value` what it now counts with."""

    kind: str
    effective_on: str
    item: str | None
    value: int
    counted: int
    total: int
    corrected: bool


def score_facts(
    *,
    effective_on: date,
    year: int,
    points: int,
    counted: int,
    total: int,
    sanction: StatedSanction | None = None,
    measure: str | None = None,
) -> Facts:
    """Return the facts of a `score`: `counted` of its `points` moved the year's total to `total`.

    `sanction` or `measure` is what the score itself brought, if anything.
    """
    facts = {
        "effective_on": effective_on.isoformat(),
        "year": year,
        "points": points,
        "counted": counted,
        "total": total,
    }
    brought = {"sanction": sanction, "measure": measure}
    return facts | {key: value for key, value in brought.items() if value is not None}


def warning_facts(score: Facts, *, measure: str) -> Facts:
    """Return the facts of a `warning`: those of the score that reached the tier, and the `measure` due."""
    return score | {"measure": measure}


def sanction_facts(score: Facts, *, sanction: StatedSanction, resumes_on: str | None = None) -> Facts:
    """Return the facts of a `suspension` or `termination`: those of its score, and the span as it now stands.

    `resumes_on` is the first day that no sanction covers, None when a termination holds or comes before it.
    """
    return score | {"sanction": sanction, "resumes_on": resumes_on}


def correction_facts(
    *,
    kind: str,
    effective_on: date,
    value_before: int,
    value_after: int,
    basis: str,
    document_no: str | None,
    reason: str,
    year: int,
    total_before: int,
    total_after: int,
    spans_before: Sequence[StatedSanction],
    spans_after: Sequence[StatedSanction],
    refusals: int,
) -> Facts:
    """Return the facts of a `correction` of an entry of `kind`, effective on `effective_on`.

    The spans are every sanction before and after, `refusals` how many refused lines would now be payable.
    """
    return {
        "kind": kind,
        "effective_on": effective_on.isoformat(),
        "value_before": value_before,
        "value_after": value_after,
        "basis": basis,
        "document_no": document_no,
        "reason": reason,
        "year": year,
        "total_before": total_before,
        "total_after": total_after,
        "spans_before": list(spans_before),
        "spans_after": list(spans_after),
        "refusals": refusals,
    }


def appeal_decision_facts(
    *,
    outcome: str,
    against: str,
    filed_by: str,
    filed_on: date,
    points_before: int | None,
    points_after: int | None,
    reasons: str,
    spans_after: Sequence[StatedSanction],
) -> Facts:
    """Return the facts of an `appeal_decision`: `declined`, `upheld`, `reduced` or `revoked`, and what now holds.

    The points are those of the entry before and after; None for an appeal against the state of the file.
    """
    return {
        "outcome": outcome,
        "against": against,
        "filed_by": filed_by,
        "filed_on": filed_on.isoformat(),
        "points_before": points_before,
        "points_after": points_after,
        "reasons": reasons,
        "spans_after": list(spans_after),
    }


def resumption_facts(*, resumes_on: date, sanction: StatedSanction) -> Facts:
    """Return the facts of a `resumption`: the first day on which fees are paid again, and what has ended."""
    return {"resumes_on": resumes_on.isoformat(), "sanction": sanction}


def year_statement_facts(
    *, year: int, total: int, entries: Sequence[StatedEntry], sanctions: Sequence[StatedSanction]
) -> Facts:
    """Return the facts of a `year_statement`: the year's final total, its entries, and the sanctions in it."""
    return {"year": year, "total": total, "entries": list(entries), "sanctions": list(sanctions)}
