"""Affiliations as they are asked for: checked against the institutions, then written to a locked file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.locks import Lock, hold
from scoring_service.problems import Invalid
from scoring_service.services.registry.spans import check_span, overlap
from scoring_service.services.unit_of_work.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.registry import StoredInstitution
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAffiliation:
    """A span at an institution, as a caller asks for it."""

    institution: str
    span: Span


def check_affiliations(
    work: Work,
    affiliations: Sequence[AskedAffiliation],
    registered_on: date | None,
    known: Mapping[str, StoredInstitution] | None = None,
) -> None:
    """Check the affiliations of a new registration; `known` are the institutions' rows where they were read before.

    Raises one Faulty with every fault: an institution that is unknown or outside the actor's region, a span
    that is empty, begins before `registered_on` or overlaps another at the same institution.
    """
    if known is None:
        known = registry.institutions_by_code(work.conn, {each.institution for each in affiliations})
    faults = Faults()
    for position, each in enumerate(affiliations):
        pointer = f"/affiliations/{position}"
        faults.of(partial(check_known, work, known.get(each.institution), f"{pointer}/institution"))
        faults.of(partial(check_span, each.span, f"{pointer}/until"))
        faults.of(partial(check_begins, each.span, registered_on, f"{pointer}/from"))
        faults.of(partial(_check_apart, each, affiliations[:position], pointer))
    faults.refuse()


def _check_apart(each: AskedAffiliation, before: Sequence[AskedAffiliation], pointer: str) -> None:
    earlier = (other for other in before if other.institution == each.institution)
    if any(overlap(each.span, other.span) for other in earlier):
        raise Invalid(pointer, "同一机构的执业期重叠 / spans at one institution overlap")


def check_known(work: Work, institution: StoredInstitution | None, pointer: str) -> None:
    """Check that an institution is on record and lies in the actor's region. Raises Invalid."""
    if institution is None or not work.actor.sees_region(institution.region):
        raise Invalid(pointer, "没有该机构 / unknown institution", code="unknown_institution")


def check_begins(span: Span, registered_on: date | None, pointer: str) -> None:
    """Check that an affiliation begins no earlier than the registration, if there is any. Raises Invalid."""
    if registered_on is not None and span.start < registered_on:
        raise Invalid(
            pointer,
            f"不得早于登记日 {registered_on} / may not begin before the registration of {registered_on}",
        )


def lock_for_pharmacies(work: Work, codes: Collection[str]) -> None:
    """Hold back answers that are judged by a principal, if a pharmacy's affiliations are about to change."""
    known = registry.institutions_by_code(work.conn, codes)
    if any(row.kind == "pharmacy" for row in known.values()):
        hold(work.conn, Lock.REGISTRY)


def append(
    work: Work, file: LockedFile, institution: str, span: Span, *, supersedes: str | None = None
) -> None:
    """Write one affiliation row; `supersedes` is the id of the span that it replaces."""
    registry.append_affiliation(
        work.conn,
        file,
        institution=institution,
        span=span,
        span_id=supersedes,
        recorded_at=work.record(),
        recorded_by=work.actor.username,
    )


def close_affiliations(work: Work, file: LockedFile, spans: registry.KnownSpans, on: date) -> None:
    """End on `on` every affiliation that runs past it; one that would begin later is emptied."""
    for version in spans.affiliations:
        if version.span.until is None or version.span.until > on:
            closed = Span(version.span.start, max(on, version.span.start))
            append(work, file, version.institution, closed, supersedes=version.span_id)
