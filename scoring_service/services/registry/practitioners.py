"""Practitioners: register a person, change what is known of them, find and list them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from scoring_service.db import practitioner_lists, registry
from scoring_service.db.locks import Lock, hold
from scoring_service.db.persons import PRACTICE, PersonData, is_taken
from scoring_service.db.tables import practitioners
from scoring_service.problems import Invalid
from scoring_service.services.registry.affiliations import AskedAffiliation, check_affiliations
from scoring_service.services.registry.codes import check_practitioner_code
from scoring_service.services.registry.list_fields import PEOPLE_FIELDS
from scoring_service.services.registry.opening import Opening, open_files
from scoring_service.services.registry.person_seen import person_seen
from scoring_service.services.registry.persons import (
    check_signed,
    checked_id_number,
    exists,
    number_digests,
    with_id_number,
)
from scoring_service.services.registry.practitioner_answers import listed_practitioner, practitioner_on_record
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.faults import Faults
from scoring_service.services.unit_of_work.listing import Listing, read_page
from scoring_service.services.unit_of_work.touch import check_touches_new_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement

    from scoring_service.services.registry.records import ListedPractitioner, Practitioner
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPractitioner:
    """A person to be registered, with their first registration and affiliations.

    Without `registered_on` they are known and never registered: they can be scored, and bill nothing.
    """

    name: str
    category: str
    registered_on: date | None
    affiliations: Sequence[AskedAffiliation] = ()
    code: str | None = None
    id_number: str | None = None
    commitment_signed_on: date | None = None
    practice_type: str | None = None
    practice_category: str | None = None
    practice_scope: str | None = None
    professional_title: str | None = None


def register_practitioner(work: Work, **person: Any) -> Practitioner:
    """Register one person, given by the fields of `NewPractitioner`, and return them.

    The file's revision is then 1 and one more for each affiliation. Raises Invalid for what is wrong in form,
    Conflict `practitioner_exists`.
    """
    practitioner_id = register_practitioners(work, [NewPractitioner(**person)])[0]
    return practitioner_on_record(work, practitioner_id)


def register_practitioners(work: Work, people: Sequence[NewPractitioner]) -> list[str]:
    """Register several people in one transaction and return their ids; the first fault refuses them all."""
    places = {each.institution for person in people for each in person.affiliations}
    known = registry.institutions_by_code(work.conn, places)
    for person in people:
        _check(work, person, known)
    openings = [_opening_of(work, person) for person in people]
    hold(work.conn, Lock.REGISTRY)
    _check_free(work, people)
    return open_files(work, openings)


def _check_free(work: Work, people: Sequence[NewPractitioner]) -> None:
    codes = [person.code for person in people if person.code is not None]
    digests = [number_digests(work, person.id_number) for person in people]
    # Of one number the first form is the one that is kept.
    repeated = len(codes) > len(set(codes)) or len(kept := [each[0] for each in digests if each]) > len(set(kept))
    every_form = [digest for each in digests for digest in each]
    if repeated or is_taken(work.conn, codes=codes, digests=every_form):
        raise exists()


def _opening_of(work: Work, person: NewPractitioner) -> Opening:
    practice = {name: getattr(person, name) for name in PRACTICE}
    data = PersonData(name=person.name, category=person.category, code=person.code, **practice)
    return Opening(
        data=data if person.id_number is None else with_id_number(work, data, person.id_number),
        registered_on=person.registered_on,
        commitment_signed_on=person.commitment_signed_on,
        affiliations=person.affiliations,
    )


def _check(work: Work, person: NewPractitioner, known: Mapping[str, registry.StoredInstitution]) -> None:
    faults = Faults()
    faults.of(partial(_check_named, person))
    if person.id_number is not None:
        faults.of(partial(checked_id_number, person.id_number))
    faults.of(partial(_check_commitment, work, person))
    faults.of(partial(check_affiliations, work, person.affiliations, person.registered_on, known))
    faults.refuse()
    check_touches_new_file(work, {known[each.institution].region for each in person.affiliations})


def _check_named(person: NewPractitioner) -> None:
    if person.code is not None:
        check_practitioner_code(person.code, person.category)
    elif person.id_number is None:
        raise Invalid("/code", "人员代码与身份证号至少填一项 / give a code or an identity number")


def _check_commitment(work: Work, person: NewPractitioner) -> None:
    if person.registered_on is None and person.commitment_signed_on is not None:
        detail = "未登记的人员没有承诺书 / a commitment belongs to a registration: give registered_on"
        raise Invalid("/commitment_signed_on", detail)
    check_signed(work, person.commitment_signed_on, "/commitment_signed_on")


def read_practitioner(work: Work, ref: str) -> Practitioner:
    """Return a person and put the look on record. Raises NotFound."""
    practitioner_id = sight.require_known(work, ref).id
    work.look(practitioner_id, "practitioner")
    return person_seen(work, practitioner_id)


def list_practitioners(
    work: Work,
    *,
    limit: int,
    after: str | None,
    **filters: Any,
) -> tuple[list[ListedPractitioner], str | None]:
    """Return a page of the people of `listing`, by id, and the id to go on after."""
    return _page(work, listing(work, **filters), limit=limit, after=after)


def listing(
    work: Work,
    *,
    institution: str | None = None,
    status: str | None = None,
    near_points: int | None = None,
    coming: bool = False,
    without_commitment: bool | None = None,
    lacking: str | None = None,
) -> Listing[ListedPractitioner]:
    """Return the list of the people whom the actor may see.

    `institution`: registered there today; `near_points`: at most so many points below the suspension's threshold
    of the default rulebook in this year; `coming`: with a sanction that is still to begin; `without_commitment`:
    registered today without a signed commitment letter, or False: everybody else; `lacking`: one of `GAPS`.
    """
    conditions = []
    if institution is not None:
        conditions.append(practitioner_lists.at_institution(institution, work.today))
    if status is not None:
        conditions.append(practitioner_lists.has_status(status, work.today))
    if near_points is not None:
        conditions.append(practitioner_lists.near_threshold(_near(work, near_points)))
    if coming:
        conditions.append(practitioner_lists.has_coming_sanction(work.today))
    if without_commitment is not None:
        unsigned = practitioner_lists.lacks_commitment(work.today)
        conditions.append(unsigned if without_commitment else ~unsigned)
    if lacking is not None:
        conditions.append(_gap(work, lacking))
    return _listed(work, conditions)


def _listed(work: Work, conditions: Sequence[ColumnElement[bool]]) -> Listing[ListedPractitioner]:
    year = work.today.year
    seen = [sight.practitioner_filter(work), *conditions]
    return Listing(
        query=practitioner_lists.ids_of(seen, year=year),
        keys=(practitioners.c.id,),
        show=partial(listed_practitioner, work),
        fill=lambda rows: practitioner_lists.people(work.conn, [row["id"] for row in rows], year=year),
        descending=False,
        looked_at="list",
        people=("id",),
        fields=PEOPLE_FIELDS,
    )


# What may be missing in a file: a commitment letter, an identity number, a code, or a code at first.
GAPS = ("commitment", "id_number", "code", "code_at_first")


def _gap(work: Work, lacking: str) -> ColumnElement[bool]:
    if lacking == "commitment":
        return practitioner_lists.lacks_commitment(work.today)
    return {
        "id_number": practitioner_lists.without_id_number,
        "code": practitioner_lists.without_code,
        "code_at_first": practitioner_lists.with_late_code,
    }[lacking]()


def count_gaps(work: Work) -> dict[str, int]:
    """Return how many people of the actor's sight have each of the `GAPS`."""
    seen = sight.practitioner_filter(work)
    return {gap: practitioner_lists.count(work.conn, [seen, _gap(work, gap)]) for gap in GAPS}


