"""The registry's pages in real Chromium."""

import re

from axe_playwright_python.sync_playwright import Axe
from console_visitor import NARROW
from console_world import HOSPITAL, without_marks

SMALL = {"width": 360, "height": 800}


class Hand:
    """A window whose clicks are counted; typing is not a click."""

    def __init__(self, visitor):
        self.visitor, self.page, self.clicks = visitor, visitor.page, 0

    def click(self, selector):
        self.page.locator(selector).first.click()
        self.clicks += 1


def test_the_pages_fit_a_telephone_in_both_languages(visitor, console):
    admin, clinic = visitor("admin"), visitor("clinic")
    person = console.people["蓝一"]
    desk = ("/registrations", "/registrations?lacking=id_number", "/registrations/requests", f"/institutions/{HOSPITAL}")
    rows = (f"/registrations/{person}", f"/registrations/{person}/correction/person/1", f"/registrations/{person}/codes/new")
    agreement = f"/institutions/{HOSPITAL}/agreements/2025-01-01/correction"
    pages = ((admin, (*desk, *rows, agreement)), (clinic, ("/clinic/requests", "/clinic/requests/new", "/clinic/people")))
    found = []
    for window, path in ((window, path) for window, paths in pages for path in paths):
        for language in ("en", "zh"):
            window.go(f"/language/{language}?target=/glossary")
            window.go(path)
            for size in (NARROW, SMALL):
                window.page.set_viewport_size(size)
                found += [(path, language, size)] if window.overflow() else []
        found += [(path, one["id"]) for one in Axe().run(window.page).response["violations"]]
    assert found == []


def test_a_wrong_first_day_is_corrected_by_two_people_in_eight_clicks(visitor):
    admin, reviewer = Hand(visitor("admin")), Hand(visitor("reviewer"))
    for hand in (admin, reviewer):
        hand.visitor.go("/today")
    admin.click("nav a:has-text('登记')")
    admin.page.fill("#q", "蓝二")
    admin.click("button:has-text('查找')")
    admin.click("table tr:has-text('蓝二') a:has-text('登记')")
    admin.click(".row-card:has-text('自 2025-01-01'):has-text('医院') a:has-text('更正')")
    assert "现为 2025-01-01" in admin.page.inner_text("main")
    admin.page.fill("[name=from]", "2025-02-01")
    admin.page.fill("[name=reason]", "聘用合同自二月起")
    admin.click("button:has-text('提出，等待决定')")
    assert "2025-02-01" in admin.page.inner_text("main")
    reviewer.click("nav a:has-text('待决定')")
    reviewer.click("table a:has-text('蓝二')")
    reviewer.click("button:has-text('通过')")
    assert admin.clicks + reviewer.clicks <= 8
    admin.page.go_back()
    admin.page.go_back()
    admin.page.reload()
    page = without_marks(admin.page.inner_text("main"))
    assert "自 2025-02-01" in page
    assert re.search("提出更正，.+ 通过", page)
    assert "聘用合同自二月起" in page
    admin.click("summary:has-text('以前的登记')")
    assert "自 2025-01-01" in without_marks(admin.page.inner_text("details[open]"))
