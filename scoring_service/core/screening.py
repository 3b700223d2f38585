"""What the eligibility rule says of all days at once: spans that an engine can join claim lines with (scheme.md 2.5).

A file's state, the law of its places and its commitment change on few days only. Between two of them the same answer
holds, so each span here is asked for once, of `state_on` and the rulebook of its first day.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.payable import Reason, reason_for
from scoring_service.core.registry import PRINCIPAL, principal_judged
from scoring_service.core.standing import Span, State, Status, covered, state_on, term_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from scoring_service.core.registry import Profile
    from scoring_service.core.rulebook import Rulebook


class Word(StrEnum):
    """What `reason_for` needs to know of a registered person's day; a day outside registration has no word."""

    ELIGIBLE = "eligible"
    NO_COMMITMENT = "no_commitment"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    TERMINATED_EMERGENCY_PAID = "terminated_emergency_paid"


class WordSpan(NamedTuple):
    """Days on which one word holds, and `resumes_on`, the `until` of the answers about them (scheme.md 2.4)."""

    start: date
    until: date | None
    word: Word
    resumes_on: date | None


class Candidate(NamedTuple):
    """Somebody who ever was registered at a pharmacy: the file's id, its profile, its spans."""

    practitioner_id: str
    profile: Profile
    words: Sequence[WordSpan]


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans, of which some may overlap, as disjoint ones of the same days, by start."""
    spans = tuple(spans)
    if len(spans) == 1 and spans[0].start != spans[0].until:
        return spans
    whole: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if span.start == span.until:
            continue
        last = whole[-1] if whole else None
        if last is None or (last.until is not None and last.until < span.start):
            whole.append(span)
        elif last.until is not None and (span.until is None or span.until > last.until):
            whole[-1] = Span(last.start, span.until)
    return tuple(whole)


def word_spans(
    profile: Profile, rulebook_on: Callable[[Profile, date], Rulebook], law_days: Collection[date]
) -> tuple[WordSpan, ...]:
    """Return the words of all days of a file, disjoint and by start.

    `rulebook_on` gives the law that judges the file on a day; of itself it changes on the `law_days`.
    """
    registered = united(span for _category, span in profile.registrations)
    if not profile.sanctions and not profile.without_commitment:
        return tuple(WordSpan(*span, Word.ELIGIBLE, None) for span in registered)
    days = sorted({*_changing_days(profile), *law_days})
    asked_of = (
        WordSpan(*piece, *_word(profile, rulebook_on, piece.start)) for piece in _pieces(registered, days)
    )
    return _joined(asked_of)


def principal_spans(pharmacy: str, candidates: Sequence[Candidate]) -> tuple[WordSpan, ...]:
    """Return the words by which a pharmacy is judged when no person is named: those of its principal of the day."""
    at_work = [(each, _as_principal(pharmacy, each)) for each in candidates]
    whole = united(span for _candidate, spans in at_work for span in spans)
    words = [(word.start, word.until) for each in candidates for word in each.words]
    days = {day for each in candidates for day in _changing_days(each.profile)}
    days |= {day for span in words for day in span if day is not None}
    return _joined(
        WordSpan(*piece, judged.word, judged.resumes_on)
        for piece in _pieces(whole, sorted(days))
        if (judged := _principals_word(pharmacy, at_work, piece.start)) is not None
    )


def reason_of(
    word: Word | None, *, known: bool, contracted: bool | None, affiliated: bool | None, emergency: bool
) -> Reason:
    """Return the reason for a line from the word of its day; None: nobody `known`, or not registered that day."""
    absent = Status.NOT_REGISTERED if known else None
    return reason_for(
        absent if word is None else _STATUS.get(word, Status.NORMAL),
        contracted=contracted,
        affiliated=affiliated,
        emergency=emergency,
        emergency_covers_termination=word is Word.TERMINATED_EMERGENCY_PAID,
        unpaid_without_commitment=word is Word.NO_COMMITMENT,
    )


_STATUS = {
    Word.SUSPENDED: Status.SUSPENDED,
    Word.TERMINATED: Status.TERMINATED,
    Word.TERMINATED_EMERGENCY_PAID: Status.TERMINATED,
}


def _changing_days(profile: Profile) -> Iterator[date]:
    """Give the days on which what is known of a file begins or ends to say something else."""
    spans = [
        *(span for _category, span in profile.registrations),
        *(row.span for row in profile.affiliations),
        *profile.without_commitment,
    ]
    yield from (day for span in spans for day in span if day is not None)
    yield from (day for day, _rulebook in profile.scored_under)
    for sanction in profile.sanctions:
        ends = (sanction.start, sanction.until, sanction.state_until)
        yield from (day for day in ends if day is not None)


def _pieces(spans: Iterable[Span], days: Sequence[date]) -> Iterator[Span]:
    """Give disjoint spans in pieces, cut on the `days`, which are in order."""
    for start, until in spans:
        inside = [day for day in days if start < day and (until is None or day < until)]
        for first, end in zip((start, *inside), (*inside, until), strict=True):
            yield Span(first, end)


def _word(
    profile: Profile, rulebook_on: Callable[[Profile, date], Rulebook], day: date
) -> tuple[Word, date | None]:
    state = state_on(day, profile.sanctions, registered=True)
    rulebook = rulebook_on(profile, day)
    if rulebook.commitment_unpaid_without and covered(profile.without_commitment, day):
        return Word.NO_COMMITMENT, state.until
    return _word_of(state, profile, rulebook, day), state.until


def _word_of(state: State, profile: Profile, rulebook: Rulebook, day: date) -> Word:
    if state.status is Status.TERMINATED:
        covers = rulebook.emergency_covers_termination
        return Word.TERMINATED_EMERGENCY_PAID if covers else Word.TERMINATED
    if state.status is Status.SUSPENDED:
        is_paid = rulebook.resumption_pays_after_term and term_on(profile.sanctions, day) is None
        return Word.ELIGIBLE if is_paid else Word.SUSPENDED
    return Word.ELIGIBLE


def _joined(spans: Iterable[WordSpan]) -> tuple[WordSpan, ...]:
    """Return spans that follow each other and say the same as one."""
    whole: list[WordSpan] = []
    for span in spans:
        if whole and whole[-1].until == span.start and whole[-1][2:] == span[2:]:
            whole[-1] = whole[-1]._replace(until=span.until)
        else:
            whole.append(span)
    return tuple(whole)


def _as_principal(pharmacy: str, candidate: Candidate) -> tuple[Span, ...]:
    """Return the days on which somebody is registered as a principal, and at this pharmacy."""
    profile = candidate.profile
    registered = united(span for category, span in profile.registrations if category == PRINCIPAL)
    there = united(row.span for row in profile.affiliations if row.institution == pharmacy)
    return tuple(
        Span(start, until)
        for some in registered
        for other in there
        for start, until in [_shared(some, other)]
        if until is None or start < until
    )


def _shared(some: Span, other: Span) -> Span:
    ends = [end for end in (some.until, other.until) if end is not None]
    return Span(max(some.start, other.start), min(ends, default=None))


def _principals_word(
    pharmacy: str, at_work: Iterable[tuple[Candidate, Sequence[Span]]], day: date
) -> WordSpan | None:
    present = {each.practitioner_id: each for each, spans in at_work if covered(spans, day)}
    judged = principal_judged(pharmacy, day, {each.practitioner_id: each.profile for each in present.values()})
    if judged is None:
        return None
    return next(span for span in present[judged].words if Span(*span[:2]).covers(day))
