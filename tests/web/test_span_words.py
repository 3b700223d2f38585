"""Spans and sanctions in words: by the spans that hold, with the last day included, as the letters tell them."""

import re

import pytest
from console_world import HOSPITAL, as_seen


@pytest.fixture(scope="module")
def cut_short(console):
    """A person suspended on 2 June whose case of 3 June would terminate them; the id of that case."""
    console.approved("蓝一", 10)
    admin = console.browser("admin")
    admin.page("/clock")
    assert admin.post("/clock", step="day").status_code == 303
    return console.case("蓝一", 3)


def test_the_preview_lists_what_the_act_begins_and_what_it_cuts_short(console, cut_short):
    seen = console.browser("reviewer").page(f"/cases/{cut_short.id}")
    assert "将终止 1 人" in seen
    assert "将暂停或延长暂停" not in seen
    assert "新增：2025-06-04 周三 至 2026-06-03 周三（含）" in seen
    assert "提前到 2025-06-03 周二（含）结束；原定 2025-06-03 周二 至 2025-10-02 周四（含）" in seen
    assert seen.count("新增：") == 1


def test_an_entry_tells_the_span_that_holds(console, cut_short):
    reviewer = console.browser("reviewer")
    path = f"/cases/{cut_short.id}"
    reviewer.page(path)
    confirmed = {f"confirm/{console.people['蓝一']}": "蓝一"}
    assert reviewer.post(f"{path}/approve", version=str(cut_short.version), **confirmed).status_code == 303
    page = reviewer.page(f"/people/{console.people['蓝一']}")
    assert (
        "暂停资格 4 个月，原定 2025-06-03 周二 至 2025-10-02 周四（含）；"
        "后因第 2 条（终止资格）提前到 2025-06-03 周二（含）结束。" in page
    )
    assert "终止资格，1 年内不得重新登记，2025-06-04 周三 至 2026-06-03 周三（含）。" in page
    assert "自 2025-06-03 周二 至 2025-10-03" not in page
    reviewer.get("/language/en?target=/today")
    english = reviewer.page(f"/people/{console.people['蓝一']}")
    assert "planned Tue 3 Jun 2025 to Thu 2 Oct 2025 inclusive; by entry 2 (Termination) its last day is now Tue 3 Jun 2025" in english


def letter_days(text):
    """The first and last day that a letter tells, as a page writes them."""
    year, month, day, *last = (int(number) for number in re.search(
        r"自(\d+)年(\d+)月(\d+)日起至(\d+)年(\d+)月(\d+)日止", text
    ).groups())
    return f"{year}-{month:02}-{day:02}", "{}-{:02}-{:02}".format(*last)


def test_letter_and_pages_tell_the_same_last_day(console, cut_short):
    console.approved("蓝三", 9)
    person = console.people["蓝三"]
    clerk = console.browser("clerk")
    letter = clerk.get(f"/notices/{console.letters(person)['practitioner', 'suspension']}/letter").text
    first, last = letter_days(letter)
    assert (first, last) == ("2025-06-04", "2025-08-03")
    page = clerk.page(f"/people/{person}")
    assert re.search(rf"{first} 周. 至 {last} 周.（含）", page)
    assert re.search(rf'data-label="期限最后一日">{last} 周', page)
    assert re.search(rf"最后一日 {last} 周", page)
    for path in ("/today", f"/people/{person}"):
        assert "2025-08-04" not in clerk.page(path)


def test_a_last_day_is_typed_as_it_is_told(console):
    admin = console.browser("admin")
    path = f"/registrations/{console.people['蓝二']}"
    admin.page(path)
    early = admin.asked(f"{path}/affiliations", institution=HOSPITAL, **{"from": "2025-07-01", "until": "2025-06-30"})
    assert "最后一日不得早于起始日" in early.text
    assert admin.post(f"{path}/affiliations", institution=HOSPITAL, until="2025-06-30").status_code == 303
    assert "2025-01-01 周三 至 2025-06-30 周一（含）" in admin.page(path)
    assert "2025-06-30" in as_seen(admin.get(f"/people/{console.people['蓝二']}"))


def test_the_last_day_of_an_act_goes_into_a_case_and_comes_back(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    typed = {
        "institution": HOSPITAL,
        "handling/kind": "penalty",
        "handling/authority": "赤峰市医疗保障局",
        "handling/document_no": "赤医保罚〔2025〕88号",
        "handling/decided_on": "2025-05-20",
        "summary": "抽查发现",
        "rows": "1",
        "findings/0/practitioner": "D150402900003",
        "findings/0/item": "overtreatment",
        "findings/0/degree": "main",
        "findings/0/points": "2",
        "findings/0/occurred_from": "2025-03-01",
        "findings/0/occurred_until": "2025-03-05",
    }
    saved = clerk.post("/cases/new", once="act1", **typed)
    assert saved.status_code == 303, saved.text
    page = clerk.page(saved.headers["Location"])
    assert "行为发生：2025-03-01 周六 至 2025-03-05 周三（含）" in page
    assert 'value="2025-03-05"' in clerk.page(saved.headers["Location"] + "/edit")


def test_a_point_below_the_suspension_is_not_green(console):
    console.approved("蓝二", 8)
    clerk = console.browser("clerk")
    page = clerk.page(f"/people/{console.people['蓝二']}")
    assert '<section class="summary summary-warning"' in page
    assert "<strong>离暂停资格只差 1 分。</strong>" in page
    clerk.page("/people")
    assert "badge-normal" not in clerk.found("蓝二")
    for seen in (page, clerk.page("/people?status=near")):
        assert '<span class="badge-plain badge-warning">离暂停资格只差 1 分</span>' in seen
        assert "badge-normal" not in seen
