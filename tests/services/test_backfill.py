"""Cases of earlier years: in force on their own days, told to nobody, known again, corrected and not written anew."""

from dataclasses import replace
from datetime import date

from case_world import CLINIC, HOSPITAL, finding, handling
from sqlalchemy import func, select

from scoring_service.core.entries import Basis, EntryKind
from scoring_service.core.procedure import MeasureKind
from scoring_service.db.bulk import FEW_ROWS
from scoring_service.db.cases import HandlingMeasure, KnownFinding, read_hands
from scoring_service.db.files import read_files
from scoring_service.db.tables import audit_log, cases, entries, events, findings, notices
from scoring_service.services.cases.backfill import backfill_cases
from scoring_service.services.cases.earlier_cases import EarlierCase, EarlierFinding
from scoring_service.services.cases.earlier_judging import judge_earlier
from scoring_service.services.cases.findings import resolved
from scoring_service.services.proposals.earlier_entries import EarlierThatDay, SinceCorrected
from scoring_service.services.standing.reading import standing_of

DECIDED, EFFECTIVE = date(2025, 2, 10), date(2025, 2, 14)


def known(world, person, points=10, **other) -> KnownFinding:
    return resolved(world.work(), finding(person, points, item="inducing_sham_treatment", **other), 0)


def earlier(world, *findings, **other):
    members = {"institution": HOSPITAL, "handling": handling(DECIDED), "summary": "旧案", "effective_on": EFFECTIVE}
    charged = tuple(each if isinstance(each, EarlierFinding) else EarlierFinding(known=each) for each in findings)
    return EarlierCase(**members | other, findings=charged)


def backfilled(world, *batch):
    work = world.work("admin")
    judged = backfill_cases(work, batch, drafted_by=world.actor("clerk"))
    work.close()
    return judged


def verdicts(judged):
    return [each.verdict.value for each in judged]


def count(world, table, *conditions):
    return world.conn.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


def test_a_backfilled_case_stands_as_if_it_had_been_approved_then(world):
    person, approved = world.person(), world.person()
    world.set_today(EFFECTIVE)
    world.approved(finding(approved, 10, item="inducing_sham_treatment"), decided_on=DECIDED)
    world.set_today(date(2025, 6, 2))
    told = count(world, notices)
    case = earlier(world, known(world, person))
    assert verdicts(judge_earlier(world.work(), [case])) == ["created"]
    assert verdicts(backfilled(world, case)) == ["created"]
    of_both = [standing_of(world.work(), one).standing for one in (person, approved)]
    assert of_both[0].sanctions == of_both[1].sanctions
    assert (of_both[0].points, of_both[0].state.status) == (10, "suspended")
    stored = world.conn.execute(select(cases).where(cases.c.effective_on == EFFECTIVE)).mappings().all()
    mine = next(row for row in stored if row["summary"] == "旧案")
    assert (mine["state"], mine["notice_due_on"]) == ("approved", None)
    hands = {hand.deed: hand.username for hand in read_hands(world.conn, mine["id"])}
    assert hands == {"drafted": "clerk", "submitted": "clerk", "approved": "admin"}
    assert count(world, notices) == told
    kinds = select(events.c.kind).where(events.c.practitioner_id == person, events.c.kind != "practitioner.registered")
    assert sorted(world.conn.execute(kinds).scalars()) == ["sanction_began", "score_recorded"]
    assert count(world, audit_log, audit_log.c.action == "case.backfilled") == 1


