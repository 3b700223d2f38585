"""The demo year: planned the same each time, recorded through the use cases, counted from the ledger."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from carried_over import carry_over, standings
from database_addresses import application_engine
from jobs.processes import copy_of
from sqlalchemy import func, insert, select, update
from structlog.testing import capture_logs
from tried_year import check_tried
from two_knowledges import check_both_ways, days_between, record_late, won_appeals

from scoring_service.clock import SimulatedClock
from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.tables import (
    appeal_experts,
    appeals,
    cases,
    clock_state,
    corrections,
    entries,
    installation,
    job_runs,
    letters,
    liftings,
    notice_duties,
    notices,
    practitioners,
    remediation_applications,
    resumptions,
)
from scoring_service.demo import record, recorded_cases
from scoring_service.demo.accounts import demo_actors
from scoring_service.demo.plan import make_plan
from scoring_service.runtime.assembly import make_service
from scoring_service.services.cases.approval import approve
from scoring_service.services.jobs.runs import move_clock, run_due
from scoring_service.services.notices import talks
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.services.unit_of_work.watch import Watch
from scoring_service.services.years.statistics import statistics_of
from scoring_service.settings import Settings

FIGURES = ("institutions", "person_times", "suspended", "terminated")


@pytest.fixture
def service(fresh_engine):
    return make_service(Settings(demo="full", secret_key="s" * 40, identity_key="i" * 40), fresh_engine)


def figures(service, **question):
    with service.work() as work:
        told = statistics_of(work, year=2025, **question)
    return tuple(getattr(told, name) for name in FIGURES)


def with_cases(plan, cases):
    """The plan with these cases only, the people and places that they need, and the clinic."""
    codes = {finding.practitioner for case in cases for finding in case.findings} | {plan.doctor}
    clinic = [one.code for one in plan.practitioners if one.institution == plan.clinic]
    people = tuple(one for one in plan.practitioners if one.code in {*codes, *clinic[:40]})
    people = tuple(replace(one, second_institution=None) for one in people)
    places = {one.institution for one in people} | {case.institution for case in cases} | {plan.clinic}
    institutions = tuple(one for one in plan.institutions if one.code in places)
    return replace(plan, cases=tuple(cases), practitioners=people, institutions=institutions)


def shortened(plan, count):
    """The plan's first cases away from the clinic, without appeals."""
    cases = [case for case in plan.cases if case.institution != plan.clinic]
    return replace(with_cases(plan, cases[:count]), appeals=())


def of_the_clinic(plan):
    """What happened at the clinic."""
    return with_cases(plan, [case for case in plan.cases if case.institution == plan.clinic])


class Standing:
    """The clock of an installation whose first start is at an instant."""

    simulated = False

    def __init__(self, instant):
        self.now = lambda _conn: instant


def test_the_plan_is_the_same_at_every_call():
    plan = make_plan()
    assert plan == make_plan()
    assert len({one.code for one in plan.practitioners}) == len(plan.practitioners)
    assert len({case.document_no for case in plan.cases}) == len(plan.cases)


def started(engine, instant, plan):
    """The service of an installation that was seeded with a plan at an instant."""
    settings = Settings(demo="full", secret_key="s" * 40, identity_key="i" * 40)
    made = replace(make_service(settings, engine), clock=Standing(instant))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(record, "make_plan", lambda: plan)
        record.seed(made, "full")
    return made


def rows(service, query):
    with service.engine.connect() as conn:
        return conn.execute(query).all()


def column(service, query):
    return [row[0] for row in rows(service, query)]


def noon(year, month, day):
    return datetime(year, month, day, 12, tzinfo=CIVIL_ZONE)


def test_what_is_recorded_is_what_is_counted_and_without_approval_nothing(fresh_engine):
    plan = shortened(make_plan(), 12)
    never = replace(plan.cases[0], approved_at=datetime(2999, 1, 1, tzinfo=CIVIL_ZONE))
    counting = plan.cases[1:]
    made = started(fresh_engine, noon(2026, 1, 15), replace(plan, cases=(never, *counting)))
    scored = [finding for case in counting for finding in case.findings]
    assert figures(made)[:2] == (len({case.institution for case in counting}), len(scored))
    half = plan.cases[6].drafted_at.replace(hour=0, minute=0)
    known = [case for case in counting if case.approved_at < half]
    assert figures(made, known_at=half)[1] == sum(len(case.findings) for case in known)


