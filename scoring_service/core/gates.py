"""The gates: what is checked when an entry is made, never in the fold (scheme.md 2.3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from scoring_service.core.civil import civil_day
from scoring_service.core.entries import Correction, Entry, MeasureLifted, PointsCredit, Score
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import FoldedFile, fold, present_values
from scoring_service.core.sanctions import (
    Sanction,
    SanctionKind,
    creditable,
    days_to_credit,
    lift,
    resumable,
)
from scoring_service.core.standing import pending, suspension_on, term_on, termination_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scoring_service.core.registry import Profile
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
    granted = min(days, days_to_credit(span, day, rulebook))
    if granted <= 0:
        raise RuleError("nothing_to_credit", "期限已至下限，不能再缩短 / the sanction is at its floor")
    return granted


def creditable_sanction(entries: Sequence[Entry], day: date) -> Sanction | None:
    """Return the sanction that a term credit on `day` would touch, None if none runs."""
    return creditable(fold(entries).sanctions, day)


def check_resumption(folded: FoldedFile, day: date, apply_from: date | None) -> None:
    """Check that a resumption may be applied for, or granted, on `day` (scheme.md 2.3, Gates).

    `apply_from` is the first day of the window before the end of the last term, None where no term waits for one.
    Raises RuleError `sanction_running` (a termination or a measure holds), `not_suspended`, `sanction_pending` or
    `too_early`.
    """
    suspension = suspension_on(folded.sanctions, day)
    if termination_on(folded.sanctions, day) or _measure_holds(folded, day):
        raise RuleError(
            "sanction_running",
            "资格已终止，或对机构采取的措施仍在执行，不能申请恢复 / "
            "a termination or a measure is in force: there is no resumption now",
        )
    if suspension is not None and pending(folded.sanctions, day):
        raise RuleError("sanction_pending", "另有尚未开始的暂停或终止 / a sanction is still to begin")
    if suspension is None or apply_from is None:
        raise RuleError("not_suspended", "没有等待恢复的暂停 / no suspension waits for a resumption")
    if day < apply_from:
        raise RuleError(
            "too_early", f"{apply_from} 起可以申请恢复 / a resumption may be applied for from {apply_from} on"
        )


def check_lifting(folded: FoldedFile, measure: str, day: date) -> None:
    """Check that the measure with this id may be lifted on `day`: it makes a span that has not ended.

    Raises RuleError `measure_ended`, also for one that was taken back or never began.
    """
    if lift(list(folded.sanctions), measure, day) == list(folded.sanctions):
        raise RuleError("measure_ended", "该措施已经结束 / this measure has ended already")


def check_may_begin(folded: FoldedFile | Profile, day: date) -> None:
    """Check that a new affiliation or registration may begin, asked on `day` (P34, scheme.md 2.4).

    Raises RuleError `sanction_running` while suspended or terminated, and with a sanction still to begin.
    """
    if suspension_on(folded.sanctions, day) or termination_on(folded.sanctions, day) or pending(folded.sanctions, day):
        raise RuleError(
            "sanction_running",
            "资格已暂停、终止或即将暂停、终止，不得新登记 / suspended, terminated, or with a sanction to begin: "
            "nothing new may be registered",
        )


def _measure_holds(folded: FoldedFile, day: date) -> bool:
    return any(span.measure is not None and span.holds(day) for span in folded.sanctions)


def late_days(
    entries: Sequence[Entry], day: date, evaluation_due_on: date | None, merged_on: date | None = None
) -> int:
    """Return how many days a resumption on `day` comes late by what was the person's doing (scheme.md 2.1).

    Counted from the latest of: the last end among the terms it resumes, the recording of the file's latest
    correction, lifting or backfilled score, its last merge with another file of the person (`merged_on`; it counts as
    a correction), and the end of the last measure on the person; to `day`, or to the day on
    which the evaluation was due, when the office decided after it. 0 when `day` is not after it.
    """
    ends = _ends_of_terms(fold(entries), day)
    ends += [civil_day(entry.recorded_at) for entry in entries if _moves_the_past(entry)]
    ends += [merged_on] if merged_on is not None else []
    until = day if evaluation_due_on is None else min(day, evaluation_due_on)
    return max(0, (until - max(ends)).days) if ends else 0


def days_after_terms(folded: FoldedFile, day: date) -> int:
    """Return how many days a resumption of an earlier `day` came after the terms and measures that it waited for.

    What it was late by through others is not known of what was decided on paper.
    """
    return max(0, (day - max(_ends_of_terms(folded, day), default=day)).days)


def _ends_of_terms(folded: FoldedFile, day: date) -> list[date]:
    """Return the ends of the terms that a resumption on `day` resumes, and of the measures that are over by then."""
    ends = [span.until for span in resumable(folded.sanctions, day) if span.until is not None]
    measures = [span.until for span in folded.sanctions if span.measure is not None]
    return ends + [end for end in measures if end is not None and end <= day]


def _moves_the_past(entry: Entry) -> bool:
    """Tell whether an entry changed days that had passed when it was recorded: not the person's doing."""
    if isinstance(entry, Score):
        return entry.effective_on < civil_day(entry.recorded_at)
    return isinstance(entry, Correction | MeasureLifted)


def ban_end(folded: FoldedFile, day: date) -> date | None:
    """Return the end of the bans of the terminations that hold on `day`; None when none holds."""
    return max(_ban_ends(folded.sanctions, day), default=None)


def _ban_ends(sanctions: Iterable[Sanction], day: date) -> list[date]:
    return [span.until for span in sanctions if span.terminates(day) and span.until is not None]


def check_reregistration(folded: FoldedFile, day: date, *, ban_may_run: bool = False) -> None:
    """Check that a re-registration may take effect on `day`; with `ban_may_run`, that it may be proposed on it.

    The window before the ban's end, in which it may be proposed, is the caller's to check. A suspension whose term is
    over and that nobody resumed does not stand in the way: the re-registration ends it. Raises RuleError
    `not_terminated`, `ban_running`, `suspension_running` or `sanction_pending`.
    """
    free = ban_end(folded, day)
    if free is None:
        raise RuleError("not_terminated", "该人员资格未被终止，无须重新登记 / the person is not terminated")
    if day < free and not ban_may_run:
        detail = f"禁止登记期未满，{free} 起可以重新登记 / the ban runs; a new start is possible from {free} on"
        raise RuleError("ban_running", detail)
    suspension = term_on(folded.sanctions, day)
    if suspension is not None:
        raise RuleError("suspension_running", _suspension_runs(suspension))
    if pending(folded.sanctions, day):
        raise RuleError("sanction_pending", "另有尚未开始的暂停或终止 / a sanction is still to begin")


def _suspension_runs(suspension: Sanction) -> str:
    if suspension.until is None:
        return "因机构措施而暂停，尚未结束 / a suspension by a measure without an end runs"
    return (
        f"暂停期未满，{suspension.until} 起可以重新登记 / a suspension runs; a new start is possible from "
        f"{suspension.until} on"
    )
