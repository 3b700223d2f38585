"""What like cases got, told beside a finding while its case is drafted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.rulebook import Degree
from scoring_service.core.spread import lies_apart
from scoring_service.services.cases.similar_cases import similar_while_drafting
from scoring_service.services.registry.names import institution_regions
from scoring_service.web.frame.pages import work
from scoring_service.web.office.case_form import INSTITUTION_CODE
from scoring_service.web.wording.catalogue import items_named
from scoring_service.written import as_ref

if TYPE_CHECKING:
    from scoring_service.core.spread import Similar
    from scoring_service.services.cases.case import Case
    from scoring_service.web.office.case_form import CaseForm


class Likeness(NamedTuple):
    """What like cases got, by the places of the findings that they are like; `unlike` lie apart from them."""

    similar: dict[int, Similar]
    unlike: frozenset[int]


def likeness_of(form: CaseForm, case: Case | None) -> Likeness:
    """Return what cases like the findings of a form got, as far as it says where, when, what and how grave."""
    division, decided_on = _division(form, case), _day(form.raw("handling/decided_on"))
    kinds = _kinds(form)
    if not kinds or division is None or decided_on is None:
        return Likeness({}, frozenset())
    but = case.id if case else None
    known = similar_while_drafting(
        work(), set(kinds.values()), division=division, decided_on=decided_on, but=but
    )
    similar = {row: known[kind] for row, kind in kinds.items() if kind in known}
    unlike = {row for row, spread in similar.items() if _is_apart(form.raw(f"findings/{row}/points"), spread)}
    return Likeness(similar, frozenset(unlike))


def _division(form: CaseForm, case: Case | None) -> str | None:
    typed = as_ref(form.raw("institution"))
    regions = institution_regions(work(), {typed} if INSTITUTION_CODE.fullmatch(typed) else ())
    return regions.get(typed) or (case.region if case else None)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _kinds(form: CaseForm) -> dict[int, tuple[str, str]]:
    """Return the items and degrees of the findings, by their places, as far as both are typed."""
    items = {row: items_named(form.rules.items, form.raw(f"findings/{row}/item")) for row in range(form.rows)}
    degrees = {row: form.raw(f"findings/{row}/degree") for row in range(form.rows)}
    return {
        row: (keys[0], degrees[row])
        for row, keys in items.items()
        if len(keys) == 1 and degrees[row] in set(Degree)
    }


def _is_apart(typed: str, similar: Similar) -> bool:
    points = typed.strip()
    return points.isascii() and points.isdigit() and lies_apart(int(points), similar)