@pytest.fixture(scope="module")
def present(module_engine):
    """The clinic's story, seen on 25 November 2026; not to be changed."""
    return started(module_engine, noon(2026, 11, 25), of_the_clinic(make_plan()))


def test_the_clinic_has_appeals_in_every_state(present):
    found = rows(
        present, select(appeals.c.state, appeals.c.outcome, func.count()).group_by("state", "outcome")
    )
    assert {(state, outcome): count for state, outcome, count in found} == {
        ("filed", None): 1,
        ("complete", None): 1,
        ("accepted", None): 2,
        ("declined", None): 1,
        ("withdrawn", None): 1,
        ("decided", "upheld"): 2,
        ("decided", "reduced"): 2,
        ("decided", "revoked"): 2,
    }


def test_a_revoked_score_is_no_person_time_and_an_annulled_suspension_none(present):
    plan = of_the_clinic(make_plan())
    recorded = [finding for case in plan.cases if case.decided_on.year == 2025 for finding in case.findings]
    assert figures(present)[1] == len(recorded) - 2
    assert figures(present)[2] == sum(finding.points >= 9 for finding in recorded) - 1
    assert figures(present, known_at=noon(2025, 4, 20))[2] == 2


def test_another_table_of_months_treats_those_otherwise_whom_the_model_and_the_list_say(present, tmp_path):
    simulation = check_tried(present, tmp_path)
    with present.work() as work:
        told = statistics_of(work, year=2025)
    before = simulation.whole.before
    assert (before.person_times, before.suspended, before.measures) == (told.person_times, told.suspended, told.measures)
    assert 0 < simulation.changed < simulation.persons


def test_no_letter_has_an_empty_place(present):
    kinds = set(column(present, select(notices.c.kind).join(letters)))
    assert {"score", "warning", "suspension", "correction", "appeal_decision", "year_statement"} <= kinds
    empty = letters.c.html.regexp_match("None|undefined|（文号：）")
    assert column(present, select(letters.c.notice_id).where(empty)) == []


def test_every_desk_has_something_waiting(present):
    cases_by_state = dict(rows(present, select(cases.c.state, func.count()).group_by(cases.c.state)))
    assert cases_by_state["submitted"] == 2
    drafts = rows(present, select(cases.c.reason).where(cases.c.state == "draft"))
    assert sorted(reason is None for (reason,) in drafts) == [False, True]
    for table, state in ((remediation_applications, "consented"), (corrections, "drafted")):
        assert rows(present, select(func.count()).where(table.c.state == state))[0][0] == 1
    states = dict(rows(present, select(resumptions.c.state, func.count()).group_by(resumptions.c.state)))
    assert states == {"approved": 1, "filed": 1, "consented": 1}
    unread = rows(
        present, select(notices.c.addressee_kind, notices.c.kind).where(notices.c.received_on.is_(None))
    )
    assert {("practitioner", "score"), ("institution", "score")} <= {tuple(row) for row in unread}
    actors = demo_actors(present)
    with present.work(actors["clinic"]) as work:
        assert work.conn.execute(talks.listing(work, held=False).query).first()
        assert work.conn.execute(select(appeals.c.id).where(appeals.c.state == "filed")).one()
    with present.work(actors["expert"]) as work:
        own = appeal_experts.c.account_id == actors["expert"].account_id
        waiting = own & appeal_experts.c.given_at.is_(None) & appeal_experts.c.recused_at.is_(None)
        assert len(work.conn.execute(select(appeal_experts).where(waiting)).all()) == 1
    with present.work(actors["doctor"]) as work:
        assert statistics_of(work, year=2025)


def test_measures_and_what_follows_letters_are_in_every_state(present):
    by_state = dict(rows(present, select(liftings.c.state, func.count()).group_by(liftings.c.state)))
    assert by_state == {"approved": 3, "drafted": 1}
    with present.work() as work:
        assert statistics_of(work, year=2025).measures == 3
    met = notice_duties.c.met_on.is_not(None).label("met")
    refused, due = remediation_applications.c.consent_refused_because, remediation_applications.c.consent_due_on
    unanswered = rows(present, select(refused.is_not(None), due < date(2026, 11, 25)).where(due.is_not(None)))
    assert {(False, True), (True, True)} <= set(map(tuple, unanswered))
    duties = set(map(tuple, rows(present, select(notice_duties.c.duty, met).distinct())))
    assert duties == {(duty, met) for duty in ("delivery", "maintenance", "talk") for met in (True, False)}
    late = (notice_duties.c.met_on > notice_duties.c.due_on) | notice_duties.c.overdue_told_at.is_not(None)
    assert rows(present, select(func.count()).where(late))[0][0]
    issued_late = cases.c.state.in_(("approved",)) & (cases.c.effective_on > cases.c.notice_due_on)
    assert rows(present, select(func.count()).where(issued_late))[0][0]


