"""The report of a year: its statistics, and whose sanctions began in it, as far as the reader may know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.period import Period
from scoring_service.db.statistics import SanctionOfPerson, Scope, sanctions_page
from scoring_service.services.record.exports import PAGE_ROWS
from scoring_service.services.unit_of_work import sight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.statistics import Statistics

__all__ = ["SanctionOfPerson", "sanctions_of"]

LOOKED_AT = "list"


def sanctions_of(work: Work, counts: Statistics) -> Iterator[SanctionOfPerson]:
    """Return the sanctions that begin in the year of `counts`, as they are known now; each is a look at the person.

    They are those that the figures count, of whoever the actor may know of: the regulator of its region, too.
    """
    period = Period.of_year(counts.year)
    scope = Scope(first=period.first, until=period.until, region=counts.region)
    after = None
    while True:
        rows = sanctions_page(work.conn, scope, after=after, limit=PAGE_ROWS)
        known = sight.known_among(work, {row.practitioner_id for row in rows})
        for row in rows:
            if row.practitioner_id in known:
                work.look(row.practitioner_id, LOOKED_AT)
                yield row
        work.write_looks()
        if len(rows) < PAGE_ROWS:
            return
        after = rows[-1].practitioner_id, rows[-1].position
