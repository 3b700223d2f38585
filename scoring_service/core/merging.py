"""Two files of one person made one: what is copied, and how registry spans of both unite (scheme.md 2.2).

The merged file closes unchanged. Of the file that goes on nothing is taken away: its rows stand, and what the other
adds is laid beside them. Nothing is gated here; what the entries of both give together, the fold says.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from scoring_service.core.entries import Correction, Entry, MeasureLifted, YearClosed
from scoring_service.core.registry import PRINCIPAL, AffiliationVersion, RegistrationVersion, SpanVersion
from scoring_service.core.standing import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scoring_service.core.sanctions import Sanction

Version = TypeVar("Version", bound=SpanVersion)
Registered = TypeVar("Registered", bound=RegistrationVersion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """That the file `merged` went into the file `into` at an instant.

    `revision` is the first change that it made there, `last_revision` the last that the merged file had.
    """

    merged: str
    into: str
    at: datetime
    revision: int
    last_revision: int

    def is_known(self, known_at: datetime | None, revision: int | None) -> bool:
        """Tell whether it had happened at `known_at` (None: now), within the first `revision` changes.

        The numbering goes on above that of both files, so a revision below the merge's is each file's own.
        """
        return (known_at is None or self.at <= known_at) and (revision is None or revision >= self.revision)


def answers_for(file_id: str, merges: Iterable[Merge]) -> str:
    """Return the file that answers for a file after these merges."""
    into = {merge.merged: merge.into for merge in merges}
    while file_id in into:
        file_id = into[file_id]
    return file_id


def is_copied(entry: Entry) -> bool:
    """Tell whether a merge copies an entry: all but the bookkeeping of a closed year, which the one file gets anew."""
    return not isinstance(entry, YearClosed)


def with_copies(entries: Sequence[Entry], merged: Iterable[Entry], recorded_at: datetime) -> tuple[Entry, ...]:
    """Return a file's entries followed by copies of the `merged` ones, as a merge recorded at an instant makes them."""
    last = max((entry.seq for entry in entries), default=0)
    copied = [
        replace(_retargeted(entry), id=_copy_of(entry.id), seq=seq, recorded_at=recorded_at)
        for seq, entry in enumerate(filter(is_copied, merged), start=last + 1)
    ]
    return (*entries, *copied)


def _retargeted(entry: Entry) -> Entry:
    if isinstance(entry, Correction | MeasureLifted):
        return replace(entry, target=_copy_of(entry.target))
    return entry


def _copy_of(entry_id: str) -> str:
    return f"copy of {entry_id}"


def new_spans(after: Iterable[Sanction], *before: Iterable[Sanction]) -> list[Sanction]:
    """Return the sanctions `after` a merge that no file had: of another kind, first day or end of the term."""
    known = {(span.kind, span.start, span.until) for spans in before for span in spans}
    return [span for span in after if (span.kind, span.start, span.until) not in known]


class Laid(NamedTuple, Generic[Version]):
    """A row that a merge writes in the file that goes on; it supersedes the span of that name, or is a new one."""

    supersedes: str | None
    row: Version


def laid_registrations(standing: Sequence[Registered], merged: Iterable[Registered]) -> list[Laid[Registered]]:
    """Return what a merge writes of registrations: the person is registered on every day on which either file says so.

    On a day that both have the row of the file that goes on stands, with the commitment signed first, and as a
    pharmacy's principal if either was one. The days that it lacks are the merged file's, as they were.
    """
    merged = list(merged)
    laid: list[Laid[Registered]] = []
    for row in standing:
        pieces = _pieces(row, merged)
        if pieces != [row]:
            laid += [Laid(None if place else row.span_id, piece) for place, piece in enumerate(pieces)]
    taken = [row.span for row in standing]
    laid += [Laid(None, replace(row, span=span)) for row in merged for span in _without(row.span, taken)]
    return laid


