"""The ledger on PostgreSQL: append-only, provable, its cache made again, and answers that no later commit changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from case_world import build, finding, make_service
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from scoring_service.clock import SystemClock
from scoring_service.db.tables import (
    entries,
    ledger_heads,
    practitioners,
    standing_affiliations,
    standing_sanctions,
    standing_totals,
    standings,
)
from scoring_service.services.cases.approval import approve
from scoring_service.services.eligibility.answer import make_check as question
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.standing.proof import check_standings, rebuild, verify_ledger
from scoring_service.services.standing.reading import standing_of

ONE_DAY = timedelta(days=1)
CHANGES = (
    "UPDATE entries SET points = 1",
    "DELETE FROM entries",
    "TRUNCATE entries CASCADE",
)


@pytest.fixture
def service(fresh_engine):
    return make_service(fresh_engine)


@pytest.fixture
def person(service):
    """A person with three scores on record: 10 points and a suspension."""
    with service.engine.begin() as conn:
        world = build(service, conn)
        person = world.person()
        for points in (3, 4, 3):
            world.approved(finding(person, points, reason="情节较轻"))
    return person


def values(engine):
    with engine.connect() as conn:
        return list(conn.execute(select(entries.c.points).order_by(entries.c.seq)).scalars())


@pytest.mark.parametrize("change", CHANGES)
def test_the_application_has_no_right_to_change_an_entry(service, person, change):
    with pytest.raises(ProgrammingError, match="permission denied"), service.engine.begin() as conn:
        conn.execute(text(change))
    assert values(service.engine) == [3, 4, 3]


@pytest.mark.parametrize("change", CHANGES)
def test_the_trigger_refuses_a_change_even_to_the_owner(service, owner, person, change):
    with pytest.raises(DBAPIError, match="append-only"), owner.begin() as conn:
        conn.execute(text(change))
    assert values(service.engine) == [3, 4, 3]


@pytest.fixture
def unguarded(owner, person):
    """The owner's engine after somebody has dropped the trigger."""
    with owner.begin() as conn:
        conn.execute(text("DROP TRIGGER append_only ON entries"))
    return owner


def test_a_row_edited_by_hand_is_named(service, unguarded, person):
    assert verify_ledger(service) == (1, [])
    with unguarded.begin() as conn:
        conn.execute(update(entries).where(entries.c.seq == 2).values(points=1))
    _, [misfit] = verify_ledger(service)
    assert (misfit.practitioner_id, misfit.seq) == (person, 2)
    assert "content does not fit" in misfit.what


def test_a_row_taken_out_of_the_middle_is_named(service, unguarded, person):
    with unguarded.begin() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        conn.execute(delete(entries).where(entries.c.seq == 2))
    _, [misfit] = verify_ledger(service)
    assert (misfit.practitioner_id, misfit.seq) == (person, 3)


def cut_tail(conn, person):
    """Take the last entry away and make the file's head fit, as a careful hand would."""
    conn.execute(text("SET LOCAL session_replication_role = replica"))
    conn.execute(delete(entries).where(entries.c.seq == 3))
    last = conn.execute(select(entries.c.hash).where(entries.c.seq == 2)).scalar_one()
    conn.execute(update(practitioners).where(practitioners.c.id == person).values(seq=2, head_hash=last))


def test_a_cut_tail_shows_against_the_heads_of_the_last_check(service, unguarded, person):
    assert verify_ledger(service) == (1, [])
    with unguarded.begin() as conn:
        cut_tail(conn, person)
    _, [misfit] = verify_ledger(service)
    assert (misfit.practitioner_id, misfit.seq) == (person, 3)
    with service.engine.connect() as conn:
        assert conn.execute(select(ledger_heads.c.seq)).scalar_one() == 3


def spoil_totals(conn, person):
    conn.execute(update(standing_totals).values(points=1))


def spoil_sanctions(conn, person):
    conn.execute(delete(standing_sanctions))


def spoil_profile(conn, person):
    conn.execute(update(standings).values(profile='{"registrations":[],"affiliations":[],"sanctions":[]}'))


def spoil_affiliations(conn, person):
    conn.execute(update(standing_affiliations).values(until_on=date(2025, 2, 1)))


def add_a_total(conn, person):
    conn.execute(insert(standing_totals).values(practitioner_id=person, year=2024, points=12))


@pytest.mark.parametrize(
    "spoil", [spoil_totals, spoil_sanctions, spoil_profile, spoil_affiliations, add_a_total]
)
def test_a_spoiled_cache_is_found_and_mended(service, person, spoil):
    assert check_standings(service) == (1, [])
    with service.engine.begin() as conn:
        spoil(conn, person)
    _, [misfit] = check_standings(service)
    assert misfit.practitioner_id == person
    assert rebuild(service) == 1
    assert check_standings(service) == (1, [])


def asked(service, actor, person, **knowledge):
    """The standing and the eligibility answer of a person for tomorrow, as they are told."""
    with service.work(actor) as work:
        day = work.today + ONE_DAY
        standing = standing_of(work, person, as_of=day, **knowledge)
        check = question(person, str(day), day, None)
        [line] = check_lines(work, [check], **knowledge)
    return standing, line


def test_an_approval_held_open_never_changes_an_answer_already_given(service):
    """On the wall clock: the entry is recorded before the answer is given and committed after it."""
    with service.engine.begin() as conn:
        world = build(service, conn)
        person, reviewer, clerk = world.person(), world.actor("reviewer"), world.actor("clerk")
        case_id = world.submitted(finding(person, 9, reason="情节严重")).id
    walking = replace(service, clock=SystemClock())
    with walking.work(reviewer) as work:
        approve(work, case_id)
        first, _ = asked(walking, clerk, person)
        given = {"known_at": work.service.clock.now(work.conn), "revision": first.revision}
        standing, line = asked(walking, clerk, person, **given)
    with service.engine.connect() as conn:
        assert conn.execute(select(entries.c.recorded_at)).scalar_one() < given["known_at"]
    assert (standing.standing.state.status, line.payable) == ("normal", True)
    assert asked(walking, clerk, person, **given) == (standing, line)
    later, refused = asked(walking, clerk, person, known_at=given["known_at"])
    assert later.revision == refused.revision == given["revision"] + 1
    assert (later.standing.state.status, refused.payable) == ("suspended", False)
