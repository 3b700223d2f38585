"""From when a way back may be asked for: working days before the end of a term or a ban (scheme.md 2.3, Gates; P39)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scoring_service.core.errors import RuleError
from scoring_service.core.gates import check_resumption
from scoring_service.core.sanctions import resumable
from scoring_service.core.touched import brought, rulebook_of_sanction
from scoring_service.problems import Conflict

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.fold import FoldedFile
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.working_days import WorkingCalendar

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumptionWindow:
    """The `suspensions` that wait for a resumption; the last term ends on `ends_on`, and its `rulebook` holds.

    `brought_by` are the ids of the entries that brought them.
    It may be applied for from `apply_from` on; who does so by `apply_by`, with an institution's consent, is owed the
    office's answer before the term ends.
    """

    suspensions: tuple[Sanction, ...]
    brought_by: frozenset[str]
    rulebook: Rulebook
    ends_on: date
    apply_from: date
    apply_by: date

    @property
    def last_day(self) -> date:
        """The last day of the last term."""
        return self.ends_on - ONE_DAY


def window_on(calendar: WorkingCalendar, folded: FoldedFile, day: date) -> ResumptionWindow | None:
    """Return the window of the suspensions that wait for a resumption on `day`; None when none does."""
    terms = [(span.until, span) for span in resumable(folded.sanctions, day) if span.until is not None]
    if not terms:
        return None
    ends_on, last = max(terms, key=lambda term: (term[0], term[1].start))
    rulebook = rulebook_of_sanction(folded, last)
    spans = tuple(span for _end, span in terms)
    return ResumptionWindow(
        suspensions=spans,
        brought_by=frozenset(step.entry.id for step in folded.steps if any(brought(step, span) for span in spans)),
        rulebook=rulebook,
        ends_on=ends_on,
        apply_from=calendar.working_day_before(ends_on, rulebook.resumption_apply_working_days),
        # The day of consent is not counted, nor the day on which the term has ended.
        apply_by=calendar.working_day_before(ends_on, rulebook.resumption_evaluation_working_days + 1),
    )


def may_apply_from(calendar: WorkingCalendar, folded: FoldedFile, day: date) -> date | None:
    """Return the first day on which a re-registration, or a resumption, may be asked for by whom `day` needs one.

    None for whoever needs none. Of several bans the last end counts, as for the re-registration itself.
    """
    bans = [(span.until, span) for span in folded.sanctions if span.terminates(day) and span.until is not None]
    if not bans:
        window = window_on(calendar, folded, day)
        return None if window is None else window.apply_from
    ends_on, last = max(bans, key=lambda ban: (ban[0], ban[1].start))
    return calendar.working_day_before(ends_on, _rulebook_of_ban(folded, last).resumption_apply_working_days)


def _rulebook_of_ban(folded: FoldedFile, ban: Sanction) -> Rulebook:
    if ban.measure is None:
        return rulebook_of_sanction(folded, ban)
    return next(step.entry.rulebook for step in folded.steps if step.entry.id == ban.measure)


def open_window(
    calendar: WorkingCalendar, folded: FoldedFile, day: date, filed_on: date | None = None
) -> ResumptionWindow:
    """Return the window in which a resumption may be applied for, or granted, on `day`.

    `filed_on` is the day of an application that was filed before. Raises Conflict as `check_resumption` has it:
    `sanction_running`, `not_suspended`, `sanction_pending`, or `too_early` with `may_apply_from`.
    """
    window = window_on(calendar, folded, day)
    apply_from = None if window is None else window.apply_from
    try:
        check_resumption(folded, day, apply_from)
        _check_filed(filed_on, apply_from)
    except RuleError as refused:
        raise _conflict(refused, apply_from) from refused
    if window is None:
        message = "the gate has let a file through in which no suspension waits"
        raise RuntimeError(message)
    return window


def _check_filed(filed_on: date | None, apply_from: date | None) -> None:
    """Refuse an application that was filed before the window of the terms as they are by now."""
    if filed_on is not None and apply_from is not None and filed_on < apply_from:
        detail = (
            f"申请于 {filed_on} 提出后，暂停期限有变化，{apply_from} 起方可申请恢复 / "
            f"since it was filed on {filed_on} the term has changed: one may apply from {apply_from} on"
        )
        raise RuleError("too_early", detail)


def _conflict(refused: RuleError, apply_from: date | None) -> Conflict:
    if refused.code != "too_early" or apply_from is None:
        return Conflict(refused.code, refused.detail)
    return Conflict(refused.code, refused.detail, may_apply_from=apply_from.isoformat())
