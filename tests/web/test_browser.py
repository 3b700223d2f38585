"""The console in real Chromium: nothing from elsewhere, nothing refused by the policy, readable by everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from console_visitor import NARROW, WIDE
from console_world import HOSPITAL


@pytest.fixture(scope="module")
def pages(console):
    """Every kind of page, by the account that looks at it."""
    entry = console.approved("蓝三", 10).findings[0].entry
    waiting = console.case("蓝一", 12, item="fictitious_services")
    draft = console.case("蓝二", 8, submitted=False)
    person = console.people["蓝三"]
    me, own = console.bound("doctor").practitioner_id, console.bound("clinic").institution_code
    appeal = console.appeal(me, console.score(me, own, 4).findings[0].entry)
    told = console.letters(me)
    application = console.application(me)
    return {
        "reviewer": (
            *("/today", "/decisions", "/appeals", "/people", "/people?status=suspended", f"/people/{person}", "/cases", "/glossary", "/account"),
            *(f"/cases/{waiting.id}", "/institutions", f"/institutions/{HOSPITAL}", "/statistics", "/nowhere"),
            *("/letters", f"/decisions/remediation/{application}", "/views", "/remediation?sort=-due", "/resumptions?mine=true"),
            *("/cases?mine=true&handling.kind=agreement", "/cases?sort=colour&handling.decided_on_from=2025-06-02&handling.decided_on_to=2025-06-01"),
            *("/statistics/changes?period=2025-05", "/statistics/institutions", "/statistics/institutions?sort=ratio&period=2025-13"),
            *("/statistics/breakdown", "/statistics/timeliness", "/statistics/reports", "/statistics/reports?download=pdf&period=x"),
            *("/people?status=all&sort=-points", "/institutions?kind=hospital&sort=-name", "/letters?due=week&sort=-received_on"),
        ),
        "clerk": (
            *("/cases?state=due", "/duties?duty=delivery", "/cases/new", f"/cases/{draft.id}", f"/cases/{draft.id}/edit", "/rulebooks"),
            *(f"/people/{person}", f"/entries/{entry}/correction", f"/notices/{told['practitioner', 'score']}"),
            *(f"/people/{person}/appeal", f"/people/{person}/remediation", f"/people/{person}/reregistration"),
        ),
        "admin": ("/jobs", "/clock", "/institutions/new", "/registrations/new", f"/registrations/{person}"),
        "auditor": ("/audit", f"/audit?practitioner={person}", f"/people/{person}", "/rulebooks/chifeng"),
        "appeals": (f"/appeals/{appeal}",),
        "expert": ("/appeals", f"/appeals/{appeal}"),
        "regulator": ("/statistics", "/statistics/institutions", "/statistics/reports", "/institutions", f"/institutions/{HOSPITAL}"),
        "settlement": ("/desk",),
        "clinic": (
            *("/clinic", "/clinic/people", "/clinic/people?status=near", "/clinic/affiliations"),
            *("/clinic/check", f"/clinic/check?person={me}", "/clinic/check-list", f"/people/{me}", f"/people/{me}/appeal"),
            *("/clinic/talks", "/clinic/talks?held=1", f"/clinic/talks/{told['institution', 'score']}"),
            *("/duties?duty=talk", "/letters", f"/notices/{told['institution', 'score']}", "/appeals", "/remediation", f"/people/{me}/remediation"),
            *(f"/remediation/{application}", f"/appeals/{appeal}"),
        ),
        "doctor": (
            *("/me", "/me/outlook", "/me/access-log", "/me/file", "/letters?unread=1", "/appeals", "/remediation"),
            *(f"/notices/{told['practitioner', 'score']}", f"/people/{me}/appeal", f"/people/{me}/remediation"),
            *(f"/remediation/{application}", f"/appeals/{appeal}", "/account"),
        ),
        None: ("/demo", "/sign-in"),
    }


def test_every_page_is_accessible_and_fits_a_phone(visitor, pages):
    axe, found = Axe(), []
    for username, paths in pages.items():
        one = visitor(username)
        for path in paths:
            one.go(path)
            found += [
                f"{path}: {violation['id']} at {violation['nodes'][0]['target']}"
                for violation in axe.run(one.page).response["violations"]
            ]
            one.page.set_viewport_size(NARROW)
            if one.overflow() > 0:
                found.append(f"{path}: {one.overflow()} px too wide")
            one.page.set_viewport_size(WIDE)
    assert not found, "\n".join(found)


def test_by_keyboard_alone_and_without_a_script(visitor, console):
    one = visitor(java_script_enabled=False)
    one.go("/sign-in")
    one.page.keyboard.press("Tab")
    assert one.page.locator(".skip").evaluate("(node) => node === document.activeElement")
    one.page.focus("#username")
    one.page.keyboard.type("reviewer")
    one.page.keyboard.press("Tab")
    one.page.keyboard.type("demo-reviewer")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/today")
    one.go("/people")
    one.page.fill("#q", "蓝一")
    one.page.keyboard.press("Enter")
    one.page.click("th a:has-text('蓝一')")
    assert "蓝一" in one.page.inner_text("h1")


def contrasts(axe, page):
    """What axe finds too faint on the page that is open."""
    found = axe.run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    return [node["target"] for violation in found for node in violation["nodes"]]


def printed(page):
    """How many rows of tables are on paper."""
    page.emulate_media(media="print")
    rows = page.locator("main tbody tr:visible").count()
    assert page.locator("main details:not([open]):visible, main input:visible").count() == 0
    page.emulate_media(media="screen")
    return rows


def test_a_term_opens_in_its_place_a_key_lists_the_keys_and_a_letter_leads_back(visitor, pages):
    clerk, letter = visitor("clerk"), pages["clerk"][8]
    clerk.go(pages["clerk"][6])
    opened = clerk.page.locator(".term-text:popover-open")
    clerk.page.focus("button.term")
    clerk.page.keyboard.press("Enter")
    assert "从 0 分起累加" in opened.inner_text()
    clerk.page.keyboard.press("Escape")
    assert opened.count() == 0
    clerk.go(letter)
    clerk.page.click("a:has-text('打开文书')")
    assert clerk.page.locator("[data-print]").is_visible()
    clerk.page.emulate_media(media="print")
    assert not clerk.page.locator(".letter-bar").is_visible()
    clerk.page.emulate_media(media="screen")
    clerk.page.click("text=返回")
    clerk.page.wait_for_url(f"**{letter}")
    clerk.page.keyboard.press("?")
    clerk.page.wait_for_url("**/keys")
    assert clerk.page.locator("kbd").count() > 10
    axe, dark = Axe(), clerk.page.locator("main")
    assert axe.run(clerk.page).response["violations"] == []
    clerk.page.click("text=关闭单个按键")
    clerk.page.keyboard.press("?")
    clerk.page.click(".appearance a:has-text('深色')")
    assert dark.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 29)"
    for path in ("/keys", *pages["clerk"]):
        clerk.go(path)
        assert contrasts(axe, clerk.page) == [], path
        assert printed(clerk.page) == clerk.page.locator("main tbody tr:visible").count(), path
    clerk.page.emulate_media(media="print")
    assert dark.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_time_is_moved_from_the_console(visitor):
    admin = visitor("admin")
    admin.go("/clock")
    before = admin.page.inner_text(".lead-text")
    admin.press("过一天")
    admin.page.wait_for_selector(".notice-done")
    assert admin.page.inner_text(".lead-text") != before


@pytest.mark.soak
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_in_both_languages_and_widths(visitor, pages, language, script):
    found = []
    for username, paths in pages.items():
        one = visitor(username, java_script_enabled=script)
        one.go(f"/language/{language}?target=/demo")
        for path in paths:
            if one.go(path).status >= 500:
                found.append(f"{path}: fails")
            for size in (WIDE, NARROW) if script else ():
                one.page.set_viewport_size(size)
                if one.overflow() > 0:
                    found.append(f"{path}: {one.overflow()} px too wide at {size['width']}")
    assert not found, "\n".join(found)


@pytest.mark.soak
def test_every_page_is_readable_in_the_dark(visitor, pages):
    axe, found = Axe(), []
    for username, paths in pages.items():
        one = visitor(username, color_scheme="dark")
        for path in paths:
            one.go(path)
            found += [f"{path}: {target}" for target in contrasts(axe, one.page)]
    assert not found, "\n".join(found)
