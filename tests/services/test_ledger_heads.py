"""The heads of the last check: what they may become is refused by the database itself, to the application and the owner."""

import pytest
from case_world import build, finding, make_service
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from scoring_service.db.tables import ledger_heads
from scoring_service.services.standing.proof import verify_ledger

# What is tried, and what the refusal says; the file has three entries, and its head stands at the second.
BENDINGS = {
    "UPDATE ledger_heads SET seq = 1, hash = (SELECT hash FROM entries WHERE seq = 1)": "only moves on",
    "UPDATE ledger_heads SET hash = sha256('x')": "hash of the entry",
    "UPDATE ledger_heads SET seq = 3": "hash of the entry",
    "UPDATE ledger_heads SET seq = 4, hash = (SELECT hash FROM entries WHERE seq = 3)": "hash of the entry",
    "UPDATE ledger_heads SET practitioner_id = (SELECT id FROM practitioners WHERE seq = 0)": "only moves on",
    "INSERT INTO ledger_heads SELECT id, 1, sha256('x'), now() FROM practitioners WHERE seq = 0": "hash of the entry",
    "DELETE FROM ledger_heads": "append-only|permission denied",
    "TRUNCATE ledger_heads": "append-only|permission denied",
    "INSERT INTO ledger_heads SELECT practitioner_id, 1, hash, now() FROM entries WHERE seq = 1"
    " ON CONFLICT (practitioner_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash": "only moves on",
}


@pytest.fixture
def service(fresh_engine):
    return make_service(fresh_engine)


@pytest.fixture
def world(service, owner):
    """Two people: one with three entries, of which two were there at the last check, and one without any."""
    with service.engine.begin() as conn:
        world = build(service, conn)
        person = world.person()
        for points in (3, 4, 3):
            world.approved(finding(person, points, reason="情节较轻"))
        world.person()
        second = "INSERT INTO ledger_heads SELECT practitioner_id, seq, hash, now() FROM entries WHERE seq = 2"
        conn.execute(text(second))
    return service


def heads(engine):
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(select(ledger_heads.c.seq, ledger_heads.c.hash))]


def test_a_head_only_moves_on_along_its_chain_whoever_asks(world, owner):
    before = heads(owner)
    assert [seq for seq, _ in before] == [2]
    for engine in (world.engine, owner):
        for bending, refusal in BENDINGS.items():
            with pytest.raises(DBAPIError, match=refusal), engine.begin() as conn:
                conn.execute(text(bending))
    assert heads(owner) == before
    assert verify_ledger(world) == (2, [])
    assert [seq for seq, _ in heads(owner)] == [3]


def test_a_chain_that_was_made_anew_or_has_a_hole_gets_no_head(world, owner):
    with owner.begin() as conn:
        conn.execute(text("DROP TRIGGER append_only ON entries; SET LOCAL session_replication_role = replica"))
        conn.execute(text("DELETE FROM entries WHERE seq = 1"))
    onwards = "UPDATE ledger_heads SET seq = 3, hash = (SELECT hash FROM entries WHERE seq = 3)"
    with pytest.raises(DBAPIError, match="entries are missing"), owner.begin() as conn:
        conn.execute(text(onwards))
    with owner.begin() as conn:
        conn.execute(text("UPDATE entries SET hash = sha256('other') WHERE seq = 2"))
    with pytest.raises(DBAPIError, match="no longer holds"), owner.begin() as conn:
        conn.execute(text(onwards))
