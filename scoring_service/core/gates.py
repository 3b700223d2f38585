"""The gates: what is checked when an entry is made, never in the fold (scheme.md 2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.entries import Entry, PointsCredit
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import FoldedFile, fold, present_values
from scoring_service.core.sanctions import Sanction, SanctionKind, creditable, earliest_end
from scoring_service.core.standing import pending, suspension_on, termination_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.core.rulebook import Rulebook


def _termination_pending(folded: FoldedFile, day: date) -> bool:
    return any(span.kind is SanctionKind.TERMINATION for span in pending(folded.sanctions, day))


def points_credited(entries: Sequence[Entry], year: int) -> int:
    """Return the points that credits have given back in `year`, as they stand after corrections."""
    corrected = present_values(entries)
    return sum(
        corrected.get(entry.id, entry.points)
        for entry in entries
        if isinstance(entry, PointsCredit) and entry.effective_on.year == year
    )


def grant_points(entries: Sequence[Entry], day: date, points: int, rulebook: Rulebook) -> int:
    """Return how many of `points` a credit on `day` gives: what fits under the year's cap and the total.

    Raises RuleError `terminated`, `credit_cap_reached` or `nothing_to_credit`.
    """
    folded = fold(entries)
    if termination_on(folded.sanctions, day) or _termination_pending(folded, day):
        raise RuleError(
            "terminated", "资格已终止或即将终止，不能修复分值 / terminated: no points can be credited"
        )
    left = rulebook.points_cap_per_year - points_credited(entries, day.year)
    if left <= 0:
        raise RuleError(
            "credit_cap_reached",
            f"本年度修复已达上限 {rulebook.points_cap_per_year} 分 / "
            f"the year's cap of {rulebook.points_cap_per_year} points is reached",
        )
    granted = min(points, left, folded.points(day))
    if granted <= 0:
        raise RuleError(
            "nothing_to_credit", "本年度没有可修复的分值 / there are no points to credit this year"
        )
    return granted


def grant_days(entries: Sequence[Entry], day: date, days: int, rulebook: Rulebook) -> int:
    """Return how many of `days` a term credit on `day` takes off the running sanction, down to its floor.

    Raises RuleError `terminated` (a termination is pending on top of a suspension) or `nothing_to_credit`.
    """
    folded = fold(entries)
    span = creditable(folded.sanctions, day)
    if span is None:
        raise RuleError("nothing_to_credit", "当前没有正在执行的暂停或终止 / no sanction is running")
    if span.kind is SanctionKind.SUSPENSION and _termination_pending(folded, day):
        raise RuleError("terminated", "资格即将终止，不能缩短暂停期 / a termination is pending")
    granted = min(days, (span.until - earliest_end(span, day, rulebook)).days)
    if granted <= 0:
        raise RuleError("nothing_to_credit", "期限已至下限，不能再缩短 / the sanction is at its floor")
    return granted


def creditable_sanction(entries: Sequence[Entry], day: date) -> Sanction | None:
    """Return the sanction that a term credit on `day` would touch, None if none runs."""
    return creditable(fold(entries).sanctions, day)


def check_reregistration(folded: FoldedFile, day: date) -> None:
    """Check that a re-registration may take effect on `day`.

    Raises RuleError `not_terminated`, `ban_running`, `suspension_running` or `sanction_pending`.
    """
    termination = termination_on(folded.sanctions, day)
    if termination is None:
        raise RuleError("not_terminated", "该人员资格未被终止，无须重新登记 / the person is not terminated")
    running = [span for span in folded.sanctions if span.makes_terminated(day) and span.covers(day)]
    if running:
        free = max(span.until for span in running)
        detail = f"禁止登记期未满，{free} 起可以重新登记 / the ban runs; a new start is possible from {free} on"
        raise RuleError("ban_running", detail)
    suspension = suspension_on(folded.sanctions, day)
    if suspension is not None:
        raise RuleError(
            "suspension_running",
            f"暂停期未满，{suspension.until} 起可以重新登记 / a suspension runs; a new start is possible from "
            f"{suspension.until} on",
        )
    if pending(folded.sanctions, day):
        raise RuleError("sanction_pending", "另有尚未开始的暂停或终止 / a sanction is still to begin")
