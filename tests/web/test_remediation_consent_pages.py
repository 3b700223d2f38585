"""Consent to an application for remediation at the three desks, in both languages (P38)."""

from datetime import date

import pytest
from console_world import HOSPITAL, REFUSED, as_seen, make_console, path_of
from resumption_world import advance
from sqlalchemy import select, update

from scoring_service.db.tables import accounts, institutions, remediation_applications

PERSON, OVERDUE = "蓝一", date(2025, 6, 10)


@pytest.fixture
def console(fresh_engine):
    console = make_console(fresh_engine)
    ours = {"clinic": {"institution_code": HOSPITAL}, "doctor": {"practitioner_id": console.people[PERSON]}}
    with fresh_engine.begin() as conn:
        for username, place in ours.items():
            conn.execute(update(accounts).where(accounts.c.username == username).values(**place))
    console.approved(PERSON, 6)
    return console


def states(console):
    query = select(remediation_applications.c.state).order_by(remediation_applications.c.recorded_at)
    with console.service.engine.connect() as conn:
        return list(conn.execute(query).scalars())


def waiting(console):
    """An application that nobody has answered: its address for the parties, and for the office."""
    filed = console.application(console.people[PERSON], consented=False)
    return f"/remediation/{filed}", f"/decisions/remediation/{filed}"


def in_both(browser, path, chinese, english):
    """Read a page in Chinese and in English."""
    for language, words in (("en", english), ("zh", chinese)):
        browser.get(f"/language/{language}?target=/glossary")
        assert words in browser.page(path), (path, language)


def refused_in_both(browser, path, deed, chinese, english, **fields):
    """Send a form that is refused, from a page in Chinese and in English."""
    for language, words in (("en", english), ("zh", chinese)):
        browser.get(f"/language/{language}?target=/glossary")
        browser.page(path)
        assert words in as_seen(browser.asked(f"{path}/{deed}", **fields)), (deed, language)


def test_every_desk_tells_what_waits_and_the_institution_consents(console):
    path, office_path = waiting(console)
    clinic, reviewer, doctor = (console.browser(name) for name in ("clinic", "reviewer", "doctor"))
    in_both(clinic, "/clinic", "等本机构同意的修复申请", "Applications for remediation that wait for this institution")
    in_both(clinic, "/remediation", "同意或不同意", "Answer")
    in_both(doctor, path, "等待机构表示意见，最后一天是 2025-06-09 周一", "Mon 9 Jun 2025")
    in_both(reviewer, "/today", "待机构同意的修复申请", "Applications for remediation waiting for consent")
    assert office_path in reviewer.page("/decisions")
    in_both(reviewer, office_path, "等待机构表示意见；不同意或逾期后，可以决定继续办理。", "Waiting for the institution; once it refuses")
    assert "通过后会发生什么" not in reviewer.page(office_path)
    clinic.page(path)
    assert path_of(clinic.post(f"{path}/institution/consent", version="1")) == path
    assert "请贵机构表示意见" not in clinic.page(path)
    assert "等本机构同意的修复申请" not in clinic.page("/clinic")
    assert "等待医保部门审核" in doctor.page(path)
    assert "通过后会发生什么" in reviewer.page(office_path)
    assert path_of(reviewer.post(f"{office_path}/approve", version="2")) == office_path
    assert states(console) == ["approved"]


def test_a_refused_consent_is_told_and_gone_on_without(console):
    path, office_path = waiting(console)
    clinic, reviewer, doctor = (console.browser(name) for name in ("clinic", "reviewer", "doctor"))
    clinic.page(path)
    empty = clinic.asked(f"{path}/institution/refuse-consent", version="1", act="refuse-consent")
    assert REFUSED in empty.text
    clinic.page(path)
    clinic.post(f"{path}/institution/refuse-consent", version="1", reason="没有参加培训")
    assert "不同意：没有参加培训" in doctor.page(path)
    assert "机构不同意" in doctor.page("/remediation")
    in_both(reviewer, "/today", "1 件可以决定继续办理", "the office may go on with 1 application")
    reviewer.page(office_path)
    assert REFUSED in reviewer.asked(f"{office_path}/desk/proceed", version="2", act="proceed").text
    reviewer.page(office_path)
    reviewer.post(f"{office_path}/desk/proceed", version="2", reason="证书属实")
    assert "医保部门决定继续办理：证书属实" in doctor.page(path)
    assert states(console) == ["consented"]


