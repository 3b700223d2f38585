"""A rulebook tried on a year on record: who would have been treated otherwise, in whose sight; and nothing is written."""

from datetime import date
from functools import partial

import pytest
from case_world import CLINIC, FAR_HOSPITAL, HOSPITAL, build, finding, make_service
from own_law import OWN_LAW, RULEBOOKS
from simulated_law import law_with, liaonings_table
from sqlalchemy import func, insert, select
from sqlalchemy.exc import InternalError

from scoring_service.core.simulated_counts import WHOLE, Counts, Tally
from scoring_service.core.simulation import in_fold_order, simulate
from scoring_service.db.ledger import read_entries
from scoring_service.db.simulation import whole_files
from scoring_service.db.snapshots import unmoved
from scoring_service.db.tables import audit_log, clock_state, entries, practitioners
from scoring_service.db.tables.schema import metadata
from scoring_service.problems import Invalid
from scoring_service.services.simulation import asking
from scoring_service.services.simulation.asking import Question, simulate_year
from scoring_service.services.simulation.people import HEADINGS, table_of_people
from scoring_service.services.years.statistics import statistics_of

SCORES = {
    "accumulated": ((4, HOSPITAL), (5, CLINIC)),
    "single": ((9, HOSPITAL),),
    "warned": ((3, CLINIC),),
    "terminated": ((12, HOSPITAL),),
    "corrected": ((9, HOSPITAL),),
    "far": ((9, FAR_HOSPITAL),),
}


@pytest.fixture(scope="module")
def world(module_engine):
    """Six people with the scores of 2025, one of whose was lowered to 5; not to be changed."""
    with module_engine.connect() as conn:
        world = build(make_service(module_engine), conn)
        world.account("watcher", "regulator", region="1504")
        world.account("far_clerk", "office.clerk", region="43")
        world.people = {name: world.person(at=scores[0][1]) for name, scores in SCORES.items()}
        for name, scores in SCORES.items():
            for points, place in scores:
                world.approved(finding(world.people[name], points, reason="情节"), institution=place)
        lowered = select(entries.c.id).where(entries.c.practitioner_id == world.people["corrected"])
        world.corrected(world.people["corrected"], conn.execute(lowered).scalar_one(), 5)
        world.actors = {name: world.actor(name) for name in ("admin", "watcher", "far_clerk", "system")}
        conn.commit()
    return world


@pytest.fixture
def table(tmp_path):
    return law_with(RULEBOOKS, liaonings_table(tmp_path, OWN_LAW))


def tried(world, law, *, rulebook="chifeng", year=2025, by="admin", **question):
    asked = Question(law=law, rulebook_id=rulebook, year=year, **question)
    return simulate_year(partial(world.service.work, world.actors[by]), asked)


def changed(world, simulation):
    named = {practitioner: name for name, practitioner in world.people.items()}
    return {
        named[person.id]: [
            tuple(span and (span.start.isoformat(), span.until.isoformat()) for span in change)
            for change in person.changes
        ]
        for person in simulation.people
    }


def test_another_table_of_months_changes_those_whom_points_suspended(world, table):
    simulation = tried(world, table)
    assert changed(world, simulation) == {
        "accumulated": [(("2025-06-03", "2025-08-03"), ("2025-06-03", "2025-07-03"))],
        "single": [(("2025-06-03", "2025-08-03"), ("2025-06-03", "2025-09-03"))],
    }
    assert (simulation.entries, simulation.persons, simulation.changed, simulation.outside) == (7, 6, 2, 0)
    assert [tuple(each) for each in simulation.applied] == [("chifeng", 6, True), ("hunan", 1, False)]
    assert not simulation.everywhere
    # Two months and three of 2025, one and three, and Hunan's two from July on.
    before, after = simulation.whole.before, simulation.whole.after
    assert (before.suspended, before.suspended_days, after.suspended_days) == (3, 61 + 61 + 62, 30 + 92 + 62)
    assert (before.terminated, before.terminated_days) == (after.terminated, after.terminated_days) == (1, 1096)
    assert before.person_times == 7
    assert [each.key for each in simulation.by_institution] == [HOSPITAL, CLINIC]
    assert [each.key for each in simulation.by_band] == ["minor", "moderate", "serious", "grave"]


def test_the_rulebook_in_force_changes_nobody(world):
    for rulebook in ("chifeng", "hunan", "national"):
        simulation = tried(world, RULEBOOKS, rulebook=rulebook)
        assert (simulation.changed, simulation.people, simulation.by_institution) == (0, (), ())
        assert simulation.whole.before == simulation.whole.after


def test_what_was_recorded_is_counted_as_the_statistics_count_it(world):
    with world.service.work(world.actors["admin"]) as work:
        statistics = statistics_of(work, year=2025)
    before = tried(world, RULEBOOKS).whole.before
    counted = (before.person_times, before.suspended, before.terminated, before.measures)
    assert counted == (statistics.person_times, statistics.suspended, statistics.terminated, statistics.measures)
    by_band = {each.key: each.before.person_times for each in tried(world, RULEBOOKS).by_band}
    assert by_band == statistics.breakdown.by_band


