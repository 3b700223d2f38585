"""What a correction of the registry writes: the rows that supersede the wrong ones, checked against the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.persons import PRACTICE
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.registry.affiliations import check_known
from scoring_service.services.registry.codes import check_practitioner_code
from scoring_service.services.registry.persons import check_free, number_digests, with_changed_number
from scoring_service.services.registry.spans import check_span, touching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scoring_service.core.registry import SpanVersion
    from scoring_service.db.persons import PersonData, PersonRow
    from scoring_service.db.registry import KnownSpans, RegistrationRow
    from scoring_service.services.unit_of_work.transaction import Work

KINDS = PERSON, REGISTRATION, AFFILIATION = "person", "registration", "affiliation"
FIELDS: Mapping[str, tuple[str, ...]] = {
    PERSON: ("name", "id_number", "code", "category", *PRACTICE),
    REGISTRATION: ("category", "commitment_signed_on"),
    AFFILIATION: ("institution",),
}
# What a row of person data says beside the three forms of the identity number.
PLAIN = ("name", "category", "code", *PRACTICE)
ID_NUMBER = ("id_number_encrypted", "id_number_digest", "id_number_masked")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCorrection:
    """What a correction says of one row: it is void, or has other days (`span`: `from`, `until`), or other fields."""

    kind: str
    span_id: str
    void: bool = False
    span: Mapping[str, date | None] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A row to be written: it supersedes the span's row with these days."""

    span_id: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRewrite(Rewrite):
    """A row of person data to be written."""

    data: PersonData


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRewrite(Rewrite):
    """A row of a registration to be written; `reason` is that of its end."""

    category: str
    commitment_signed_on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliationRewrite(Rewrite):
    """A row of an affiliation to be written."""

    institution: str


def rewrites(work: Work, practitioner_id: str, spans: KnownSpans, correction: RowCorrection) -> Sequence[Rewrite]:
    """Return the rows that the correction writes.

    Raises Invalid for what is wrong in form or changes nothing, Conflict where the rows would no longer fit
    together: `registration_overlaps`, `affiliation_overlaps`, `affiliation_outside_registration`,
    `practitioner_exists`, `correction_outdated` for a row that is void meanwhile.
    """
    if (correction.void or correction.kind == PERSON) and correction.fields and (correction.void or correction.span):
        raise Invalid("/fields", "请分别更正 / correct one thing at a time: void, the days, or the fields")
    made: Sequence[Rewrite] = {
        PERSON: lambda: _person(work, practitioner_id, spans, correction),
        REGISTRATION: lambda: _registration(spans, correction),
        AFFILIATION: lambda: _affiliation(work, spans, correction),
    }[correction.kind]()
    if not made:
        raise Invalid("", "更正没有改变任何内容 / the correction changes nothing")
    return made


def rows_of(spans: KnownSpans, kind: str) -> Sequence[SpanVersion]:
    """Return the present rows of a kind, in the order of their start."""
    return {PERSON: spans.persons, REGISTRATION: spans.registrations, AFFILIATION: spans.affiliations}[kind]


def _row(rows: Sequence[Any], correction: RowCorrection) -> Any:
    row = next((row for row in rows if row.span_id == correction.span_id), None)
    if row is None:
        raise Conflict("correction_outdated", "该登记行已撤销 / that row is void by now: reject this correction")
    return row


def _corrected(span: Span, correction: RowCorrection) -> Span:
    """Return the corrected days; a void row is emptied."""
    if correction.void:
        return Span(span.start, span.start)
    new = Span(correction.span.get("from") or span.start, correction.span.get("until", span.until))
    check_span(new, "/until" if "until" in correction.span else "/from")
    return new


def _registration(spans: KnownSpans, correction: RowCorrection) -> Sequence[Rewrite]:
    row: RegistrationRow = _row(spans.registrations, correction)
    span = _corrected(row.span, correction)
    category = correction.fields.get("category", row.category)
    signed_on = correction.fields.get("commitment_signed_on", row.commitment_signed_on)
    if not correction.void and touching(spans.registrations, span, but=row):
        raise Conflict(
            "registration_overlaps",
            "与另一段登记重叠，请先更正另一段 / it would overlap another registration: correct that one first",
        )
    others = [other for other in spans.registrations if other is not row]
    after = others if correction.void else [*others, replace(row, span=span)]
    _check_held(spans, after)
    if (span, category, signed_on) == (row.span, row.category, row.commitment_signed_on):
        return []
    reason = row.reason if span.until is not None else None
    return [
        RegistrationRewrite(
            span_id=row.span_id, span=span, category=category, commitment_signed_on=signed_on, reason=reason
        )
    ]


def _check_held(spans: KnownSpans, after: Sequence[RegistrationRow]) -> None:
    """Refuse to leave an affiliation outside every registration that lay within them before."""
    for affiliation in spans.affiliations:
        if _within(spans.registrations, affiliation.span) and not _within(after, affiliation.span):
            raise _outside(f"{affiliation.institution} {affiliation.span.start}")


