"""Two files of one person are merged by two people in real Chromium, in at most ten clicks."""

import itertools
from datetime import date

import pytest
from console_world import HOSPITAL
from test_browser_two_stages import faults

from scoring_service.core.standing import Span
from scoring_service.services.proposals import merges
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import register_practitioner

NUMBERS = itertools.count(911001)
BEGAN = date(2025, 1, 1)


@pytest.fixture
def twins(console):
    """Two files of one name at one hospital: the first with 7 points, the second with 5."""
    return [make_file(console, points) for points in (7, 5)]


def make_file(console, points):
    with console.service.work() as work:
        person = register_practitioner(
            work,
            code=f"D150402{next(NUMBERS)}",
            name="双档者",
            category="doctor",
            registered_on=BEGAN,
            affiliations=[AskedAffiliation(institution=HOSPITAL, span=Span(BEGAN, None))],
        ).id
    console.score(person, HOSPITAL, points)
    return person


def test_two_people_merge_two_files_in_ten_clicks(visitor, console, twins):
    one, other = twins
    clicks = []

    def click(window, what):
        clicks.append(what)
        window.page.click(what)

    admin = visitor("admin")
    admin.go(f"/people/{one}")
    click(admin, "text=修改登记")
    click(admin, "text=与另一份档案并档")
    click(admin, "text=比较：双档者")
    admin.page.fill("textarea[name=reason]", "身份证与执业证书核对一致")
    click(admin, "text=提出并档，等待决定")
    path = admin.page.url.removeprefix(admin.address)
    reviewer = visitor("reviewer")
    reviewer.go("/decisions")
    click(reviewer, "tr:has-text('核对一致') a")
    click(reviewer, "summary:has-text('并档')")
    click(reviewer, "text=确认：并档")
    assert "已并档" in reviewer.page.inner_text("main")
    assert len(clicks) <= 10
    for ref in (one, other):
        reviewer.go(f"/people/{ref}")
        assert "已并入的档案" in reviewer.page.inner_text("main")
    assert path.startswith("/decisions/merges/")


def test_the_pages_of_a_merge_are_readable(visitor, console, twins):
    one, other = twins
    with console.service.work(console.actor("admin")) as work:
        drafted = merges.draft(work, other, into=one, reason="同一人")
    admin, reviewer = visitor("admin"), visitor("reviewer")
    at = f"/registrations/{one}/merge"
    assert [fault for path in (at, f"{at}?other={other}", f"{at}?other=D15") for fault in faults(admin, path)] == []
    assert faults(reviewer, f"/decisions/merges/{drafted.id}") == []
    admin.go(f"/language/zh?target={at}?other=D15")
    assert "没有找到该人员" in admin.page.inner_text("main")
