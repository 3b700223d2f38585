from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from case_world import DECIDED, FAR_HOSPITAL, HOSPITAL, SHAM, TODAY, finding
from own_law import on_application
from sqlalchemy import func, select

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.entries import EntryKind
from scoring_service.db.cases import KnownFinding
from scoring_service.db.files import read_files
from scoring_service.db.ledger import lock_files, read_entries
from scoring_service.db.standing import computed_rows, stored_rows
from scoring_service.db.tables import entries, events, letters, notices
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.problems import Conflict, Forbidden, Invalid, NotFound, Stale
from scoring_service.services.cases.approval import absorbed_findings, approve
from scoring_service.services.cases.drafting import edit, give_back, submit
from scoring_service.services.standing.ways_back import window_on
from scoring_service.services.years import changing as changing_files
from scoring_service.services.years.changing import changing

ONE_DAY = timedelta(days=1)


def count(world, table):
    return world.conn.execute(select(func.count()).select_from(table)).scalar_one()


def reregister(world, person, day):
    """Post a re-registration as the return after a ban does."""
    work = world.work("reviewer")
    with changing(work, [person]) as files:
        rulebook = work.rulebooks.for_division("150402", day)
        files[person].post(EntryKind.REREGISTRATION, effective_on=day, rulebook=rulebook)


def test_approval_posts_the_entry_and_answers_with_the_standing(world):
    person = world.person()
    case = world.approved(finding(person, 10, item=SHAM))
    assert (case.state, case.effective_on, case.version) == ("approved", TODAY, 3)
    [told] = case.findings
    [entry] = read_entries(world.conn, [person])[person]
    assert (entry.id, entry.points, entry.finding) == (told.entry, 10, told.id)
    assert (entry.decided_on, entry.effective_on, entry.item) == (DECIDED, TODAY, SHAM)
    assert told.absorbed is False
    answer = told.standing
    standing = answer.standing
    assert (standing.points, standing.state.status, answer.revision) == (10, "normal", 3)
    [span] = standing.sanctions
    assert (span.kind, span.ground) == ("suspension", "single")
    assert (span.start, span.until) == (date(2025, 6, 3), date(2025, 10, 3))
    [step] = standing.trace
    assert (step.entry.id, str(step.consequence)) == (told.entry, "suspension of 4 months")
    assert stored_rows(world.conn, [person]) == computed_rows(world.conn, [person])


def test_one_act_posts_its_highest_finding_only(world):
    person, other = world.person(), world.person()
    case = world.approved(
        finding(person, 4, act="A", reason="三次行为"),
        finding(person, 6, act="A", reason="三次行为"),
        finding(person, 6, act="A", reason="三次行为"),
        finding(other, 5, act="A"),
        finding(person, 5, reason="三次行为"),
        finding(person, 4, act="B", reason="三次行为"),
    )
    told = case.findings
    assert [row.absorbed for row in told] == [True, False, True, False, False, False]
    assert [row.entry is None for row in told] == [True, False, True, False, False, False]
    posted = {name: [entry.points for entry in read_entries(world.conn, [name])[name]] for name in (person, other)}
    assert posted == {person: [6, 5, 4], other: [5]}
    assert [row.standing.standing.points for row in told] == [12, 12, 12, 5, 12, 12]


def test_absorption_looks_at_the_person_and_the_act():
    blank = {field.name: None for field in fields(KnownFinding)}
    members = ("id", "practitioner_id", "act", "points")
    rows = [("1", "a", "x", 3), ("2", "a", "x", 3), ("3", "b", "x", 1), ("4", "a", None, 1), ("5", "a", None, 2)]
    known = [KnownFinding(**blank | dict(zip(members, row, strict=True))) for row in rows]
    assert absorbed_findings(known) == {"2"}


def test_two_cases_add_up_and_the_later_one_brings_the_sanction(world):
    person = world.person()
    world.approved(finding(person, 6))
    case = world.approved(finding(person, 6, item="splitting_stays"))
    standing = case.findings[0].standing.standing
    assert (standing.points, standing.sanctions[0].kind) == (12, "termination")
    assert standing.sanctions[0].ground == "accumulated"