def count_without_commitment(work: Work, institution: str | None = None) -> int:
    """Return how many people of the actor's sight lack a commitment letter today, at an institution or anywhere."""
    conditions = [sight.practitioner_filter(work), practitioner_lists.lacks_commitment(work.today)]
    if institution is not None:
        conditions.append(practitioner_lists.at_institution(institution, work.today))
    return practitioner_lists.count(work.conn, conditions)


def _near(work: Work, points: int) -> practitioner_lists.NearThreshold:
    rulebooks = work.rulebooks
    suspend_at = rulebooks.for_reading("", work.today).suspend_at
    return practitioner_lists.NearThreshold(
        year=work.today.year, least=max(1, suspend_at - points), most=suspend_at - 1
    )


def search_practitioners(
    work: Work,
    *,
    name: str | None = None,
    id_number: str | None = None,
    code: str | None = None,
    limit: int,
    after: str | None,
) -> tuple[list[ListedPractitioner], str | None]:
    """Return a page of the people found by name (whole or its beginning), identity number and code.

    Raises Invalid when nothing is given or the identity number has the wrong form.
    """
    found_by = _found_by(work, name=name, id_number=id_number, code=code)
    return _page(work, _listed(work, found_by), limit=limit, after=after)


def count_found(
    work: Work, *, name: str | None = None, id_number: str | None = None, code: str | None = None
) -> int:
    """Return how many people `search_practitioners` finds on all its pages. Raises Invalid as it does."""
    seen = [sight.practitioner_filter(work), *_found_by(work, name=name, id_number=id_number, code=code)]
    return practitioner_lists.count(work.conn, seen)


def _found_by(
    work: Work, *, name: str | None, id_number: str | None, code: str | None
) -> list[ColumnElement[bool]]:
    conditions = []
    if name is not None:
        conditions.append(practitioner_lists.named_like(name))
    if id_number is not None:
        conditions.append(practitioner_lists.has_id_number(number_digests(work, id_number)))
    if code is not None:
        conditions.append(practitioner_lists.has_code(code))
    if not conditions:
        raise Invalid("", "请给出姓名、身份证号或人员代码 / give a name, an identity number or a code")
    return conditions


def _page(
    work: Work, people: Listing[ListedPractitioner], *, limit: int, after: str | None
) -> tuple[list[ListedPractitioner], str | None]:
    page = read_page(work, people, after=None if after is None else (after,), limit=limit)
    return page.items, None if page.further is None else page.further[0]
