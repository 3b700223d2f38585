"""The clinic desk: what waits, our people, is a line payable, states to maintain, and the talks that scores ask for."""

import re
from datetime import date

import pytest
from console_world import HOSPITAL, PEOPLE, REFUSED, as_seen
from sqlalchemy import select

from scoring_service.core.standing import Span
from scoring_service.db.tables import appeals, eligibility_refusals, notices
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.web.clinic.pasted import MOST_LINES, read_list

SUSPENDED, WARNED, NAMESAKE, GONE = (f"D15040299000{n}" for n in range(1, 5))
COLLEAGUES = {SUSPENDED: "甘一", WARNED: "甘二", NAMESAKE: "甘三", GONE: "甘四"}


@pytest.fixture(scope="module")
def own(console):
    """The demo's institution with four more people: one suspended, one warned, two of one name, one of them gone."""
    code = console.bound("clinic").institution_code
    ids = {}
    with console.service.work() as work:
        for person, name in (COLLEAGUES | {GONE: "甘三"}).items():
            until = date(2025, 3, 1) if person == GONE else None
            asked = [AskedAffiliation(institution=code, span=Span(date(2025, 1, 1), until))]
            ids[person] = register_practitioner(
                work, name=name, code=person, category="doctor", registered_on=date(2025, 1, 1), affiliations=asked
            ).id
    console.score(SUSPENDED, code, 10)
    console.score(WARNED, code, 4)
    admin = console.browser("admin")
    admin.page("/clock")
    assert admin.post("/clock", step="day").status_code == 303
    return ids


@pytest.fixture
def clinic(console, own):
    return console.browser("clinic")


def rows(console, query):
    with console.service.engine.connect() as conn:
        return conn.execute(query).all()


def letter_to_us(console, person, kind="score"):
    sent = select(notices.c.id).where(
        notices.c.practitioner_id == person, notices.c.kind == kind, notices.c.addressee_kind == "institution"
    )
    return rows(console, sent)[0].id


def test_the_first_page_says_what_waits(clinic):
    page = clinic.page("/clinic")
    assert "医保支付资格记分告知书" in page
    assert "甘二" in page
    assert "没有待会签的申诉" in page
    assert "1 / 4 人，25%" in page
    assert "达到预警比例" in page
    assert "本年被暂停或终止的人员" in page


def test_our_people_with_the_distance_to_a_suspension(clinic):
    page = clinic.page("/clinic/people")
    assert "还差 5 分" in page
    assert PEOPLE["蓝一"] not in page
    assert GONE not in page
    suspended = clinic.page("/clinic/people?status=suspended")
    assert "甘一" in suspended
    assert "甘二" not in suspended
    near = clinic.page("/clinic/people?status=near")
    assert "没有这个状态的人员" in near
    found = clinic.found("甘")
    assert SUSPENDED in found
    assert GONE not in found
    assert REFUSED in clinic.asked("/find", q=" ").text
    assert "没有找到" in clinic.found("蓝一")


def test_affiliations_tell_who_left(clinic):
    page = clinic.page("/clinic/affiliations")
    assert "2025-02-28" in page
    assert "2025-03-01" not in page
    assert "已结束" in page


@pytest.mark.parametrize(
    ("asked", "verdict", "why"),
    [
        ((WARNED, "2025-06-03", ""), "可以结算", "当天状态正常"),
        (("甘一", "2025-06-03", ""), "不予结算", "自2025-06-03 周二起暂停医保支付资格，自2025-10-03 周五起恢复"),
        ((SUSPENDED.lower(), "2025-06-03", "1"), "可以结算", "自2025-06-03 周二起暂停医保支付资格，急诊、抢救费用照常结算"),
        ((SUSPENDED, "2025-06-02", ""), "可以结算", "当天状态正常"),
        ((GONE, "2025-06-03", ""), "不予结算", "本机构没有这位人员"),
        ((PEOPLE["蓝一"], "2025-06-03", ""), "不予结算", "本机构没有这位人员"),
        ((WARNED, "2024-06-03", ""), "不予结算", "当天不在登记期内"),
    ],
)
def test_one_person_is_checked(clinic, asked, verdict, why):
    clinic.page("/clinic/check")
    answer = clinic.asked("/clinic/check", **dict(zip(("ref", "day", "emergency"), asked, strict=True)))
    assert answer.status_code == 200
    assert f"<h2>{verdict}</h2>" in answer.text
    assert why in as_seen(answer)


