"""Spans of days as people are told them: the last day included, as in the letters.

In the code, in answers and in the database a span is half open, `[from, until)`. This is the one place where its end
is put into words; no page, table or heading formats an `until` by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from scoring_service.web.wording.languages import day

if TYPE_CHECKING:
    from flask import Flask

    from scoring_service.core.sanctions import Sanction
    from scoring_service.services.proposals.registration_requests import RegistrationRequest
    from scoring_service.services.proposals.registry_corrections import RegistryCorrection

ONE_DAY = timedelta(days=1)


def prepare(app: Flask) -> None:
    """Give templates the filters for spans: answers of the services, rows of the database, spans of the core."""
    app.add_template_filter(first_day)
    app.add_template_filter(last_day)
    app.add_template_filter(from_to)
    app.add_template_filter(moved_end)
    app.add_template_filter(day_before)
    app.add_template_test(begins_after, "begins_after")
    app.add_template_test(ended_before, "ended_before")
    app.add_template_test(without_end, "without_end")


def from_to(span: Any) -> str:
    """Return a span as a phrase: 2025-05-10 周六 至 2025-09-09 周二（含）; one without an end says from when."""
    start, until = _ends(span)
    if until is None:
        # Where a line is short it breaks before the phrase, not within it.
        return _("自 %(start)s 起", start=day(start)).replace("自 ", "自\u00a0").replace(" 起", "\u00a0起")
    return _("%(start)s 至 %(last)s（含）", start=day(start), last=day(max(start, until - ONE_DAY)))


def first_day(span: Any) -> str:
    """Return the first day of a span."""
    return day(_ends(span)[0])


def last_day(span: Any) -> str:
    """Return the last day of a span; of one without an end that it lasts."""
    until = _ends(span)[1]
    return _("至今") if until is None else day(until - ONE_DAY)


def moved_end(correction: RegistryCorrection) -> tuple[str, str] | None:
    """Return the last days of a row before and after a correction; None when it leaves the end where it is."""
    if "until" not in correction.span:
        return None
    was = correction.before
    return last_day(was), last_day({"from": was["from"], "until": correction.span["until"]})


def day_before(request: RegistrationRequest) -> str:
    """Return the last day at the institution of whom a request reports to be gone from a day on."""
    return day(request.on - ONE_DAY)


def typed_last_day(start: date | None, until: date | None) -> str | None:
    """Return the last day of a span as a form holds it, of an empty one its first; the way back is `Form.last_day`."""
    if until is None:
        return None
    last = until - ONE_DAY
    return (last if start is None else max(start, last)).isoformat()


def begins_after(span: Any, today: date) -> bool:
    """Tell whether a span is still to begin."""
    return _ends(span)[0] > today


def ended_before(span: Any, today: date) -> bool:
    """Tell whether the last day of a span lies before `today`."""
    until = _ends(span)[1]
    return until is not None and until <= today


def without_end(span: Any) -> bool:
    """Tell whether no end of a span is set."""
    return _ends(span)[1] is None


def outlasts(span: Sanction) -> bool:
    """Tell whether the state of a sanction holds beyond its term or ban (scheme.md 2.4)."""
    return span.state_until is None or (span.until is not None and span.state_until > span.until)


def _ends(span: Any) -> tuple[date, date | None]:
    """Return the first day of a span and the first day behind it."""
    if isinstance(span, Mapping):
        start, until = span["from"], span["until"]
    elif hasattr(span, "occurred_from"):
        start, until = span.occurred_from, span.occurred_until
    elif hasattr(span, "from_on"):
        start, until = span.from_on, span.until_on
    else:
        start, until = span.start, span.until
    return _date(start), None if until is None else _date(until)


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
