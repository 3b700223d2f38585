"""The registry as its files have it: institutions with their agreements, and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.registry import agreements_known
from scoring_service.db.tables import institutions
from scoring_service.services.imports.finding_columns import ONE_DAY
from scoring_service.services.imports.institutions import InstitutionRow
from scoring_service.services.unit_of_work.sight import institution_filter
from scoring_service.terms import INSTITUTION_KINDS, chinese

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.core.standing import Span
    from scoring_service.services.unit_of_work.transaction import Work

INSTITUTIONS_AT_ONCE = 1000


def institution_rows(work: Work) -> Iterator[InstitutionRow]:
    """Return a row for each agreement of the institutions that the actor may know of, one for who has none."""
    query = select(institutions).where(institution_filter(work)).order_by(institutions.c.code)
    rows = work.conn.execute(query).all()
    for first in range(0, len(rows), INSTITUTIONS_AT_ONCE):
        batch = rows[first : first + INSTITUTIONS_AT_ONCE]
        concluded = agreements_known(work.conn, [row.code for row in batch])
        for row in batch:
            spans: list[Span | None] = [agreement.span for agreement in concluded[row.code]]
            for span in spans or [None]:
                yield InstitutionRow(
                    code=row.code,
                    name=row.name,
                    kind=chinese(INSTITUTION_KINDS[row.kind]),
                    region=row.region,
                    agreement_from=span.start if span else None,
                    agreement_last_day=span.until - ONE_DAY if span and span.until else None,
                )
