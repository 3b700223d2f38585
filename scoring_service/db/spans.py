"""Rows in time: what every version of a span stores, and how one is read (scheme.md 2.2)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from scoring_service.core.standing import Span

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.tables.schema import Columns


def version_values(
    *, revision: int, span: Span, span_id: str | None, recorded_at: datetime, recorded_by: str
) -> Columns:
    """Return the columns that every row in time has; `span_id` names the span that it supersedes, None a new one."""
    return {
        "revision": revision,
        "span_id": span_id or str(uuid.uuid4()),
        "recorded_at": recorded_at,
        "from_on": span.start,
        "until_on": span.until,
        "recorded_by": recorded_by,
    }


def next_version(
    file: LockedFile, *, span: Span, span_id: str | None, recorded_at: datetime, recorded_by: str
) -> Columns:
    """Return those columns for the next change of a locked file, and move its head on to it."""
    revision, recorded_at = file.next_revision(recorded_at)
    return {"practitioner_id": file.practitioner_id} | version_values(
        revision=revision, span=span, span_id=span_id, recorded_at=recorded_at, recorded_by=recorded_by
    )


def version_members(row: Row[Any]) -> dict[str, Any]:
    """Return what a row in time says as the members of a `SpanVersion`."""
    return {
        "span_id": row.span_id,
        "revision": row.revision,
        "recorded_at": row.recorded_at,
        "span": Span(row.from_on, row.until_on),
    }
