"""Each stage of an appeal in real Chromium: readable by everybody at every desk, in both languages and widths."""


import pytest
from axe_playwright_python.sync_playwright import Axe
from console_visitor import WIDE
from sqlalchemy import select

from scoring_service.db.tables import notices
from scoring_service.services.appeals import experts, explaining, filing

NARROWEST = {"width": 360, "height": 800}
TEXT = "记分依据市医保局的处罚决定和现场检查笔录第三页:当日开具的三项检查没有指征。\n责任程度为主要:处方由您本人开具。"
DESKS = {
    "complete": ("reviewer", "appeals", "doctor"),
    "explained": ("doctor", "clinic", "appeals"),
    "insisted": ("appeals", "doctor"),
    "accepted": ("doctor", "clinic", "appeals", "expert"),
}


@pytest.fixture(scope="module")
def staged(console):
    """An appeal of the demo's doctor in each state on its way, the accepted one with an expert, by state."""
    me, code = console.bound("doctor").practitioner_id, console.bound("clinic").institution_code
    made = {}
    for state in DESKS:
        entry = console.score(me, code, 1).findings[0].entry
        filed = {"against": filing.POINTS, "entry": entry, "grounds": "三项检查均有指征,病历附后。"}
        with console.service.work(console.actor("doctor")) as work:
            made[state] = filing.file_appeal(work, practitioner=me, filed_by="practitioner", **filed).appeal.id
        with console.service.work(console.actor("clinic")) as work:
            filing.countersign(work, made[state])
    for state in ("explained", "insisted", "accepted"):
        with console.service.work(console.actor("reviewer")) as work:
            explaining.explain(work, made[state], text=TEXT)
    for state in ("insisted", "accepted"):
        with console.service.work(console.actor("doctor")) as work:
            explaining.insist(work, made[state], grounds="笔录没有记载本人在场。")
    with console.service.work(console.actor("appeals")) as work:
        filing.accept(work, made["accepted"])
        experts.assign(work, made["accepted"], experts=["expert"], reason="熟悉该专业")
    return made


def faults(window, path):
    """What is wrong with a page in both languages, at both widths."""
    found = []
    for language in ("en", "zh"):
        window.go(f"/language/{language}?target=/glossary")
        window.go(path)
        violations = Axe().run(window.page).response["violations"]
        found += [f"{path} {language}: {violation['id']} at {violation['nodes'][0]['target']}" for violation in violations]
        for width in (NARROWEST, WIDE):
            window.page.set_viewport_size(width)
            if window.overflow() > 0:
                found.append(f"{path} {language}: {window.overflow()} px too wide at {width['width']}")
    return found


@pytest.mark.parametrize(("state", "who"), [(state, who) for state, desks in DESKS.items() for who in desks])
def test_an_appeal_is_readable_in_every_state(visitor, staged, state, who):
    assert faults(visitor(who), f"/appeals/{staged[state]}") == []


@pytest.mark.parametrize(
    ("who", "path"), [("doctor", "/me"), ("clinic", "/clinic"), ("clerk", "/today"), ("doctor", "/appeals"), ("appeals", "/appeals")]
)
def test_desks_and_lists_tell_what_waits(visitor, staged, who, path):
    assert len(staged) == len(DESKS)
    assert faults(visitor(who), path) == []


def test_the_letter_of_the_explanation_is_readable(console, visitor, staged):
    query = select(notices.c.id).where(notices.c.kind == "appeal_explanation", notices.c.addressee_kind == "practitioner")
    with console.service.engine.connect() as conn:
        letter = conn.execute(query.limit(1)).scalar_one()
    doctor = visitor("doctor")
    assert len(staged) == len(DESKS)
    assert faults(doctor, f"/notices/{letter}") == []
    doctor.page.click("a:has-text('看这件申诉')")
    assert "笔录第三页" in doctor.page.inner_text("main")
    doctor.go(f"/notices/{letter}/letter")
    assert "视为仍有异议" in doctor.page.inner_text("body")


def test_a_withdrawal_is_confirmed_before_it_is_made(visitor, staged):
    """Last: it ends the explained appeal."""
    doctor = visitor("doctor")
    doctor.go(f"/appeals/{staged['explained']}")
    assert not doctor.page.is_visible("button:has-text('确认：撤回申诉')")
    doctor.page.click("summary:has-text('撤回申诉')")
    assert "仍可再次提出" in doctor.page.inner_text("details[open]")
    doctor.press("确认：撤回申诉")
    assert "已撤回" in doctor.page.inner_text("main h1")
