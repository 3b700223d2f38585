"""Every file that a scoring year has entries of, read to be folded twice (core/simulation.py).

Most files have scores alone. Such a file is read as one line of text, its `shape`: what the fold reads of its scores,
in the order of the fold. Files of one shape fold alike, so each shape is folded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.entries import EntryKind, Score
from scoring_service.core.rulebook import Degree
from scoring_service.core.simulated_counts import Place
from scoring_service.core.simulation import in_fold_order, under
from scoring_service.db.ledger import read_entries, rulebooks_by_sha256
from scoring_service.db.tables import cases, entries, findings, practitioners, rulebook_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from scoring_service.core.entries import Entry
    from scoring_service.core.rulebook import Rulebook

FILES_AT_ONCE = 500
ROWS_AT_ONCE = 5_000
# Entries that bring nothing of themselves: corrections count with what they correct, a closed year changes nothing.
_SILENT = (EntryKind.CORRECTION, EntryKind.YEAR_CLOSED)
_PLAIN = (EntryKind.SCORE, EntryKind.YEAR_CLOSED)
_EPOCH = date(1970, 1, 1)
_NOWHERE = Place("", "")
_NOT_RECORDED = datetime(1970, 1, 1, tzinfo=CIVIL_ZONE)


class Part(NamedTuple):
    """Which files are read: those that `seen` admits; of these the `number`-th of so many parts."""

    seen: ColumnElement[bool]
    number: int = 0
    of: int = 1


EVERYBODY = Part(true())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are read: versions of rulebooks are numbered by their place in `hashes`, from 1.

    Scores that sum up to less than `harmless_below` can bring no sanction: in their shape the days are left out.
    Institutions outside `region` are not told.
    """

    hashes: Sequence[str]
    harmless_below: int
    region: str | None


class ReadFile(NamedTuple):
    """A file: `shape` of one that has scores alone, else None; `places` of its entries in the order of the fold."""

    practitioner_id: str
    shape: str | None
    places: str | None


def entries_of_year(year: int) -> ColumnElement[bool]:
    """Return the condition that an entry is one of a scoring year and brings something of itself."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    others = and_(
        entries.c.kind.not_in((EntryKind.SCORE, *_SILENT)), entries.c.effective_on.between(first, last)
    )
    return or_(and_(entries.c.kind == EntryKind.SCORE, entries.c.decided_on.between(first, last)), others)


def kept_rulebooks(conn: Connection) -> list[Rulebook]:
    """Return every version that an entry was made under, in the order in which shapes number them."""
    hashes = list(
        conn.execute(select(rulebook_versions.c.sha256).order_by(rulebook_versions.c.sha256)).scalars()
    )
    kept = rulebooks_by_sha256(conn, hashes)
    return [kept[sha256] for sha256 in hashes]


def count_by_rulebook(conn: Connection, year: int, seen: ColumnElement[bool]) -> dict[str, int]:
    """Return how many entries of the year were made under each version of a rulebook, by SHA-256."""
    query = (
        select(entries.c.rulebook_sha256, func.count())
        .join(practitioners, practitioners.c.id == entries.c.practitioner_id)
        .where(entries_of_year(year), practitioners.c.merged_into.is_(None), seen)
        .group_by(entries.c.rulebook_sha256)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def files_of_year(conn: Connection, year: int, part: Part, reading: Reading) -> Iterator[ReadFile]:
    """Give every file of a part with entries of the year, in no order."""
    parameters = {"hashes": list(reading.hashes), "harmless_below": reading.harmless_below}
    query = _files(year, part, reading.region)
    return (
        ReadFile(*row)
        for row in conn.execute(query, parameters, execution_options={"yield_per": ROWS_AT_ONCE})
    )


def _files(year: int, part: Part, region: str | None) -> Select[Any]:
    is_score = entries.c.kind == EntryKind.SCORE
    year_of_score = extract("year", entries.c.decided_on).cast(Integer)
    version = func.array_position(bindparam("hashes", type_=ARRAY(Text)), entries.c.rulebook_sha256)
    scored = (year_of_score, entries.c.points, version)
    dated = (entries.c.effective_on - literal(_EPOCH), *scored)
    sum_of_points = func.sum(entries.c.points).filter(is_score)
    harmless = sum_of_points < bindparam("harmless_below", type_=Integer)
    shape = case((harmless, _in_order(literal(0), *scored)), else_=_in_order(*dated))
    plain = func.bool_and(entries.c.kind.in_(_PLAIN))
    return (
        select(entries.c.practitioner_id, case((plain, shape)), case((plain, _in_order(*_place(region)))))
        .outerjoin(cases, and_(is_score, cases.c.id == entries.c.case_id))
        .outerjoin(findings, and_(is_score, findings.c.id == entries.c.finding_id))
        .where(entries.c.practitioner_id.in_(_people(year, part)))
        .group_by(entries.c.practitioner_id)
    )


def _in_order(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    """Return what the scores of a file say, in the order of the fold."""
    line = func.concat_ws(":", *columns)
    ordered = aggregate_order_by(line, entries.c.effective_on, entries.c.seq)
    joined: ColumnElement[str] = func.array_to_string(
        func.array_agg(ordered).filter(entries.c.kind == EntryKind.SCORE), ","
    )
    return joined


def _place(region: str | None) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Return institution and category of a score; of an institution outside the region nothing is told."""
    code = cases.c.institution_code
    within = code if region is None else case((cases.c.region.startswith(region), code))
    return func.coalesce(within, ""), func.coalesce(findings.c.category, "")


