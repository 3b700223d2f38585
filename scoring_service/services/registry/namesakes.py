"""People of the same name at one institution: perhaps one person with two files."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from scoring_service.db.tables import practitioners, standing_affiliations
from scoring_service.services.registry.records import NamesakeWarning
from scoring_service.services.unit_of_work.sight import practitioner_filter

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work


def namesakes(work: Work, practitioner_id: str) -> tuple[NamesakeWarning, ...]:
    """Return a warning for each institution of the person, now or later, where another has the same name.

    Told are those whom the actor may know of; blanks, middle dots, width and case make no other name.
    """
    mine, theirs, person = standing_affiliations.alias(), standing_affiliations.alias(), practitioners.alias()
    rows = work.conn.execute(
        select(theirs.c.institution_code, practitioners.c.id)
        .select_from(person)
        .join(mine, mine.c.practitioner_id == person.c.id)
        .join(theirs, theirs.c.institution_code == mine.c.institution_code)
        .join(practitioners, practitioners.c.id == theirs.c.practitioner_id)
        .where(
            person.c.id == practitioner_id,
            practitioners.c.id != practitioner_id,
            practitioners.c.name_searched == person.c.name_searched,
            *(or_(each.c.until_on.is_(None), each.c.until_on > work.today) for each in (mine, theirs)),
            practitioner_filter(work),
        )
        .distinct()
        .order_by(theirs.c.institution_code, practitioners.c.id)
    )
    return tuple(
        NamesakeWarning(institution=institution, practitioners=tuple(row.id for row in same))
        for institution, same in groupby(rows, key=lambda row: row.institution_code)
    )
