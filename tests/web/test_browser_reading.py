"""What the head of office reads, in real Chromium: no word broken, nothing cut, nothing faint, and paper that is whole.

Each check is of a kind of fault, at every page of statistics, of rulebooks and of like cases, in both languages.
"""

import re

import pytest
from console_visitor import NARROW, WIDE
from console_world import HOSPITAL
from own_law import text_of, with_value
from test_even_handed_pages import scored

from scoring_service.services.rulebooks import drafts

# A sheet of A4 without its margins.
PAPER = {"width": 673, "height": 980}
LANGUAGES = ("zh", "en")
MONTHS = "suspension_months.single.10"
DRAFTS = {
    "national": "2025-07-01: {value: 5, source: S, verified: false, basis: 推定 / assumed}",
    "chifeng": "2025-08-01: {value: 6, source: D-IM, verified: true}",
}
# A word, or a day written in figures, of which a part stands in the next line.
BROKEN = r"""() => {
  const found = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, holder = texts.currentNode.parentElement;
    if (!holder.checkVisibility() || holder.closest("code, pre, .visually-hidden")) continue;
    for (const word of text.data.matchAll(/[A-Za-z]{4,24}|\d{4}-\d\d-\d\d/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(word[0]);
    }
  }
  return found;
}"""
# A cell of two and more Chinese characters, one below the other.
UPRIGHT = r"""() => [...document.querySelectorAll("main :is(td, th)")].filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  const box = range.getBoundingClientRect(), size = parseFloat(getComputedStyle(cell).fontSize);
  return cell.checkVisibility() && !cell.closest(".visually-hidden") && /[\u4e00-\u9fff]{2}/.test(cell.innerText) && box.width && box.width < 1.5 * size;
}).map((cell) => cell.innerText)"""
WIDER = """() => [document.documentElement, ...document.querySelectorAll("main .table-wrap, main pre")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.innerText.trim().slice(0, 20))"""
# Words of a choice that its field has no room for.
CUT = """() => [...document.querySelectorAll("main select")].flatMap((field) => {
  const style = getComputedStyle(field), pen = document.createElement("canvas").getContext("2d");
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  pen.font = style.font;
  return [...field.options].map((one) => one.label).filter((words) => pen.measureText(words).width > room);
})"""
GLARING = """() => [...document.querySelectorAll("main :is(input, select, textarea):not([type=hidden])")].filter((field) => {
  const [red, green, blue] = getComputedStyle(field).backgroundColor.match(/[0-9.]+/g).map(Number);
  return field.checkVisibility() && red + green + blue > 380;
}).map((field) => field.id || field.name)"""
# What is on paper and only leads elsewhere, or asks for something.
ON_SCREEN_ONLY = """() => [...document.querySelectorAll("main :is(p:has(> a), summary, nav, form:not(:has(table)), .sorts span, .applied [aria-hidden])")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !node.matches("p") || [...node.querySelectorAll("a")].map((a) => a.innerText).join("") === node.innerText.trim())
  .filter((node) => !node.matches("[aria-sort] *")).map((node) => node.innerText)"""


@pytest.fixture(scope="module")
def pages(console):
    """The pages, by the account that reads them."""
    scored(console, [5] * 20)
    console.approved("蓝三", 10)
    for rulebook, dated in DRAFTS.items():
        text = with_value(text_of(rulebook), MONTHS, dated)
        with console.service.work(console.actor("admin")) as work:
            drafts.propose(work, rulebook, filename=f"{rulebook}.yaml", content=text.encode())
    apart = console.case("蓝一", 3, item="overtreatment", submitted=False).id
    me = console.bound("doctor").practitioner_id
    entry = console.score(me, HOSPITAL, 6).findings[0].entry
    appeal = console.appeal(me, entry)
    return {
        "reviewer": (
            *("/statistics", "/statistics/changes", "/statistics/institutions", "/statistics/breakdown", "/statistics/timeliness"),
            *("/statistics/spread?office=150402", "/statistics/reports", "/cases?state=approved&item=overtreatment"),
            *(f"/appeals/{appeal}", "/account"),
        ),
        "admin": (
            *("/rulebooks", "/rulebooks/national?against=2024-01-01", "/rulebooks/chifeng/drafts/new", "/rulebooks/national/drafts/1"),
            *("/rulebooks/chifeng/drafts/1", "/rulebooks/national/drafts/1/simulation?year=2025"),
        ),
        "clerk": (f"/cases/{apart}", f"/cases/{apart}/edit"),
    }


# One of something that is called by its plural, two sentences without a space, and a space between two in Chinese.
MISWRITTEN = {
    "en": re.compile(r"(?<![\d.,–-])1 (?:points|cases|days|months|people|persons|entries|rows|changes|letters|notices)\b|[a-z0-9]\.[A-Z][a-z]"),
    "zh": re.compile(r"[。；，、：] +[\u4e00-\u9fff]"),
}


def seen(window, pages):
    """Every page in both languages, each looked at as it stands: its name, its language."""
    for username, paths in pages.items():
        one = window(username)
        for language in LANGUAGES:
            one.go(f"/language/{language}?target=/glossary")
            for path in paths:
                one.go(path)
                yield one.page, f"{path} {language}", language


def faults(page, name, checks):
    return [f"{name}: {check} {found}" for check, code in checks.items() if (found := page.evaluate(code))]


def test_nothing_is_broken_cut_or_wider_than_the_page(visitor, pages):
    found, checks = [], {"broken": BROKEN, "upright": UPRIGHT, "wider": WIDER, "cut": CUT}
    for page, name, _language in seen(visitor, pages):
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            found += faults(page, f"{name} at {size['width']}", checks)
        page.set_viewport_size(WIDE)
    assert not found, "\n".join(found)


def test_paper_holds_every_table_and_nothing_that_only_leads_elsewhere(visitor, pages):
    found, checks = [], {"broken": BROKEN, "upright": UPRIGHT, "wider": WIDER, "on paper": ON_SCREEN_ONLY}
    for page, name, _language in seen(visitor, pages):
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true })")
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print")
        found += faults(page, name, checks)
        page.emulate_media(media="screen")
        page.set_viewport_size(WIDE)
    assert not found, "\n".join(found)


def test_sentences_are_parted_and_counted_as_their_language_has_it(visitor, pages):
    found = []
    for page, name, language in seen(visitor, pages):
        found += [f"{name}: {words[0]}" for words in MISWRITTEN[language].finditer(page.inner_text("main"))]
    assert not found, "\n".join(found)


def test_no_field_glares_in_the_dark(visitor, pages):
    found = []
    for page, name, _language in seen(lambda username: visitor(username, color_scheme="dark"), pages):
        found += faults(page, name, {"glaring": GLARING})
    assert not found, "\n".join(found)