def _pieces(row: Registered, others: Iterable[Registered]) -> list[Registered]:
    """Return a standing row in pieces, each with what the other file's rows of those days make of it."""
    sharing = [other for other in others if shares_a_day(row.span, other.span)]
    pieces: list[Registered] = []
    for span in _cut(row.span, [other.span for other in sharing]):
        piece = _joined(row, span, [other for other in sharing if other.span.covers(span.start)])
        if pieces and replace(pieces[-1], span=span) == piece:
            pieces[-1] = replace(piece, span=Span(pieces[-1].span.start, span.until))
        else:
            pieces.append(piece)
    return pieces


def _joined(row: Registered, span: Span, others: Sequence[Registered]) -> Registered:
    signed = [each.commitment_signed_on for each in (row, *others) if each.commitment_signed_on is not None]
    is_principal = any(each.category == PRINCIPAL for each in others)
    return replace(
        row,
        span=span,
        category=PRINCIPAL if is_principal else row.category,
        commitment_signed_on=min(signed, default=None),
    )


def laid_affiliations(
    standing: Sequence[AffiliationVersion], merged: Iterable[AffiliationVersion]
) -> list[Laid[AffiliationVersion]]:
    """Return what a merge writes of affiliations: at one institution spans that share a day become one."""
    own: Mapping[str, list[AffiliationVersion]] = _by_institution(standing)
    return [
        laid
        for institution, added in _by_institution(merged).items()
        for group in _groups([*own.get(institution, []), *added])
        for laid in _united(group, {row.span_id for row in own.get(institution, [])})
    ]


def _by_institution(rows: Iterable[AffiliationVersion]) -> dict[str, list[AffiliationVersion]]:
    grouped: dict[str, list[AffiliationVersion]] = defaultdict(list)
    for row in rows:
        grouped[row.institution].append(row)
    return grouped


def _groups(rows: Iterable[AffiliationVersion]) -> list[list[AffiliationVersion]]:
    """Return the rows in groups that hang together by shared days."""
    groups: list[list[AffiliationVersion]] = []
    for row in sorted(rows, key=lambda row: row.span.start):
        if groups and any(shares_a_day(row.span, each.span) for each in groups[-1]):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _united(group: Sequence[AffiliationVersion], own: set[str]) -> Iterator[Laid[AffiliationVersion]]:
    if all(row.span_id in own for row in group):
        return
    ends = [row.span.until for row in group]
    whole = Span(group[0].span.start, None if None in ends else max(end for end in ends if end is not None))
    stand = [row for row in group if row.span_id in own]
    if not stand:
        yield Laid(None, replace(group[0], span=whole))
    elif stand[0].span != whole:
        yield Laid(stand[0].span_id, replace(stand[0], span=whole))
    for row in stand[1:]:
        yield Laid(row.span_id, replace(row, span=Span(row.span.start, row.span.start)))


def shares_a_day(some: Span, other: Span) -> bool:
    """Tell whether two half-open spans share a day."""
    return some.start < _end(other) and other.start < _end(some)


def _end(span: Span) -> date:
    return span.until or date.max


def _cut(span: Span, others: Iterable[Span]) -> list[Span]:
    """Return a span in pieces, cut where one of the others begins or ends."""
    edges = {edge for other in others for edge in other if edge is not None and span.start < edge < _end(span)}
    starts = sorted({span.start, *edges})
    return [Span(start, until) for start, until in zip(starts, [*starts[1:], span.until], strict=True)]


def _without(span: Span, taken: Sequence[Span]) -> list[Span]:
    """Return the parts of a span on whose days none of the `taken` lies."""
    free: list[Span] = []
    for piece in _cut(span, taken):
        if any(each.covers(piece.start) for each in taken):
            continue
        if free and free[-1].until == piece.start:
            free[-1] = Span(free[-1].start, piece.until)
        else:
            free.append(piece)
    return free
