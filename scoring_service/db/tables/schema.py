"""The metadata, the naming of constraints and the column types that every table shares."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    MetaData,
    Text,
    TypeDecorator,
    Uuid,
    any_,
    bindparam,
)

from scoring_service.core.civil import CIVIL_ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Dialect

# What a statement writes, by column.
Columns: TypeAlias = dict[str, object]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class AwareDateTime(TypeDecorator[datetime]):
    """An instant with its offset; a naive datetime is refused, an answer is told in Shanghai time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a datetime without an offset."""
        if value is not None and value.tzinfo is None:
            message = "a naive datetime cannot be stored"
            raise ValueError(message)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant in Shanghai time."""
        return None if value is None else value.astimezone(CIVIL_ZONE)


def one_of(column: Column[str], name: str) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the values given as `name` when the statement is executed.

    One statement serves any number of values, and is made once.
    """
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def words_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return the constraint, named like the column, that `column` holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def identifier(name: str = "id", *args: Any, **kwargs: Any) -> Column[str]:
    """Return a UUID column whose values are strings."""
    return Column(name, Uuid(as_uuid=False), *args, **kwargs)


def recorded_columns() -> list[Column[Any]]:
    """Return the columns that tell who recorded a row, with which staff number, and when."""
    return [
        identifier("recorded_by_account", ForeignKey("accounts.id")),
        Column("recorded_by", Text, nullable=False),
        Column("recorded_staff_no", Text, nullable=False),
        Column("recorded_at", AwareDateTime, nullable=False),
    ]


def decided_columns() -> list[Column[Any]]:
    """Return the columns that tell who decided on what a row proposes; empty until someone has."""
    return [
        identifier("decided_by_account", ForeignKey("accounts.id")),
        Column("decided_by", Text),
        Column("decided_staff_no", Text),
        Column("decided_at", AwareDateTime),
    ]
