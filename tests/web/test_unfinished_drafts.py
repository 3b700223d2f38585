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


def test_a_draft_left_half_edited_says_so_and_is_not_submitted_without_it(console):
    case = console.case("蓝三", 5, submitted=False)
    clerk, path = console.browser("clerk"), f"/cases/{case.id}"
    opened = forms_of(clerk.page(f"{path}/edit"), f"{path}/edit")[f"{path}/edit"]
    half = clerk.post(f"{path}/edit", **opened | {"summary": "", "findings/0/points": "4"}).headers["Location"]
    assert f'href="{half}">继续填写' in clerk.page(path)
    answer = clerk.post(f"{path}/submit", version="1")
    assert answer.headers["Location"] == half
    page = clerk.page(half)
    assert "还没有提交" in page
    again = forms_of(page, f"{path}/edit")
    assert again[f"{path}/edit"]["findings/0/points"] == "4"
    assert clerk.post(f"/unfinished/{half.split('form=')[1]}/discard").status_code == 303
    assert clerk.post(f"{path}/submit", version="1").headers["Location"] == path


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


SHEET = """处理名单
人员\t\t认定
姓名\t国家医保编码*\t违规情形\t责任\t分值\t备注
蓝一\tD150402900001\t过度诊疗\t主要\t五\tx
姓名\t国家医保编码*\t违规情形\t责任\t分值\t备注
蓝二\tD150402900003\t\t一般\t4\ty
蓝二\tD150402900002\t\t重要\t\tz
无此人\tD150402999999\t重复收费\t主要\t6
"""


def pasted(clerk, text, **fields):
    """The fields of the form and its page after this was pasted into it."""
    page = clerk.asked("/cases/new", **{"rows": "1", "institution": HOSPITAL, "do": "paste", "paste": text} | fields).text
    return forms_of(page, "/cases/new")["/cases/new"], page


def test_a_pasted_sheet_becomes_findings_and_tells_what_was_made_of_it(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    posted, page = pasted(clerk, SHEET)
    assert posted["rows"] == "4"
    assert posted["paste"] == ""
    assert [posted[f"findings/{row}/practitioner"] for row in range(4)] == [
        *("蓝一 D150402900001", "蓝二 D150402900003", "蓝二 D150402900002", "无此人 D150402999999"),
    ]
    assert posted["findings/0/points"] == "五"
    assert posted["findings/2/item"].startswith("过度诊疗")
    assert (posted["findings/2/degree"], posted["findings/2/points"]) == ("important", "4")
    assert "已加入 4 项认定，还没有保存。第 3、5 行是表头。3 个空格按上一行填入" in page
    assert "没有读入的列：备注。3 行有误" in page
    for wrong in ("findings-0-points", "findings-1-practitioner", "findings-3-practitioner"):
        assert f'id="{wrong}-error"' in page, wrong
    assert "findings-2-practitioner-error" not in page
    refused = forms_of(clerk.asked("/cases/new", **posted | {"do": "save"}).text, "/cases/new")["/cases/new"]
    assert refused["findings/1/practitioner"] == "蓝二 D150402900003"


def test_too_long_or_broken_pastes_are_refused_and_stay_as_typed(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    five_thousand = "\n".join(f"D1504029{number:05d}\t某人" for number in range(5000))
    for text, told in (
        (five_thousand, "一案最多 500 项认定，这里有 5000 行，还可加 500 项"),
        ('蓝一\tD150402900001\t"没有合上', "引号不成对"),
        ("\n\t\n", "没有可读入的行"),
    ):
        posted, page = pasted(clerk, text, summary="写了一半")
        assert told in page
        assert (posted["summary"], posted["rows"]) == ("写了一半", "1")
        assert posted["paste"].split() == text.split()


def test_a_person_is_completed_those_of_the_institution_first(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    typed = ("蓝", "lanyi", PEOPLE["蓝二"], " ", "%")
    answers = [clerk.post("/cases/people", typed=each, institution=HOSPITAL).json for each in typed]
    values = [[one["value"] for one in some] for some in answers]
    assert set(values[0][:3]) == {f"{name} {PEOPLE[name]}" for name in ("蓝一", "蓝二", "蓝三")}
    assert answers[0][0]["label"] == "红山区测试医院"
    assert values[1:] == [[f"蓝一 {PEOPLE['蓝一']}"], [f"蓝二 {PEOPLE['蓝二']}"], [], []]


def test_one_charge_is_copied_to_pasted_names_and_marked_findings_go(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    posted, _page = pasted(clerk, "蓝一\nD150402900002\n蓝三")
    charge = {"findings/0/item": "过度诊疗", "findings/0/degree": "main", "findings/0/points": "6"}
    grounds = {"findings/0/adjustment/ground": "从轻 · 主动承认", "findings/1/marked": "1", "findings/2/points": "4"}
    page = clerk.asked("/cases/new", **posted | charge | grounds | {"do": "copy:0"}).text
    assert "已复制到 1 项认定" in page
    copied = forms_of(page, "/cases/new")["/cases/new"]
    assert [copied[f"findings/{row}/points"] for row in range(3)] == ["6", "6", "4"]
    assert copied["findings/1/adjustment/ground"] == "从轻 · 主动承认"
    fewer = forms_of(clerk.asked("/cases/new", **copied | {"do": "remove_marked"}).text, "/cases/new")["/cases/new"]
    assert (fewer["rows"], fewer["findings/1/practitioner"], fewer["findings/1/points"]) == ("2", "蓝三", "4")
