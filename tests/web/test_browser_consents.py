"""Consent to remediation, commitments and practice in real Chromium: each page readable by everybody, at both widths."""

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from console_visitor import NARROW, WIDE
from console_world import HOSPITAL, make_console
from sqlalchemy import update

from scoring_service.core.standing import Span
from scoring_service.db.tables import accounts
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import register_practitioner


@pytest.fixture(scope="module")
def console(module_engine):
    console = make_console(module_engine)
    with module_engine.begin() as conn:
        for username, place in (
            ("clinic", {"institution_code": HOSPITAL}),
            ("doctor", {"practitioner_id": console.people["蓝一"]}),
        ):
            conn.execute(update(accounts).where(accounts.c.username == username).values(**place))
    for name in ("蓝一", "蓝二"):
        console.approved(name, 6)
    return console


def faults(window, *paths):
    """What is wrong with pages in both languages, at both widths."""
    found = []
    for path in paths:
        for language in ("en", "zh"):
            window.go(f"/language/{language}?target=/glossary")
            window.go(path)
            violations = Axe().run(window.page).response["violations"]
            found += [f"{path} {language}: {one['id']} at {one['nodes'][0]['target']}" for one in violations]
            for width in (NARROW, WIDE, {"width": 360, "height": 800}):
                window.page.set_viewport_size(width)
                if window.overflow() > 0:
                    found.append(f"{path} {language}: {window.overflow()} px too wide at {width['width']}")
    return found


def opened(window, words):
    """Open what asks for a confirmation; the form in it."""
    window.page.click(f"summary:has-text('{words}')")
    return window.page.locator(f"details[open]:has(summary:has-text('{words}'))")


def test_an_application_is_agreed_to_and_decided(visitor, console):
    doctor, clinic, clerk, reviewer = (visitor(name) for name in ("doctor", "clinic", "clerk", "reviewer"))
    ids = [console.application(console.people[name], consented=False) for name in ("蓝一", "蓝二")]
    path, office_path = f"/remediation/{ids[0]}", f"/decisions/remediation/{ids[0]}"
    found = faults(doctor, path, "/remediation", f"/people/{console.people['蓝一']}/remediation")
    found += faults(clinic, path, "/remediation", "/clinic") + faults(clerk, office_path)
    found += faults(reviewer, office_path, "/decisions", "/today")
    clinic.go(path)
    assert not clinic.page.locator("button:has-text('确认：同意')").is_visible()
    opened(clinic, "同意").first.locator("button").click()
    assert "待决定" in clinic.page.inner_text("h1")
    reviewer.go(office_path)
    reviewer.press("通过")
    assert "已通过" in reviewer.page.inner_text("h1")
    clinic.go(f"/remediation/{ids[1]}")
    refusing = opened(clinic, "不同意")
    refusing.locator("textarea").fill("没有培训记录")
    refusing.locator("button").click()
    found += faults(reviewer, f"/decisions/remediation/{ids[1]}", "/decisions") + faults(doctor, path, "/me")
    assert found == []


def test_one_that_lapses_says_why(visitor, console):
    reviewer = visitor("reviewer")
    path = f"/decisions/remediation/{console.application(console.people['蓝三'])}"
    found = faults(reviewer, path)
    reviewer.go(path)
    opened(reviewer, "按失效办结").locator("button").click()
    found += faults(reviewer, path)
    letter = console.letters(console.people["蓝三"])["practitioner", "remediation_lapsed"]
    found += faults(reviewer, f"/notices/{letter}")
    assert found == []


def test_the_registry_s_desk(visitor, console):
    admin, clinic = visitor("admin"), visitor("clinic")
    place = [AskedAffiliation(institution=HOSPITAL, span=Span(date(2025, 1, 1), None))]
    practice = {"practice_type": "临床", "practice_category": "执业医师", "practice_scope": "内科专业；全科医学专业", "professional_title": "副主任医师"}
    with console.service.work() as work:
        person, never = (
            register_practitioner(
                work, name=name, code=code, category="doctor", registered_on=on, affiliations=place, **practice
            ).id
            for name, code, on in (("白一", "D150402900091", date(2025, 1, 1)), ("白二", "D150402900092", None))
        )
    found = faults(
        admin,
        *("/registrations/new", f"/registrations/{person}", f"/people/{person}", f"/people/{never}", "/today"),
        *("/people?status=without_commitment", f"/registrations/{person}/correction/person/1"),
    )
    found += faults(clinic, "/clinic", "/clinic/people?status=without_commitment")
    assert found == []