def test_a_check_that_cannot_be_asked(clinic):
    clinic.page("/clinic/check")
    several = clinic.asked("/clinic/check", ref="甘三", day="2025-06-03")
    assert NAMESAKE in several.text
    nobody = clinic.asked("/clinic/check", ref="蓝一", day="not a day")
    assert "本机构没有这个姓名" in nobody.text
    assert 'value="not a day"' in nobody.text


def test_a_refusal_is_on_record_once(console, clinic, own):
    clinic.page("/clinic/check")
    for _again in range(2):
        clinic.asked("/clinic/check", ref=SUSPENDED, day="2025-07-01")
    query = select(eligibility_refusals).where(
        eligibility_refusals.c.practitioner_id == own[SUSPENDED],
        eligibility_refusals.c.service_on == date(2025, 7, 1),
    )
    assert len(rows(console, query)) == 1


PASTED = f"人员代码\t日期\n{SUSPENDED}\t2025/6/3\n\n{WARNED}\n{WARNED}，2025年13月1日\n=1+1\n{GONE} 20250201\n"


def test_a_pasted_list_answers_each_line_and_loses_none(clinic):
    clinic.page("/clinic/check-list")
    answer = clinic.asked("/clinic/check-list", list=PASTED, day="2025-06-03")
    figures = re.findall(r"<dd>(\d+)</dd>", answer.text)
    assert (answer.status_code, figures) == (200, ["6", "2", "1", "3"])
    assert "第 5 行 “D150402990002，2025年13月1日”" in answer.text
    assert "=1+1" in answer.text
    csv = clinic.get(re.search(r'href="([^"]+download=csv)"', answer.text)[1].replace("&amp;", "&"))
    assert csv.mimetype == "text/csv"
    lines = csv.text.splitlines()
    assert len(lines) == 7
    assert f"2,{SUSPENDED},甘一,2025-06-03,不予结算" in csv.text
    assert "6,'=1+1,,,这一行有误" in csv.text


def test_a_list_that_cannot_be_asked_keeps_its_text(clinic):
    clinic.page("/clinic/check-list")
    assert REFUSED in clinic.asked("/clinic/check-list", list=" ", day="").text
    wrong = clinic.asked("/clinic/check-list", list="保留这一行", day="2025-06-03")
    assert "保留这一行" in wrong.text
    long = clinic.asked("/clinic/check-list", list=f"{WARNED}\n" * (MOST_LINES + 1), day="2025-06-03")
    assert long.text.count(WARNED) == MOST_LINES + 1


def test_days_are_read_as_spreadsheets_write_them():
    written = ("2025-6-3", "2025/06/03", "2025.6.3", "2025年6月3日", "20250603", "２０２５-０６-０３")
    lines = read_list("\n".join(f"{WARNED},{day}" for day in written), date(2025, 1, 1))
    assert {line.day for line in lines} == {date(2025, 6, 3)}
    assert all(line.fault for line in read_list(f"{WARNED} 2025-06\n{WARNED} 2025-06-31\n{WARNED} 1 2", date.min))


