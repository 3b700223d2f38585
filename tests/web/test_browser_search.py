"""The search box in real Chromium: from any page, in two clicks at most, on a phone, and back."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from console_visitor import NARROW
from console_world import PEOPLE

from scoring_service.services.cases.reading import read_case

SMALL = {"width": 360, "height": 740}


@pytest.fixture
def case(console):
    return console.case("蓝三", 3)


def test_whoever_is_looked_for_is_found_from_any_page(visitor, console, case):
    clerk = visitor("clerk")
    page = clerk.page
    clerk.go("/rulebooks")
    page.keyboard.press("/")
    page.keyboard.type("l1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find/*")
    assert "没有找到" in page.inner_text("main")
    clerk.go("/today")
    page.keyboard.press("/")
    page.keyboard.type("ly")
    clicks = [page.click(".finder button"), page.click("table a:has-text('蓝一')")]
    assert len(clicks) == 2
    assert "蓝一" in page.inner_text("h1")
    page.go_back()
    assert page.input_value("#q") == "ly"
    assert "ly" not in page.url
    clerk.go("/today")
    page.fill("#finder", case_number(console, case))
    page.click(".finder button")
    assert page.url.endswith(f"/cases/{case.id}")
    clerk.go("/glossary")
    page.fill("#finder", PEOPLE["蓝二"].lower())
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('蓝二')")


def case_number(console, case):
    with console.service.work(console.actor("clerk")) as work:
        return read_case(work, case.id).handling.document_no


def test_pages_of_a_search_fit_a_phone_and_every_reader(visitor, console):
    found = []
    for name in ("clerk", "clinic", "doctor", "expert"):
        window = visitor(name)
        for typed in ("蓝", "  "):
            window.go("/glossary")
            window.page.fill("#finder", typed)
            window.page.click(".finder button")
            for language in ("en", "zh"):
                path = window.page.url.removeprefix(window.address)
                window.go(f"/language/{language}?target={path}")
                for size in (NARROW, SMALL):
                    window.page.set_viewport_size(size)
                    found += [(name, path, language, size)] if window.overflow() else []
            found += [(name, typed, one["id"]) for one in Axe().run(window.page).response["violations"]]
    assert found == []
