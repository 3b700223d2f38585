"""What may be scored twice, told while a case is drafted: in another case of the decision, or twice in this one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.services.cases.reading import charged_elsewhere
from scoring_service.services.imports.people_named import people_named
from scoring_service.web.frame.pages import work
from scoring_service.web.office.case_form import names_person
from scoring_service.web.wording.catalogue import items_named
from scoring_service.written import as_ref

if TYPE_CHECKING:
    from scoring_service.services.cases.case import Case
    from scoring_service.web.office.case_form import CaseForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubles:
    """What a finding of the form may score twice: the id of the other case, and the places of others in this form.

    `same_finding` are on the same person and item, `same_person` on the same person and another item.
    """

    same_decision_case: str | None
    same_finding: tuple[int, ...]
    same_person: tuple[int, ...]


def doubles_of(form: CaseForm, case: Case | None) -> dict[int, Doubles]:
    """Return by place what each finding of a form may score twice, those left out that score nothing twice."""
    charges = _charges(form)
    places: dict[str, list[int]] = defaultdict(list)
    for row, (person, _item) in charges.items():
        places[person].append(row)
    elsewhere = charged_elsewhere(
        work(),
        set(charges.values()),
        institution=as_ref(form.raw("institution")),
        document_no=form.raw("handling/document_no"),
        but=case.id if case else None,
    )
    doubles = {}
    for row, charge in charges.items():
        others = [other for other in places[charge[0]] if other != row]
        if others or charge in elsewhere:
            same = tuple(other for other in others if charges[other] == charge)
            another = tuple(other for other in others if charges[other] != charge)
            doubles[row] = Doubles(
                same_decision_case=elsewhere.get(charge), same_finding=same, same_person=another
            )
    return doubles


def _charges(form: CaseForm) -> dict[int, tuple[str, str]]:
    """Return whom and which item the findings are about, by their places, as far as it can be told."""
    typed = {row: form.raw(f"findings/{row}/practitioner").strip() for row in range(form.rows)}
    refs = {row: as_ref(text.rpartition(" ")[2]) for row, text in typed.items() if text}
    people = people_named(work(), set(filter(names_person, refs.values())))
    items = {row: items_named(form.rules.items, form.raw(f"findings/{row}/item")) for row in refs}
    return {
        row: (people[ref].id, items[row][0] if len(items[row]) == 1 else "")
        for row, ref in refs.items()
        if ref in people
    }