def test_a_list_is_read_with_a_mark_before_it_times_and_further_columns():
    written = (
        f"\ufeff{WARNED}\t2025-06-03 00:00:00",
        f"{WARNED.lower()}\t2025/6/3 8:30",
        f"\u3000{WARNED},2025-06-03T08:30:00+08:00",
        f"甘二 {WARNED} 2025-06-03",
        f"{WARNED}\t2025-06-03\t内科\t门诊",
    )
    lines = read_list("\n".join(written), date(2025, 1, 1))
    assert [(line.ref, line.day, line.fault) for line in lines] == [(WARNED, date(2025, 6, 3), None)] * 5
    assert [line.unused for line in lines] == ["", "", "", "甘二", "内科 门诊"]
    for doubtful in (f"{WARNED} 2025-06-03 2025-06-04", f"{WARNED} 6月3日", f"{WARNED} {GONE}", f"{WARNED} 128.50"):
        assert read_list(doubtful, date(2025, 1, 1))[0].fault, doubtful


def test_the_clinic_is_told_which_columns_were_not_used(clinic):
    clinic.page("/clinic/check-list")
    answer = clinic.asked("/clinic/check-list", list=f"\ufeff{WARNED} 内科", day="2025-06-03")
    assert "未使用的列：内科" in answer.text


def test_a_name_is_found_with_blanks_and_in_whatever_width(clinic):
    clinic.page("/clinic/check")
    assert "甘一" in clinic.asked("/clinic/check", ref="\u3000甘 一", day="2025-06-03").text
    assert "U+202E" in clinic.asked("/clinic/check", ref="\u202e一甘", day="2025-06-03").text


def test_a_talk_is_recorded_once(console, clinic, own):
    notice = letter_to_us(console, own[WARNED])
    assert "甘一" in clinic.page("/clinic/talks")
    early = clinic.asked(f"/clinic/talks/{notice}", held_on="2025-06-01", said="已学习规定。", once="t1")
    assert "谈话日不得早于文书出具日" in early.text
    assert "已学习规定。" in early.text
    for _click in range(2):
        done = clinic.post(f"/clinic/talks/{notice}", held_on="2025-06-02", said="已学习规定。", once="t2")
        assert done.status_code == 303
    assert REFUSED in clinic.asked(f"/clinic/talks/{notice}", held_on="2025-06-02", said="再一次", once="t3").text
    assert "甘二" not in clinic.page("/clinic/talks")
    assert "已学习规定。" in clinic.page(f"/clinic/talks/{notice}")
    assert "甘二" in clinic.page("/clinic/talks?held=1")


def test_the_state_is_confirmed_once_and_stands_on_the_list_until_then(console, clinic, own):
    path = f"/notices/{letter_to_us(console, own[SUSPENDED], 'suspension')}"
    assert path in clinic.page("/duties?duty=maintenance")
    desk = clinic.page("/clinic")
    assert "收到后起算" in desk
    clinic.page(path)
    assert clinic.post(f"{path}/acknowledge").status_code == 303
    # Received on Tuesday 3 June.
    assert "2025-06-06" in clinic.page("/clinic")
    clinic.get("/language/en")
    late = clinic.asked(f"{path}/maintenance", on="2025-06-04")
    assert "on may not lie in the future" in late.text
    clinic.get("/language/zh")
    assert "维护日不得早于文书出具日" in clinic.asked(f"{path}/maintenance", on="2025-06-01").text
    assert clinic.post(f"{path}/maintenance", on="2025-06-03").status_code == 303
    assert REFUSED in clinic.asked(f"{path}/maintenance", on="2025-06-03").text
    page = clinic.page(path)
    assert "已维护" in page
    assert "本机构已维护状态" not in page
    assert path not in clinic.page("/duties?duty=maintenance")
    clinic.get("/language/en")
    assert "No state to maintain" in clinic.page("/duties")
    assert "State to be maintained by" in clinic.page(path)


def test_the_office_checks_what_is_open_and_overdue(console, own):
    clerk = console.browser("clerk")
    page = clerk.page("/duties?duty=talk")
    assert "甘一" in page
    assert "待谈话" in clerk.page("/today")
    clerk.get("/language/en")
    assert "Talks to hold" in clerk.page("/duties?duty=delivery")
    assert "Delivery, maintenance and talks" in clerk.page("/today")


