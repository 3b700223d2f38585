"""Two files of one person become one: nothing of the old is lost, and before the merge each answers as then."""

from datetime import date, timedelta

import pytest
from case_world import CLINIC, HOSPITAL, TODAY
from case_world import finding as plain_finding
from sqlalchemy import func, insert, select

from scoring_service.core.entries import EntryKind
from scoring_service.core.standing import Status
from scoring_service.db.files import read_files
from scoring_service.db.merges import standing_entry
from scoring_service.db.standing import computed_rows, stored_rows
from scoring_service.db.tables import entries, job_runs, notices, practitioners
from scoring_service.problems import Conflict, Forbidden
from scoring_service.services.appeals import filing
from scoring_service.services.cases.approval import approve
from scoring_service.services.desks.practitioner_file import file_of
from scoring_service.services.eligibility.answer import make_check as line
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.proposals import corrections, proposal, registry_corrections
from scoring_service.services.proposals import merges as merging
from scoring_service.services.proposals.registry_corrections import REGISTRY_CORRECTION
from scoring_service.services.record.audit import access_log
from scoring_service.services.record.events import events_after
from scoring_service.services.registry.persons import add_commitment
from scoring_service.services.registry.practitioners import list_practitioners, read_practitioner
from scoring_service.services.registry.registrations import deregister
from scoring_service.services.standing.proof import _verify_chunk
from scoring_service.services.standing.reading import standing_of
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.years.closing import JOB, close_chunk
from scoring_service.services.years.statistics import statistics_of

REASON = "同一人，两份档案"


def finding(person, points, **other):
    return plain_finding(person, points, reason="情节", **other)


def drafted(world, merged, into, by="admin"):
    return merging.draft(world.work(by), merged, into=into, reason=REASON)


def merged(world, one, into, by="reviewer"):
    done = merging.approve(world.work(by), drafted(world, one, into).id)
    people = [one, into]
    assert _verify_chunk(world.work("system"), people) == []
    for person in people:
        assert stored_rows(world.conn, [person]) == computed_rows(world.conn, [person])
    return done


def points(world, ref, **question):
    person = merging.require_practitioner(world.work(), ref).id
    return standing_seen(world.work(), person, ref=ref, **question).standing.points


def code_of(world, person):
    return world.conn.execute(select(practitioners.c.code).where(practitioners.c.id == person)).scalar_one()


def answer(world, ref, day=TODAY, place=None, **question):
    return check_lines(world.work("clerk"), [line(ref, day.isoformat(), day, place)], **question)[0]


def test_both_references_answer_the_one_file_and_before_the_merge_each_its_own(world):
    one, into = world.person(), world.person(at=CLINIC)
    codes = code_of(world, one), code_of(world, into)
    world.approved(finding(one, 5))
    world.approved(finding(into, 6))
    then = {ref: answer(world, ref) for ref in (one, into, *codes)}
    before = world.work().now
    done = merged(world, one, into)
    assert done.state == "approved"
    assert [points(world, ref) for ref in (one, into, *codes)] == [11] * 4
    assert [points(world, ref, known_at=before) for ref in (one, into, *codes)] == [5, 6, 5, 6]
    assert {answer(world, ref).revision for ref in (one, into, *codes)} == {read_practitioner(world.work(), into).revision}
    assert {answer(world, ref, known_at=before).decision_id for ref in codes} == {then[ref].decision_id for ref in codes}
    for ref in (one, into, *codes):
        again = {"known_at": world.work().now, "revision": then[ref].revision}
        assert answer(world, ref, **again).decision_id == then[ref].decision_id
        assert points(world, ref, **again) == {one: 5, into: 6, codes[0]: 5, codes[1]: 6}[ref]
    assert {answer(world, ref, place=HOSPITAL).reason for ref in (one, into)} == {"eligible"}
    assert {answer(world, ref, day=TODAY + timedelta(days=1)).reason for ref in (one, *codes)} == {"suspended"}


def test_the_merged_file_stays_as_it_was_and_its_entries_are_copied_in_order(world):
    one, into = world.person(), world.person()
    case = world.approved(finding(one, 3), finding(into, 6))
    world.corrected(one, case.findings[0].entry, 1)
    before = read_files(world.conn, [one])[one]
    merged(world, one, into)
    after = read_files(world.conn, [one, into])
    assert after[one].entries == before.entries
    copies = [entry for entry in after[into].entries if entry.seq > 1]
    assert [(each.kind, each.effective_on) for each in copies] == [
        (EntryKind.SCORE, before.entries[0].effective_on),
        (EntryKind.CORRECTION, before.entries[1].effective_on),
    ]
    assert copies[1].target == copies[0].id
    origins = world.conn.execute(
        select(entries.c.copied_from).where(entries.c.practitioner_id == into, entries.c.seq > 1).order_by(entries.c.seq)
    )
    assert list(origins.scalars()) == [entry.id for entry in before.entries]
    assert copies[0].finding == before.entries[0].finding
    assert points(world, one) == 7


