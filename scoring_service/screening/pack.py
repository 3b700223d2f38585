"""The rule pack: the register as Parquet tables of disjoint half-open spans, as it was known at an instant.

| table | a row is |
|---|---|
| `people` | an id or code that names a person: `ref`, `person` |
| `words` | days of a person on which one word holds: `person`, `start`, `until`, `word`, `resumes_on` |
| `affiliations` | days on which a person is registered somewhere: `person`, `institution`, `start`, `until` |
| `agreements` | days of an institution under an agreement: `institution`, `start`, `until` |
| `principals` | the words by which a pharmacy is judged where nobody is named: `institution`, `start`, `until`, … |
| `pharmacies` | an institution of that kind: `institution` |
| `proofs` | days on which somebody named by a code is payable somewhere: `ref`, `institution`, `start`, `until` |

An open span ends on `OPEN`, which is later than any day a claim can have. `manifest.json` says at what knowledge the
pack stands, and after which event.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scoring_service.core.registry import PRINCIPAL
from scoring_service.core.screening import Candidate, WordSpan, principal_spans, united, word_spans
from scoring_service.db.locks import Lock, hold, share
from scoring_service.db.screening import (
    KnownPerson,
    changed_people,
    former_ids,
    institutions_known,
    last_change,
    unchanged_people,
)
from scoring_service.db.snapshots import unmoved
from scoring_service.db.standing import decode_profile
from scoring_service.screening.agreed import Agreed
from scoring_service.screening.ahead import ahead
from scoring_service.screening.plain_people import EPOCH, OPEN, plain_people
from scoring_service.services.standing.reading import check_knowledge, rulebook_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from scoring_service.core.standing import Span
    from scoring_service.db.eligibility import KnownInstitution
    from scoring_service.law.rulebooks import Rulebooks
    from scoring_service.screening.agreed import Days, WordRow
    from scoring_service.services.unit_of_work.transaction import Service, Work

ROWS_AT_ONCE = 100_000

_SPAN = [("start", pa.date32()), ("until", pa.date32())]
_WORD = [*_SPAN, ("word", pa.string()), ("resumes_on", pa.date32())]
SCHEMAS = {
    "people": pa.schema([("ref", pa.string()), ("person", pa.int32())]),
    "words": pa.schema([("person", pa.int32()), *_WORD]),
    "affiliations": pa.schema([("person", pa.int32()), ("institution", pa.string()), *_SPAN]),
    "agreements": pa.schema([("institution", pa.string()), *_SPAN]),
    "principals": pa.schema([("institution", pa.string()), *_WORD]),
    "pharmacies": pa.schema([("institution", pa.string())]),
    "proofs": pa.schema([("ref", pa.string()), ("institution", pa.string()), *_SPAN]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a pack says: all that was known at `known_at`; `last_change` is the number of the last event then seen.

    `digest` is the SHA-256 over the tables' files, in the order of their names.
    """

    known_at: str
    last_change: int
    digest: str
    rows: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A folder of tables and what it says of itself."""

    folder: Path
    manifest: Manifest

    def table(self, name: str) -> Path:
        """Return the file of a table."""
        return self.folder / f"{name}.parquet"

    def pharmacies(self) -> frozenset[str]:
        """Return the codes of the institutions of that kind."""
        return frozenset(pq.read_table(self.table("pharmacies")).column("institution").to_pylist())


def make_pack(service: Service, folder: Path, known_at: datetime | None = None) -> Pack:
    """Write the pack of what is known at `known_at` (None: now) into an empty folder.

    No look at anybody is put on record: nobody sees a person in it. Raises Invalid for a `known_at` in the future.
    """
    with service.work() as work:
        instant = _settled_instant(work, known_at)
        rulebooks = work.rulebooks_known_at(instant)
    # By now all changes of before the instant are committed; what has replayed up to here holds them.
    replica = None if service.replicas is None else service.replicas.caught_up(service.engine)
    with unmoved(replica or service.engine) as conn, Tables(folder) as tables:
        number = last_change(conn)
        filling = Filling(tables, rulebooks, institutions_known(conn, instant))
        former = former_ids(conn, instant)
        for some in ahead(unchanged_people(conn, instant)):
            filling.add_unchanged(some, former)
        filling.add_people(changed_people(conn, instant, former))
        filling.add_principals()
    manifest = Manifest(
        known_at=instant.isoformat(), last_change=number, digest=_digest(folder), rows=tables.rows
    )
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return Pack(folder=folder, manifest=manifest)


def reduced(pack: Pack, named: pa.Array) -> Pack:
    """Write, into a folder in that of a pack, what of its tables a statement needs that asks about these refs alone."""
    folder = pack.folder / "reduced"
    folder.mkdir()
    people = pq.read_table(pack.table("people"), filters=pc.field("ref").isin(named))
    numbers = pc.unique(people.column("person"))
    tables = {"people": people}
    for name in ("words", "affiliations"):
        tables[name] = pq.read_table(pack.table(name), filters=pc.field("person").isin(numbers))
    for name in ("agreements", "principals"):
        tables[name] = pq.read_table(pack.table(name))
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    rows = {name: table.num_rows for name, table in tables.items()}
    return Pack(folder=folder, manifest=replace(pack.manifest, rows=rows))


def _settled_instant(work: Work, known_at: datetime | None) -> datetime:
    """Return the instant of the knowledge. No change of before it is still under way when this transaction ends."""
    hold(work.conn, Lock.FILES)
    share(work.conn, Lock.REGISTRY)
    now = work.read_clock_again()
    check_knowledge(work, known_at)
    return known_at or now


class Filling:
    """Fills the tables of a pack: with the institutions, then with people, and at last with the principals of these."""

    def __init__(self, tables: Tables, rulebooks: Rulebooks, institutions: Iterable[KnownInstitution]) -> None:
        self._tables, self._people = tables, 0
        self._candidates: dict[str, list[Candidate]] = defaultdict(list)
        self._words_of = partial(
            word_spans, rulebook_on=partial(rulebook_on, rulebooks), law_days=rulebooks.days_of_change()
        )
        self._agreed = Agreed(self._add_institution(each) for each in institutions)

    def _add_institution(self, institution: KnownInstitution) -> tuple[str, list[Days]]:
        days = [_days(*span) for span in united(institution.agreements)]
        if institution.kind == "pharmacy":
            self._tables.add("pharmacies", [(institution.code,)])
        self._tables.add("agreements", [(institution.code, *each) for each in days])
        return institution.code, days

    def add_unchanged(self, some: pa.Table, former: Mapping[str, Sequence[str]]) -> None:
        """Add people as `unchanged_people` gives them; `former` are further names of some."""
        some = some.combine_chunks()
        plain = plain_people(some, self._agreed, exceptions=list(former), first=self._people)
        self._people += plain.many
        for name, rows in plain.tables.items():
            self._tables.add_rows(name, rows.cast(SCHEMAS[name]))
        others = (column.to_pylist() for column in some.filter(plain.others).columns)
        self.add_people(
            KnownPerson(each, (each, *json.loads(codes or "[]"), *former.get(each, ())), decode_profile(stored))
            for each, stored, codes in zip(*others, strict=True)
        )

    def add_people(self, people: Iterable[KnownPerson]) -> None:
        """Add people by their profiles."""
        for number, (practitioner_id, names, profile) in enumerate(people, start=self._people):
            self._people = number + 1
            spans = self._words_of(profile)
            words = [_word_row(span) for span in spans]
            there: dict[str, list[Span]] = defaultdict(list)
            for row in profile.affiliations:
                there[row.institution].append(row.span)
            places = [(code, *_days(*span)) for code in there for span in united(there[code])]
            self._tables.add("people", [(name, number) for name in names])
            self._tables.add("words", [(number, *row) for row in words])
            self._tables.add("affiliations", [(number, *row) for row in places])
            self._tables.add("proofs", list(self._agreed.proofs(names, words, places)))
            if any(registration.category == PRINCIPAL for registration in profile.registrations):
                for code in there:
                    self._candidates[code].append(Candidate(practitioner_id, profile, spans))

    def add_principals(self) -> None:
        """Add whom pharmacies are judged by among the people so far."""
        for code, present in self._candidates.items():
            self._tables.add("principals", [(code, *_word_row(span)) for span in principal_spans(code, present)])


def _word_row(span: WordSpan) -> WordRow:
    start, until, word, resumes_on = span
    return *_days(start, until), word.value, None if resumes_on is None else resumes_on.toordinal() - EPOCH


def _days(start: date, until: date | None) -> Days:
    return start.toordinal() - EPOCH, OPEN if until is None else until.toordinal() - EPOCH


class Tables:
    """The tables of a pack while they are written, some rows of each in memory."""

    def __init__(self, folder: Path) -> None:
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in SCHEMAS}
        self._writers = {
            name: pq.ParquetWriter(folder / f"{name}.parquet", schema) for name, schema in SCHEMAS.items()
        }
        self.rows = dict.fromkeys(SCHEMAS, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        for name, writer in self._writers.items():
            self._write(name)
            writer.close()

    def add(self, name: str, rows: list[tuple[Any, ...]]) -> None:
        """Add rows to a table; days are numbers of days since 1970."""
        waiting = self._waiting[name]
        waiting += rows
        if len(waiting) >= ROWS_AT_ONCE:
            self._write(name)

    def add_rows(self, name: str, rows: pa.Table) -> None:
        """Add rows to a table that are one already."""
        self.rows[name] += len(rows)
        if len(rows):
            self._writers[name].write_table(rows)

    def _write(self, name: str) -> None:
        rows, self._waiting[name] = self._waiting[name], []
        self.rows[name] += len(rows)
        if rows:
            schema = SCHEMAS[name]
            columns = [_array(values, kind) for values, kind in zip(zip(*rows, strict=True), schema.types, strict=True)]
            self._writers[name].write_table(pa.table(columns, schema=schema))


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    """Days go as numbers: Python has no date for the end of an open span."""
    return pa.array(values, pa.int32()).cast(kind) if pa.types.is_date32(kind) else pa.array(values, kind)


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for name in sorted(SCHEMAS):
        with (folder / f"{name}.parquet").open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
