"""Half a draft is kept; two windows on one draft lose nothing; findings are added where one is."""

import re

from console_world import HOSPITAL, PEOPLE, REFUSED, path_of
from posted_forms import forms_of

HALF = {"institution": HOSPITAL, "handling/document_no": "赤医保罚〔2025〕90号", "rows": "1", "summary": "写了一半", "do": "save"}


def test_half_a_draft_is_kept_and_gone_on_with(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    address = clerk.post("/cases/new", once="h1", **HALF).headers["Location"]
    page = clerk.page(address)
    assert "已存为未完成的草稿" in page
    assert REFUSED in page
    for wanted in ("handling-kind", "handling-authority", "handling-decided_on", "findings-0-practitioner", "findings-0-item"):
        assert f'id="{wanted}-error"' in page, wanted
    today = clerk.page("/today")
    assert "赤医保罚〔2025〕90号" in today
    assert f'href="{address}"' in today
    assert "赤医保罚〔2025〕90号" not in console.browser("reviewer").page("/today")
    posted = forms_of(clerk.page(address), "/cases/new")["/cases/new"]
    assert posted["summary"] == "写了一半"
    whole = posted | {
        "handling/kind": "penalty",
        "handling/authority": "赤峰市医疗保障局",
        "handling/decided_on": "2025-05-20",
        "findings/0/practitioner": PEOPLE["蓝一"],
        "findings/0/item": "overtreatment",
        "findings/0/degree": "main",
        "findings/0/points": "5",
    }
    saved = clerk.post("/cases/new", **whole)
    assert path_of(saved).startswith("/cases/")
    assert "写了一半" in clerk.page(path_of(saved))
    assert address not in clerk.page("/today")


def test_what_is_missing_and_what_is_wrong_are_told_together(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    wrong = {
        "institution": "H15040209999",
        "handling/decided_on": "2025-05-20",
        "rows": "3",
        "findings/0/practitioner": PEOPLE["蓝一"],
        "findings/0/item": "overtreatment",
        "findings/0/points": "13",
        "findings/1/practitioner": "D150402999999",
        "findings/1/points": "x",
        "findings/2/practitioner": PEOPLE["蓝二"],
        "findings/2/item": "没有这一项",
    }
    page = clerk.asked("/cases/new", once="w1", do="save", **wrong).text
    for at in (
        *("institution", "handling-kind", "handling-authority", "handling-document_no", "summary"),
        *("findings-0-degree", "findings-0-points", "findings-1-practitioner", "findings-1-item", "findings-1-points"),
        *("findings-2-item", "findings-2-degree", "findings-2-points"),
    ):
        assert f'id="{at}-error"' in page, at


def test_half_a_draft_kept_twice_is_one_and_can_be_thrown_away(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    half = HALF | {"handling/document_no": "赤医保罚〔2025〕91号"}
    first = clerk.post("/cases/new", once="h2", **half).headers["Location"]
    clerk.page(first)
    second = clerk.post("/cases/new", once="h2", unfinished=first.split("form=")[1], **half | {"summary": "再写一点"})
    assert clerk.page("/today").count("赤医保罚〔2025〕91号") == 1
    assert "再写一点" in clerk.page(second.headers["Location"])
    kept = second.headers["Location"].split("form=")[1]
    assert clerk.post(f"/unfinished/{kept}/discard").status_code == 303
    assert "赤医保罚〔2025〕91号" not in clerk.page("/today")


def test_two_windows_on_one_draft_show_the_newest_beside_what_was_typed(console):
    case = console.case("蓝二", 5, submitted=False)
    clerk = console.browser("clerk")
    path = f"/cases/{case.id}/edit"
    opened = forms_of(clerk.page(path), path)[path]
    assert clerk.post(path, **opened | {"summary": "第一个窗口", "findings/0/points": "4"}).status_code == 303
    address = clerk.post(path, **opened | {"summary": "第二个窗口"}).headers["Location"]
    page = clerk.page(address)
    assert "这份草稿有了新的版本" in page
    newer = re.findall(r'<div class="notice-wait newer">.*?</div>\s*</dl>', page, re.DOTALL)
    assert any("第一个窗口" in one for one in newer)
    assert any(">4<" in one for one in newer)
    assert not any("过度诊疗" in one for one in newer)
    assert "内容已被他人修改" not in page
    again = forms_of(page, path)[path]
    assert (again["summary"], again["findings/0/points"], again["version"]) == ("第二个窗口", "5", "2")
    assert clerk.post(path, **again).status_code == 303
    assert "第二个窗口" in clerk.page(f"/cases/{case.id}")


def test_what_was_typed_into_a_draft_that_was_submitted_meanwhile_is_still_there(console):
    case = console.case("蓝二", 5, submitted=False)
    clerk = console.browser("clerk")
    path = f"/cases/{case.id}/edit"
    opened = forms_of(clerk.page(path), path)[path]
    assert clerk.post(f"/cases/{case.id}/submit", version="1").status_code == 303
    page = clerk.asked(path, **opened | {"summary": "没有丢的话"})
    assert "情况已经改变" in page.text
    assert "没有丢的话" in page.text


def test_a_finding_is_added_at_its_own_address_without_a_script(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    two = {"rows": "2", "findings/1/practitioner": "第二个", "summary": "保留"}
    answer = clerk.post("/cases/new", do="add", **two)
    assert answer.headers["Location"].endswith("#findings-2-practitioner")
    page = clerk.page(answer.headers["Location"])
    assert 'id="findings-2-practitioner"' in page
    assert 'value="第二个"' in page


def test_the_catalogue_stands_once_in_the_page_and_is_chosen_by_words(console):
    clerk = console.browser("clerk")
    page = clerk.page("/cases/new")
    many = clerk.asked("/cases/new", rows="59", do="add").text
    assert page.count("过度诊疗") == many.count("过度诊疗") == 1
    typed = {"findings/0/item": "重复", "findings/0/practitioner": PEOPLE["蓝一"]}
    asked = clerk.asked("/cases/new", once="i1", **HALF | typed).text
    assert 'name="findings/0/item/pick"' in asked or "findings-0-item-error" not in asked