def test_matters_go_on_with_the_one_file(world):
    one, into = world.person(), world.person()
    world.account("dr", "practitioner", practitioner=one)
    approved = world.approved(finding(one, 5))
    waiting = world.submitted(finding(one, 6, item="repeat_or_excess_charging"))
    merged(world, one, into)
    file = file_of(world.work(), one)
    assert {case.id for case in file.cases} == {approved.id, waiting.id}
    assert len(file.notices) == world.conn.execute(select(func.count()).select_from(notices)).scalar_one() > 0
    assert world.actor("dr").practitioner_id == into
    assert file_of(world.work("dr"), one).practitioner.id == into
    assert approve(world.work("reviewer"), waiting.id).findings[0].standing.standing.points == 11
    assert points(world, one) == 11


def test_spans_that_neither_had_get_letters_and_copies_do_not(world):
    one, into = world.person(), world.person()
    world.approved(finding(one, 9))
    world.approved(finding(into, 5))
    kinds = select(notices.c.kind).where(notices.c.practitioner_id == into, notices.c.addressee_kind == "practitioner")
    was = sorted(world.conn.execute(select(notices.c.kind).where(notices.c.addressee_kind == "practitioner")).scalars())
    merged(world, one, into)
    assert sorted(world.conn.execute(kinds).scalars()) == sorted([*was, "termination"])
    assert standing_of(world.work(), into, as_of=TODAY + timedelta(days=1)).standing.state.status is Status.TERMINATED


def test_a_merged_person_is_counted_once_and_in_no_list(world):
    one, into = world.person(), world.person()
    world.approved(finding(one, 5))
    world.approved(finding(into, 9))
    before = world.work().now
    merged(world, one, into)
    counted = statistics_of(world.work("admin"), year=2025)
    assert (counted.person_times, counted.persons, counted.suspended, counted.terminated) == (2, 1, 0, 1)
    then = statistics_of(world.work("admin"), year=2025, known_at=before)
    assert (then.person_times, then.persons, then.suspended, then.terminated) == (2, 2, 1, 0)
    listed, _ = list_practitioners(world.work("admin"), limit=10, after=None)
    assert [each.id for each in listed] == [into]


def test_a_merge_is_another_persons_decision_and_final(world):
    one, into = world.person(), world.person()
    proposed = drafted(world, one, into)
    assert (proposed.preview.after.standing.points, proposed.preview.new_spans) == (0, ())
    with pytest.raises(Forbidden) as refused:
        merging.approve(world.work("admin"), proposed.id)
    assert refused.value.code == "same_person"
    with pytest.raises(Conflict) as exists:
        drafted(world, into, one)
    assert exists.value.code == "merge_exists"
    merging.approve(world.work("reviewer"), proposed.id)
    with pytest.raises(Conflict) as again:
        merging.approve(world.work("reviewer"), proposed.id)
    assert (again.value.code, again.value.extra) == ("merge_state", {"state": "approved"})
    with pytest.raises(Conflict) as same:
        drafted(world, one, into)
    assert same.value.code == "same_file"


def test_a_window_that_runs_is_not_lost_and_an_appeal_corrects_the_copy(world):
    one, into = world.person(), world.person()
    world.account("dr", "practitioner", practitioner=one)
    entry = world.approved(finding(one, 5)).findings[0].entry
    merged(world, one, into)
    world.set_today(TODAY + timedelta(days=7))
    filed = filing.file_appeal(
        world.work("dr"), practitioner=one, against="points", grounds="不实", filed_by="practitioner", entry=entry
    )
    copy = world.conn.execute(select(entries.c.id).where(entries.c.copied_from == entry)).scalar_one()
    assert (filed.appeal.practitioner_id, filed.appeal.entry_id) == (into, copy)
    with pytest.raises(Conflict) as exists:
        filing.file_appeal(world.work("clerk"), practitioner=into, against="points", grounds="不实", filed_by="practitioner", entry=copy)
    assert exists.value.code == "appeal_exists"
    drafted_one = corrections.draft(world.work("clerk"), entry, value=2, basis="court", document_no="1", reason="判决")
    corrections.approve(world.work("reviewer"), drafted_one.id)
    assert (points(world, one), points(world, into)) == (2, 2)


