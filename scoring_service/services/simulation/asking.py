"""What is asked of a simulation and what it tells; asking is on record, and each look at somebody who is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlalchemy import select

from scoring_service.core.rulebook import OUTSIDE
from scoring_service.core.simulated_counts import WHOLE, Counts, Group
from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.simulation import EVERYBODY, count_by_rulebook, kept_rulebooks
from scoring_service.db.snapshots import unmoved
from scoring_service.db.tables import practitioners
from scoring_service.db.tables.schema import one_of
from scoring_service.law.files import BAND_KEYS
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.registry.names import institution_names
from scoring_service.services.simulation.counting import Plan, Stated, changed_files, count, count_all
from scoring_service.services.unit_of_work import sight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import Connection

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.sanction_changes import SanctionChange
    from scoring_service.core.simulation import Simulated, Warned
    from scoring_service.db.simulation import Part
    from scoring_service.law.rulebooks import Rulebooks
    from scoring_service.services.simulation.counting import Counted, Progress
    from scoring_service.services.unit_of_work.transaction import Work

# Opens a transaction of whoever asks.
Working: TypeAlias = "Callable[[], AbstractContextManager[Work]]"
ACT = "rulebook.simulated"
_NAMES = (
    select(practitioners.c.id, practitioners.c.code, practitioners.c.name)
    .where(one_of(practitioners.c.id, "people"))
    .order_by(practitioners.c.code, practitioners.c.id)
)
# To start another process costs more than to count so many.
ENTRIES_TO_SHARE = 100_000
BANDS = (*BAND_KEYS, OUTSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which rulebook of the `law` is tried on which scoring year.

    `most_people`: so many changed people are named at most, None for all. A year of more than `most_entries` is
    refused; `most_processes` share a large one.
    """

    law: Rulebooks
    rulebook_id: str
    year: int
    most_people: int | None = 1000
    most_entries: int | None = None
    most_processes: int = 1

    @property
    def version(self) -> Rulebook:
        """The version that is tried: the newest."""
        return self.law.versions(self.rulebook_id)[-1]


class Applied(NamedTuple):
    """A rulebook under which entries of the year were recorded, how many, and whether the tried one stood for it."""

    rulebook: str
    entries: int
    is_replaced: bool


class Compared(NamedTuple):
    """The counts of a group: `key` is a band, the code of an institution or a category, "" for the whole."""

    key: str
    name: str | None
    before: Counts
    after: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPerson(NamedPractitioner):
    """Somebody whose warnings or sanctions would have been others."""

    simulated: Simulated

    @property
    def warnings_before(self) -> tuple[Warned, ...]:
        """The warnings as recorded."""
        return self.simulated.before.warnings

    @property
    def warnings_after(self) -> tuple[Warned, ...]:
        """The warnings under the tried rulebook."""
        return self.simulated.after.warnings

    @property
    def changes(self) -> tuple[SanctionChange, ...]:
        """The sanctions that would have been others."""
        return self.simulated.changes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What a rulebook would have brought to the entries of a year.

    `rulebook` is the version tried. `everywhere`: no entry of the year was recorded under it or what inherits from it,
    so it stood for every other. `entries` are those of the year, `persons` the files that have them, `outside` the
    scores whose points lie in none of its bands. `by_institution` has those only whose counts would have been others.
    `people` is None for who may not read files, and `changed` their number.
    """

    year: int
    rulebook: Rulebook
    known_at: datetime
    applied: tuple[Applied, ...]
    everywhere: bool
    entries: int
    persons: int
    changed: int
    outside: int
    whole: Compared
    by_band: tuple[Compared, ...]
    by_institution: tuple[Compared, ...]
    by_category: tuple[Compared, ...]
    people: tuple[ChangedPerson, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read: how many entries of the year under each version, what stood for it, and what came of the files."""

    recorded: Mapping[str, int]
    versions: Mapping[str, Rulebook]
    law: Mapping[str, Rulebook]
    everywhere: bool
    counted: Counted
    changed: Mapping[str, Simulated]


def simulate_year(working: Working, question: Question, progress: Progress | None = None) -> Simulation:
    """Fold every file with entries of the year that the actor may know of, as recorded and under the tried rulebook.

    The newest version of the rulebook, whatever its day, stands for that of each entry of the year that was recorded
    under it, or under an overlay based on it, which is resolved anew. `working` opens a transaction of the actor's; a
    new one puts the act on record when all is read. Raises Invalid for a year to come, Conflict `year_too_large`.
    """
    with working() as work:
        if question.year > work.today.year:
            detail = f"{question.year} 年尚未开始，没有可试算的记录 / the year {question.year} has not begun"
            raise Invalid("/year", detail)
        known_at, engine = work.now, work.service.session_engine
        seen = _Seen(
            EVERYBODY._replace(seen=sight.practitioner_filter(work)),
            work.actor.region,
            question.most_people if _may_name(work) else 0,
        )
    with unmoved(engine) as conn:
        read = _read(conn, question, seen, progress)
    with working() as work:
        _put_on_record(work, question, read.counted)
        return _simulation(work, question, read, known_at)


