"""The way back from a suspension at the three desks: counted in days, filed, answered, evaluated, refused, overtaken."""

import re
from datetime import date, timedelta

import pytest
from console_world import REFUSED, as_seen, path_of
from resumption_world import (
    DOCTOR,
    IN_TIME,
    OPENS,
    OVER,
    advance,
    consented,
    filed,
    make_resumption_world,
    states,
)

from scoring_service.services.jobs.runs import run_named

ONE_DAY = timedelta(days=1)
IN_ENGLISH = "/language/en?target=/glossary"


@pytest.fixture
def console(fresh_engine, tmp_path):
    return make_resumption_world(fresh_engine, tmp_path)


def form_of(console):
    return f"/people/{console.people[DOCTOR]}/resumption"


def test_before_the_window_the_days_are_counted_and_nothing_can_be_filed(console):
    advance(console, OPENS - ONE_DAY)
    doctor = console.browser("doctor")
    said = "自 2025-07-14 周一 起可以申请恢复；在 2025-07-18 周五 以前（含当日）申请并取得机构同意的，医保部门须在期满前答复。"
    assert said in doctor.page("/me")
    page = doctor.page(form_of(console))
    assert said in page
    assert "1 天后" in page
    assert "还不到申请的时候" in page
    assert 'name="statement"' not in page
    early = doctor.asked(form_of(console), statement="已完成整改")
    assert "2025-07-14 起可以申请恢复" in early.text
    assert states(console) == []
    doctor.get(IN_ENGLISH)
    assert "A resumption may be applied for from Mon 14 Jul 2025." in doctor.page("/me")
    assert "in 1 day<" in doctor.page(form_of(console))


def test_the_case_says_that_nobody_knows_until_when_it_suspends(console):
    listed = console.browser("reviewer").page("/cases?state=approved")
    case = re.search(r"/cases/[0-9a-f-]{36}", listed)[0]
    for username in ("reviewer", "clinic", "doctor"):
        page = console.browser(username).page(case)
        assert "2025-06-03 周二 至 2025-08-02 周六（含）" in page
        assert "期满不自动恢复：申请获准以前一直暂停，何时恢复尚不知道。 2025-07-14 周一 起可以申请。" in page


def test_the_letter_of_the_window_is_named_for_it_and_leads_to_the_form(console):
    advance(console, OPENS)
    run_named(console.service, "deadlines", str(OPENS))
    doctor = console.browser("doctor")
    name = "恢复医保支付资格申请告知书"
    assert name in doctor.page("/me")
    [path] = re.findall(rf'href="(/notices/[^"]+)">{name}<', doctor.page("/letters"))
    page = doctor.page(path)
    assert f'href="{form_of(console)}"' in page
    assert "申诉期" not in page
    assert name in doctor.page(f"{path}/letter")
    doctor.post(f"{path}/acknowledge")
    assert "已登记送达。<" in doctor.page(path)
    doctor.get(IN_ENGLISH)
    assert "<h1>When to apply for a resumption</h1>" in doctor.page(path)
    assert f'href="{form_of(console)}"' not in console.browser("clerk").page(path)


def test_one_asked_for_in_time_ends_with_the_term(console):
    advance(console, IN_TIME)
    doctor, clinic, reviewer = (console.browser(name) for name in ("doctor", "clinic", "reviewer"))
    assert "现在可以申请恢复；在 2025-07-18 周五 以前" in doctor.page("/me")
    doctor.page(form_of(console))
    path = path_of(doctor.post(form_of(console), statement="学习了医保政策", once="k"))
    assert "等待机构表示意见，最后一天是 2025-07-25 周五" in doctor.page(path)
    assert "正在办理" in doctor.page("/me")
    assert "等本机构表示意见" in clinic.page("/clinic")
    assert f'href="{path}"' in clinic.page("/resumptions")
    clinic.page(path)
    assert path_of(clinic.post(f"{path}/institution/consent", version="1")) == path
    assert "最迟 2025-08-01 周五 答复" in clinic.page(path)
    assert "待评估" in reviewer.page("/today")
    page = reviewer.page(path)
    assert "学习了医保政策" in page
    assert "期限不变；2025-08-03 周日 恢复" in page
    assert states(console) == ["consented"]
    assert path_of(reviewer.post(f"{path}/desk/approve", version="2")) == path
    assert "2025-08-03 周日 起恢复" in doctor.page(path)
    assert "2025-08-03 周日 恢复" in clinic.page("/resumptions")
    assert "2025-08-03 周日 恢复" in reviewer.page("/resumptions?state=decided")
    file = console.browser("clerk").page(f"/people/{console.people[DOCTOR]}")
    assert "2025-08-03 周日 恢复。" in file
    assert "期限内" in file
    doctor.get(IN_ENGLISH)
    assert "Granted" in doctor.page(path)


