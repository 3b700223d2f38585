"""A planned case on record: drafted and handed in by the clerk, approved by the reviewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.demo.acts import Act, case_id
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Handling
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.cases.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.demo.plan import PlannedCase, PlannedFinding
    from scoring_service.services.cases.case import Case
    from scoring_service.services.unit_of_work.transaction import Work


def recorded(case: PlannedCase) -> Iterator[Act]:
    """Yield the two acts that bring a case into force."""
    yield Act(case.drafted_at, "clerk", lambda work: handed_in(work, case))
    yield Act(case.approved_at, "reviewer", lambda work: approve(work, case_id(work, case)))


def handed_in(work: Work, case: PlannedCase) -> None:
    """Draft and submit a case."""
    submit(work, draft_case(work, case).id)


def draft_case(work: Work, case: PlannedCase) -> Case:
    """Draft a case."""
    return draft(
        work,
        institution=case.institution,
        handling=Handling(
            kind=case.kind,
            authority="赤峰市医疗保障局",
            document_no=case.document_no,
            decided_on=case.decided_on,
            measure=case.measure,
        ),
        summary="日常监督检查发现违规行为，已依法依规作出处理。",
        findings=[_finding(each) for each in case.findings],
    )


def _finding(planned: PlannedFinding) -> Finding:
    return Finding(
        practitioner=planned.practitioner,
        item=planned.item,
        degree=planned.degree,
        points=planned.points,
        reason="处理决定已认定，依责任程度记分。",
    )