def test_letters_are_acknowledged_from_the_desk(console, clinic, own):
    unread = clinic.page("/letters?unread=1")
    path = re.search(r'href="(/notices/[0-9a-f-]{36})"', unread)[1]
    clinic.page(path)
    assert clinic.post(f"{path}/acknowledge").status_code == 303
    assert path not in clinic.page("/letters?unread=1")
    assert path in clinic.page("/letters")


def test_an_appeal_to_countersign_is_led_to(console, clinic):
    doctor = console.browser("doctor")
    me = console.bound("doctor").practitioner_id
    console.score(me, console.bound("clinic").institution_code, 3)
    form = doctor.page(f"/people/{me}/appeal")
    entry = re.search(r'<option value="([0-9a-f-]{36})"', form)[1]
    assert doctor.post(f"/people/{me}/appeal", entry=entry, grounds="有依据。", once="a1").status_code == 303
    appeal = rows(console, select(appeals.c.id).where(appeals.c.practitioner_id == me))[0].id
    page = clinic.page("/clinic")
    assert f"/appeals/{appeal}" in page
    assert "最后一天 2025-06-" in page
    clerk = console.browser("clerk")
    assert "登记纸质会签" in clerk.page(f"/appeals/{appeal}")
    assert "登记纸质会签" not in clinic.page(f"/appeals/{appeal}")
    assert REFUSED in clerk.asked(f"/appeals/{appeal}/paper/countersign", version=1, proof="").text
    desk = console.browser("appeals")
    desk.page(f"/appeals/{appeal}")
    early = desk.asked(f"/appeals/{appeal}/desk/proceed", version=1, reason="等不及")
    assert 'class="error-summary"' in early.text
    assert "请求编号" not in early.text
    clerk.page(f"/appeals/{appeal}")
    assert clerk.post(f"/appeals/{appeal}/paper/countersign", version=1, proof="2025-06-03 扫描件 7 号").status_code == 303
    assert rows(console, select(appeals.c.state).where(appeals.c.id == appeal))[0].state == "complete"


def test_another_institutions_people_are_not_there(console, clinic):
    console.approved("蓝二", 4)
    stranger = console.people["蓝二"]
    paths = (f"/people/{stranger}", f"/people/{stranger}/appeal", f"/clinic/talks/{letter_to_us(console, stranger)}")
    assert [clinic.get(path).status_code for path in (*paths, "/clinic/talks/x")] == [404] * 4
    assert HOSPITAL not in clinic.page("/clinic")


@pytest.fixture(scope="module")
def coming(console, own):
    """The colleague whose suspension begins tomorrow; their id."""
    console.score(NAMESAKE, console.bound("clinic").institution_code, 10)
    return own[NAMESAKE]


def test_what_begins_tomorrow_is_said_first_and_in_its_colour(coming, clinic):
    home = clinic.page("/clinic")
    begins = '<span class="badge-plain badge-warning">自 2025-06-04 周三 起暂停资格</span>'
    assert home.index("即将暂停或终止") < home.index("待确认的文书")
    for page in (home, clinic.page("/clinic/people"), clinic.page("/clinic/people?status=coming")):
        assert begins in page
        assert re.search(rf'{begins}\s*<span class="badge-plain">正常</span>', page)
    file = clinic.page(f"/people/{coming}")
    assert '<section class="summary summary-warning"' in file
    assert "<strong>自 2025-06-04 周三 起暂停资格，最后一日 2025-10-03 周五。</strong>" in file
    assert '<span class="badge-plain badge-normal">正常</span>' not in file


def test_the_office_sees_it_first_too(console, coming):
    office = console.browser("clerk")
    assert "自 2025-06-04 周三 起暂停资格" in office.page("/people?status=coming")
    assert "badge-normal" not in office.page("/people?status=coming")
