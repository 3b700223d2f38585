"""What waits for an institution today: letters to acknowledge, talks to hold, appeals to countersign, its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring_service.db import practitioner_lists
from scoring_service.db.appeals import FILED
from scoring_service.db.tables import appeals, notices, practitioners
from scoring_service.services.appeals import reading
from scoring_service.services.appeals.parties import is_other_party
from scoring_service.services.notices import issuing
from scoring_service.services.notices import talks as reminder_talks
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.listing import Listing, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

    from scoring_service.services.unit_of_work.transaction import Work

SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionToday:
    """Each list is the beginning of what there is, `SHOWN` rows at most, the oldest first; the counts are whole.

    `coming`, `suspended` and `terminated` count people who are registered there today.
    """

    letters: Sequence[Row[Any]]
    letter_count: int
    talks: Sequence[Row[Any]]
    talk_count: int
    appeals: Sequence[Row[Any]]
    coming: int
    suspended: int
    terminated: int


def today_at(work: Work, code: str) -> InstitutionToday:
    """Return what waits for the institution of the actor."""
    letters = issuing.listing(work, institution=code, unacknowledged=True)
    due = reminder_talks.listing(work, institution=code, held=False)
    waiting = work.conn.execute(_to_countersign(work)).all()
    for row in waiting:
        work.look(row.practitioner_id, "today")
    return InstitutionToday(
        letters=_oldest(work, letters),
        letter_count=count(work, letters),
        talks=_oldest(work, due),
        talk_count=count(work, due),
        appeals=waiting,
        coming=_people(work, code, practitioner_lists.has_coming_sanction(work.today)),
        suspended=_people(work, code, practitioner_lists.has_status("suspended", work.today)),
        terminated=_people(work, code, practitioner_lists.has_status("terminated", work.today)),
    )


def _oldest(work: Work, listing: Listing[Any]) -> Sequence[Row[Any]]:
    return work.conn.execute(listing.query.order_by(notices.c.created_at, notices.c.id).limit(SHOWN)).all()


def _to_countersign(work: Work) -> Select[Any]:
    """Return the query of the appeals by people of the institution that wait for its signature, by last day."""
    own = (appeals.c.id, appeals.c.practitioner_id, appeals.c.entry_id, appeals.c.against)
    columns = (*own, appeals.c.countersign_until, practitioners.c.name)
    return (
        reading.listing(work, state=FILED)
        .query.with_only_columns(*columns)
        .join(practitioners, practitioners.c.id == appeals.c.practitioner_id)
        .where(is_other_party(work), appeals.c.refused_at.is_(None))
        .order_by(appeals.c.countersign_until, appeals.c.id)
        .limit(SHOWN)
    )


def _people(work: Work, code: str, condition: ColumnElement[bool]) -> int:
    conditions = [sight.practitioner_filter(work), practitioner_lists.at_institution(code, work.today), condition]
    return practitioner_lists.count(work.conn, conditions)
