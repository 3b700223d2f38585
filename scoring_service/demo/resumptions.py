"""How the suspended of the demo year came back, as people do: most asked in time, one late, one twice, one not yet.

A suspension does not end by itself (P39): when its term nears its end the person asks, their institution agrees, and
the office evaluates. When that was, follows from the terms that the scores of the plan give.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.entries import Score, TermCredit
from scoring_service.core.fold import fold
from scoring_service.core.rulebook import Degree
from scoring_service.core.sanctions import SanctionKind
from scoring_service.core.standing import termination_on
from scoring_service.db.tables import practitioners
from scoring_service.db.tables import resumptions as table
from scoring_service.demo import duties
from scoring_service.demo.acts import Act, at
from scoring_service.services.proposals import resumption_decisions, resumptions
from scoring_service.services.proposals.consent import OPEN, consent
from scoring_service.services.proposals.resumption_reading import RESUMPTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scoring_service.core.entries import Entry
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.working_days import WorkingCalendar
    from scoring_service.demo.plan import Plan, PlannedCase
    from scoring_service.services.unit_of_work.transaction import Work

# Working days before the end of a term, and after it.
_IN_TIME, _EVALUATED, _LATE, _AGAIN = 13, 6, 20, 16
_NEVER_SET = 6
_STATEMENT = "暂停期内已完成医保政策学习，对违规行为作了整改，申请恢复医保支付资格。"
_REFUSAL = "整改材料不完整，评估未通过，请补充后再次申请。"


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """The last term of a suspended person: its end, whose it is, and where they work."""

    until: date
    practitioner: str
    institution: str


def acts_of(
    plan: Plan, calendar: WorkingCalendar, rulebook: Rulebook, credited: Mapping[str, date]
) -> Iterator[Act]:
    """Yield the applications and what became of them; `credited` are who shortened a term by ten days, and when."""
    terms = sorted(terms_of(plan, rulebook, credited))
    for number, term in enumerate(terms):
        if term.practitioner == plan.doctor:
            yield from _returned(term, calendar, by="doctor", consented_by="clinic")
            yield _set(term, calendar, "clinic")
        elif number == len(terms) // 3:
            yield from _late(term, calendar)
        elif number == len(terms) // 2:
            yield from _refused_first(term, calendar)
        elif number < len(terms) - 1:
            yield from _returned(term, calendar)
            # One institution in six leaves its own systems as they were.
            if number % _NEVER_SET:
                yield _set(term, calendar, term.institution)


def terms_of(plan: Plan, rulebook: Rulebook, credited: Mapping[str, date]) -> Iterator[Term]:
    """Return the last terms of those whom the year's scores suspend and nothing terminates or takes back."""
    appealed = {appeal.practitioner for appeal in plan.appeals} - {plan.doctor}
    scored: dict[str, list[tuple[PlannedCase, int]]] = {}
    for case in plan.cases:
        for finding in case.findings:
            if case.decided_on.year == rulebook.valid_from.year and finding.points is not None:
                scored.setdefault(finding.practitioner, []).append((case, finding.points))
    for code, own in scored.items():
        if code not in appealed:
            yield from _term(code, own, rulebook, credited.get(code))


def _term(
    code: str, own: list[tuple[PlannedCase, int]], rulebook: Rulebook, credited_on: date | None
) -> Iterator[Term]:
    entries: list[Entry] = [_score(number, case, points, rulebook) for number, (case, points) in enumerate(own, 1)]
    last = own[-1][0]
    if credited_on is not None:
        entries.append(_credit(len(own) + 1, credited_on, rulebook))
    sanctions = fold(entries).sanctions
    ends = [span.until for span in sanctions if span.kind is SanctionKind.SUSPENSION and span.until is not None]
    if ends and termination_on(sanctions, date.max) is None:
        yield Term(max(ends), code, last.institution)


def _score(number: int, case: PlannedCase, points: int, rulebook: Rulebook) -> Score:
    return Score(
        id=f"score {number}",
        seq=number,
        revision=number,
        effective_on=case.approved_at.date(),
        recorded_at=case.approved_at,
        rulebook=rulebook,
        points=points,
        decided_on=case.decided_on,
        finding=case.document_no,
        item="planned",
        degree=Degree.MAIN,
    )


def _credit(number: int, on: date, rulebook: Rulebook) -> TermCredit:
    return TermCredit(
        id=f"credit {number}",
        seq=number,
        revision=number,
        effective_on=on,
        recorded_at=at(on, 12, 0),
        rulebook=rulebook,
        days=10,
        application="planned",
    )


def _returned(
    term: Term, calendar: WorkingCalendar, *, by: str = "clerk", consented_by: str = "clerk"
) -> Iterator[Act]:
    filed_on = calendar.working_day_before(term.until, _IN_TIME)
    yield from filed(term, filed_on, by=by, consented_by=consented_by)
    yield _granted(term, calendar.working_day_before(term.until, _EVALUATED))


def _late(term: Term, calendar: WorkingCalendar) -> Iterator[Act]:
    filed_on = calendar.deadline(term.until, _LATE).last_day
    yield from filed(term, filed_on)
    yield _granted(term, calendar.deadline(filed_on, _EVALUATED).last_day)


def _refused_first(term: Term, calendar: WorkingCalendar) -> Iterator[Act]:
    first, again = calendar.working_day_before(term.until, _IN_TIME), calendar.deadline(term.until, _AGAIN).last_day
    yield from filed(term, first)
    yield Act(
        at(calendar.working_day_before(term.until, _EVALUATED), 16, 20),
        "reviewer",
        lambda work: resumption_decisions.refuse(work, _open(work, term.practitioner), reason=_REFUSAL),
    )
    yield from filed(term, again)
    yield _granted(term, calendar.deadline(again, _EVALUATED).last_day)


def filed(term: Term, on: date, *, by: str = "clerk", consented_by: str = "clerk") -> Iterator[Act]:
    """Yield an application and the consent of the person's institution, both of one day."""
    yield Act(
        at(on, 9, 40),
        by,
        lambda work: resumptions.file_resumption(work, practitioner=term.practitioner, statement=_STATEMENT),
    )
    on_paper = consented_by == "clerk"
    yield Act(
        at(on, 15, 10),
        consented_by,
        lambda work: consent(
            work,
            RESUMPTION,
            _open(work, term.practitioner),
            institution=term.institution if on_paper else None,
            proof="单位同意书原件存档。" if on_paper else None,
        ),
    )


def _set(term: Term, calendar: WorkingCalendar, by: str) -> Act:
    """Return the act of the institution on the day after the term: its own systems show the state again."""
    on = calendar.deadline(term.until, 1).last_day
    return Act(at(on, 10, 30), by, duties.state_set(term.practitioner, term.institution))


def _granted(term: Term, on: date) -> Act:
    return Act(
        at(on, 16, 40),
        "reviewer",
        lambda work: resumption_decisions.approve(work, _open(work, term.practitioner)),
    )


def _open(work: Work, code: str) -> str:
    """Return the id of the application of a person that nobody has decided yet."""
    query = select(table.c.id).join(practitioners, practitioners.c.id == table.c.practitioner_id)
    waits = table.c.state.in_(OPEN)
    application_id: str = work.conn.execute(query.where(practitioners.c.code == code, waits)).scalar_one()
    return application_id