def test_entries_of_one_approval_are_recorded_one_after_the_other(world):
    person = world.person()
    world.approved(finding(person, 3, reason="从轻"), finding(person, 5, reason="另一次"), finding(person, 1, reason="从轻"))
    rows = world.conn.execute(
        select(entries).where(entries.c.practitioner_id == person).order_by(entries.c.seq)
    ).all()
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.revision for row in rows] == [3, 4, 5]
    assert rows[0].recorded_at < rows[1].recorded_at < rows[2].recorded_at
    assert {row.recorded_by for row in rows} == {"reviewer"}


def test_an_approval_that_waited_past_midnight_takes_effect_on_the_new_day(world, monkeypatch):
    person = world.person()
    case = world.submitted(finding(person, 9, item=SHAM, reason="情节说明"))

    def waited_for(conn, people):
        world.set_today(TODAY + ONE_DAY)
        return lock_files(conn, people)

    monkeypatch.setattr(changing_files, "lock_files", waited_for)
    work = world.work("reviewer")
    assert work.today == TODAY
    approve(work, case.id)
    [entry] = read_entries(world.conn, [person])[person]
    assert entry.effective_on == entry.recorded_at.astimezone(CIVIL_ZONE).date() == TODAY + ONE_DAY


@pytest.mark.parametrize("deed", ["drafted", "edited"])
def test_the_same_person_does_not_approve_under_another_account(world, deed):
    world.account("second", "office.clerk", staff_no="S-second")
    world.account("twin", "office.reviewer", staff_no="S-second")
    drafter = "second" if deed == "drafted" else "clerk"
    case = world.draft(finding(world.person()), by=drafter)
    if deed == "edited":
        edit(world.work("second"), case.id, expected_version=1, summary="补充")
    submit(world.work("clerk"), case.id)
    with pytest.raises(Forbidden) as caught:
        approve(world.work("twin"), case.id)
    assert caught.value.code == "same_person"
    assert count(world, entries) == 0
    assert approve(world.work("reviewer"), case.id).state == "approved"


def test_an_administrator_does_not_approve_what_an_account_of_theirs_drafted(world):
    world.account("made", "office.clerk", made_by="admin")
    world.account("other-admin", "office.admin")
    case = world.submitted(finding(world.person()), by="made")
    with pytest.raises(Forbidden) as caught:
        approve(world.work("admin"), case.id, effective_on=DECIDED)
    assert caught.value.code == "same_person"
    assert approve(world.work("other-admin"), case.id, effective_on=DECIDED).state == "approved"


def test_a_backfill_is_the_administrators(world):
    case = world.submitted(finding(world.person(), 9, item="settling_in_anothers_name"))
    with pytest.raises(Forbidden) as caught:
        approve(world.work("reviewer"), case.id, effective_on=TODAY - ONE_DAY)
    assert caught.value.code == "backfill_not_allowed"
    with pytest.raises(Forbidden) as caught:
        approve(world.work("admin"), case.id)
    assert caught.value.code == "forbidden"
    approved = approve(world.work("admin"), case.id, effective_on=DECIDED)
    assert approved.effective_on == DECIDED
    assert approved.findings[0].standing.standing.sanctions[0].start == DECIDED + ONE_DAY
    assert approved.findings[0].standing.standing.state.status == "suspended"


@pytest.mark.parametrize("effective_on", [TODAY + ONE_DAY, DECIDED - ONE_DAY])
def test_entries_take_effect_between_the_decision_and_today(world, effective_on):
    case = world.submitted(finding(world.person()))
    for name in ("reviewer", "admin"):
        with pytest.raises(Invalid) as caught:
            approve(world.work(name), case.id, effective_on=effective_on)
        assert [fault.pointer for fault in caught.value.errors] == ["/effective_on"]
    assert count(world, entries) == 0