def _affiliation(work: Work, spans: KnownSpans, correction: RowCorrection) -> Sequence[Rewrite]:
    row = _row(spans.affiliations, correction)
    span = _corrected(row.span, correction)
    institution: str = correction.fields.get("institution", row.institution)
    if institution != row.institution:
        known = registry.institutions_by_code(work.conn, [institution])
        check_known(work, known.get(institution), "/fields/institution")
    there = [other for other in spans.affiliations if other.institution == institution and other is not row]
    if not correction.void and touching(there, span):
        raise Conflict(
            "affiliation_overlaps",
            "与该机构另一段执业期重叠，请先更正另一段 / it would overlap another span at this institution: correct "
            "that one first",
        )
    if not correction.void and span != row.span and not _within(spans.registrations, span):
        raise _outside(f"{institution} {span.start}")
    if (span, institution) == (row.span, row.institution):
        return []
    return [AffiliationRewrite(span_id=row.span_id, span=span, institution=institution)]


def _within(registrations: Sequence[SpanVersion], span: Span) -> bool:
    """Tell whether every day of `span` lies in a registration."""
    day = span.start
    for version in sorted(registrations, key=lambda version: version.span.start):
        if version.span.covers(day):
            if version.span.until is None or (span.until is not None and span.until <= version.span.until):
                return True
            day = version.span.until
    return False


def _outside(which: str) -> Conflict:
    return Conflict(
        "affiliation_outside_registration",
        f"执业期（{which}）将超出登记期，请先更正执业期或登记期 / the affiliation ({which}) would lie outside the "
        "registrations: correct the other row first",
    )


def _person(work: Work, practitioner_id: str, spans: KnownSpans, correction: RowCorrection) -> Sequence[Rewrite]:
    row: PersonRow = _row(spans.persons, correction)
    if correction.span.get("until") is not None:
        raise Invalid("/until", "人员信息的截止日随下一行起始日而定 / a row of person data ends where the next begins")
    if correction.void or correction.span.get("from"):
        return _moved(spans.persons, row, correction)
    data = _corrected_data(work, practitioner_id, row, correction.fields)
    return [
        PersonRewrite(span_id=each.span_id, span=each.span, data=righted)
        for each in spans.persons
        if (righted := _righted(work, each.data, wrong=row.data, right=data)) != each.data
    ]


def _righted(work: Work, data: PersonData, *, wrong: PersonData, right: PersonData) -> PersonData:
    """Return the data of a row with what is wrong in it corrected, and its own where it says something else."""
    named = [name for name in PLAIN if getattr(data, name) == getattr(wrong, name)]
    numbered = ID_NUMBER if _is_one_number(work, data, wrong) else ()
    return replace(data, **{name: getattr(right, name) for name in (*named, *numbered)})


def _is_one_number(work: Work, data: PersonData, other: PersonData) -> bool:
    """Tell whether two rows have one number, which may stand under two keys while they are rotated."""
    if data.id_number_encrypted is None or other.id_number_encrypted is None:
        return data.id_number_digest == other.id_number_digest
    decrypt = work.service.identity_numbers.decrypt
    return decrypt(data.id_number_encrypted) == decrypt(other.id_number_encrypted)


def _moved(rows: Sequence[PersonRow], row: PersonRow, correction: RowCorrection) -> Sequence[Rewrite]:
    """Return the row with another first day, or void, and the row before it, which ends where this one begins."""
    position = rows.index(row)
    if position == 0:
        detail = "第一行人员信息不能改期或撤销 / the first row of person data has no other day and is never void"
        raise Invalid("/void" if correction.void else "/from", detail)
    before, span = rows[position - 1], _corrected(row.span, correction)
    start = row.span.until if correction.void else span.start
    ended = Span(before.span.start, start)
    check_span(ended, "/from")
    if span == row.span:
        return []
    return [
        PersonRewrite(span_id=before.span_id, span=ended, data=before.data),
        PersonRewrite(span_id=row.span_id, span=span, data=row.data),
    ]


def _corrected_data(
    work: Work, practitioner_id: str, row: PersonRow, fields: Mapping[str, Any]
) -> PersonData:
    data = replace(row.data, **{name: fields[name] for name in PLAIN if name in fields})
    if data.code is not None:
        check_practitioner_code(data.code, data.category, "/fields/code")
    elif data.id_number_digest is None:
        raise Invalid("/fields/code", "没有证件号时代码不得清空 / without an identity number the code cannot go")
    digests: list[bytes] = []
    if "id_number" in fields:
        data = with_changed_number(work, data, fields["id_number"], "/fields/id_number")
        digests = number_digests(work, fields["id_number"])
    check_free(work, code=data.code, digests=digests, but=practitioner_id)
    return data