def test_files_read_as_lines_fold_as_whole_files_do(world, table):
    law = {each.sha256: table.versions("chifeng")[-1] for each in RULEBOOKS.versions("chifeng")}
    tally = Tally()
    with world.service.engine.connect() as conn:
        people = list(conn.scalars(select(practitioners.c.id)))
        recorded = read_entries(conn, people)
        for practitioner_id, of_file, places in whole_files(conn, people, None):
            assert of_file == recorded[practitioner_id]
            assert len(places) == len(in_fold_order(of_file))
            tally.add(simulate(of_file, 2025, law), places)
    tally.reduce()
    whole = tally.compared()[WHOLE]
    simulation = tried(world, table)
    assert (simulation.whole.before, simulation.whole.after) == whole
    assert tally.changed == simulation.changed


def test_a_warning_less_is_told_with_its_day(world, tmp_path):
    text = (OWN_LAW / "tianjin.yaml").read_text(encoding="utf-8").partition("  items:")[0]
    path = tmp_path / "chifeng.yaml"
    path.write_text(text.replace("id: tianjin", "id: chifeng").replace('["12"]', '["1504"]'), encoding="utf-8")
    simulation = tried(world, law_with(RULEBOOKS, path))
    assert sorted(changed(world, simulation)) == ["accumulated", "corrected", "warned"]
    [warned] = [person for person in simulation.people if person.id == world.people["warned"]]
    assert [(each.on, each.points) for each in warned.warnings_before] == [(date(2025, 6, 2), 3)]
    assert (warned.warnings_after, warned.changes) == ((), ())
    assert (simulation.whole.before.warned, simulation.whole.after.warned) == (3, 0)


def test_a_base_is_tried_through_its_overlays(world, tmp_path):
    text = (OWN_LAW / "national.yaml").read_text(encoding="utf-8")
    longer = text.replace("value: 3, source: A B", "value: 5, source: A B")
    (tmp_path / "national.yaml").write_text(longer, encoding="utf-8")
    assert longer != text
    simulation = tried(world, law_with(RULEBOOKS, tmp_path / "national.yaml"), rulebook="national")
    assert changed(world, simulation) == {
        "terminated": [(("2025-06-03", "2028-06-03"), ("2025-06-03", "2030-06-03"))]
    }
    assert all(each.is_replaced for each in simulation.applied)


def test_a_rulebook_that_no_entry_of_the_year_is_under_is_tried_on_all(world):
    simulation = tried(world, RULEBOOKS, rulebook="liaoning")
    assert simulation.everywhere
    assert sorted(changed(world, simulation)) == ["accumulated", "far", "single"]


def test_values_that_begin_after_the_year_are_tried_on_it_all_the_same(world, tmp_path, table):
    later = law_with(RULEBOOKS, liaonings_table(tmp_path, OWN_LAW, since="2027-01-01"))
    simulation = tried(world, later)
    assert simulation.rulebook.valid_from == date(2027, 1, 1)
    assert changed(world, simulation) == changed(world, tried(world, table))


def test_a_year_without_entries_has_nobody_and_one_to_come_is_refused(world, table):
    simulation = tried(world, table, year=2024)
    assert (simulation.entries, simulation.persons, simulation.everywhere) == (0, 0, False)
    assert simulation.whole.before == Counts()
    with pytest.raises(Invalid, match="2026 has not begun"):
        tried(world, table, year=2026)


def test_a_region_has_its_people_and_a_regulator_counts_only(world, table):
    far = tried(world, RULEBOOKS, rulebook="liaoning", by="far_clerk")
    assert (far.persons, list(changed(world, far))) == (1, ["far"])
    watched = tried(world, table, by="watcher")
    assert (watched.persons, watched.changed, watched.people) == (5, 2, None)


def test_at_most_so_many_people_are_named_and_each_look_is_on_record(world, table):
    assert len(tried(world, table, most_people=1).people) == 1
    with world.service.engine.connect() as conn:
        last = conn.execute(select(audit_log.c.action).order_by(audit_log.c.id.desc()).limit(2)).scalars().all()
    assert sorted(last) == ["look", "rulebook.simulated"]


def contents(engine, tables):
    with engine.connect() as conn:
        return {table.name: sorted(map(repr, conn.execute(select(table)))) for table in tables}


def test_nothing_is_written_but_the_audit(world, table):
    others = [each for each in metadata.sorted_tables if each is not audit_log]
    before = contents(world.service.engine, others)
    assert before["entries"]
    assert before["practitioners"]
    tried(world, table)
    assert contents(world.service.engine, others) == before


def test_the_transaction_that_reads_cannot_write(world):
    with pytest.raises(InternalError, match="read-only"), unmoved(world.service.engine) as conn:
        conn.execute(insert(clock_state).values(id=2, now=func.now()))


def test_two_processes_count_what_one_counts(world, table, monkeypatch):
    one = tried(world, table)
    monkeypatch.setattr(asking, "ENTRIES_TO_SHARE", 0)
    two = tried(world, table, most_processes=2)
    assert [two.whole, *two.by_band, *two.by_category] == [one.whole, *one.by_band, *one.by_category]
    assert (two.persons, changed(world, two)) == (one.persons, changed(world, one))


def test_the_people_are_a_table_with_a_row_a_change(world, table):
    rows = [dict(zip(HEADINGS, row, strict=True)) for row in table_of_people(tried(world, table)).rows]
    assert [(row["what"], row["ground_before"], row["until_before"], row["until_after"]) for row in rows] == [
        ("suspension", "accumulated", date(2025, 8, 3), date(2025, 7, 3)),
        ("suspension", "single", date(2025, 8, 3), date(2025, 9, 3)),
    ]
