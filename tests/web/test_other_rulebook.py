"""Another rulebook in force: what people are told on pages and in letters is its numbers."""

import re
from html import unescape

import pytest
from console_world import HOSPITAL, make_console
from own_law import OWN_LAW
from sqlalchemy import update

from scoring_service.db.tables import accounts

# Suspended from 8 points instead of 9, terminated at 11 instead of 12, two weeks more for an appeal.
CHANGES = {
    "2025-01-01: {value: 9, source: A B, verified: true}": "2025-01-01: {value: 8, source: A B, verified: true}",
    "2025-01-01: {value: 12, source: A B, verified: true}": "2025-01-01: {value: 11, source: A B, verified: true}",
    "{lowest: 10, highest: 12}": "{lowest: 10, highest: 11}",
    "{general: 10, important: 11, main: 12}": "{general: 10, important: 10, main: 11}",
    "2025-01-01: {value: 10, source: A D, verified: true}": "2025-01-01: {value: 20, source: A D, verified: true}",
}
ROW_OF_11 = re.compile(r"^      11:\n(?:        .*\n)+", re.MULTILINE)
ROW_OF_8 = "      8:\n        values:\n          2025-01-01: {value: 2, source: D, verified: true}\n      9:\n"
FORMER_NUMBERS = re.compile(r"(?<!\d)9 分(?:暂停|起)|(?<!\d)12 分|10–12|(?<!\d)10 个工作日|(?<!二)十个工作日")


@pytest.fixture(scope="module")
def console(module_engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rulebooks")
    text = (OWN_LAW / "national.yaml").read_text(encoding="utf-8")
    for former, other in CHANGES.items():
        assert text.count(former) == 1, former
        text = text.replace(former, other)
    text = ROW_OF_11.sub("", text).replace("      9:\n", ROW_OF_8)
    (folder / "national.yaml").write_text(text, encoding="utf-8")
    console = make_console(module_engine, rulebooks_dir=folder)
    console.approved("蓝一", 8)
    console.approved("蓝二", 12)
    with module_engine.begin() as conn:
        ours = {"clinic": {"institution_code": HOSPITAL}, "doctor": {"practitioner_id": console.people["蓝一"]}}
        for username, place in ours.items():
            conn.execute(update(accounts).where(accounts.c.username == username).values(**place))
    return console


def told(page):
    """What a reader sees of a page: its text, without what is only markup."""
    return " ".join(unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@pytest.mark.parametrize(
    ("username", "path", "said"),
    [
        ("clinic", "/glossary", ["满 11 分封顶", "年度累计满 8 分起暂停", "较重（7–9 分）、严重（10–11 分）", "20 个工作日"]),
        ("clinic", "/appeals", ["收到文书后 20 个工作日内"]),
        ("doctor", "/me", ["8 / 11", "8 分暂停", "11 分终止"]),
        ("doctor", "/me/outlook", ["8 分暂停资格", "11 分终止资格", "再记 11 分"]),
        ("clerk", "/cases/new", ["1 至 12 的整数", "严重（10–11 分）"]),
    ],
)
def test_a_page_tells_the_numbers_of_the_rulebook_in_force(console, username, path, said):
    page = told(console.browser(username).page(path))
    for part in said:
        assert part in page
    assert FORMER_NUMBERS.findall(page) == []


def test_a_file_tells_where_its_total_is_capped(console):
    page = told(console.browser("clerk").page(f"/people/{console.people['蓝二']}"))
    assert "（满 11 分封顶，实计 11 分）" in page


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("蓝一", "suspension", ["由0分增至8分，已达到暂停医保支付资格的标准", "二十个工作日内"]),
        ("蓝二", "termination", ["（年度累计记分以11分为限）", "已达到终止医保支付资格的标准", "二十个工作日内"]),
    ],
)
def test_a_letter_tells_the_numbers_of_the_rulebook_in_force(console, name, kind, said):
    notice = console.letters(console.people[name])["practitioner", kind]
    letter = told(console.browser("clerk").get(f"/notices/{notice}/letter").text)
    for part in said:
        assert part in letter
    assert FORMER_NUMBERS.findall(letter) == []