def _people(year: int, part: Part) -> Select[tuple[str]]:
    query = (
        select(entries.c.practitioner_id)
        .join(practitioners, practitioners.c.id == entries.c.practitioner_id)
        .where(entries_of_year(year), practitioners.c.merged_into.is_(None), part.seen)
    )
    if part.of == 1:
        return query
    spread = func.abs(func.hashtext(cast(entries.c.practitioner_id, Text)) % part.of)
    return query.where(spread == part.number)


class Shapes:
    """The scores of shapes, under the `rulebooks` that these number; what the fold does not read of them is left empty.

    Scores are alike in many files, so each is made once.
    """

    def __init__(self, rulebooks: Sequence[Rulebook], year: int, law: Mapping[str, Rulebook]) -> None:
        self._rulebooks, self._year, self._law = rulebooks, year, law
        self._made: dict[tuple[int, str], tuple[Score, Entry]] = {}

    def scores(self, shape: str) -> list[tuple[Score, Entry]]:
        """Return the scores of a shape in the order of the fold, each as recorded and under the other law."""
        return [self._score(number, line) for number, line in enumerate(shape.split(","), start=1)]

    def _score(self, number: int, line: str) -> tuple[Score, Entry]:
        made = self._made.get((number, line))
        if made is None:
            score = _score(number, line, self._rulebooks)
            made = self._made[number, line] = score, under(score, self._year, self._law)
        return made


def _score(seq: int, line: str, rulebooks: Sequence[Rulebook]) -> Score:
    days, year, points, version = map(int, line.split(":"))
    return Score(
        id=str(seq),
        seq=seq,
        revision=seq,
        effective_on=_EPOCH + timedelta(days=days),
        recorded_at=_NOT_RECORDED,
        rulebook=rulebooks[version - 1],
        points=points,
        decided_on=date(year, 1, 1),
        finding="",
        item="",
        degree=Degree.MAIN,
    )


@lru_cache(maxsize=100_000)
def _one_place(written: str) -> Place:
    return Place(*written.split(":"))


def places_of(places: str) -> list[Place]:
    """Return the places of a file that has scores alone."""
    return [_one_place(place) for place in places.split(",")]


def whole_files(
    conn: Connection, practitioner_ids: Sequence[str], region: str | None
) -> Iterator[tuple[str, list[Entry], list[Place]]]:
    """Give files that have more than scores: their entries, and the places of those in the order of the fold."""
    for first in range(0, len(practitioner_ids), FILES_AT_ONCE):
        some = practitioner_ids[first : first + FILES_AT_ONCE]
        place_of = _places_by_entry(conn, some, region)
        for practitioner_id, of_file in read_entries(conn, some).items():
            yield (
                practitioner_id,
                of_file,
                [place_of.get(entry.id, _NOWHERE) for entry in in_fold_order(of_file)],
            )


def _places_by_entry(
    conn: Connection, practitioner_ids: Sequence[str], region: str | None
) -> dict[str, Place]:
    query = (
        select(entries.c.id, *_place(region))
        .join(cases, cases.c.id == entries.c.case_id)
        .join(findings, findings.c.id == entries.c.finding_id)
        .where(entries.c.practitioner_id.in_(practitioner_ids), entries.c.kind == EntryKind.SCORE)
    )
    return {row[0]: Place(row[1], row[2]) for row in conn.execute(query)}
