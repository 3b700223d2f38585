"""People about whom a pack has the same few rows: their stored profiles are read a column at a time, by their form.

One registration, not as the principal of a pharmacy, one affiliation, nothing else: by core/screening.py such a person
is `eligible` on the days of the registration. Everybody else goes through the core one by one.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.core.registry import PRINCIPAL
from scoring_service.core.screening import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.screening.agreed import Agreed

EPOCH = date(1970, 1, 1).toordinal()
# 10000-01-01, the day after the last that Python knows, in days since 1970.
OPEN = date.max.toordinal() + 1 - EPOCH
_DAY = r"\d{4}-\d{2}-\d{2}"
# The commas and what may stand behind them.
_AND = ", ?"


def _span_form(name: str) -> str:
    return rf'\["(?P<{name}_start>{_DAY})"{_AND}(?:null|"(?P<{name}_until>{_DAY})")\]'


_PROFILE = (
    rf'^\[\[\["(?P<category>[a-z_]+)"{_AND}{_span_form("registered")}\]\]{_AND}'
    rf'\[\["(?P<institution>[^"\\]+)"{_AND}"[^"\\]*"{_AND}{_span_form("there")}\]\]{_AND}\[\]{_AND}\[\]\]$'
)
_CODES = r'^\["(?P<code>[^"\\]+)"\]$'


class PlainPeople(NamedTuple):
    """The rows about some people, how many these are, and a mask of those who are not among them."""

    tables: dict[str, pa.Table]
    many: int
    others: pa.Array


def plain_people(some: pa.Table, agreed: Agreed, *, exceptions: Sequence[str], first: int) -> PlainPeople:
    """Return the rows of people with a plain profile (`unchanged_people`), numbered from `first`.

    People whose id is among the `exceptions` are left to the others, as are those with several codes or none.
    """
    ids, stored, codes = (some.column(name).combine_chunks() for name in ("id", "profile", "codes"))
    read = pc.extract_regex(stored, _PROFILE)
    named = pc.extract_regex(codes, _CODES)
    is_plain = pc.and_(pc.is_valid(read), pc.is_valid(named))
    is_plain = pc.and_(is_plain, pc.not_equal(pc.struct_field(read, "category"), PRINCIPAL))
    is_plain = pc.fill_null(is_plain, fill_value=False)
    if exceptions:
        is_plain = pc.and_not(is_plain, pc.is_in(ids, pa.array(exceptions, pa.string())))
    ids, read, named = (each.filter(is_plain) for each in (ids, read, named))
    number = pa.arange(first, first + len(ids)).cast(pa.int32())
    registered, there = (_span(read, name) for name in ("registered", "there"))
    nothing = pa.nulls(len(ids), pa.date32())
    word = pa.repeat(pa.scalar(Word.ELIGIBLE.value), len(ids))
    code, institution = pc.struct_field(named, "code"), pc.struct_field(read, "institution")
    people = {"ref": pa.concat_arrays([ids, code]), "person": pa.concat_arrays([number] * 2)}
    words = {"person": number, **registered, "word": word, "resumes_on": nothing}
    affiliations = {"person": number, "institution": institution, **there}
    tables = {"people": pa.table(people), "words": _of_some_days(words), "affiliations": _of_some_days(affiliations)}
    tables["proofs"] = pa.concat_tables(map(pa.table, agreed.proofs_of_many(code, institution, (registered, there))))
    return PlainPeople(tables, len(ids), pc.invert(is_plain))


def _span(read: pa.StructArray, name: str) -> dict[str, pa.Array]:
    start, until = (pc.struct_field(read, f"{name}_{end}") for end in ("start", "until"))
    # Of a part that was not there the expression tells an empty text.
    until = pc.if_else(pc.equal(until, ""), None, until).cast(pa.date32())
    return {"start": start.cast(pa.date32()), "until": pc.fill_null(until.view(pa.int32()), OPEN).view(pa.date32())}


def _of_some_days(rows: dict[str, pa.Array]) -> pa.Table:
    table = pa.table(rows)
    return table.filter(pc.not_equal(table.column("start"), table.column("until")))
