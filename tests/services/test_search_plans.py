"""Whoever is looked for is found by an index: no search reads everybody, however many there are."""

from datetime import date

import pytest
from registry_world import actor_of, add_institution, register, start_clock, work_of
from sqlalchemy import event, text

from scoring_service.services.finding import answer

TYPED = ("150402199001011237", "H12345678", "D150", "张", "z", "zs", "zhang", "明", "建国", "jian", "D150402000001")


@pytest.fixture
def work(module_engine, empty):
    start_clock(empty)
    opened = work_of(module_engine, empty, actor_of("office.clerk"))
    add_institution(opened)
    register(opened, code="D150402000001", name="张建国", registered_on=date(2025, 1, 1))
    return opened


@pytest.fixture
def plans(work):
    """The plans of the statements that read people, as if reading a whole table were out of the question."""
    seen = []
    work.conn.execute(text("SET LOCAL enable_seqscan = off"))

    def explain(conn, cursor, statement, parameters, *_):
        if statement.startswith("SELECT") and "practitioner" in statement:
            cursor.execute("EXPLAIN " + statement, parameters)
            seen.append("\n".join(row[0] for row in cursor.fetchall()))

    event.listen(work.conn, "before_cursor_execute", explain)
    yield seen
    event.remove(work.conn, "before_cursor_execute", explain)


@pytest.mark.parametrize("typed", TYPED)
def test_a_search_reads_no_table_of_people_whole(work, plans, typed):
    answer.find(work, typed, limit=20)
    assert plans
    whole = [plan for plan in plans if "Seq Scan on practitioner" in plan or "Seq Scan on standing" in plan]
    assert whole == []


@pytest.mark.parametrize("typed", ["张", "z", "zhang"])
def test_the_first_of_very_many_are_read_in_the_order_of_the_index(work, plans, typed):
    work.conn.execute(text("SET LOCAL enable_sort = off"))
    answer.find(work, typed, limit=20)
    ordered = [plan for plan in plans if plan.startswith("Limit") and "~~" in plan]
    assert ordered
    assert [plan for plan in ordered if "Sort" in plan] == []