def test_files_are_merged_over_and_over_and_every_reference_answers(world):
    first, second, third = world.person(), world.person(), world.person()
    refs = [*(first, second, third), *(code_of(world, each) for each in (first, second, third))]
    for person, scored in ((first, 1), (second, 2), (third, 4)):
        world.approved(finding(person, scored))
    instants = [world.work().now]
    entry = world.conn.execute(select(entries.c.id).where(entries.c.practitioner_id == first)).scalar_one()
    for one, into in ((first, second), (second, third)):
        merged(world, one, into)
        instants.append(world.conn.execute(select(practitioners.c.merged_at).where(practitioners.c.id == one)).scalar_one())
    asked = [[points(world, ref, known_at=instant) for ref in refs] for instant in instants]
    assert asked == [[1, 2, 4] * 2, [3, 3, 4] * 2, [7, 7, 7] * 2]
    revisions = [[answer(world, ref, known_at=instant).revision for ref in refs] for instant in instants]
    for row, row_of_points in zip(revisions, asked, strict=True):
        for ref, revision, expected in zip(refs, row, row_of_points, strict=True):
            assert points(world, ref, known_at=world.work().now, revision=revision) == expected
            assert answer(world, ref, known_at=world.work().now, revision=revision).revision == revision
    origins = world.conn.execute(select(entries.c.copied_from).where(entries.c.practitioner_id == third)).scalars()
    assert entry in set(origins)
    assert standing_entry(world.conn, entry) in {each.id for each in read_files(world.conn, [third])[third].entries}
    counted = statistics_of(world.work("admin"), year=2025)
    assert (counted.person_times, counted.persons) == (3, 1)


def test_what_waits_for_one_person_in_two_files_is_decided_first(world):
    one, into = world.person(), world.person()
    waiting = registry_corrections.draft(
        world.work("admin"), one, kind="person", fields={"name": "改正"}, reason="笔误"
    )
    with pytest.raises(Conflict) as refused:
        drafted(world, one, into)
    assert (refused.value.code, refused.value.extra) == (
        "matters_open",
        {"matters": [{"kind": "registry_correction", "id": waiting.id}]},
    )
    proposal.reject(world.work("reviewer"), REGISTRY_CORRECTION, waiting.id, reason="先并档")
    merged(world, one, into)


def test_registered_affiliated_and_committed_on_every_day_on_which_either_was(world):
    one = world.person(since=date(2025, 1, 1), until=None)
    into = world.person(at=CLINIC, since=date(2025, 3, 1))
    add_commitment(world.work("admin"), one, signed_on=date(2025, 2, 1))
    merged(world, one, into)
    shown = read_practitioner(world.work(), one)
    assert [(row.start, row.until, row.commitment_signed_on) for row in shown.registrations] == [
        (date(2025, 1, 1), date(2025, 3, 1), date(2025, 2, 1)),
        (date(2025, 3, 1), None, date(2025, 2, 1)),
    ]
    assert {(row.institution, row.start, row.until) for row in shown.affiliations} == {
        (HOSPITAL, date(2025, 1, 1), None),
        (CLINIC, date(2025, 3, 1), None),
    }
    assert [file.id for file in shown.merged_files] == [one]
    assert [row.merged_from for row in shown.persons] == [one, None]
    assert not shown.lacks_commitment
    assert shown.registered_on == date(2025, 1, 1)
    deregister(world.work("admin"), one, on=TODAY, reason="离开")
    assert answer(world, into).status is Status.NOT_REGISTERED


def test_the_year_is_closed_once_in_the_one_file(world):
    one, into = world.person(), world.person()
    world.approved(finding(one, 5))
    merged(world, one, into)
    world.set_today(date(2026, 1, 3))
    close_chunk(world.work("system"), "2025", None)
    closed = select(entries.c.practitioner_id, entries.c.total).where(entries.c.kind == "year_closed")
    assert [tuple(row) for row in world.conn.execute(closed)] == [(into, 5)]


@pytest.mark.parametrize("into_too", [True, False], ids=["both closed", "one closed"])
def test_after_the_year_was_closed_a_statement_of_both_goes_to_the_places_of_both(world, into_too):
    one, into = world.person(), world.person(at=CLINIC)
    world.approved(finding(one, 3))
    if into_too:
        world.approved(finding(into, 4))
    world.set_today(date(2026, 1, 3))
    close_chunk(world.work("system"), "2025", None)
    now = world.work().now
    run = insert(job_runs).values(job=JOB, period="2025", state="done", started_at=now, finished_at=now)
    world.conn.execute(run)
    issued = world.conn.scalars(select(notices.c.id)).all()
    merged(world, one, into)
    columns = (notices.c.addressee_ref, notices.c.facts["total"].as_integer(), notices.c.replaces.is_not(None))
    query = select(*columns).where(notices.c.kind == "year_statement", notices.c.id.not_in(issued))
    total = 7 if into_too else 3
    assert set(world.conn.execute(query)) == {(into, total, True), (HOSPITAL, total, True), (CLINIC, total, into_too)}


def test_the_person_and_their_office_read_what_was_told_of_either_file(world):
    one, into = world.person(), world.person()
    world.account("dr", "practitioner", practitioner=one)
    world.account("regional", "office.auditor", region="150402")
    work = world.work()
    read_practitioner(work, one)
    work.close()
    merge = drafted(world, one, into)
    work = world.work("reviewer")
    merging.approve(work, merge.id)
    work.close()
    for name in ("dr", "regional"):
        events = events_after(world.work(name), after=0, limit=99).items
        assert {event.practitioner_id for event in events if event.kind == "practitioner_merged"} == {one, into}
    looks = world.conn.execute(access_log(world.work("dr"), into).query).all()
    assert "practitioner" in {look.object_kind for look in looks}
