"""Finding: the words of a person, an institution and a case are written, and looked for in the order of fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import cast, exists, false, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.finding import Fit, best_fit, code_pieces, code_words, name_words, number_words
from scoring_service.db.practitioner_lists import has_id_number
from scoring_service.db.tables import (
    case_words,
    cases,
    institution_words,
    institutions,
    practitioner_words,
    practitioners,
    standing_affiliations,
    standing_codes,
)
from scoring_service.db.tables.finding import lexemes
from scoring_service.spelled import spelled
from scoring_service.written import as_found

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Select, Table

    from scoring_service.core.finding import Probe
    from scoring_service.db.tables.schema import Columns


# Many people share a name, and one person is asked about by it several times at a stretch.
@lru_cache(maxsize=10_000)
def words_of_name(name: str) -> frozenset[str]:
    """Return the words of one name."""
    folded = as_found(name)
    return frozenset(name_words(folded, spelled(folded)))


def words_of_person(present: str, names: Iterable[str], codes: Iterable[str | None]) -> dict[str, str]:
    """Return the words of a person, by column: of the `present` name, and the names and codes that they have or had."""
    words = {word for name in {present, *names} for word in words_of_name(name)}
    words.update(*(code_words(code.lower()) for code in codes if code))
    syllables = _likely_syllables(present)
    initials = "".join(syllable[0] for syllable in syllables)
    return {"words": _kept(words), "sound": "".join(syllables), "initials": initials}


@lru_cache(maxsize=10_000)
def _likely_syllables(name: str) -> tuple[str, ...]:
    return next(iter(spelled(as_found(name))), ())


def words_of_institution(code: str, name: str) -> str:
    """Return the words of an institution."""
    return _kept(words_of_name(name) | number_words(as_found(code)))


def words_of_case(document_no: str) -> str:
    """Return the words of a case."""
    return _kept(number_words(as_found(document_no)))


def _kept(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


def keep_words(conn: Connection, table: Table, rows: Sequence[Columns]) -> None:
    """Write rows of words; what has the same words as before is left alone."""
    statement, keys = upsert(table), table.primary_key.columns
    written = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    differ = or_(*(table.c[name] != excluded for name, excluded in written.items()))
    conn.execute(statement.on_conflict_do_update(index_elements=[*keys], set_=written, where=differ), rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found: its id or code, how well it fits, and by what it is ordered among its equals."""

    key: str
    fit: Fit
    near: bool
    order: str

    @property
    def place(self) -> tuple[int, bool, str, str]:
        """Its place among all hits."""
        return self.fit, not self.near, self.order, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """The division in which people who work there on `day` come first; None: nobody does."""

    region: str | None
    day: date


def find_people(
    conn: Connection, probes: Sequence[Probe], seen: ColumnElement[bool], near: Nearness, *, most: int
) -> list[Hit]:
    """Return at most so many of the people of whom a probe finds a name that they have or had."""
    rows = conn.execute(_people(near, _text_of(probes), seen).limit(most))
    return [Hit(key=row.id, fit=_fit(probes, row.words), near=row.near, order=row.name) for row in rows]


def find_people_begun(
    conn: Connection, probe: Probe, seen: ColumnElement[bool], near: Nearness, *, most: int
) -> list[Hit]:
    """Return the first so many of the people whose present name begins so; quick also where very many do."""
    column = _BEGUN[probe.fit]
    person, words = practitioners.c, practitioner_words
    query = select(person.id, person.name, _works_in(near).label("near"))
    query = query.join_from(words, practitioners, person.id == words.c.practitioner_id)
    query = query.where(column.like(f"{probe.word[2:]}%"), person.merged_into.is_(None), seen)
    rows = conn.execute(query.order_by(column).limit(most))
    return [Hit(key=row.id, fit=probe.fit, near=row.near, order=row.name) for row in rows]


_BEGUN = {
    Fit.NAME_PREFIX: practitioners.c.name_searched,
    Fit.SOUND_PREFIX: practitioner_words.c.sound,
    Fit.INITIALS_PREFIX: practitioner_words.c.initials,
}


