"""Who is the same person: a staff number in its normal form, whatever the account (contract.md, Roles).

The only place where staff numbers are compared. What is stored since the normal form was introduced has it; the
record of before cannot be changed, so both sides of a comparison are brought into it.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scoring_service.db.tables import accounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column, ColumnElement, Connection


def staff_number(written: str | None) -> str:
    """Return a staff number in its normal form: NFKC, upper case, no spaces; empty for none."""
    return "".join(unicodedata.normalize("NFKC", written or "").upper().split())


def staff_numbers(written: Iterable[str | None]) -> frozenset[str]:
    """Return the normal forms of staff numbers, those who have none left out."""
    return frozenset(map(staff_number, written)) - {""}


def same_person(some: str | None, other: str | None) -> bool:
    """Tell whether two staff numbers are one person's; who has none is the same as nobody."""
    return bool(staff_numbers([some]) & staff_numbers([other]))


def recorded_for(column: Column[str], wanted: str) -> ColumnElement[bool]:
    """Return the condition that a row of the record is of this person; older rows have lower case in them."""
    return func.upper(column) == staff_number(wanted)


def is_of_person(written: str) -> ColumnElement[bool]:
    """Return the condition on `accounts` that they are of this person."""
    return accounts.c.staff_no == staff_number(written)


def bound_people(conn: Connection, written: str) -> set[str]:
    """Return the practitioners that the accounts of a person are bound to, closed ones too."""
    query = select(accounts.c.practitioner_id).where(is_of_person(written), accounts.c.practitioner_id.is_not(None))
    return set(conn.execute(query).scalars())
