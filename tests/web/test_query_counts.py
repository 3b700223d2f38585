"""How many statements a page takes: the same for one row as for many."""

from contextlib import contextmanager

from console_world import HOSPITAL, PEOPLE
from sqlalchemy import event

LISTS = {
    "reviewer": (
        *("/today", "/people?status=suspended", "/people?near_threshold=9", "/cases?state=approved"),
        *("/cases?state=submitted", "/decisions", "/appeals", "/institutions", f"/institutions/{HOSPITAL}"),
        *("/cases?state=&mine=true&sort=-notice_due_on", "/letters?due=week&sort=kind", "/people?status=all&sort=-points"),
        *("/duties?duty=delivery&due=week", "/remediation?sort=due", "/resumptions?due=overdue"),
        *("/statistics?year=2025", "/statistics/changes?period=2025-05", "/statistics/institutions?sort=ratio"),
        *("/statistics/breakdown", "/statistics/timeliness", "/cases?state=&item=overtreatment&degree=main"),
        "/statistics/spread?year=2025&office=150402",
    ),
    "auditor": ("/audit", "/jobs", "/imports"),
    "admin": ("/registrations?lacking=id_number", "/registrations/requests"),
}
MOST = 20


@contextmanager
def counted(engine):
    """The statements that are run meanwhile."""
    seen = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def statements(console, browser, path):
    browser.page(path)
    with counted(console.service.engine) as seen:
        browser.page(path)
    return len(seen)


def test_a_list_takes_as_many_statements_for_many_rows_as_for_one(console):
    first, *others = PEOPLE
    console.approved(first, 10)
    console.case(first, 3)
    browsers = {username: console.browser(username) for username in LISTS}
    paths = [(username, path) for username, paths in LISTS.items() for path in paths]
    few = {path: statements(console, browsers[username], path) for username, path in paths}
    for name in others:
        console.approved(name, 10)
        console.case(name, 3)
    many = {path: statements(console, browsers[username], path) for username, path in paths}
    assert many == few
    assert {path: found for path, found in many.items() if found > MOST} == {}


def test_a_file_takes_as_many_statements_with_more_entries(console):
    name = next(iter(PEOPLE))
    browser, path = console.browser("reviewer"), f"/people/{console.people[name]}"
    console.approved(name, 1)
    few = statements(console, browser, path)
    console.approved(name, 1)
    assert statements(console, browser, path) == few
