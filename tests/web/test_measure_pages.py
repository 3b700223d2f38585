"""A measure at the desk: recorded with its case, shown on the file, lifted, and asked for when an agreement ends."""

from datetime import date

import pytest
from console_world import HOSPITAL, PEOPLE, REFUSED, make_console, path_of
from measure_world import approved, form_of_a_case, measure_of, submitted
from resumption_world import advance

from scoring_service.services.standing.reading import standing_of

LANGUAGES = ("zh", "en")


@pytest.fixture
def own(fresh_engine):
    """A console on a database of its own, for a test that moves the clock or ends an agreement."""
    return make_console(fresh_engine)


def speak(browser, language):
    browser.get(f"/language/{language}?target=/glossary")


def test_who_is_responsible_is_suspended_and_one_of_them_scored(own):
    path = submitted(own, "蓝一", "蓝二", **{"findings/1/points": "4"})
    reviewer = own.browser("reviewer")
    seen = reviewer.page(path)
    assert "中止医保服务协议 · 自 2025-05-20 周二 起" in seen
    assert "没有规定结束日" in seen
    assert "承担责任，不记分" in seen
    assert "将暂停或延长暂停 2 人：" in seen
    assert "自 2025-06-03 周二 起" in seen
    assert reviewer.post(f"{path}/approve", version="2").status_code == 303
    assert reviewer.page(path).count("随措施暂停") == 2
    file = reviewer.page(f"/people/{own.people['蓝一']}")
    assert "因对医药机构采取的措施暂停资格：自 2025-05-20 周二 起。" in file
    assert "0<span>/ 12</span>" in file
    advance(own, date(2025, 6, 3))
    assert "没有规定结束日，随机构措施的解除而结束。" in reviewer.page(f"/people/{own.people['蓝一']}")


def test_a_termination_by_a_measure_asks_for_each_name(console):
    path = submitted(console, "蓝三", **{"handling/measure/kind": "agreement_terminated"})
    reviewer = console.browser("reviewer")
    assert "将终止 1 人：" in reviewer.page(path)
    person = console.people["蓝三"]
    refused = reviewer.asked(f"{path}/approve", version="2")
    assert "终止资格须原样输入姓名以确认" in refused.text
    assert reviewer.post(f"{path}/approve", version="2", **{f"confirm/{person}": "蓝三"}).status_code == 303
    assert "随措施终止" in reviewer.page(f"/people/{person}")


def test_the_reviewer_is_told_of_a_measure_that_has_ended(console):
    path = submitted(console, "蓝二", **{"handling/measure/until": "2025-06-02"})
    reviewer = console.browser("reviewer")
    seen = reviewer.page(path)
    assert "没有人被暂停或终止。" in seen
    assert "措施在生效以前已经结束，不影响资格：</strong>蓝二" in seen
    assert "不发文书。" in seen
    reviewer.post(f"{path}/approve", version="2")
    assert "措施在生效以前已经结束，不影响资格。" in reviewer.page(f"/people/{console.people['蓝二']}")
    speak(reviewer, "en")
    assert "The measure ended before it could take effect" in reviewer.page(f"/people/{console.people['蓝二']}")


