"""A person as the registry tells of them, as far as the actor may know it: to a former employer up to the last day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_service.services.registry.practitioner_answers import practitioner_answer
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work.tenure import tenure_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.services.unit_of_work.tenure import Tenure
    from scoring_service.services.unit_of_work.transaction import Work


def person_seen(work: Work, practitioner_id: str) -> dict[str, Any]:
    """Return a person as the registry tells of them, as far as the actor may know it."""
    person, tenure = practitioner_answer(work, practitioner_id), tenure_of(work, practitioner_id)
    return person if tenure is None else _as_left(work, person, tenure)


def _as_left(work: Work, person: dict[str, Any], tenure: Tenure) -> dict[str, Any]:
    """Return what was on record of a person up to the last day at an institution."""
    standing = standing_seen(work, person["id"])
    named, registered = (_begun(person[kind], tenure.end) for kind in ("persons", "registrations"))
    affiliated = [row for row in person["affiliations"] if row["institution"] == tenure.institution]
    last = {name: named[-1][name] for name in ("name", "code", "category")} if named else {}
    return person | last | {
        "status": standing.standing.state.status.value,
        "registered_on": registered[-1]["from"] if registered else None,
        "commitment_signed_on": registered[-1]["commitment_signed_on"] if registered else None,
        "persons": named,
        "registrations": registered,
        "affiliations": _begun(affiliated, tenure.end),
        "warnings": [],
        "revision": standing.revision,
        "version": standing.revision,
    }


def _begun(rows: Sequence[dict[str, Any]], end: date) -> list[dict[str, Any]]:
    """Return the spans that had begun before `end`, those that ran past it without their end and its reason."""
    told = []
    for row in rows:
        if row["from"] >= end.isoformat():
            continue
        runs_on = row["until"] is not None and row["until"] > end.isoformat()
        ended_later = {"until": None} | ({"reason": None} if "reason" in row else {})
        told.append(row | ended_later if runs_on else row)
    return told