def find_people_by_part_of_code(
    conn: Connection, part: str, seen: ColumnElement[bool], near: Nearness, *, most: int
) -> list[Hit]:
    """Return at most so many of the people with a code that holds `part`, in capitals; none for too short a part."""
    pieces = code_pieces(part.lower())
    if not pieces:
        return []
    held = standing_codes.c
    holds = exists().where(held.practitioner_id == practitioners.c.id, held.code.like(f"%{part}%"))
    wanted = " | ".join(" & ".join(map(_quoted, each)) for each in pieces)
    rows = conn.execute(_people(near, wanted, seen, holds).limit(most))
    return [Hit(key=row.id, fit=Fit.PART, near=row.near, order=row.name) for row in rows]


def _people(near: Nearness, wanted: str, *conditions: ColumnElement[bool]) -> Select[Any]:
    person, words = practitioners.c, practitioner_words
    query = select(person.id, person.name, words.c.words, _works_in(near).label("near"))
    query = query.join_from(words, practitioners, person.id == words.c.practitioner_id)
    return query.where(_matches(words, wanted), person.merged_into.is_(None), *conditions)


def find_people_by_code(
    conn: Connection, start: str, seen: ColumnElement[bool], near: Nearness, *, most: int
) -> list[Hit]:
    """Return at most so many of the people who have or had a code that is, or begins with, `start`, in capitals.

    Of a code without its letters too.
    """
    person, held = practitioners.c, standing_codes.c
    query = select(person.id, person.name, held.code, _works_in(near).label("near"))
    query = query.join_from(standing_codes, practitioners, person.id == held.practitioner_id)
    begins = or_(*(held.code.like(f"{letters}{start}%") for letters in (_LETTERS if start.isdigit() else ("",))))
    rows = conn.execute(query.where(begins, seen).limit(most))
    return [
        Hit(key=row.id, fit=Fit.CODE if row.code == start else Fit.CODE_PREFIX, near=row.near, order=row.name)
        for row in rows
    ]


# The letters with which a national code of a person begins (scheme.md 1).
_LETTERS = ("D", "N", "HY", "HJ")


def find_people_by_number(conn: Connection, digests: Collection[bytes], seen: ColumnElement[bool]) -> list[Hit]:
    """Return the people with an identity number, by the keyed hashes of its forms."""
    query = select(practitioners.c.id, practitioners.c.name).where(has_id_number(digests), seen)
    return [Hit(key=row.id, fit=Fit.CODE, near=False, order=row.name) for row in conn.execute(query)]


def find_institutions(
    conn: Connection, probes: Sequence[Probe], seen: ColumnElement[bool], *, most: int
) -> list[Hit]:
    """Return at most so many of the institutions of which a probe finds the code or the name."""
    place, words = institutions.c, institution_words
    query = select(place.code, place.name, words.c.words).join(words, words.c.institution_code == place.code)
    rows = conn.execute(query.where(_matches(words, _text_of(probes)), seen).limit(most))
    return [Hit(key=row.code, fit=_fit(probes, row.words), near=False, order=row.name) for row in rows]


def find_cases(conn: Connection, probes: Sequence[Probe], seen: ColumnElement[bool], *, most: int) -> list[Hit]:
    """Return at most so many of the cases of which a probe finds the document number."""
    words = case_words
    query = select(cases.c.id, cases.c.document_no, words.c.words).join(words, words.c.case_id == cases.c.id)
    rows = conn.execute(query.where(_matches(words, _text_of(probes)), seen).limit(most))
    return [Hit(key=row.id, fit=_fit(probes, row.words), near=False, order=row.document_no) for row in rows]


def _fit(probes: Sequence[Probe], words: str) -> Fit:
    fit = probes[0].fit if len(probes) == 1 else best_fit(probes, words.split(" "))
    return fit or Fit.PART


def _works_in(near: Nearness) -> ColumnElement[bool]:
    if near.region is None:
        return false()
    spans, places = standing_affiliations.c, institutions.c
    return exists().where(
        spans.practitioner_id == practitioners.c.id,
        spans.from_on <= near.day,
        or_(spans.until_on.is_(None), spans.until_on > near.day),
        places.code == spans.institution_code,
        places.region.startswith(near.region, autoescape=True),
    )


def _matches(table: Table, wanted: str) -> ColumnElement[bool]:
    """Return the condition that the words of a row are those wanted."""
    return lexemes(table.c.words).bool_op("@@")(cast(wanted, TSQUERY))


def _text_of(probes: Sequence[Probe]) -> str:
    return " | ".join(f"{_quoted(probe.word)}{'' if probe.whole else ':*'}" for probe in probes)


def _quoted(word: str) -> str:
    """Return a word as a query of text search takes it; of signs only those of `core.finding` stand in one."""
    return f"'{word}'"