def test_a_backfill_does_not_reach_behind_a_reregistration(world):
    person = world.person()
    reregister(world, person, TODAY - ONE_DAY)
    case = world.submitted(finding(person))
    with pytest.raises(Conflict) as caught:
        approve(world.work("admin"), case.id, effective_on=TODAY - 2 * ONE_DAY)
    assert caught.value.code == "before_reregistration"
    assert approve(world.work("admin"), case.id, effective_on=TODAY - ONE_DAY).state == "approved"


def test_only_a_submitted_case_is_approved_and_only_once(world):
    case = world.draft(finding(world.person()))
    with pytest.raises(Conflict) as caught:
        approve(world.work("reviewer"), case.id)
    assert (caught.value.code, caught.value.extra) == ("case_state", {"state": "draft"})
    submit(world.work(), case.id)
    approve(world.work("reviewer"), case.id)
    with pytest.raises(Conflict) as caught:
        approve(world.work("reviewer"), case.id)
    assert caught.value.extra == {"state": "approved"}
    assert count(world, entries) == 1


def test_what_was_changed_since_it_was_read_is_not_approved(world):
    case = world.submitted(finding(world.person()))
    give_back(world.work("reviewer"), case.id, reason="补充证据")
    submit(world.work(), case.id)
    with pytest.raises(Stale):
        approve(world.work("reviewer"), case.id, expected_version=case.version)
    assert count(world, entries) == 0


def test_a_reviewer_of_another_region_does_not_find_the_case(world):
    world.account("far", "office.reviewer", region="43")
    case = world.submitted(finding(world.person()))
    with pytest.raises(NotFound):
        approve(world.work("far"), case.id)


def test_flags_are_judged_again_at_approval(world):
    person = world.person()
    first = world.submitted(finding(person, 3, reason="从轻"))
    later = world.submitted(finding(person), decided_on=TODAY)
    assert later.findings[0].flags == ()
    approve(world.work("reviewer"), first.id)
    approved = approve(world.work("reviewer"), later.id)
    assert approved.findings[0].flags == ("repeat_in_year",)


def told(world, person):
    rows = world.conn.execute(select(notices).where(notices.c.practitioner_id == person).order_by(notices.c.created_at))
    return [(row.kind, row.addressee_kind) for row in rows]


@pytest.mark.parametrize(
    ("points", "kinds"),
    [(1, ["score"]), (5, ["score", "warning"]), (9, ["score", "suspension"]), (12, ["score", "termination"])],
)
def test_notices_and_events_tell_the_person_and_the_institution(world, points, kinds):
    person = world.person()
    work = world.work("reviewer")
    case = world.submitted(finding(person, points, reason="见案卷"))
    before = count(world, events)
    answer = approve(work, case.id)
    work.close()
    parties = [(kind, addressee) for kind in kinds for addressee in ("practitioner", "institution")]
    of_sanctions = [(kind, "authority") for kind in kinds if kind in {"suspension", "termination"}]
    assert sorted(told(world, person)) == sorted(parties + of_sanctions)
    rows = world.conn.execute(select(events).order_by(events.c.number)).all()[before:]
    expected = ["case_approved", *("score_recorded" if kind == "score" else kind for kind in kinds)]
    assert [row.kind for row in rows] == expected
    assert {row.detail["case"] for row in rows} == {case.id}
    assert {row.detail["entry"] for row in rows[1:]} == {answer.findings[0].entry}


def test_a_sanction_taken_in_by_a_later_entry_of_the_case_is_not_told(world):
    person = world.person()
    world.approved(finding(person, 9, item="settling_in_anothers_name"), finding(person, 3, reason="从轻"))
    kinds = [kind for kind, addressee in told(world, person) if addressee == "practitioner"]
    assert sorted(kinds) == ["score", "score", "termination"]


def test_a_backfill_that_makes_a_later_entry_cross_tells_of_that(world):
    person = world.person()
    later = world.approved(finding(person, 6))
    case = world.submitted(finding(person, 3, item="splitting_stays", reason="从轻"))
    approve(world.work("admin"), case.id, effective_on=DECIDED)
    rows = world.conn.execute(select(notices).where(notices.c.kind == "suspension")).all()
    assert {row.entry_id for row in rows} == {later.findings[0].entry}
    assert rows[0].facts["sanction"] == {
        "kind": "suspension",
        "ground": "accumulated",
        "from": "2025-06-03",
        "until": "2025-08-03",
        "state_until": "2025-08-03",
    }


