"""Notices: what the person and each of their institutions are told, each with their own receipt and clock."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select

from scoring_service.db.tables import notices, standing_affiliations

if TYPE_CHECKING:
    from scoring_service.services.work import Work


def issue(
    work: Work,
    kind: str,
    practitioner_id: str,
    *,
    facts: dict[str, Any],
    entry_id: str | None = None,
    case_id: str | None = None,
    replaces: str | None = None,
) -> list[str]:
    """Issue a notice of `kind` to the person and to each institution they are registered at today.

    Returns the ids, the person's own first.
    """
    addressees = [("practitioner", practitioner_id)]
    addressees += [("institution", code) for code in institutions_of(work, practitioner_id)]
    rows: list[dict[str, Any]] = [
        {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "practitioner_id": practitioner_id,
            "addressee_kind": addressee_kind,
            "addressee_ref": ref,
            "entry_id": entry_id,
            "case_id": case_id,
            "created_at": work.now,
            "replaces": replaces,
            "facts": facts,
        }
        for addressee_kind, ref in addressees
    ]
    work.conn.execute(insert(notices), rows)
    return [row["id"] for row in rows]


def institutions_of(work: Work, practitioner_id: str) -> list[str]:
    """Return the codes of the institutions that a person is registered at today."""
    spans = standing_affiliations.c
    return list(
        work.conn.execute(
            select(spans.institution_code)
            .where(spans.practitioner_id == practitioner_id, spans.from_on <= work.today)
            .where(or_(spans.until_on.is_(None), spans.until_on > work.today))
            .distinct()
            .order_by(spans.institution_code)
        ).scalars()
    )
