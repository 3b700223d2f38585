"""What the office reports of a period to its administrative department (P40), and the province once a year (G).

All of it is counted from the ledger and the registry as they were known at one moment, which the report names instead
of the clock: asked for again with that moment it is the same, whatever was corrected meanwhile.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from scoring_service.core.civil import civil_day
from scoring_service.core.small_numbers import Withheld, is_small, published_count, published_counts
from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.statistics import count_scores, people_with_entries, sanctions_then
from scoring_service.db.tallies import count_procedures
from scoring_service.law.files import BAND_KEYS
from scoring_service.problems import Invalid
from scoring_service.services.unit_of_work.listing import every_page
from scoring_service.services.years.figures import figures_of, punctual_in, sides_of
from scoring_service.services.years.ranking import ranking_in
from scoring_service.services.years.statistics import bands_in, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scoring_service.core.period import Period
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.small_numbers import Told
    from scoring_service.db.statistics import Scope, ScoreCounts
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.ranking import RankedInstitution

    Folded = list[tuple[str, Sanction]]

INSTITUTIONS_AT_ONCE = 5000
POINTS = "points"
_PEOPLE = ("person_times", "persons")
# A row of a table: what it is of, and its person-times and points.
Counted: TypeAlias = tuple[str, int, int]


class ReportKind(StrEnum):
    """Which report: the periodic one of P40, or the yearly filing of the province with the national office (G)."""

    PERIODIC = "periodic"
    YEARLY = "yearly"


class Audience(StrEnum):
    """For whom it is made: the authorities, or everybody, with small numbers withheld and no institution named."""

    FULL = "full"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A row of a table, by the key of what it is of; `points` is None in a public report."""

    key: str
    person_times: Told
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PunctualRow:
    """What was in time of one kind of papers."""

    what: str
    total: Told
    in_time: Told
    late: Told
    waiting: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionRow:
    """How many persons have a sanction of this kind and ground that begins in the period."""

    kind: str
    ground: str
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedRulebook:
    """A version of a rulebook under which scores of the period were made, and how many."""

    rulebook: Rulebook
    person_times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReport:
    """A report. A table that is not published is None; institutions, sanctions and bases are in the full form only."""

    kind: ReportKind
    audience: Audience
    period: Period
    scope: Scope
    known_at: datetime
    figures: Mapping[str, Told]
    tables: Mapping[str, Sequence[ReportRow] | None]
    punctual: Sequence[PunctualRow]
    rulebooks: Sequence[UsedRulebook]
    institutions: Sequence[RankedInstitution] = ()
    sanctions: Sequence[SanctionRow] = ()
    bases: Mapping[str, int]

    @property
    def is_public(self) -> bool:
        """Whether small numbers are withheld."""
        return self.audience is Audience.PUBLIC

    @property
    def last_counted(self) -> date:
        """The last day that is counted."""
        return min(self.period.last_day, civil_day(self.known_at))


def report_of(
    work: Work,
    kind: ReportKind,
    period: Period,
    *,
    region: str | None = None,
    known_at: datetime | None = None,
    audience: Audience = Audience.FULL,
) -> PeriodReport:
    """Return a report of a period as it was known at `known_at` (default: now).

    Raises as `scope_of`, and Invalid for a period that had not begun then, or one of the yearly filing that is no year.
    """
    known_at = known_at or work.now
    scope = scope_of(work, period, region=region, known_at=known_at)
    _check_period(kind, period, civil_day(known_at))
    everywhere = list(sanctions_then(work.conn, replace(scope, region=None), known_at))
    counts = count_scores(work.conn, scope)
    own = _in_region(work, scope, everywhere)
    full = audience is Audience.FULL
    report = PeriodReport(
        kind=kind,
        audience=audience,
        period=period,
        scope=scope,
        known_at=known_at,
        figures=figures_of(work, scope, counts, own),
        tables={name: _rows(rows) for name, rows in _tables(work, scope, counts, period, civil_day(known_at)).items()},
        punctual=[PunctualRow(**row._asdict()) for row in punctual_in(work, scope)],
        rulebooks=_rulebooks(work, counts),
        institutions=_institutions(work, scope, everywhere) if full else (),
        sanctions=_sanctions(own) if full else (),
        bases=_bases(work, scope) if full else {},
    )
    return report if full else _withheld(report)


