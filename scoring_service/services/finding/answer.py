"""What is told of what was found: a page of it, each person looked at on record, former names told as such."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from scoring_service.core.finding import Fit, best_fit, name_stages
from scoring_service.db import practitioner_lists
from scoring_service.db.cases import case_summary, cases_query
from scoring_service.db.finding import words_of_name
from scoring_service.db.persons import read_persons
from scoring_service.db.tables import cases
from scoring_service.services.finding.searching import (
    CASE,
    INSTITUTION,
    KINDS,
    PRACTITIONER,
    OfKind,
    search,
    search_people,
)
from scoring_service.services.registry.names import institution_names
from scoring_service.services.registry.practitioner_answers import listed_practitioner
from scoring_service.written import as_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scoring_service.db.finding import Hit
    from scoring_service.services.registry.records import ListedPractitioner
    from scoring_service.services.unit_of_work.transaction import Work

# Of each kind as many are shown beside the others.
SHOWN_OF_EACH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """A person, an institution or a case that was found.

    `title` is the name, of a case the document number; `workplace` where a person works today, several joined, of a
    case its institution; `formerly` the name by which a person was found who has another now.
    """

    kind: str
    id: str
    code: str | None
    title: str
    workplace: str | None = None
    state: str | None = None
    formerly: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, the best first, of all that there is: `total` of it, of each kind in `totals`.

    With `more` there is more than is told here, or than is counted: of a kind `searching.MOST_FOUND`.
    """

    items: tuple[FoundItem, ...]
    total: int
    totals: Mapping[str, int]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKind:
    """A page of what was found of a kind; `more`: there are more than the `total`, which are not counted."""

    kind: str
    items: tuple[FoundItem, ...]
    total: int
    more: bool


_Described: TypeAlias = "dict[str, FoundItem]"


def find(work: Work, typed: str, *, limit: int) -> Found:
    """Return up to `limit` of what fits `typed`, whatever it is. Raises Invalid at `/q`."""
    of_kinds = search(work, typed)
    hits = ((hit, kind) for kind, of_kind in of_kinds.items() for hit in of_kind.hits)
    best = sorted(hits, key=lambda each: (each[0].fit, KINDS.index(each[1])))[:limit]
    described = {kind: _describe(work, kind, typed, [hit for hit, of in best if of == kind]) for kind in KINDS}
    totals = {kind: len(of_kind.hits) for kind, of_kind in of_kinds.items()}
    return Found(
        items=tuple(described[kind][hit.key] for hit, kind in best),
        total=sum(totals.values()),
        totals=totals,
        more=sum(totals.values()) > len(best) or any(of_kind.more for of_kind in of_kinds.values()),
    )


def find_kinds(work: Work, typed: str) -> list[FoundKind]:
    """Return the best of each kind that fits `typed`, the kind of the best fit first; kinds without any left out."""
    kinds = [(kind, of_kind) for kind, of_kind in search(work, typed).items() if of_kind.hits]
    ordered = sorted(kinds, key=lambda each: (each[1].hits[0].fit, KINDS.index(each[0])))
    return [_page(work, kind, typed, of_kind, of_kind.hits[:SHOWN_OF_EACH]) for kind, of_kind in ordered]


def find_of_kind(work: Work, typed: str, kind: str, *, start: int, limit: int) -> FoundKind:
    """Return `limit` of a kind that fit `typed`, those after the first `start`."""
    of_kind = search(work, typed, (kind,))[kind]
    return _page(work, kind, typed, of_kind, of_kind.hits[start : start + limit])


def _page(work: Work, kind: str, typed: str, of_kind: OfKind, hits: Sequence[Hit]) -> FoundKind:
    described = _describe(work, kind, typed, hits)
    items = tuple(described[hit.key] for hit in hits)
    return FoundKind(kind=kind, items=items, total=len(of_kind.hits), more=of_kind.more)


def _describe(work: Work, kind: str, typed: str, hits: Sequence[Hit]) -> _Described:
    if not hits:
        return {}
    describe: dict[str, Callable[[], _Described]] = {
        PRACTITIONER: partial(_people, work, typed, hits),
        INSTITUTION: partial(_institutions, hits),
        CASE: partial(_cases, work, hits),
    }
    return describe[kind]()


def listed_people(work: Work, hits: Sequence[Hit]) -> list[ListedPractitioner]:
    """Return the people found as lists show them, in their order; each is a look at the person, on record."""
    rows = practitioner_lists.people(work.conn, [hit.key for hit in hits], year=work.today.year)
    for row in rows:
        work.look(row.id, "list")
    return [listed_practitioner(work, row) for row in rows]


def suggested_people(
    work: Work, typed: str, *, institution: str | None, limit: int
) -> list[ListedPractitioner]:
    """Return the people who fit `typed` best, those of an `institution` before all others."""
    own = search_people(work, typed, institution=institution).hits[:limit] if institution else ()
    rest = search_people(work, typed).hits if len(own) < limit else ()
    known = {hit.key for hit in own}
    return listed_people(work, [*own, *(hit for hit in rest if hit.key not in known)][:limit])


def found_people(work: Work, typed: str) -> list[ListedPractitioner]:
    """Return all the people who fit `typed`, as far as they are counted, the best first."""
    return listed_people(work, search(work, typed, (PRACTITIONER,))[PRACTITIONER].hits)


def _people(work: Work, typed: str, hits: Sequence[Hit]) -> _Described:
    listed = listed_people(work, hits)
    names = institution_names(work, set(chain.from_iterable(person.institutions for person in listed)))
    former = _former_names(work, typed, [hit for hit in hits if hit.fit > Fit.CODE_PREFIX])
    return {
        person.id: FoundItem(
            kind=PRACTITIONER,
            id=person.id,
            code=person.code,
            title=person.name,
            workplace="、".join(names[code] for code in person.institutions) or None,
            state=person.status.value,
            formerly=former.get(person.id),
        )
        for person in listed
    }


def _former_names(work: Work, typed: str, hits: Sequence[Hit]) -> dict[str, str]:
    """Return the name by which each of those was found who has another name at present."""
    probes = [probe for stage in name_stages(as_found(typed)) for probe in stage]
    renamed = [hit.key for hit in hits if best_fit(probes, words_of_name(hit.order)) is None]
    if not renamed:
        return {}
    names = {person: {row.name for row in rows} for person, rows in read_persons(work.conn, renamed).items()}
    fits = {
        person: sorted((fit, name) for name in named if (fit := best_fit(probes, words_of_name(name))) is not None)
        for person, named in names.items()
    }
    return {person: fitting[0][1] for person, fitting in fits.items() if fitting}


def _institutions(hits: Sequence[Hit]) -> _Described:
    return {hit.key: FoundItem(kind=INSTITUTION, id=hit.key, code=hit.key, title=hit.order) for hit in hits}


def _cases(work: Work, hits: Sequence[Hit]) -> _Described:
    rows = work.conn.execute(cases_query(cases.c.id.in_([hit.key for hit in hits]))).mappings()
    return {
        case.id: FoundItem(
            kind=CASE,
            id=case.id,
            code=None,
            title=case.handling.document_no,
            workplace=case.institution_name,
            state=case.state.value,
        )
        for case in map(case_summary, rows)
    }