def test_after_the_term_one_may_still_apply_and_is_told_the_state(console):
    advance(console, OVER)
    doctor = console.browser("doctor")
    for path in ("/me", form_of(console)):
        assert "暂停期已于 2025-08-02 周六 届满。恢复以前，状态仍为暂停" in doctor.page(path)
    path = consented(console)
    reviewer = console.browser("reviewer")
    reviewer.page(path)
    reviewer.post(f"{path}/desk/approve", version="2")
    assert "2025-08-03 周日 起恢复" in doctor.page(path)


def test_the_file_says_how_late_one_resumes(console):
    advance(console, OVER + 30 * ONE_DAY)
    path = consented(console)
    reviewer = console.browser("reviewer")
    reviewer.page(path)
    reviewer.post(f"{path}/desk/approve", version="2")
    doctor = console.browser("doctor")
    assert "评估通过，晚于暂停期满 30 天恢复。" in doctor.page("/me")
    doctor.get(IN_ENGLISH)
    assert "The evaluation was passed: the person resumes 30 days after the term." in doctor.page("/me")


def test_an_institution_that_refuses_is_gone_on_without_and_the_refused_apply_again(console):
    advance(console, IN_TIME)
    path = filed(console)
    clinic, reviewer, doctor = (console.browser(name) for name in ("clinic", "reviewer", "doctor"))
    clinic.page(path)
    assert "请填写" in clinic.asked(f"{path}/institution/refuse-consent", version="1", act="refuse-consent").text
    clinic.post(f"{path}/institution/refuse-consent", version="1", reason="整改未完成")
    assert "不同意：整改未完成" in doctor.page(path)
    assert "1 件可以决定继续办理" in reviewer.page("/today")
    assert "机构不同意" in reviewer.page("/resumptions?state=filed")
    reviewer.page(path)
    reviewer.post(f"{path}/desk/proceed", version="2", reason="材料齐全")
    assert "医保部门决定继续办理：材料齐全" in reviewer.page(path)
    reviewer.post(f"{path}/desk/refuse", version="3", reason="培训记录不全")
    page = doctor.page(path)
    assert "不予恢复：培训记录不全" in page
    assert "再次申请" in page
    doctor.page(form_of(console))
    again = path_of(doctor.post(form_of(console), statement="已补充培训记录"))
    assert again != path
    assert states(console) == ["refused", "filed"]


def test_an_institution_that_does_not_answer_is_waited_for_until_its_last_day(console):
    advance(console, OPENS)
    path = filed(console)
    reviewer = console.browser("reviewer")
    page = reviewer.page(path)
    assert "等待机构表示意见；不同意或逾期后，可以决定继续办理。" in page
    assert "未获同意，继续办理" not in page
    assert "机构最晚可于 2025-07-21" in reviewer.asked(f"{path}/desk/proceed", version="1", reason="不等了").text
    advance(console, date(2025, 7, 22))
    assert "已超过 1 天" in reviewer.page("/resumptions")
    assert "未获同意，继续办理" in reviewer.page(path)
    reviewer.post(f"{path}/desk/proceed", version="1", reason="机构逾期未答复")
    assert states(console) == ["consented"]


def test_an_institution_files_for_its_own_people(console):
    advance(console, OPENS - ONE_DAY)
    clinic = console.browser("clinic")
    page = clinic.page("/resumptions")
    assert "暂时不能申请的人员" in page
    assert "2025-07-14 周一 起" in page
    advance(console, OPENS)
    assert "代为申请" in clinic.page("/resumptions")
    assert "现在可以申请" in clinic.page("/clinic")
    assert "即为本机构同意" in clinic.page(form_of(console))
    path = path_of(clinic.post(form_of(console), statement="本机构已组织学习"))
    assert states(console) == ["consented"]
    page = clinic.page(path)
    assert "最迟 2025-07-28 周一 答复" in page
    assert "请贵机构表示意见" not in page