def test_too_early_and_in_the_wrong_state_is_told_in_both_languages(console):
    path, office_path = waiting(console)
    reviewer, clinic = console.browser("reviewer"), console.browser("clinic")
    refused_in_both(
        reviewer,
        office_path,
        "desk/proceed",
        "机构最晚可于 2025-06-09 表示意见",
        "the institution may answer until 2025-06-09",
        version="1",
        reason="不等了",
    )
    refused_in_both(
        reviewer, office_path, "approve", "当前状态为“待机构同意”", "the state is “Waiting for consent”", version="1"
    )
    clinic.page(path)
    clinic.post(f"{path}/institution/consent", version="1")
    for act in ("institution/consent", "institution/refuse-consent"):
        refused_in_both(
            clinic, path, act, "当前状态为“待决定”", "the state is “To decide”", version="2", reason="无记录"
        )
    assert states(console) == ["consented"]


def test_an_institution_that_does_not_answer_is_gone_on_without_after_its_last_day(console):
    _path, office_path = waiting(console)
    advance(console, OVERDUE)
    reviewer = console.browser("reviewer")
    assert "1 件可以决定继续办理" in reviewer.page("/today")
    assert "已超过 1 天" in reviewer.page("/decisions")
    reviewer.page(office_path)
    reviewer.post(f"{office_path}/desk/proceed", version="1", reason="机构逾期未答复")
    assert states(console) == ["consented"]


def test_what_comes_on_paper_is_recorded_by_a_clerk(console):
    _path, office_path = waiting(console)
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    refused_in_both(
        clerk,
        office_path,
        "paper/consent",
        "须为可以表示意见的机构",
        "must be one of those that can consent",
        version="1",
        act="consent",
        institution="H99999999999",
    )
    clerk.page(office_path)
    clerk.post(f"{office_path}/paper/consent", version="1", institution=HOSPITAL, proof="扫描件 7 号")
    page = reviewer.page(office_path)
    assert "扫描件 7 号" in page
    assert "纸质" in page
    assert clerk.post(f"{office_path}/desk/proceed", version="2", reason="无").status_code == 403
    assert clerk.post("/decisions/corrections/1/paper/consent", version="1").status_code == 404
    assert clerk.post(f"{office_path}/paper/nothing", version="2").status_code == 404


def test_one_that_a_gate_stops_is_closed_as_lapsed_and_its_page_says_why(console):
    person = console.people["蓝二"]
    filed = console.application(person)
    office_path = f"/decisions/remediation/{filed}"
    reviewer = console.browser("reviewer")
    in_both(reviewer, office_path, "按失效办结", "Close as lapsed")
    assert states(console) == ["consented"]
    reviewer.page(office_path)
    assert "nothing" not in as_seen(reviewer.asked(f"{office_path}/approve", version="2"))
    assert states(console) == ["lapsed"]
    in_both(reviewer, office_path, "没有可减的分，或者没有可缩短的期限", "no points to give back, or no term")
    in_both(console.browser("clinic"), f"/remediation/{filed}", "已失效", "Lapsed")
    assert ("practitioner", "remediation_lapsed") in console.letters(person)


def test_an_institution_files_for_its_people_and_has_then_agreed(console):
    clinic, reviewer = console.browser("clinic"), console.browser("reviewer")
    form = f"/people/{console.people[PERSON]}/remediation"
    assert "即为本机构同意" in clinic.page(form)
    fields = {"activity": "online_course", "effect": "points", "completed_on": "2025-05-30", "evidence": "证书"}
    path = path_of(clinic.post(form, **fields, once="k"))
    assert "待决定" in clinic.page(path)
    assert "没有等本机构表示意见的申请" in clinic.page("/remediation")
    assert "待机构同意的修复申请" not in reviewer.page("/today")


def test_who_has_no_part_in_it_may_not_answer(console):
    path, _office_path = waiting(console)
    doctor = console.browser("doctor")
    doctor.page(path)
    assert doctor.post(f"{path}/institution/consent", version="1").status_code == 403
    with console.service.engine.begin() as conn:
        elsewhere = update(accounts).where(accounts.c.username == "clinic")
        conn.execute(elsewhere.values(institution_code=_other_institution(console)))
    clinic = console.browser("clinic")
    assert clinic.get(path).status_code == 404
    assert "没有等本机构表示意见的申请" in clinic.page("/remediation")


def _other_institution(console):
    with console.service.engine.connect() as conn:
        return conn.execute(select(institutions.c.code).where(institutions.c.code != HOSPITAL).limit(1)).scalar_one()
