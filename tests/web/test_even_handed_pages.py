"""What like cases got, on the pages: beside a finding in the editor, on the case and on its appeal; and by office."""

from datetime import date

import pytest
from console_world import HOSPITAL, PEOPLE, path_of
from test_case_pages import fields_of_a_case

from scoring_service.core.standing import Span
from scoring_service.services.cases import drafting
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Handling
from scoring_service.services.cases.findings import Finding
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import NewPractitioner, register_practitioners

LIKE = "20 件，中位数 5 分，九成在 5 分"
UNLIKE = "分值在类似案件的九成以外"
OVERTREATMENT = {"findings/0/item": "overtreatment", "findings/0/points": "6"}


def scored(console, points):
    """An approved case of the day before, each of its people scored for overtreatment."""
    span = [AskedAffiliation(institution=HOSPITAL, span=Span(date(2025, 1, 1), None))]
    codes = [f"D150402{600000 + number}" for number in range(len(points))]
    people = [
        NewPractitioner(name="医生", code=code, category="doctor", registered_on=date(2025, 1, 1), affiliations=span)
        for code in codes
    ]
    decision = Handling(kind="penalty", authority="赤峰市医疗保障局", document_no="赤医保罚〔2025〕5号", decided_on=date(2025, 5, 19))
    charged = [
        Finding(practitioner=code, item="overtreatment", degree="main", points=each, reason="已核实")
        for code, each in zip(codes, points, strict=True)
    ]
    with console.service.work() as work:
        register_practitioners(work, people)
    with console.service.work(console.actor("clerk")) as work:
        case = drafting.draft(work, institution=HOSPITAL, handling=decision, summary="抽查", findings=charged)
        drafting.submit(work, case.id)
    with console.service.work(console.actor("reviewer")) as work:
        approve(work, case.id)


@pytest.fixture(scope="module")
def city(console):
    scored(console, [5] * 20)
    return console


def test_a_clerk_sees_it_while_typing_and_the_reviewer_with_the_reason(city):
    clerk, reviewer = city.browser("clerk"), city.browser("reviewer")
    clerk.page("/cases/new")
    typed = fields_of_a_case(**OVERTREATMENT)
    shown = clerk.asked("/cases/new", once="c1", **typed | {"do": "add"}).text
    assert LIKE in shown
    assert UNLIKE in shown
    path = path_of(clerk.post("/cases/new", once="c2", **typed))
    page = clerk.page(path)
    assert all(words in page for words in (LIKE, "都在本区划", UNLIKE, "尚未写明理由，不能提交"))
    sent = clerk.asked(f"{path}/submit", version="1")
    assert "findings-0-reason-error" in sent.text
    clerk.post(f"{path}/edit", version="1", **typed | {"findings/0/reason": "拒不改正，影响恶劣"})
    clerk.page(path)
    assert clerk.post(f"{path}/submit", version="2").status_code == 303
    seen = reviewer.page(path)
    assert all(words in seen for words in (LIKE, UNLIKE, "拒不改正，影响恶劣"))
    reviewer.client.set_cookie("scoring_language", "en")
    assert "20 cases; points: median 5, the middle 90% 5." in reviewer.page(path)


def test_points_like_the_others_are_told_without_a_flag_and_of_nothing_alike_it_is_said(city):
    clerk = city.browser("clerk")
    clerk.page("/cases/new")
    typed = fields_of_a_case(**OVERTREATMENT | {"findings/0/points": "5"}, do="add")
    shown = clerk.asked("/cases/new", once="d1", **typed).text
    assert LIKE in shown
    assert UNLIKE not in shown
    assert "此前两年没有" in clerk.asked("/cases/new", once="d2", **fields_of_a_case(do="add")).text
    for day in ("", "0001-01-01", "2025-13-01", "9999-12-31"):
        answer = clerk.asked("/cases/new", once="d3", **typed | {"handling/decided_on": day})
        assert answer.status_code == 200


def test_an_appeal_shows_what_was_seen_when_the_case_was_submitted(city):
    doctor = city.bound("doctor").practitioner_id
    case = city.score(doctor, HOSPITAL, 6)
    appeal = city.appeal(doctor, case.findings[0].entry)
    page = city.browser("appeals").page(f"/appeals/{appeal}")
    assert all(words in page for words in (LIKE, UNLIKE, "已核实"))
    assert LIKE not in city.browser("doctor").page(f"/appeals/{appeal}")


def test_a_year_by_office_and_each_office_item_by_item(city):
    reviewer = city.browser("reviewer")
    assert 'href="/statistics/spread"' in reviewer.page("/statistics?year=2025")
    page = reviewer.page("/statistics/spread?year=2025")
    assert "150402" in page
    assert "选择一个单位" in page
    page = reviewer.page("/statistics/spread?year=2025&by=authority&office=赤峰市医疗保障局")
    assert "过度诊疗" in page
    assert "2024 年没有数据" in reviewer.page("/statistics/spread?year=2024")
    reviewer.client.set_cookie("scoring_language", "en")
    assert "Middle 90% of all" in reviewer.page("/statistics/spread?year=2025&office=150402")
    reviewer.client.set_cookie("scoring_language", "zh")
    assert "这一年没有该单位的记分" in reviewer.page("/statistics/spread?year=2025&office=none")


def test_nobody_is_named_in_it(city):
    page = city.browser("reviewer").page("/statistics/spread?year=2025&office=150402")
    assert not any(name in page or code in page for name, code in PEOPLE.items())
