"""Which division holds a file, an entry or an appeal: the first six digits by which a region's right is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from scoring_service.core.procedure import APPEALABLE_NOTICES, CaseState, NoticeKind
from scoring_service.db.tables import cases, entries, findings, institutions, notices, standing_affiliations

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

_spans = standing_affiliations.c
# The kinds of notice that tell of a file's state.
_OF_STATE = APPEALABLE_NOTICES - {NoticeKind.SCORE}


def present_regions(conn: Connection, practitioner_id: str, today: date) -> set[str]:
    """Return the divisions in which a person is registered on `today`.

    Of somebody who is registered nowhere on that day, those in which an affiliation is still to begin.
    """
    own = (
        select(institutions.c.region)
        .join(standing_affiliations, _spans.institution_code == institutions.c.code)
        .where(_spans.practitioner_id == practitioner_id, or_(_spans.until_on.is_(None), _spans.until_on > today))
    )
    present = set(conn.execute(own.where(_spans.from_on <= today)).scalars())
    return present or set(conn.execute(own).scalars())


def region_of_last_case(conn: Connection, practitioner_id: str) -> str | None:
    """Return the division of the last approved case that charges a person; None when there is none."""
    query = (
        select(cases.c.region)
        .join(findings, findings.c.case_id == cases.c.id)
        .where(findings.c.practitioner_id == practitioner_id, cases.c.state == CaseState.APPROVED)
        .order_by(cases.c.effective_on.desc(), cases.c.changed_at.desc())
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()


def region_of_entry(conn: Connection, entry_id: str) -> str | None:
    """Return the division of the case that an entry was made by; None for an entry without a case."""
    query = select(cases.c.region).join(entries, entries.c.case_id == cases.c.id).where(entries.c.id == entry_id)
    return conn.execute(query).scalar_one_or_none()


def region_of_case(conn: Connection, case_id: str) -> str:
    """Return the division of a case."""
    return str(conn.execute(select(cases.c.region).where(cases.c.id == case_id)).scalar_one())


def region_behind_state(conn: Connection, practitioner_id: str) -> str | None:
    """Return the division of the case that brought about a person's latest sanction; None when none did."""
    query = (
        select(cases.c.region)
        .join(entries, entries.c.case_id == cases.c.id)
        .join(notices, notices.c.entry_id == entries.c.id)
        .where(notices.c.practitioner_id == practitioner_id, notices.c.kind.in_(_OF_STATE))
        .order_by(notices.c.created_at.desc(), entries.c.seq.desc())
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()