def test_the_same_case_again_is_left_and_a_changed_one_refused(world):
    person = world.person()
    case = earlier(world, known(world, person))
    backfilled(world, case)
    number = case.handling.document_no.translate(str.maketrans("〔〕", "[]"))
    again = replace(case, handling=replace(case.handling, document_no=f" {number}"))
    assert verdicts(backfilled(world, again)) == ["left"]
    changed = replace(case, findings=(EarlierFinding(known=known(world, person, 11)),))
    later = replace(case, effective_on=date(2025, 2, 15))
    corrected = replace(case, findings=(replace(case.findings[0], corrected=since(4)),))
    for other in (changed, later, corrected):
        judged = backfilled(world, other)
        assert verdicts(judged) == ["refused"]
        assert "更正" in judged[0].faults[0].detail
    assert verdicts(backfilled(world, replace(changed, part=2))) == ["refused"], "the same decision needs a reason"
    assert count(world, entries) == 1


def since(value, on=date(2025, 3, 3)):
    return SinceCorrected(value=value, on=on, basis=Basis.APPEAL)


def test_what_has_happened_since_is_recorded_with_the_case(world):
    person, measured = world.person(), world.person()
    scored = EarlierFinding(known=known(world, person), corrected=since(3))
    measure = HandlingMeasure(kind=MeasureKind.AGREEMENT_SUSPENDED, start=DECIDED)
    responsible = EarlierFinding(known=known(world, measured, None), lifted_on=date(2025, 4, 1))
    cases_ = earlier(world, scored), earlier(world, responsible, handling=handling(DECIDED, measure=measure))
    assert verdicts(backfilled(world, *cases_)) == ["created", "created"]
    assert verdicts(backfilled(world, *cases_)) == ["left", "left"]
    assert standing_of(world.work(), person).standing.points == 3
    [span] = standing_of(world.work(), measured).standing.sanctions
    assert (span.start, span.until, span.ground) == (date(2025, 2, 15), date(2025, 4, 1), "measure")
    assert not count(world, events, events.c.kind == "sanction_began")


def test_the_gates_of_an_approval_hold(world):
    person, elsewhere = world.person(), world.person(at=CLINIC)
    fine = known(world, person)
    wrong = {
        "/effective_on": earlier(world, fine, effective_on=date(2025, 2, 1)),
        "/handling/decided_on": earlier(world, fine, handling=handling(date(2024, 12, 1))),
        "/institution": earlier(world, fine, institution="H15040299999"),
        "/findings/0/item": earlier(world, replace(fine, item="unheard_of")),
        "/findings/0/reason": earlier(world, known(world, elsewhere)),
        "/findings/0/corrected_to": earlier(world, EarlierFinding(known=fine, corrected=since(10))),
        "/findings/0/lifted_on": earlier(world, EarlierFinding(known=fine, lifted_on=date(2025, 3, 1))),
    }
    judged = judge_earlier(world.work(), list(wrong.values()))
    assert [each.faults[0].pointer for each in judged] == list(wrong)
    assert verdicts(judged) == ["refused"] * len(wrong)


def test_what_stood_in_the_file_before_on_the_same_day_stays_before(world):
    """A credit before 8 points of one day finds nothing to take; after them it would take 3."""
    person = world.person()
    credit = EarlierThatDay(kind=EntryKind.POINTS_CREDIT, amount=3)
    charged = EarlierFinding(known=known(world, person, 8, reason="依处理决定"), earlier_that_day=(credit,))
    assert verdicts(backfilled(world, earlier(world, charged))) == ["created"]
    kinds = [entry.kind for entry in read_files(world.conn, [person])[person].entries]
    assert kinds == [EntryKind.POINTS_CREDIT, EntryKind.SCORE]
    assert standing_of(world.work(), person).standing.points == 8


def test_many_cases_are_written_together(world):
    """Beyond FEW_ROWS they go by COPY, flags and all."""
    person = world.person()
    charged = [known(world, person, 1, reason="依处理决定，“甲, 乙”") for _ in range(FEW_ROWS + 1)]
    assert set(verdicts(backfilled(world, *(earlier(world, each) for each in charged)))) == {"created"}
    flags = world.conn.execute(select(findings.c.flags).distinct()).scalars().all()
    assert flags == [["outside_band"]]
    assert standing_of(world.work(), person).standing.points == 12
