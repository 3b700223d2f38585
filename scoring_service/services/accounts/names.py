"""The real names behind usernames: what people are called, shown beside what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.tables import accounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring_service.services.unit_of_work.transaction import Work


def real_names(work: Work, usernames: Iterable[str]) -> dict[str, str]:
    """Return the names of those of the accounts that have one, by username; to an institution those of its own.

    Institutions and persons read the usernames of the office's hands, never their names (contract.md, Roles).
    """
    wanted, own = set(usernames), work.actor.institution_code
    if not wanted or not (work.actor.is_office or own):
        return {}
    query = select(accounts.c.username, accounts.c.real_name).where(
        accounts.c.username.in_(wanted), accounts.c.real_name.is_not(None)
    )
    if not work.actor.is_office:
        query = query.where(accounts.c.institution_code == own)
    return {row.username: row.real_name for row in work.conn.execute(query)}
