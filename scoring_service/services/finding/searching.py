"""What fits what was typed: people, institutions and cases, the best first, none that the actor may not know of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, true

from scoring_service.core.finding import BEGINNINGS, Fit, is_of_code, name_stages, number_stages
from scoring_service.db import finding
from scoring_service.db.finding import Hit, Nearness
from scoring_service.db.practitioner_lists import at_institution
from scoring_service.problems import Invalid
from scoring_service.services.cases.reading import visible_cases
from scoring_service.services.registry.persons import number_digests
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES
from scoring_service.written import LONGEST_NAME, as_found

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work

# Of each kind so many are counted and can be leafed through; who finds more types more.
MOST_FOUND = 1000
PRACTITIONER, INSTITUTION, CASE = "practitioner", "institution", "case"
KINDS = (PRACTITIONER, INSTITUTION, CASE)
# A regulator reads states and figures, and looks for nobody by name (contract.md, Roles).
_LOOKS_FOR_PEOPLE = (*OFFICE_ROLES, "institution", "practitioner")
_RESIDENT = re.compile(r"[0-9]{14}[0-9x]|[0-9]{17}[0-9x]")
_ID_NUMBER = re.compile(r"[0-9]{14}[0-9x]|[0-9]{17}[0-9x]|[a-z]{0,3}[0-9]{5,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfKind:
    """What was found of a kind, the best first; `more`: there are more than `MOST_FOUND`, which are not counted."""

    hits: tuple[Hit, ...]
    more: bool


def check_typed(typed: str) -> str:
    """Return what was typed as it is compared. Raises Invalid at `/q` when there is nothing, or more than any name."""
    if not typed.strip():
        raise Invalid("/q", "请输入姓名、拼音、代码或文号 / type a name, pinyin, a code or a document number")
    if len(typed) > LONGEST_NAME:
        detail = f"最多 {LONGEST_NAME} 个字符，请缩短 / at most {LONGEST_NAME} characters: type less"
        raise Invalid("/q", detail)
    return as_found(typed)


def check_free_of_id_number(typed: str) -> None:
    """Refuse what may be a resident identity number: it stands in no address. Raises Invalid at `/q`."""
    if _RESIDENT.fullmatch(as_found(typed)):
        detail = "证件号不得写在地址里，请用 POST /search / an identity number stands in no address: use POST /search"
        raise Invalid("/q", detail)


def search(work: Work, typed: str, kinds: Collection[str] = KINDS) -> dict[str, OfKind]:
    """Return what fits `typed`, by kind. Raises Invalid as `check_typed` does."""
    folded = check_typed(typed)
    stages: dict[str, Callable[[Work, str], Iterator[list[Hit]]]] = {
        PRACTITIONER: _people,
        INSTITUTION: _institutions,
        CASE: _cases,
    }
    return {kind: _gathered(stages[kind](work, folded)) for kind in kinds}


def search_people(work: Work, typed: str, *, institution: str | None = None) -> OfKind:
    """Return the people who fit `typed`; with an `institution` those who are registered there today.

    Raises Invalid as `check_typed` does.
    """
    there = true() if institution is None else at_institution(institution, work.today)
    return _gathered(_people(work, check_typed(typed), there))


def exact(work: Work, typed: str) -> tuple[str, str] | None:
    """Return kind and id of the one thing of which `typed` is the whole code or number; None for none or several.

    Raises Invalid as `check_typed` does.
    """
    folded = check_typed(typed)
    firsts = {
        PRACTITIONER: _coded(work, folded, _seen_people(work)),
        INSTITUTION: _institutions(work, folded),
        CASE: _cases(work, folded),
    }
    hits = {
        (kind, hit.key)
        for kind, stages in firsts.items()
        for hit in (chain.from_iterable(stages) if kind == PRACTITIONER else next(stages, []))
        if hit.fit == Fit.CODE
    }
    return hits.pop() if len(hits) == 1 else None


def _gathered(stages: Iterator[list[Hit]]) -> OfKind:
    """Go from stage to stage until enough is found; of what is found twice the better fit counts."""
    best: dict[str, Hit] = {}
    for hits in stages:
        for hit in hits:
            best.setdefault(hit.key, hit)
        if len(best) > MOST_FOUND:
            break
    ordered = sorted(best.values(), key=lambda hit: hit.place)
    return OfKind(hits=tuple(ordered[:MOST_FOUND]), more=len(ordered) > MOST_FOUND)


def _people(work: Work, folded: str, among: ColumnElement[bool] | None = None) -> Iterator[list[Hit]]:
    seen, near, most = _seen_people(work), _near(work), MOST_FOUND + 1
    seen = seen if among is None else and_(seen, among)
    yield from _coded(work, folded, seen)
    for probes in filter(None, name_stages(folded)):
        for probe in probes if probes[0].fit in BEGINNINGS else ():
            yield finding.find_people_begun(work.conn, probe, seen, near, most=most)
        yield finding.find_people(work.conn, probes, seen, near, most=most)
    if is_of_code(folded):
        yield finding.find_people_by_part_of_code(work.conn, folded.upper(), seen, near, most=most)


def _coded(work: Work, folded: str, seen: ColumnElement[bool]) -> Iterator[list[Hit]]:
    """Look for people by identity number, whole code and beginning of a code."""
    if digests := _digests(work, folded):
        yield finding.find_people_by_number(work.conn, digests, seen)
    if is_of_code(folded):
        code, most = folded.upper(), MOST_FOUND + 1
        yield finding.find_people_by_code(work.conn, code, seen, _near(work), most=most)


def _seen_people(work: Work) -> ColumnElement[bool]:
    return sight.practitioner_filter(work) if work.actor.has(*_LOOKS_FOR_PEOPLE) else false()


def _near(work: Work) -> Nearness:
    return Nearness(region=work.actor.region if work.actor.is_office else None, day=work.today)


def _digests(work: Work, folded: str) -> list[bytes]:
    """Return the keyed hashes of what was typed when it may be an identity number.

    Raises Invalid at `/q` for a resident's number that was mistyped.
    """
    if _ID_NUMBER.fullmatch(folded) is None:
        return []
    try:
        return number_digests(work, folded.upper(), "/q")
    except Invalid:
        if _RESIDENT.fullmatch(folded):
            raise
        return []


def _institutions(work: Work, folded: str) -> Iterator[list[Hit]]:
    find = partial(finding.find_institutions, work.conn, seen=sight.institution_filter(work), most=MOST_FOUND + 1)
    for of_number, of_name in zip(number_stages(folded), name_stages(folded), strict=True):
        if probes := of_number + of_name:
            yield find(probes)


def _cases(work: Work, folded: str) -> Iterator[list[Hit]]:
    for probes in filter(None, number_stages(folded)):
        yield finding.find_cases(work.conn, probes, seen=visible_cases(work), most=MOST_FOUND + 1)
