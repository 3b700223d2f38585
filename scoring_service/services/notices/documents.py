"""Letters written as notices are issued: text and document are kept as they were then, with their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from scoring_service.core.adjustments import grounds_for
from scoring_service.core.procedure import APPEALABLE_NOTICES, NoticeKind
from scoring_service.db.bulk import insert_many
from scoring_service.db.letters import (
    DescribedScore,
    NamedInstitution,
    NamedPerson,
    draw_numbers,
    named_institutions,
    people,
    scores,
)
from scoring_service.db.tables import letters
from scoring_service.letters.html import render, sha256
from scoring_service.letters.letter import (
    Addressee,
    AppealTerms,
    InstitutionDuties,
    Matter,
    Person,
    ResumptionTerms,
    Violation,
)
from scoring_service.letters.pdf import present_template
from scoring_service.letters.wording import compose
from scoring_service.services.notices.notice_rulebooks import rulebooks_of
from scoring_service.terms import ADJUSTMENTS, AUTHORITIES, chinese

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scoring_service.core.adjustments import Adjustment
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.files import File
    from scoring_service.db.tables.schema import Columns
    from scoring_service.letters.facts import Facts
    from scoring_service.services.notices.records import IssuedNotice
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a caller has loaded already and need not be read again: files by person, scores by entry."""

    files: Mapping[str, File] = field(default_factory=dict)
    scores: Mapping[str, DescribedScore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """People by id and institutions by code as letters call them; `places` are each person's institutions of today."""

    people: Mapping[str, NamedPerson]
    institutions: Mapping[str, NamedInstitution]
    places: Mapping[str, Sequence[str]]


def named(work: Work, places: Mapping[str, Sequence[str]], also: Collection[str], loaded: Loaded) -> Named:
    """Return the people of `places` and the institutions of theirs and `also`, by the names of today."""
    codes = {code for of_one in places.values() for code in of_one} | set(also)
    unknown = places.keys() - loaded.files.keys()
    return Named(
        people={person: _person(person, file) for person, file in loaded.files.items()}
        | (people(work.conn, unknown) if unknown else {}),
        institutions=named_institutions(work.conn, codes),
        places=places,
    )


def _person(practitioner_id: str, file: File) -> NamedPerson:
    present = file.present_person()
    return NamedPerson(id=practitioner_id, name=present.name, code=present.code, category=present.category)


def write_letters(
    work: Work,
    issued: Sequence[IssuedNotice],
    names: Named,
    loaded: Loaded | None = None,
    duties: Mapping[str, InstitutionDuties] = MappingProxyType({}),
) -> None:
    """Write and keep the letter of each notice just issued; `duties` are what those to a case's institution ask."""
    if not issued:
        return
    loaded = loaded or Loaded()
    described = _scores(work, issued, loaded.scores)
    of_measures = [notice for notice in issued if notice.kind == NoticeKind.MEASURE]
    measured = rulebooks_of(work, of_measures) if of_measures else {}
    template = present_template()
    template_sha256 = sha256(template)
    numbers = draw_numbers(work.conn, len(issued), template_sha256, template)
    rows = [
        _row(
            replace(
                _matter(work, notice, names, _subject(notice, described, measured), number),
                duties=duties.get(notice.id),
            )
        )
        | {"template_sha256": template_sha256}
        for notice, number in zip(issued, numbers, strict=True)
    ]
    insert_many(work.conn, letters, rows)


def _scores(
    work: Work, issued: Sequence[IssuedNotice], known: Mapping[str, DescribedScore]
) -> dict[str, DescribedScore]:
    about = {
        notice.entry_id
        for notice in issued
        if notice.kind in APPEALABLE_NOTICES | {NoticeKind.WARNING} and notice.entry_id
    }
    return {**known, **scores(work.conn, about - known.keys())}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What a notice is about: the score, and the rulebook of the entry, a score or a measure."""

    score: DescribedScore | None
    rulebook: Rulebook | None


def _subject(
    notice: IssuedNotice, described: Mapping[str, DescribedScore], measured: Mapping[str, Rulebook]
) -> _Subject:
    score = described.get(notice.entry_id or "")
    return _Subject(score=score, rulebook=score.entry.rulebook if score else measured.get(notice.id))


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


def _matter(
    work: Work, notice: IssuedNotice, names: Named, subject: _Subject, number: int
) -> Matter:
    settings = work.service.settings
    person = names.people[notice.practitioner_id]
    codes = names.places.get(person.id, ())
    score, rulebook = subject.score, subject.rulebook
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
            institutions=tuple(names.institutions[code].name for code in codes),
        ),
        addressee=_addressee(notice, person, names),
        facts=notice.facts,
        violation=_violation(score) if score else None,
        appeal=_terms(work, notice, rulebook) if rulebook and notice.is_appealable else None,
        resumption=_resumption(notice.facts.get("resumption")) if notice.kind == NoticeKind.SUSPENSION else None,
    )


def _addressee(notice: IssuedNotice, person: NamedPerson, names: Named) -> Addressee:
    kind: str = notice.addressee_kind
    ref: str = notice.addressee_ref
    if kind == "practitioner":
        return Addressee(kind=kind, name=person.name)
    if kind == "institution":
        return Addressee(kind=kind, name=names.institutions[ref].name)
    return Addressee(kind=kind, name=chinese(AUTHORITIES[ref]))


def _violation(score: DescribedScore) -> Violation:
    entry, handling = score.entry, score.handling
    item = entry.rulebook.item(entry.item)
    return Violation(
        institution=score.institution_name,
        handling_kind=handling.kind,
        authority=handling.authority,
        document_no=handling.document_no,
        decided_on=handling.decided_on,
        item_title=item.title if item else entry.item,
        legal_basis=score.legal_basis or (item and item.legal_basis) or "",
        degree=entry.degree.value,
        adjustment=_adjustment(entry.rulebook, score.adjustment),
        occurred_from=score.occurred_from,
        occurred_until=score.occurred_until,
        emergency_covers_termination=entry.rulebook.emergency_covers_termination,
    )


def _adjustment(rulebook: Rulebook, adjustment: Adjustment | None) -> str | None:
    """Return how and on which ground the points were adjusted; a ground keeps the name it had in its rulebook."""
    if adjustment is None:
        return None
    titles = {ground.key: ground.title for ground in grounds_for(rulebook, adjustment.kind)}
    return f"{chinese(ADJUSTMENTS[adjustment.kind])}：{titles.get(adjustment.ground, adjustment.ground)}"


def _resumption(facts: Facts | None) -> ResumptionTerms | None:
    """Return from when a suspended person may apply to be restored; None where no resumption is to come."""
    if facts is None:
        return None
    days = {name: date.fromisoformat(facts[name]) for name in ("apply_from", "ends_on")}
    return ResumptionTerms(**facts | days)


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
