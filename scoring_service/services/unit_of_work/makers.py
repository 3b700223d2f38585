"""Who made whose account, and who is behind a hand while it still signs in by the password that its maker chose.

A maker, transitively, never shares a four-eyes decision with the accounts that they made (contract.md, Roles). And an
account whose password was chosen by its maker counts as the maker's too, until its holder chooses one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from scoring_service.db.tables import accounts
from scoring_service.db.tables.schema import one_of
from scoring_service.services.unit_of_work.staff_numbers import staff_numbers

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from scoring_service.services.unit_of_work.transaction import Work

Hand = tuple[str | None, str | None]  # An account and the staff number that it acted by.


class Sharing(StrEnum):
    """How two sides of a decision are one: not, as one person, as maker and made, or by a password on loan."""

    NONE = "none"
    PERSON = "person"
    MAKER = "maker"
    OWN_PASSWORD = "own password on loan"  # noqa: S105 -- whose password it is, not what it is
    OTHER_PASSWORD = "the other side's password on loan"  # noqa: S105 -- as above


def sharing(work: Work, hands: Iterable[Hand]) -> Sharing:
    """Tell whether the actor is one of those behind `hands`, their maker, or made by them, transitively."""
    hands = list(hands)
    if not hands:
        return Sharing.NONE
    own, theirs = staff_numbers([work.actor.staff_no]), staff_numbers(staff_no for _, staff_no in hands)
    if own & theirs:
        return Sharing.PERSON
    lineage = read_lineage(work.conn, own | theirs)
    if lineage.is_shared(own, theirs):
        return Sharing.MAKER
    lent_own = lineage.lenders([work.actor.account_id])
    lent_theirs = lineage.lenders(account_id for account_id, _ in hands)
    if not lineage.is_shared(own | lent_own, theirs | lent_theirs):
        return Sharing.NONE
    return Sharing.OWN_PASSWORD if lent_own else Sharing.OTHER_PASSWORD


@dataclass(frozen=True, slots=True)
class Lineage:
    """Accounts by id, with all that made them."""

    accounts: Mapping[str, Row[Any]]

    def is_shared(self, some: frozenset[str], other: frozenset[str]) -> bool:
        """Tell whether two groups of people have somebody in common, or a maker of the other among them."""
        return bool((some | self.makers(some)) & other or self.makers(other) & some)

    def makers(self, people: frozenset[str]) -> frozenset[str]:
        """Return the staff numbers of those who made an account of these people, of their makers, and so on."""
        made_by_all: set[str] = set()
        waiting = set(people)
        while waiting:
            person = waiting.pop()
            made_by = {
                self.accounts[row.created_by].staff_no
                for row in self.accounts.values()
                if staff_numbers([row.staff_no]) == {person} and row.created_by is not None
            }
            waiting |= made_by - made_by_all
            made_by_all |= made_by
        return frozenset(made_by_all)

    def lenders(self, account_ids: Iterable[str | None]) -> frozenset[str]:
        """Return the staff numbers of those who chose the present passwords of these accounts, and of theirs."""
        lent_by: set[str] = set()
        seen: set[str] = set()
        waiting = {each for each in account_ids if each is not None}
        while waiting:
            account = self.accounts.get(waiting.pop())
            if account is None or account.password_set_by is None or account.id in seen:
                continue
            seen.add(account.id)
            lent_by.add(self.accounts[account.password_set_by].staff_no)
            waiting.add(account.password_set_by)
        return frozenset(lent_by)


def read_lineage(conn: Connection, people: Iterable[str]) -> Lineage:
    """Return the accounts of these people and of everybody who made them, a generation at a time, each by index."""
    rows = conn.execute(_OF_PEOPLE, {"people": sorted(people)}).all()
    known: dict[str, Row[Any]] = {}
    while rows:
        known |= {row.id: row for row in rows}
        makers = {maker for row in rows for maker in (row.created_by, row.password_set_by)} - {None, *known}
        rows = conn.execute(_OF_MAKERS, {"makers": sorted(makers)}).all() if makers else []
    return Lineage(known)


_COLUMNS = (accounts.c.id, accounts.c.staff_no, accounts.c.created_by, accounts.c.password_set_by)
_maker = accounts.alias("maker")
_OF_PEOPLE = select(*_COLUMNS).where(accounts.c.staff_no == any_(bindparam("people", type_=ARRAY(Text))))
_OF_MAKERS = (
    select(*_COLUMNS)
    .join(_maker, _maker.c.staff_no == accounts.c.staff_no)
    .where(one_of(_maker.c.id, "makers"))
    .distinct()
)