WRONG = {
    "until": (
        {"handling/measure/until": "2025-05-19"},
        ("最后一日不得早于起始日", "the last day may not lie before the first"),
    ),
    "until of a terminated agreement": (
        {"handling/measure/kind": "agreement_terminated", "handling/measure/until": "2026-05-19"},
        ("解除协议没有结束日", "a terminated agreement has no end"),
    ),
    "no department": (
        {"handling/measure/kind": "department_suspended"},
        ("须写明暂停的是哪个科室", "say which department is suspended"),
    ),
    "a department too many": (
        {"handling/measure/department": "内科"},
        ("只有责令暂停科室才写科室", "only for a department that is suspended"),
    ),
    "no first day": ({"handling/measure/from": ""}, ("请填写", "fill this in")),
    "no points without a measure": ({"handling/measure/kind": ""}, ("请填写", "fill this in")),
    "wrong points": ({"findings/0/points": "13"}, ("分值必须为 1 至 12 的整数", "points must be an integer from 1 to 12")),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_measure_is_told_in_both_languages_and_nothing_typed_is_lost(console, name):
    fields, said = WRONG[name]
    clerk = console.browser("clerk")
    for language, words in zip(LANGUAGES, said, strict=True):
        speak(clerk, language)
        clerk.page("/cases/new")
        answer = clerk.asked("/cases/new", once=f"w-{language}", **form_of_a_case("蓝一") | fields)
        assert REFUSED in answer.text
        assert words in answer.text
        assert "抽查发现多名人员参与虚构诊疗。" in answer.text


def test_a_draft_keeps_its_measure_and_may_lose_it(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    of_department = {"handling/measure/kind": "department_suspended", "handling/measure/department": "心血管内科"}
    of_department |= {"handling/measure/until": "2025-08-31"}
    path = path_of(clerk.post("/cases/new", once="k1", **form_of_a_case("蓝一") | of_department))
    assert "责令暂停科室医保服务 · 心血管内科 · 2025-05-20 周二 至 2025-08-31 周日（含）" in clerk.page(path)
    editor = clerk.page(f"{path}/edit")
    for value in ("心血管内科", "2025-08-31"):
        assert f'value="{value}"' in editor
    changed = form_of_a_case("蓝一", points="4") | {"handling/measure/kind": ""}
    assert clerk.post(f"{path}/edit", version="1", **changed).status_code == 303
    assert "责令暂停科室" not in clerk.page(path)


def test_a_measure_is_lifted_from_the_file(own):
    approved(own, "蓝一")
    advance(own, date(2025, 6, 20))
    clerk, reviewer = own.browser("clerk"), own.browser("reviewer")
    file = f"/people/{own.people['蓝一']}"
    form = f"/entries/{measure_of(own, '蓝一')}/lifting"
    assert f'href="{form}"' in clerk.page(file)
    assert "审核人通过之日起，这项措施对该人员结束" in clerk.page(form)
    assert REFUSED in clerk.asked(form, once="l1", reason=" ").text
    clerk.page(form)
    path = path_of(clerk.post(form, once="l2", reason="整改验收合格"))
    assert "整改验收合格" in reviewer.page("/decisions")
    seen = reviewer.page(path)
    assert "解除哪一项措施" in seen
    assert "提前到 2025-06-19 周四（含）结束" in seen
    assert reviewer.post(f"{path}/approve", version="1").status_code == 303
    page = clerk.page(file)
    assert "可以正常结算" in page
    assert "解除第 1 条的机构措施。" in page
    assert f'href="{form}"' not in page


def test_a_lifting_is_refused_in_both_languages(console):
    approved(console, "蓝二")
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    form = f"/entries/{measure_of(console, '蓝二')}/lifting"
    clerk.page(form)
    path = path_of(clerk.post(form, once="r1", reason="整改验收合格"))
    said = {"zh": ("已有待决定的解除", "该措施已经结束"), "en": ("another lifting of it waits", "this measure has ended already")}
    for language in LANGUAGES:
        speak(clerk, language)
        clerk.page(form)
        assert said[language][0] in clerk.asked(form, once=f"r2{language}", reason="再次").text
    reviewer.page(path)
    reviewer.post(f"{path}/approve", version="1")
    for language in LANGUAGES:
        speak(clerk, language)
        clerk.page(form)
        assert said[language][1] in clerk.asked(form, once=f"r3{language}", reason="再次").text


def test_who_proposed_a_lifting_does_not_decide_it(console):
    approved(console, "蓝二")
    clerk = console.browser("clerk")
    form = f"/entries/{measure_of(console, '蓝二')}/lifting"
    clerk.page(form)
    path = path_of(clerk.post(form, once="s1", reason="整改验收合格"))
    assert clerk.post(f"{path}/approve", version="1").status_code == 403


def test_a_measure_is_taken_back_by_a_correction_to_0(console):
    approved(console, "蓝一")
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    form = f"/entries/{measure_of(console, '蓝一')}/correction"
    assert "机构措施只能更正为 0" in clerk.page(form)
    fields = {"basis": "court", "document_no": "1", "reason": "判决撤销"}
    said = {"zh": "机构措施只能更正为 0（撤销）", "en": "a measure can only be corrected to 0"}
    for language in LANGUAGES:
        speak(clerk, language)
        clerk.page(form)
        assert said[language] in clerk.asked(form, once=f"c{language}", value="1", **fields).text
    speak(clerk, "zh")
    clerk.page(form)
    path = path_of(clerk.post(form, once="c2", value="0", **fields))
    assert "有效 → <strong>撤销</strong>" in reviewer.page(path)
    assert reviewer.post(f"{path}/approve", version="1").status_code == 303
    file = clerk.page(f"/people/{console.people['蓝一']}")
    assert "已撤销，等于从未采取。" in file
    assert "可以正常结算" in file


QUESTION = {
    "zh": ("有没有人对违规行为负有责任？", "起草案件：解除医保服务协议"),
    "en": ("Is anybody responsible?", "Draft a case: Agreement terminated"),
}


def test_the_end_of_an_agreement_asks_and_leads_to_a_case(own):
    admin, clerk = own.browser("admin"), own.browser("clerk")
    where = f"/institutions/{HOSPITAL}"
    assert QUESTION["zh"][0] not in admin.page(where) + clerk.page(where)
    admin.page(where)
    answer = admin.post(f"{where}/agreements", **{"from": "", "until": "2025-06-30"})
    for language, (asks, drafts) in QUESTION.items():
        speak(admin, language)
        speak(clerk, language)
        page = admin.page(answer.headers["Location"])
        assert asks in page
        assert drafts not in page
        assert asks in clerk.page(where)
        assert drafts in clerk.page(where)
    with own.service.work(own.actor("clerk")) as work:
        sanctions = [standing_of(work, own.people[name]).standing.sanctions for name in PEOPLE]
    assert sanctions == [()] * len(PEOPLE)


def test_a_case_opens_with_the_measure_filled_in(console):
    query = f"institution={HOSPITAL}&handling/measure/kind=agreement_terminated&handling/measure/from=2025-07-01"
    form = console.browser("clerk").page(f"/cases/new?{query}")
    assert f'value="{HOSPITAL}"' in form
    assert 'value="agreement_terminated" selected' in form
    assert 'value="2025-07-01"' in form
