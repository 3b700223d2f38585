"""A form that shows a record and writes it back: posted as it was shown, it changes nothing, however large the record."""

from dataclasses import fields, replace
from datetime import date

import pytest
from console_world import HOSPITAL, PEOPLE
from posted_forms import forms_of

from scoring_service.core.adjustments import Adjustment, AdjustmentKind
from scoring_service.core.procedure import MeasureKind
from scoring_service.core.standing import Span
from scoring_service.services.cases import drafting
from scoring_service.services.cases.case import Handling, HandlingMeasure
from scoring_service.services.cases.findings import MOST_FINDINGS, Finding
from scoring_service.services.cases.reading import read_case
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.web.frame.pages import ACCESS
from scoring_service.web.office.case_form import fields_of
from scoring_service.web.office.measure_form import MEASURE_FIELDS

LINES = "第一行\n第二行\n\n第四行"


def large_case(console, size):
    """A draft with as many findings as a case may have, and the longest texts."""
    since = "2025-01-01"
    with console.service.work() as work:
        day = work.today.fromisoformat(since)
        people = [
            register_practitioner(
                work,
                name=f"人员{number}",
                code=f"D150402910{number:03}",
                category="doctor",
                registered_on=day,
                affiliations=[AskedAffiliation(institution=HOSPITAL, span=Span(day, None))],
            ).code
            for number in range(size)
        ]
    findings = [
        Finding(
            practitioner=code,
            item="overtreatment",
            degree="main",
            points=5,
            occurred_from=day,
            occurred_until=day.replace(day=9),
            act=f"行为{'长' * 190}{number}",
            reason=f"{LINES}{number}",
        )
        for number, code in enumerate(people)
    ]
    decision = Handling(kind="penalty", authority="局" * 200, document_no="号" * 200, decided_on=day.replace(month=5))
    with console.service.work(console.actor("clerk")) as work:
        return drafting.draft(work, institution=HOSPITAL, handling=decision, summary=LINES * 200, findings=findings)


def shown(console, case_id):
    with console.service.work(console.actor("clerk")) as work:
        case = read_case(work, case_id)
    told = {name: getattr(case, name) for name in ("institution", "handling", "summary", "rulebook", "state")}
    return told | {"findings": [replace(finding, id="") for finding in case.findings]}


@pytest.mark.parametrize("size", [100, pytest.param(MOST_FINDINGS, marks=pytest.mark.soak)])
def test_a_case_of_many_findings_comes_back_whole(console, size):
    case = large_case(console, size)
    before = shown(console, case.id)
    clerk = console.browser("clerk")
    path = f"/cases/{case.id}/edit"
    posted = forms_of(clerk.page(path), path)[path]
    assert clerk.post(path, **posted | {"do": "save"}).status_code == 303
    assert shown(console, case.id) == before


def test_a_form_without_the_number_of_its_rows_is_refused(console):
    told = console.case("蓝一", 5, submitted=False)
    clerk = console.browser("clerk")
    path = f"/cases/{told.id}/edit"
    posted = forms_of(clerk.page(path), path)[path]
    for rows in ("", "0", "1000", "x"):
        assert clerk.post(path, **posted | {"rows": rows, "do": "save"}).status_code == 400
    more = clerk.post(path, **posted | {"rows": "2", "do": "save"})
    assert more.status_code != 200
    assert shown(console, told.id)["findings"][0].practitioner.code == PEOPLE["蓝一"]


def test_the_form_holds_every_member_of_a_finding_and_of_the_decision(console):
    told = console.case("蓝一", 5, submitted=False)
    with console.service.work(console.actor("clerk")) as work:
        whole = read_case(work, told.id)
    act = {"occurred_from": date(2025, 1, 1), "occurred_until": date(2025, 1, 2), "act": "一", "legal_basis": "二", "reason": "三"}
    act["adjustment"] = Adjustment(kind=AdjustmentKind.LIGHTER, ground="owned_up")
    taken = HandlingMeasure(
        kind=MeasureKind.DEPARTMENT_SUSPENDED, start=date(2025, 5, 20), until=date(2025, 6, 20), department="四"
    )
    decided = replace(whole.handling, received_on=date(2025, 5, 21), measure=taken)
    full = replace(whole, handling=decided, findings=(replace(whole.findings[0], **act),))
    names = {name.removeprefix("findings/0/").removesuffix("/ground") for name in fields_of(full)}
    assert {member.name for member in fields(Finding)} <= names
    members = {f"handling/{member.name}" for member in fields(Handling)} - {"handling/measure"}
    assert members | {f"handling/measure/{name}" for name in ("kind", "from", "until", "department")} <= names
    assert len(fields(HandlingMeasure)) == len(MEASURE_FIELDS)


def test_the_case_is_the_only_record_that_a_form_writes_back_whole():
    editors = {endpoint for endpoint in ACCESS if any(word in endpoint for word in ("edit", "save", "update"))}
    assert editors == {"web.edit_case", "web.save_case"}