def test_a_corrected_score_is_told_with_the_points_it_counts_with(world):
    person = world.person()
    world.set_today(TODAY - ONE_DAY)
    corrected = world.approved(finding(person, 9, item=SHAM, reason="情节说明")).findings[0].entry
    world.corrected(person, corrected, 6)
    world.set_today(TODAY)
    case = world.submitted(finding(person, 3, item="splitting_stays", reason="从轻"))
    approve(world.work("admin"), case.id, effective_on=DECIDED)
    rows = world.conn.execute(select(notices).where(notices.c.kind == "suspension", notices.c.entry_id == corrected))
    told = {(row.facts["points"], row.facts["total"], row.facts["consequence"]) for row in rows}
    assert (6, 9, "suspension of 2 months") in told


def test_a_suspension_beside_that_of_another_year_is_told_with_its_own_days(world):
    person = world.person()
    for points, decided_on in ((11, date(2025, 12, 1)), (9, date(2026, 2, 2))):
        world.set_today(decided_on)
        world.approved(finding(person, points, item=SHAM, reason="情节说明"), decided_on=decided_on)
    rows = world.conn.execute(select(notices).where(notices.c.kind == "suspension").order_by(notices.c.created_at))
    told = [(row.facts["sanction"]["from"], row.facts["sanction"]["until"], row.facts["resumes_on"]) for row in rows]
    before, beside = ("2025-12-02", "2026-06-02", "2026-06-02"), ("2026-02-03", "2026-04-03", "2026-06-02")
    assert list(dict.fromkeys(told)) == [before, beside]


def test_the_letter_on_a_suspension_that_waits_for_a_resumption_tells_from_when_one_may_apply(world, tmp_path):
    waits = replace(world.service, rulebooks=Rulebooks.load(on_application(tmp_path)))
    world = replace(world, service=waits)
    person = world.person()
    world.approved(finding(person, 10, item=SHAM))
    issued = select(notices.c.facts, letters.c.html).join(letters, letters.c.notice_id == notices.c.id)
    rows = world.conn.execute(issued.where(notices.c.kind == "suspension")).all()
    # 1 and 2 October are holidays, Sunday 28 September is worked: 15 working days lead back to 11 September.
    assert rows
    for row in rows:
        assert row.facts["resumption"]["ends_on"] == "2025-10-03"
        assert "第十五个工作日（2025年9月11日）起" in row.html


def test_a_letter_counts_from_the_last_of_several_terms_by_the_rulebook_of_that_one(world, tmp_path):
    with (on_application(tmp_path) / "chifeng.yaml").open("a", encoding="utf-8") as file:
        file.write(TWENTY_WORKING_DAYS)
    world = replace(world, service=replace(world.service, rulebooks=Rulebooks.load(tmp_path)))
    person = world.person()
    for points, decided_on, place in ((11, date(2025, 12, 1), HOSPITAL), (9, date(2026, 2, 2), FAR_HOSPITAL)):
        world.set_today(decided_on)
        world.approved(
            finding(person, points, item=SHAM, reason="情节说明"), decided_on=decided_on, institution=place
        )
    window = window_on(world.service.calendar, read_files(world.conn, [person])[person].folded(), date(2026, 3, 1))
    rows = world.conn.execute(select(notices.c.facts).where(notices.c.kind == "suspension")).scalars().all()
    told = {(facts["sanction"]["until"], facts["resumption"]["apply_from"]) for facts in rows}
    assert window.apply_from == date(2026, 5, 6)
    assert told == {("2026-06-02", "2026-05-06"), ("2026-05-01", "2026-05-06")}


TWENTY_WORKING_DAYS = """
  resumption:
    apply_working_days:
      values:
        2025-01-01: {value: 20, source: D-IM, verified: true}
"""
