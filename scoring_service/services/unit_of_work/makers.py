"""Who made whose account, and who is behind a hand while it still signs in by the password that its maker chose.

A maker, transitively, never shares a four-eyes decision with the accounts that they made (contract.md, Roles). And an
account whose password was chosen by its maker counts as the maker's too, until its holder chooses one. Whoever was told
a one-time password could have chosen that one in the holder's place: the two share nothing for as long as a holder who
was locked out by it may need to notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from scoring_service.core.procedure import AccountState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import accounts
from scoring_service.db.tables.schema import one_of
from scoring_service.services.unit_of_work.staff_numbers import staff_numbers

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from scoring_service.services.unit_of_work.transaction import Work

Hand = tuple[str | None, str | None]  # An account and the staff number that it acted by.
NOTICED_WITHIN = timedelta(days=14)
REQUESTED = AccountState.REQUESTED  # Nobody acts by it, so it makes nobody's maker.


class Sharing(StrEnum):
    """How two sides of a decision are one: not, as one person, as maker and made, or by a password lent or given."""

    NONE = "none"
    PERSON = "person"
    MAKER = "maker"
    OWN_PASSWORD = "own password on loan"  # noqa: S105 -- whose password it is, not what it is
    GIVEN_PASSWORD = "a password that one gave the other of late"  # noqa: S105 -- as above
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
    own_accounts, their_accounts = [work.actor.account_id], [account_id for account_id, _ in hands]
    lent_own, lent_theirs = lineage.lenders(own_accounts), lineage.lenders(their_accounts)
    if lineage.is_shared(own | lent_own, theirs | lent_theirs):
        return Sharing.OWN_PASSWORD if lent_own else Sharing.OTHER_PASSWORD
    is_given = lineage.givers(own_accounts) & theirs or lineage.givers(their_accounts) & own
    return Sharing.GIVEN_PASSWORD if is_given else Sharing.NONE


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
                if staff_numbers([row.staff_no]) == {person} and row.created_by is not None and row.state != REQUESTED
            }
            waiting |= made_by - made_by_all
            made_by_all |= made_by
        return frozenset(made_by_all)

    def lenders(self, account_ids: Iterable[str | None]) -> frozenset[str]:
        """Return the staff numbers of those who chose the present passwords of these accounts, and of theirs."""
        return self._behind(account_ids, lambda account: account.password_set_by)

    def givers(self, account_ids: Iterable[str | None]) -> frozenset[str]:
        """Return the staff numbers of those who were told one-time passwords of these accounts of late, and so on."""
        return self._behind(account_ids, lambda account: account.password_given_to if account.given_of_late else None)

    def _behind(
        self, account_ids: Iterable[str | None], before: Callable[[Row[Any]], str | None]
    ) -> frozenset[str]:
        """Return the staff numbers of the accounts that `before` leads to, again and again."""
        people: set[str] = set()
        seen: set[str] = set()
        waiting = {each for each in account_ids if each is not None}
        while waiting:
            account = self.accounts.get(waiting.pop())
            further = None if account is None or account.id in seen else before(account)
            if account is None or further is None:
                continue
            seen.add(account.id)
            people.add(self.accounts[further].staff_no)
            waiting.add(further)
        return frozenset(people)


def read_lineage(conn: Connection, people: Iterable[str]) -> Lineage:
    """Return the accounts of these people and of everybody who made them, a generation at a time, each by index."""
    rows = conn.execute(_OF_PEOPLE, {"people": sorted(people)}).all()
    known: dict[str, Row[Any]] = {}
    while rows:
        known |= {row.id: row for row in rows}
        makers = {maker for row in rows for maker in _others(row) if maker is not None} - known.keys()
        rows = conn.execute(_OF_MAKERS, {"makers": sorted(makers)}).all() if makers else []
    return Lineage(known)



def _others(row: Any) -> tuple[str | None, ...]:
    return row.created_by, row.password_set_by, row.password_given_to


_COLUMNS = (
    *(accounts.c.id, accounts.c.staff_no, accounts.c.created_by, accounts.c.password_set_by),
    *(accounts.c.password_given_to, accounts.c.state),
    (accounts.c.password_given_at > SERVERS_CLOCK - NOTICED_WITHIN).label("given_of_late"),
)
_maker = accounts.alias("maker")
_OF_PEOPLE = select(*_COLUMNS).where(accounts.c.staff_no == any_(bindparam("people", type_=ARRAY(Text))))
_OF_MAKERS = (
    select(*_COLUMNS)
    .join(_maker, _maker.c.staff_no == accounts.c.staff_no)
    .where(one_of(_maker.c.id, "makers"))
    .distinct()
)
