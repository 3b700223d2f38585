"""What is kept under the identity key, and how it is sealed anew under the next one, some rows at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, bindparam, func, literal, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from scoring_service.db.tables import (
    attachments,
    bundle_pieces,
    idempotency_keys,
    import_chunks,
    import_faults,
    import_pieces,
    kept_forms,
    persons,
    practitioners,
    registration_requests,
    registry_corrections,
    reminders,
    screening_pieces,
    searches,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, Connection, Engine, RowMapping, Table

    from scoring_service.identity import IdentityNumbers

NUMBERS_AT_ONCE = 500
FILES_AT_ONCE = 16
_ENCRYPTED, _DIGEST = "id_number_encrypted", "id_number_digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A column of sealed bytes: identity numbers, beside their keyed hash, or files and texts that may hold some."""

    table: Table
    column: str
    held: ColumnElement[bool] | None = None

    @property
    def is_number(self) -> bool:
        """Whether the column holds identity numbers."""
        return self.column == _ENCRYPTED

    @property
    def rows(self) -> ColumnElement[bool]:
        """The rows that have something sealed."""
        something = self.table.c[self.column].is_not(None)
        return something if self.held is None else self.held & something


SEALED = (
    Sealed(table=practitioners, column=_ENCRYPTED),
    Sealed(table=persons, column=_ENCRYPTED),
    Sealed(table=registration_requests, column=_ENCRYPTED),
    Sealed(table=registry_corrections, column=_ENCRYPTED),
    Sealed(table=attachments, column="content", held=attachments.c.sealed),
    Sealed(table=import_pieces, column="sealed"),
    Sealed(table=import_chunks, column="sealed"),
    Sealed(table=import_faults, column="sealed"),
    Sealed(table=screening_pieces, column="sealed"),
    Sealed(table=bundle_pieces, column="sealed"),
    Sealed(table=kept_forms, column="sealed"),
    Sealed(table=searches, column="sealed"),
    Sealed(table=reminders, column="sealed"),
    # An answer of before they were encrypted lies open.
    Sealed(table=idempotency_keys, column="body", held=idempotency_keys.c.headers.contains('"sealed"')),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealing:
    """What one pass over everything has done.

    `changed`: rows sealed anew. `unread`: rows by table that no key reads. `doubled`: rows by table whose number is on
    record twice under two keys, which a person must settle; they stay under the key before.
    """

    changed: int
    unread: Mapping[str, int]
    doubled: Mapping[str, int]


def count_sealed(conn: Connection) -> int:
    """Return how many rows a pass looks at."""
    counts = [select(func.count()).select_from(each.table).where(each.rows) for each in SEALED]
    return sum(conn.execute(count).scalar_one() for count in counts)


def reseal(
    engine: Engine, present: IdentityNumbers, previous: IdentityNumbers, tell: Callable[[int], None]
) -> Resealing:
    """Seal everything anew that the present key does not read, as the tables' owner; `tell` hears rows looked at.

    Each chunk is a transaction of its own, and a row that changes meanwhile is left to the next pass: a pass that is
    cut short loses nothing, and one more does what is left.
    """
    changed, unread, doubled = 0, Counter[str](), Counter[str]()
    for sealed in SEALED:
        table = sealed.table.name
        for chunk in _chunks(engine, sealed):
            news = []
            for row in chunk:
                try:
                    if (columns := _sealed_anew(sealed, row, present, previous)) is not None:
                        news.append(columns)
                except InvalidTag:
                    unread[table] += 1
            written = _write(engine, sealed, news)
            changed += written
            doubled[table] += len(news) - written
            tell(len(chunk))
    return Resealing(changed=changed, unread=dict(unread), doubled={table: n for table, n in doubled.items() if n})


def _chunks(engine: Engine, sealed: Sealed) -> Iterator[Sequence[RowMapping]]:
    key: list[Column[Any]] = list(sealed.table.primary_key.columns)
    hashed = [sealed.table.c[_DIGEST]] if _DIGEST in sealed.table.c and sealed.is_number else []
    query = select(*key, sealed.table.c[sealed.column].label("content"), *hashed).where(sealed.rows)
    query = query.order_by(*key).limit(NUMBERS_AT_ONCE if sealed.is_number else FILES_AT_ONCE)
    after: RowMapping | None = None
    while True:
        further = query
        if after is not None:
            last = tuple_(*(literal(after[column], column.type) for column in key))
            further = query.where(tuple_(*key) > last)
        with engine.connect() as conn:
            rows = conn.execute(further).mappings().all()
        if not rows:
            return
        yield rows
        after = rows[-1]


def _sealed_anew(
    sealed: Sealed, row: RowMapping, present: IdentityNumbers, previous: IdentityNumbers
) -> dict[str, Any] | None:
    """Return the row's key and its new columns, None where it is the present key's. Raises InvalidTag."""
    content = bytes(row["content"])
    if sealed.is_number:
        columns = _number_anew(row, content, present, previous)
    elif _reads(present.unseal_bytes, content):
        columns = {}
    else:
        columns = {sealed.column: present.seal_bytes(previous.unseal_bytes(content))}
    if not columns:
        return None
    key = {f"key_{column.name}": row[column] for column in sealed.table.primary_key.columns}
    return columns | key | {"was": content}


def _number_anew(
    row: RowMapping, content: bytes, present: IdentityNumbers, previous: IdentityNumbers
) -> dict[str, Any]:
    is_present = _reads(present.decrypt, content)
    number = (present if is_present else previous).decrypt(content)
    columns = {_ENCRYPTED: content if is_present else present.encrypt(number)}
    if _DIGEST not in row:
        return {} if is_present else columns
    digest = present.digest(number)
    return {} if is_present and digest == row[_DIGEST] else columns | {_DIGEST: digest}


def _reads(read: Callable[[bytes], Any], content: bytes) -> bool:
    try:
        read(content)
    except InvalidTag:
        return False
    return True


def _write(engine: Engine, sealed: Sealed, news: list[dict[str, Any]]) -> int:
    """Write the rows that are as they were read; return how many are no double."""
    if not news:
        return 0
    try:
        with engine.begin() as conn:
            conn.execute(_update(sealed), news)
    except IntegrityError:
        return _write_singly(engine, sealed, news)
    return len(news)


def _write_singly(engine: Engine, sealed: Sealed, news: list[dict[str, Any]]) -> int:
    doubled = 0
    with engine.begin() as conn:
        for columns in news:
            try:
                with conn.begin_nested():
                    conn.execute(_update(sealed), columns)
            except IntegrityError:
                doubled += 1
    return len(news) - doubled


def _update(sealed: Sealed) -> Any:
    table = sealed.table
    own = [column == bindparam(f"key_{column.name}") for column in table.primary_key.columns]
    named = [sealed.column, *([_DIGEST] if sealed.is_number and _DIGEST in table.c else [])]
    return (
        update(table)
        .where(*own, table.c[sealed.column] == bindparam("was"))
        .values({name: bindparam(name) for name in named})
    )
