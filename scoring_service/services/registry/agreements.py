"""What a correction writes of an agreement: the row that supersedes the wrong one, checked against the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.locks import Lock, hold
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.registry.spans import check_span, touching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from scoring_service.core.registry import SpanVersion
    from scoring_service.services.unit_of_work.transaction import Work

AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAgreement:
    """A row of an agreement as it was recorded; `superseded` where a later one took its place, `void` an empty one."""

    start: date
    until: date | None
    recorded_at: datetime
    recorded_by: str
    revision: int
    superseded: bool

    @property
    def void(self) -> bool:
        """Whether the row emptied its span."""
        return self.start == self.until


def agreement_that_begins(work: Work, code: str, start: date) -> SpanVersion:
    """Return the present agreement of an institution that begins on a day. Raises Invalid."""
    present = registry.agreements_known(work.conn, [code])[code]
    row = next((row for row in present if row.span.start == start), None)
    if row is None:
        raise Invalid("/agreement", "没有这一日开始的协议 / no agreement begins on that day")
    return row


def corrected_agreement(
    work: Work, code: str, span_id: str, *, void: bool, span: Mapping[str, date | None]
) -> Span:
    """Return the days of a corrected agreement; a void one is emptied.

    Raises Invalid for what changes nothing or holds no day, Conflict `agreement_overlaps`, `correction_outdated` for
    one that is void meanwhile.
    """
    present: Sequence[SpanVersion] = registry.agreements_known(work.conn, [code])[code]
    row = next((row for row in present if row.span_id == span_id), None)
    if row is None:
        raise Conflict("correction_outdated", "该登记行已撤销 / that row is void by now: reject this correction")
    if void:
        return Span(row.span.start, row.span.start)
    corrected = Span(span.get("from") or row.span.start, span.get("until", row.span.until))
    check_span(corrected, "/until" if "until" in span else "/from")
    if corrected == row.span:
        raise Invalid("", "更正没有改变任何内容 / the correction changes nothing")
    if touching(present, corrected, but=row):
        raise Conflict("agreement_overlaps", "协议期与已有协议重叠 / the span overlaps an agreement", institution=code)
    return corrected


def write_agreement(
    work: Work, code: str, span_id: str, *, void: bool, span: Mapping[str, date | None]
) -> int:
    """Write the row that supersedes a wrong agreement; return the institution's revision. Raises as above."""
    hold(work.conn, Lock.REGISTRY)
    institution = registry.lock_institution(work.conn, code)
    corrected = corrected_agreement(work, code, span_id, void=void, span=span)
    registry.append_agreement(
        work.conn,
        institution,
        span=corrected,
        span_id=span_id,
        recorded_at=work.record(),
        recorded_by=work.actor.username,
    )
    return institution.revision + 1


def agreements_recorded(work: Work, code: str) -> list[RecordedAgreement]:
    """Return every row of an institution's agreements, the latest first."""
    rows = registry.agreements_on_record(work.conn, code)
    last = {version.span_id: version.revision for version, _by in rows}
    return [
        RecordedAgreement(
            start=version.span.start,
            until=version.span.until,
            recorded_at=version.recorded_at,
            recorded_by=recorded_by,
            revision=version.revision,
            superseded=last[version.span_id] != version.revision,
        )
        for version, recorded_by in reversed(rows)
    ]
