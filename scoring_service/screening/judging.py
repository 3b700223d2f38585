"""Claim lines joined with the rule pack: one portable statement, on DuckDB (scheme.md 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.screening.agreed import LENGTH_OF_ID
from scoring_service.screening.proven import others, proofs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_service.screening.pack import Pack

# `lines`: `line`, `person` (as `written.as_ref` reads it; NULL: nobody is named), `institution` (as `as_code` does;
# NULL: none is asked about), `pharmacy` (the institution where nobody is named), `day` in Shanghai, `emergency`. Every
# join finds at most one row, because spans of one key are disjoint; the reasons stand in the order of `reason_for`.
JUDGEMENT = """
SELECT l.line,
    CASE
        WHEN l.pharmacy IS NULL AND p.person IS NULL THEN 'unknown_practitioner'
        WHEN w.word IS NULL AND o.word IS NULL THEN 'not_registered'
        WHEN coalesce(w.word, o.word) = 'no_commitment' THEN 'no_commitment'
        WHEN l.institution IS NOT NULL AND g.institution IS NULL THEN 'institution_not_contracted'
        WHEN l.institution IS NOT NULL AND l.pharmacy IS NULL AND f.institution IS NULL THEN 'not_affiliated'
        WHEN coalesce(w.word, o.word) = 'eligible' THEN 'eligible'
        WHEN l.emergency AND coalesce(w.word, o.word) <> 'terminated' THEN 'emergency_exception'
        WHEN coalesce(w.word, o.word) = 'suspended' THEN 'suspended'
        ELSE 'terminated'
    END AS reason,
    coalesce(w.resumes_on, o.resumes_on) AS until
FROM lines l
    LEFT JOIN people p ON p.ref = l.person
    LEFT JOIN words w ON w.person = p.person AND w.start <= l.day AND l.day < w.until
    LEFT JOIN principals o ON o.institution = l.pharmacy AND o.start <= l.day AND l.day < o.until
    LEFT JOIN affiliations f ON f.person = p.person AND f.institution = l.institution
        AND f.start <= l.day AND l.day < f.until
    LEFT JOIN agreements g ON g.institution = l.institution AND g.start <= l.day AND l.day < g.until
"""
# The tables that the statement names.
JUDGED_BY = ("people", "words", "affiliations", "agreements", "principals")
# Of a pack of some four million people; the tables of a larger one are compressed, which takes time.
MOST_ROWS_AS_THEY_ARE = 20_000_000
# Looked for among those of whom there are several rows, which are few.
_OVERLAPPING = """
    SELECT count(*) FROM (
        SELECT start, lag(until) OVER (PARTITION BY {key} ORDER BY start) AS before
        FROM {table} SEMI JOIN (SELECT {whose} FROM {table} GROUP BY {whose} HAVING count(*) > 1) USING ({whose})
    ) WHERE start < before
"""
_KEYS = {
    "words": "person",
    "affiliations": "person, institution",
    "agreements": "institution",
    "principals": "institution",
}
# An id that stands twice would show where it is asked about: there are no proofs by id.
_HASHES = "SELECT hash(ref) AS hash FROM coded"
_TWICE = "SELECT count(*) - count(DISTINCT ref) FROM coded"


class Judges:
    """An engine in memory that has read a pack. Each statement goes over all of it, so some parts are told together."""

    at_once, together = 2, 4

    def __init__(self, pack: Pack, *, memory: str = "600MB", threads: int | None = None) -> None:
        # Sorting them takes memory for a while, so they come before the tables.
        self._proofs = proofs_of(pack)
        # What does not fit into memory goes beside the pack, which is cleared away with it.
        spilled = str(pack.folder / "spilled")
        self._engine = duckdb.connect(":memory:", config={"memory_limit": memory, "temp_directory": spilled})
        if threads:
            self._engine.execute(f"SET threads = {threads:d}")
        self._engine.execute("ATTACH ':memory:' AS pack (COMPRESS)")
        self._engine.execute("USE pack")
        is_large = sum(pack.manifest.rows.values()) > MOST_ROWS_AS_THEY_ARE
        for name in JUDGED_BY:
            self._take_in(name, f"read_parquet('{str(pack.table(name)).replace(chr(39), 2 * chr(39))}')")
            if is_large:
                # What has come so far is compressed, to a tenth, before the next table comes.
                self._engine.execute("CHECKPOINT pack")
        self._check()
        self.pharmacies = pack.pharmacies()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._engine.close()

    def _take_in(self, name: str, read: str) -> None:
        if name == "people":
            self._engine.execute(f"CREATE TABLE coded AS FROM {read} WHERE length(ref) < {LENGTH_OF_ID}")
            self._engine.execute(f"CREATE VIEW named AS FROM {read}")
        else:
            self._engine.execute(f"CREATE TABLE {name} AS FROM {read}")

    def _check(self) -> None:
        """Raise ValueError where a line could find two rows: it would be told twice."""
        doubled = [name for name, key in _KEYS.items() if self._overlaps(name, key)]
        hashes = np.sort(self._engine.sql(_HASHES).fetchnumpy()["hash"])
        if (hashes[1:] == hashes[:-1]).any() and self._count(_TWICE):
            doubled.append("people")
        if doubled:
            raise ValueError(f"{', '.join(doubled)}: 规则包的期间重叠 / spans of the rule pack overlap")

    def _overlaps(self, table: str, key: str) -> int:
        return self._count(_OVERLAPPING.format(table=table, key=key, whose=key.partition(",")[0]))

    def _count(self, query: str) -> int:
        [(number,)] = self._engine.execute(query).fetchall()
        return int(number)

    def unproven(self, lines: pa.Table) -> NDArray[np.intp]:
        """Return the places of the lines that the statement must tell of."""
        return others([self._proofs], lines)

    def judge(self, lines: pa.Table) -> pa.Table:
        """Return `line`, `reason`, `until` of each line by the statement, in the order of their numbers."""
        # A connection of its own, as lines are judged by several threads.
        with self._engine.cursor() as engine:
            engine.execute("USE pack")
            engine.register("lines", lines)
            # Ids are many and long, and seldom asked about: they stay in their file.
            has_id = pc.any(pc.greater_equal(pc.utf8_length(lines.column("person")), LENGTH_OF_ID)).as_py()
            engine.execute(f"CREATE TEMP VIEW people AS FROM {'named' if has_id else 'coded'}")
            return engine.sql(f"{JUDGEMENT} ORDER BY l.line").to_arrow_table()