def test_what_comes_on_paper_is_recorded_by_a_clerk_and_decided_by_another(console):
    advance(console, OPENS)
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    assert "登记恢复申请" in clerk.page(f"/people/{console.people[DOCTOR]}")
    clerk.page(form_of(console))
    path = path_of(clerk.post(form_of(console), statement="纸质申请"))
    clerk.page(path)
    wrong = clerk.asked(f"{path}/paper/consent", version="1", act="consent", institution="H99999999999")
    assert REFUSED in wrong.text
    clerk.page(path)
    place = console.bound("clinic").institution_code
    clerk.post(f"{path}/paper/consent", version="1", institution=place, proof="扫描件 7 号")
    page = reviewer.page(path)
    assert "扫描件 7 号" in page
    assert "纸质" in page
    assert "评估通过" in page
    assert clerk.post(f"{path}/desk/approve", version="2").status_code == 403


def test_one_that_was_overtaken_lapses_and_the_page_says_why(console):
    advance(console, IN_TIME)
    path = consented(console)
    reviewer = console.browser("reviewer")
    reviewer.page(path)
    console.approved(DOCTOR, 1)
    page = reviewer.page(path)
    assert "起可以申请恢复" in page or "尚未开始" in page
    assert "按失效办结" in page
    assert "评估通过</summary>" not in page
    assert states(console) == ["consented"]
    reviewer.post(f"{path}/desk/approve", version="2")
    assert states(console) == ["lapsed"]
    assert "已失效" in reviewer.page(path)
    assert "已失效" in console.browser("doctor").page(path)


def test_a_list_without_anybody_explains_itself(console):
    assert "没有等待办理的恢复申请" in console.browser("reviewer").page("/resumptions")
    assert "没有已办结的恢复申请" in console.browser("reviewer").page("/resumptions?state=decided")
    page = console.browser("clinic").page("/resumptions")
    assert "没有等本机构表示意见的申请" in page
    assert "现在没有可以申请的人员" in page
    assert "没有等待恢复的暂停" in console.browser("clerk").page(f"/people/{console.people['蓝二']}/resumption")
    assert "/resumptions?" not in console.browser("reviewer").page("/today")


def test_a_decision_made_meanwhile_is_told(console):
    advance(console, IN_TIME)
    path = consented(console)
    first, second = console.browser("reviewer"), console.browser("reviewer")
    first.page(path)
    second.page(path)
    second.post(f"{path}/desk/refuse", version="2", reason="材料不全")
    answer = first.asked(f"{path}/desk/approve", version="2")
    assert "当前状态为“不予恢复”" in answer.text
    assert states(console) == ["refused"]
    assert first.post(f"{path}/desk/nothing", version="3").status_code == 404


def refused(console, username, said, in_english):
    """What filing an application tells an account, in both languages."""
    browser = console.browser(username)
    for language, words in (("zh", said), ("en", in_english)):
        browser.get(f"/language/{language}?target=/glossary")
        browser.page(form_of(console))
        assert words in as_seen(browser.asked(form_of(console), statement="已完成整改"))


def test_why_none_can_be_applied_for_is_told_in_both_languages(console):
    advance(console, OPENS)
    path = filed(console)
    refused(console, "clinic", "已有恢复申请尚未办结", "another application waits for its decision")
    console.approved(DOCTOR, 3)
    refused(console, "clerk", "另有尚未开始的暂停或终止", "a sanction is still to begin")
    advance(console, IN_TIME)
    refused(console, "doctor", "不能申请恢复", "there is no resumption now")
    assert states(console) == ["filed"]
    assert "待机构同意" in console.browser("doctor").page(path)


def test_nobody_applies_or_answers_for_a_stranger(console):
    advance(console, OPENS)
    path = filed(console)
    doctor = console.browser("doctor")
    assert doctor.get(f"/people/{console.people['蓝二']}/resumption").status_code == 404
    assert doctor.get("/resumptions").status_code == 403
    doctor.page(path)
    assert doctor.post(f"{path}/institution/consent", version="1").status_code == 403
    assert doctor.post(f"{path}/desk/approve", version="1").status_code == 403
    assert console.browser("settlement").get(path).status_code == 403