class _Seen(NamedTuple):
    """What the actor may know: which files, the institutions of which region, so many people by name."""

    part: Part
    region: str | None
    most_people: int | None


def _read(conn: Connection, question: Question, seen: _Seen, progress: Progress | None) -> _Read:
    recorded = count_by_rulebook(conn, question.year, seen.part.seen)
    _check_size(question, sum(recorded.values()))
    versions = {each.sha256: each for each in kept_rulebooks(conn) if each.sha256 in recorded}
    everywhere, law = _law(question, versions.values())
    stated = {sha256: Stated(each.id, each.valid_from, each.values) for sha256, each in law.items()}
    plan = Plan(year=question.year, law=stated, most_people=seen.most_people, region=seen.region)
    if question.most_processes > 1 and sum(recorded.values()) > ENTRIES_TO_SHARE:
        counted = count_all(conn, plan, question.most_processes, progress)
    else:
        counted = count(conn, plan, seen.part, progress)
    return _Read(
        recorded=recorded,
        versions=versions,
        law=law,
        everywhere=everywhere,
        counted=counted,
        changed=changed_files(conn, plan, counted.lowest(seen.most_people)),
    )


def _check_size(question: Question, entries: int) -> None:
    if question.most_entries is not None and entries > question.most_entries:
        raise Conflict(
            "year_too_large",
            f"该年度有 {entries} 条记录，请在服务器上用 scoring-service simulate 命令试算 / "
            f"the year has {entries} entries: try it by the command scoring-service simulate on the server",
            entries=entries,
        )


def _put_on_record(work: Work, question: Question, counted: Counted) -> None:
    version = question.version
    work.audit(
        ACT,
        object_kind="rulebook",
        object_id=version.id,
        detail={"year": question.year, "sha256": version.sha256, "persons": counted.tally.persons},
    )


def _simulation(work: Work, question: Question, read: _Read, known_at: datetime) -> Simulation:
    tally, groups = read.counted.tally, read.counted.tally.compared()
    return Simulation(
        year=question.year,
        rulebook=question.version,
        known_at=known_at,
        applied=tuple(_applied(read)),
        everywhere=read.everywhere,
        entries=sum(read.recorded.values()),
        persons=tally.persons,
        changed=tally.changed,
        outside=tally.outside,
        whole=Compared("", None, *groups[WHOLE]),
        by_band=_by_band(groups),
        by_institution=_by_institution(work, groups),
        by_category=_by(groups, "category"),
        people=tuple(_named(work, read.changed)) if _may_name(work) else None,
    )


def _may_name(work: Work) -> bool:
    """Tell whether the actor may read files; to others the counts alone are told (contract.md, Roles)."""
    return work.actor.is_office or work.actor.has("system")


def _law(question: Question, recorded: Collection[Rulebook]) -> tuple[bool, dict[str, Rulebook]]:
    """Return what stands for each recorded version, and whether it stands for all because none is of its family."""
    law, family = question.law, question.law.family(question.rulebook_id)
    heirs = {each.sha256: law.versions(each.id)[-1] for each in recorded if each.id in family}
    if heirs or not recorded:
        return False, heirs
    return True, {each.sha256: question.version for each in recorded}


def _applied(read: _Read) -> Iterator[Applied]:
    counts: Counter[tuple[str, bool]] = Counter()
    for sha256, entries in read.recorded.items():
        counts[read.versions[sha256].id, sha256 in read.law] += entries
    return (Applied(rulebook, entries, replaced) for (rulebook, replaced), entries in sorted(counts.items()))


def _by(groups: Mapping[Group, tuple[Counts, Counts]], dimension: str) -> tuple[Compared, ...]:
    return tuple(Compared(group.key, None, *both) for group, both in groups.items() if group.by == dimension)


def _by_band(groups: Mapping[Group, tuple[Counts, Counts]]) -> tuple[Compared, ...]:
    return tuple(sorted(_by(groups, "band"), key=lambda each: BANDS.index(each.key)))


def _by_institution(work: Work, groups: Mapping[Group, tuple[Counts, Counts]]) -> tuple[Compared, ...]:
    """Return the institutions whose counts would have been others; without a code, those outside the region."""
    changed = [each for each in _by(groups, "institution") if each.before != each.after]
    names = institution_names(work, {each.key for each in changed})
    return tuple(each._replace(name=names.get(each.key)) for each in changed)


def _named(work: Work, changed: Mapping[str, Simulated]) -> Iterator[ChangedPerson]:
    """Give the changed people by code, each look on record."""
    for row in work.conn.execute(_NAMES, {"people": list(changed)}):
        work.look(row.id, "list", in_list=True)
        yield ChangedPerson(id=row.id, code=row.code, name=row.name, simulated=changed[row.id])