def _check_period(kind: ReportKind, period: Period, day: date) -> None:
    if kind is ReportKind.YEARLY and str(period) != str(period.year):
        raise Invalid("/period", "年度报备须为一个年度 / the yearly filing is of a year")
    if period.first > day:
        raise Invalid("/period", "该期间在 known_at 时尚未开始 / the period had not begun at known_at")


def _in_region(work: Work, scope: Scope, everywhere: Folded) -> Folded:
    if not scope.region:
        return everywhere
    people = set(work.conn.scalars(people_with_entries(scope)))
    return [(person, span) for person, span in everywhere if person in people]


def _tables(
    work: Work, scope: Scope, counts: ScoreCounts, period: Period, day: date
) -> dict[str, list[Counted]]:
    """Return the tables, each of which adds up to the person-times of the period; months are those begun by `day`."""
    begun = period.months if period.until <= day else day.month - period.first.month + 1
    months = {str(period.first.month + number): (0, 0) for number in range(begun)}
    bands = dict.fromkeys(BAND_KEYS, (0, 0))
    for row in counts.sorts:
        _add(months, str(row.month), row.scores, row.scores * row.points)
    for band, many, points in bands_in(work, counts):
        _add(bands, band, many, points)
    tables = {"month": _listed(months), "band": _listed(bands)}
    for side, tallies in sides_of(work, scope).items():
        tables[side] = [(row.key, row.person_times, row.points) for row in tallies]
    return tables


def _add(table: dict[str, tuple[int, int]], key: str, many: int, points: int) -> None:
    before = table.get(key, (0, 0))
    table[key] = (before[0] + many, before[1] + points)


def _listed(table: Mapping[str, tuple[int, int]]) -> list[Counted]:
    return [(key, many, points) for key, (many, points) in table.items()]


def _rows(rows: Iterable[Counted]) -> list[ReportRow]:
    return [ReportRow(key=key, person_times=many, points=points) for key, many, points in rows]


def _rulebooks(work: Work, counts: ScoreCounts) -> list[UsedRulebook]:
    used: Counter[str] = Counter()
    for row in counts.sorts:
        used[row.rulebook_sha256] += row.scores
    versions = rulebooks_by_sha256(work.conn, used)
    versions_used = [UsedRulebook(rulebook=versions[sha256], person_times=many) for sha256, many in used.items()]
    return sorted(versions_used, key=lambda each: (each.rulebook.id, each.rulebook.valid_from, each.rulebook.sha256))


def _institutions(work: Work, scope: Scope, everywhere: Folded) -> list[RankedInstitution]:
    pages = every_page(work, ranking_in(work, scope, everywhere), rows=INSTITUTIONS_AT_ONCE)
    return [row for page in pages for row in page]


def _sanctions(own: Folded) -> list[SanctionRow]:
    people = {(span.kind.value, span.ground.value, person) for person, span in own}
    counted = Counter((kind, ground) for kind, ground, _person in people)
    return [SanctionRow(kind=kind, ground=ground, persons=many) for (kind, ground), many in sorted(counted.items())]


def _bases(work: Work, scope: Scope) -> dict[str, int]:
    counted = count_procedures(work.conn, scope)
    return {how: many for (what, how), many in sorted(counted.items()) if what == "correction"}


def _withheld(report: PeriodReport) -> PeriodReport:
    """Return a report as it may be published."""
    figures = {name: published_count(many) for name, many in report.figures.items() if isinstance(many, int)}
    if any(isinstance(figures[name], Withheld) for name in _PEOPLE):
        figures[POINTS] = Withheld.BESIDE
    return replace(
        report,
        figures=figures,
        tables={name: _published(rows or ()) for name, rows in report.tables.items()},
        punctual=[_punctual(row) for row in report.punctual],
        rulebooks=[replace(each, person_times=0) for each in report.rulebooks],
    )


def _published(rows: Sequence[ReportRow]) -> list[ReportRow] | None:
    shown = published_counts([row.person_times for row in rows if isinstance(row.person_times, int)])
    if shown is None:
        return None
    return [ReportRow(key=row.key, person_times=each, points=None) for row, each in zip(rows, shown, strict=True)]


def _punctual(row: PunctualRow) -> PunctualRow:
    counts = [each for each in (row.in_time, row.late, row.waiting) if isinstance(each, int)]
    total = sum(counts)
    in_time, late, waiting = published_counts(counts) or [Withheld.SMALL if is_small(total) else Withheld.BESIDE] * 3
    return PunctualRow(what=row.what, total=published_count(total), in_time=in_time, late=late, waiting=waiting)
