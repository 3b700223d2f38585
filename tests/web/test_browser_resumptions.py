"""The way back from a suspension in real Chromium: the story of one at three desks, each page readable by everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from console_visitor import NARROW, WIDE
from resumption_world import DOCTOR, IN_TIME, advance, make_resumption_world


@pytest.fixture(scope="module")
def console(module_engine, tmp_path_factory):
    console = make_resumption_world(module_engine, tmp_path_factory.mktemp("rulebooks"))
    for name in ("蓝二", "蓝三"):
        console.approved(name, 9)
    advance(console, IN_TIME)
    return console


def faults(window, path):
    """What is wrong with a page in both languages, at both widths."""
    found = []
    for language in ("en", "zh"):
        window.go(f"/language/{language}?target=/glossary")
        window.go(path)
        violations = Axe().run(window.page).response["violations"]
        found += [f"{path} {language}: {violation['id']} at {violation['nodes'][0]['target']}" for violation in violations]
        for width in (NARROW, WIDE):
            window.page.set_viewport_size(width)
            if window.overflow() > 0:
                found.append(f"{path} {language}: {window.overflow()} px too wide at {width['width']}")
    return found


def here(window):
    return window.page.url.removeprefix(window.address)


def opened(window, words):
    """Open what asks for a confirmation; the form in it."""
    window.page.click(f"summary:has-text('{words}')")
    return window.page.locator(f"details[open]:has(summary:has-text('{words}'))")


def test_the_story_of_a_resumption(visitor, console):
    doctor, clinic, reviewer = visitor("doctor"), visitor("clinic"), visitor("reviewer")
    found = faults(doctor, "/me")
    doctor.page.click("main a.btn-primary:has-text('申请恢复')")
    form = here(doctor)
    found += faults(doctor, form)
    doctor.page.fill("#statement", "学习了医保政策，已经整改。")
    doctor.page.dblclick("button.btn-primary:has-text('申请恢复')")
    doctor.page.wait_for_url("**/resumptions/*")
    path = here(doctor)
    found += faults(doctor, path)
    found += faults(clinic, "/clinic") + faults(clinic, "/resumptions")
    clinic.page.click("main a:has-text('同意或不同意')")
    found += faults(clinic, path)
    assert not clinic.page.locator("button:has-text('确认：同意')").is_visible()
    opened(clinic, "同意").first.locator("button").click()
    assert "待评估" in clinic.page.inner_text("h1")
    reviewer.go("/today")
    reviewer.page.click("main a:has-text('待评估')")
    found += faults(reviewer, "/today") + faults(reviewer, "/resumptions")
    reviewer.page.click(f"main tbody th a:has-text('{DOCTOR}')")
    found += faults(reviewer, path)
    opened(reviewer, "评估通过").locator("button").click()
    assert "2025-08-03" in reviewer.page.inner_text("ol.way li:last-child")
    doctor.go(path)
    assert "已恢复" in doctor.page.inner_text("h1")
    found += faults(doctor, path) + faults(doctor, form) + faults(reviewer, "/resumptions?state=decided")
    assert not found, "\n".join(found)


def test_one_is_filed_by_the_clinic_and_refused(visitor, console):
    clinic, reviewer = visitor("clinic"), visitor("reviewer")
    clinic.go("/resumptions")
    clinic.page.click("main a:has-text('代为申请') >> nth=0")
    clinic.press("申请恢复")
    assert clinic.page.locator(".error-summary").is_visible()
    clinic.page.fill("#statement", "本机构已组织学习。")
    clinic.press("申请恢复")
    path = here(clinic)
    reviewer.go(path)
    refusal = opened(reviewer, "决定不予恢复")
    refusal.locator("button").click()
    assert "请填写" in reviewer.page.inner_text(".error-summary")
    assert faults(reviewer, path) == []
    refusal = opened(reviewer, "决定不予恢复")
    refusal.locator("textarea").fill("培训记录不全")
    refusal.locator("button").click()
    assert "不予恢复：培训记录不全" in reviewer.page.inner_text("ol.way")
    clinic.go(path)
    clinic.page.click("main a:has-text('再次申请')")
    assert faults(clinic, here(clinic)) == []


def test_one_that_came_on_paper_is_recorded_with_the_answer(visitor, console):
    clerk = visitor("clerk")
    clerk.go(f"/people/{console.people['蓝三']}")
    clerk.page.click("main a:has-text('登记恢复申请')")
    assert faults(clerk, here(clerk)) == []
    clerk.page.fill("#statement", "本人书面申请。")
    clerk.press("登记恢复申请")
    assert faults(clerk, here(clerk)) == []
    answer = opened(clerk, "登记同意")
    answer.locator("input[name=proof]").fill("扫描件 7 号")
    answer.locator("button").click()
    assert "扫描件 7 号" in clerk.page.inner_text("dl.pairs")
    assert clerk.page.locator("button:has-text('确认')").count() == 0