def check_told_on_its_day(created_at, facts):
    """A letter on a resumption: on the day of the return, at the decision, or within the window."""
    told_on = created_at.astimezone(CIVIL_ZONE).date().isoformat()
    if facts["stage"] == "resumed":
        assert facts["sanction"]["from"] < facts["resumes_on"] == facts["sanction"]["until"] == told_on
    elif facts["stage"] == "granted":
        assert facts["filed_on"] <= told_on <= facts["resumes_on"] == facts["ends_on"]
    else:
        assert facts["apply_from"] <= told_on < facts["ends_on"]


def test_the_jobs_of_a_day_ran_at_their_day(present):
    closed = rows(present, select(entries.c.recorded_at).where(entries.c.kind == "year_closed"))
    assert {instant.astimezone(CIVIL_ZONE).date() for (instant,) in closed} == {date(2026, 1, 1)}
    back = rows(
        present,
        select(notices.c.created_at, notices.c.facts).where(notices.c.kind == "resumption"),
    )
    assert back
    stages = {facts["stage"] for _, facts in back}
    assert stages >= {"window", "granted", "resumed"}
    for row in back:
        check_told_on_its_day(*row)
    deemed = rows(
        present, select(notices.c.received_on, notices.c.receipt_recorded_at).where(notices.c.deemed)
    )
    assert deemed
    assert all(recorded.astimezone(CIVIL_ZONE).date() > on for on, recorded in deemed)
    assert verify_ledger(present)[1] == check_standings(present)[1] == []


@pytest.fixture
def copied(present, module_url):
    """An engine on a copy of the clinic's story."""
    present.engine.dispose()
    with copy_of(module_url) as (engine, _copy):
        yield engine


def test_a_scheduler_that_starts_after_the_recording_runs_on_from_there(present, copied):
    made = replace(present, engine=copied)
    with capture_logs() as lines:
        run_due(made, noon(2026, 11, 25), Watch())
    assert not [line for line in lines if line["log_level"] in {"warning", "error"}]
    assert rows(made, select(job_runs.c.job).where(job_runs.c.state != "done")) == []


def test_two_knowledges_of_the_clinic_differ_by_what_the_model_of_days_says(present, copied, tmp_path):
    clock = record.RecordingClock(noon(2026, 11, 25))
    made = replace(present, engine=copied, clock=clock)
    late = record_late(made)
    clock.instant = noon(2026, 11, 26)
    won, winner = won_appeals(made)[0]
    moments = [won - timedelta(hours=1), won + timedelta(hours=1), noon(2026, 11, 24), clock.instant]
    paid = check_both_ways(made, tmp_path, moments, days_between(5))
    # The first appeal brought 9 points down to 6, and with them the suspension away.
    assert {code for code, _day in paid[moments[0], moments[1]]} == {winner}
    taken_back = paid[clock.instant, moments[2]]
    assert ({code for code, _day in taken_back}, min(taken_back)[1]) == ({late}, date(2025, 3, 7))


def ledger_of(service):
    """Every entry by the person's code, without what is drawn at random."""
    columns = [
        column
        for column in entries.c
        if column.name
        not in {"id", "practitioner_id", "case_id", "finding_id", "target_id", "application_id", "hash"}
        and "hash" not in column.name
    ]
    query = select(practitioners.c.code, *columns).join(
        practitioners, practitioners.c.id == entries.c.practitioner_id
    )
    return sorted(map(str, rows(service, query)))


@pytest.mark.soak
def test_two_recordings_give_the_same_ledger(present, fresh_engine):
    again = started(fresh_engine, noon(2026, 11, 25), of_the_clinic(make_plan()))
    assert ledger_of(again) == ledger_of(present)


DAYS = (*(date(2025, month, 15) for month in range(1, 13)), date(2026, 6, 1), date(2026, 11, 25), date(2027, 1, 31))


