"""The words by which people, institutions and cases are found (core.finding), and what was looked for.

Words stand with blanks between them; an index on them as lexemes of text search answers which words begin so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, func, literal_column

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def lexemes(words: ColumnElement[str]) -> ColumnElement[Any]:
    """Return a column of words as what text search looks into: the expression that is indexed."""
    return func.array_to_tsvector(func.string_to_array(words, literal_column("' '")))


def _words(name: str, key: Column[str], *more: Column[str]) -> Table:
    table = Table(name, metadata, key, Column("words", Text, nullable=False), *more)
    Index(f"ix_{name}_words", lexemes(table.c.words), postgresql_using="gin")
    return table


# Sound and initials of the present name once more: of what very many begin with, the first are read in their order,
# which is that of an index whose letters are compared as such.
practitioner_words = _words(
    "practitioner_words",
    identifier("practitioner_id", ForeignKey("practitioners.id"), primary_key=True),
    Column("sound", Text(collation="C"), nullable=False),
    Column("initials", Text(collation="C"), nullable=False),
)
for _name in ("sound", "initials"):
    Index(f"ix_practitioner_words_{_name}", practitioner_words.c[_name])
institution_words = _words(
    "institution_words", Column("institution_code", Text, ForeignKey("institutions.code"), primary_key=True)
)
case_words = _words("case_words", identifier("case_id", ForeignKey("cases.id"), primary_key=True))

# What was typed is sealed: an address leads back to the answer and holds none of it.
searches = Table(
    "searches",
    metadata,
    Column("id", Text, primary_key=True),
    identifier("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", AwareDateTime, nullable=False, index=True),
)
