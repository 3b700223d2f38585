"""Letters written as notices are issued: text and document are kept as they were then, with their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, func, select

from scoring_service.core.entries import Score
from scoring_service.core.procedure import APPEALABLE_NOTICES, NoticeKind
from scoring_service.db.bulk import insert_many
from scoring_service.db.letters import (
    Described,
    NamedPerson,
    institution_names,
    keep_template,
    people,
    scores,
)
from scoring_service.db.tables import letter_numbers, letters
from scoring_service.letters.html import render, sha256
from scoring_service.letters.letter import Addressee, AppealTerms, Matter, Person, Violation
from scoring_service.letters.pdf import present_template
from scoring_service.letters.wording import compose
from scoring_service.terms import AUTHORITIES, chinese

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.notices.records import IssuedNotice
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the letters of one call are written from: people by id, names by code, scores by entry."""

    people: Mapping[str, NamedPerson]
    names: Mapping[str, str]
    institutions: Mapping[str, Sequence[str]]
    scores: Mapping[str, Described]


def write_letters(work: Work, issued: Sequence[IssuedNotice], institutions: Mapping[str, Sequence[str]]) -> None:
    """Write and keep the letter of each notice just issued; `institutions` are each person's codes of today.

    A letter's number is of the office's one series; it is drawn without a lock, so that a number may stay unused.
    """
    if not issued:
        return
    known = _gather(work, issued, institutions)
    numbers = work.conn.execute(_NUMBERS, {"count": len(issued)}).scalars()
    template = present_template()
    template_sha256 = sha256(template)
    keep_template(work.conn, template_sha256, template)
    rows = [
        _row(_matter(work, notice, known, number)) | {"template_sha256": template_sha256}
        for notice, number in zip(issued, numbers, strict=True)
    ]
    insert_many(work.conn, letters, rows)


_NUMBERS = select(letter_numbers.next_value()).select_from(
    func.generate_series(1, bindparam("count", type_=Integer))
)


def _gather(work: Work, issued: Sequence[IssuedNotice], institutions: Mapping[str, Sequence[str]]) -> _Known:
    codes = {code for of_one in institutions.values() for code in of_one}
    codes |= {notice.addressee_ref for notice in issued if notice.addressee_kind == "institution"}
    about_scores = {
        notice.entry_id
        for notice in issued
        if notice.kind in APPEALABLE_NOTICES | {NoticeKind.WARNING} and notice.entry_id
    }
    return _Known(
        people=people(work.conn, {notice.practitioner_id for notice in issued}),
        names=institution_names(work.conn, codes),
        institutions=institutions,
        scores=scores(work.conn, about_scores),
    )


def _row(matter: Matter) -> Columns:
    letter = compose(matter)
    html = render(letter)
    return {
        "notice_id": matter.reference,
        "number": matter.number,
        "content": letter.as_json(),
        "html": html,
        "sha256": sha256(html.encode()),
    }


def _matter(work: Work, notice: IssuedNotice, known: _Known, number: int) -> Matter:
    settings = work.service.settings
    person = known.people[notice.practitioner_id]
    score = known.scores.get(notice.entry_id or "")
    codes = known.institutions.get(person.id, ())
    return Matter(
        kind=notice.kind,
        reference=notice.id,
        office=settings.office_name,
        number=f"{settings.office_mark}〔{notice.created_at.year}〕{number}号",
        issued_on=notice.created_at.date(),
        person=Person(
            name=person.name,
            code=person.code,
            category=person.category,
            institutions=tuple(known.names[code] for code in codes),
        ),
        addressee=_addressee(notice, person, known),
        facts=notice.facts,
        violation=_violation(score) if score else None,
        appeal=_terms(work, notice, score.entry.rulebook) if score and notice.kind in APPEALABLE_NOTICES else None,
    )


def _addressee(notice: IssuedNotice, person: NamedPerson, known: _Known) -> Addressee:
    kind: str = notice.addressee_kind
    ref: str = notice.addressee_ref
    if kind == "practitioner":
        return Addressee(kind=kind, name=person.name)
    if kind == "institution":
        return Addressee(kind=kind, name=known.names[ref])
    return Addressee(kind=kind, name=chinese(AUTHORITIES[ref]))


def _violation(score: Described) -> Violation | None:
    entry, case = score.entry, score.case
    if not isinstance(entry, Score):
        return None
    item = entry.rulebook.item(entry.item)
    return Violation(
        institution=case.institution_name,
        handling_kind=case.handling_kind,
        authority=case.authority,
        document_no=case.decision_no,
        decided_on=case.decided_on,
        item_title=item.title if item else entry.item,
        legal_basis=item.legal_basis if item else "",
        degree=entry.degree.value,
        occurred_from=case.occurred_from,
        occurred_until=case.occurred_until,
        emergency_covers_termination=entry.rulebook.emergency_covers_termination,
    )


def _terms(work: Work, notice: IssuedNotice, rulebook: Rulebook) -> AppealTerms:
    """Return how long an addressee may appeal who never acknowledges the receipt (scheme.md 2.6 and 2.7)."""
    calendar = work.service.calendar
    allowed = rulebook.notice_deemed_received_working_days
    deemed = calendar.deadline(notice.created_at.date(), allowed)
    last = calendar.deadline(deemed.last_day, rulebook.appeal_window_working_days)
    return AppealTerms(
        window_working_days=rulebook.appeal_window_working_days,
        deemed_working_days=allowed,
        deemed_on=deemed.last_day,
        last_day=last.last_day,
        provisional=deemed.provisional or last.provisional,
    )