def empty_service(engine, instant):
    settings = Settings(demo="off", secret_key="s" * 40, identity_key="i" * 40)
    return replace(make_service(settings, engine), clock=record.RecordingClock(instant))


def test_what_is_exported_fills_an_empty_service_that_says_the_same(present, fresh_engine):
    other = empty_service(fresh_engine, noon(2026, 11, 25))
    first = carry_over(present, other)
    assert all(created + left for created, _changed, left in first.values())
    assert figures(other) == figures(present)
    assert standings(other, DAYS) == standings(present, DAYS)
    assert column(other, select(func.count()).select_from(notices)) == [0]
    again = carry_over(present, other)
    assert {kind: (created, changed) for kind, (created, changed, _left) in again.items()} == dict.fromkeys(first, (0, 0))
    assert verify_ledger(other)[1] == check_standings(other)[1] == []


@pytest.mark.parametrize(
    "start",
    [
        pytest.param((2025, 1, 1), marks=pytest.mark.soak),
        (2025, 6, 15),
        pytest.param((2025, 12, 20), marks=pytest.mark.soak),
        pytest.param((2026, 3, 1), marks=pytest.mark.soak),
    ],
    ids=lambda day: "-".join(map(str, day)),
)
def test_a_start_in_the_year_has_what_had_happened_by_then(fresh_engine, start):
    began = datetime(*start, tzinfo=CIVIL_ZONE)
    early = started(fresh_engine, began, of_the_clinic(make_plan()))
    for table, column in ((entries, "recorded_at"), (notices, "created_at"), (cases, "created_at")):
        assert all(instant <= began for (instant,) in rows(early, select(table.c[column])))
    with fresh_engine.begin() as conn:
        conn.execute(insert(clock_state).values(id=1, now=began))
    moving = replace(early, clock=SimulatedClock())
    move_clock(moving, noon(2026, 5, 1))
    resumed = select(notices.c.created_at, notices.c.facts).where(notices.c.kind == "resumption")
    for row in rows(moving, resumed):
        check_told_on_its_day(*row)
    assert verify_ledger(moving)[1] == check_standings(moving)[1] == []


class BrokenOff(Exception):
    pass


def test_a_recording_that_was_broken_off_goes_on_as_planned(present, fresh_engine, monkeypatch):
    approvals = 0

    def breaking(work, case):
        nonlocal approvals
        approvals += 1
        if approvals == 6:
            raise BrokenOff
        return approve(work, case)

    with fresh_engine.begin() as conn:
        conn.execute(update(installation).values(began_at=noon(2026, 11, 25)))
    monkeypatch.setattr(recorded_cases, "approve", breaking)
    with pytest.raises(BrokenOff):
        started(fresh_engine, noon(2026, 11, 25), of_the_clinic(make_plan()))
    monkeypatch.undo()
    resumed = started(fresh_engine, noon(2026, 11, 27), of_the_clinic(make_plan()))
    assert ledger_of(resumed) == ledger_of(present)


@pytest.mark.soak
def test_the_whole_year_gives_the_published_totals_and_comes_back_from_its_exports(service, committed_url, tmp_path):
    record.seed(service, "full")
    assert figures(service) == (328, 914, 15, 4)
    with service.work() as work:
        half = statistics_of(work, year=2025, known_at=datetime(2025, 7, 1, tzinfo=CIVIL_ZONE))
    assert 0 < half.person_times < 914
    states = dict(rows(service, select(resumptions.c.state, func.count()).group_by(resumptions.c.state)))
    assert (states["approved"], states["refused"]) == (14, 1)
    late = rows(service, select(entries.c.late_days).where(entries.c.kind == "resumption"))
    assert len([days for (days,) in late if days > 0]) == 2
    assert verify_ledger(service)[1] == check_standings(service)[1] == []
    assert check_tried(service, tmp_path).whole.before.person_times == 914
    moments = [at - timedelta(hours=1) for at, _code in won_appeals(service)]
    paid = check_both_ways(service, tmp_path, [*moments, noon(2026, 6, 1)], days_between(7))
    print({f"{before:%F} {after:%F}": len(lines) for (before, after), lines in paid.items()})  # noqa: T201 -- the finding.
    engine = application_engine(committed_url)
    other = empty_service(engine, datetime.now(CIVIL_ZONE))
    carry_over(service, other)
    assert figures(other) == (328, 914, 15, 4)
    assert standings(other, DAYS) == standings(service, DAYS)
    engine.dispose()
