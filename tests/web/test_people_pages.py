"""Finding a person and reading the file."""

import re
from datetime import timedelta

from console_world import HOSPITAL, HOSPITAL_NAME, HOSTILE_NAME, PEOPLE
from sqlalchemy import select

from scoring_service.db.tables import audit_log
from scoring_service.services.proposals import corrections, remediation


def test_search_by_name_code_and_identity_number(console):
    browser = console.browser("clerk")
    browser.page("/people")
    for typed in ("蓝", "lany", "l1", "900001"):
        assert "D150402900001" in browser.found("蓝" if typed == "l1" else typed)
    assert "<h1>蓝二" in browser.found(PEOPLE["蓝二"].lower())
    assert "没有找到" in browser.found("无此人")
    for wrong in ("150402198001011233", " ", "z" * 10_000):
        refused = browser.asked("/find", q=wrong).text
        assert 'id="q-error"' in refused
        assert f'value="{wrong}"' in refused


def test_a_name_is_shown_as_it_is(console):
    browser = console.browser("clerk")
    page = browser.page(f"/people/{console.people[HOSTILE_NAME]}")
    assert "&lt;b&gt;巴图&lt;/b&gt;\u202e𠮷" in page
    assert "<b>巴图" not in page


def test_a_file_tells_why_and_until_when(console):
    console.approved("蓝三", 10)
    page = console.browser("reviewer").page(f"/people/{console.people['蓝三']}")
    assert "记 10 分，因“过度诊疗”（主要责任），依据《医疗保障基金使用监督管理条例》第三十八条。" in page
    assert "2025 年累计 10 分，暂停资格 4 个月，2025-06-03 周二 至 2025-10-02 周四（含）。" in page
    assert "<strong>自 2025-06-03 周二 起暂停资格，最后一日 2025-10-02 周四。</strong>" in page
    assert re.search(r'起因：<a href="#entry-1">第 1 条</a> · 10 分 · 过度诊疗', page)
    assert "bar bar-suspension" in page
    assert "10 分，满 12 分；9 分暂停，12 分终止" in page


def test_no_line_breaks_a_date_at_its_hyphens(console):
    console.approved("蓝三", 10)
    page = console.browser("reviewer").get(f"/people/{console.people['蓝三']}").text
    assert '，<span class="whole">2025-06-03</span>\u00a0周' in page


def test_one_point_is_told_in_the_singular(console):
    console.approved("蓝一", 1)
    browser = console.browser("reviewer")
    browser.get("/language/en?target=/today")
    page = browser.page(f"/people/{console.people['蓝一']}")
    assert "1 point for “" in page
    assert "Total of 2025: 1 point." in page
    assert not re.search(r"\b1 (points|months|days|years)\b", page)


def test_looking_is_on_record(console):
    person = console.people["蓝一"]
    console.browser("appeals").page(f"/people/{person}")
    with console.service.engine.connect() as conn:
        looks = select(audit_log.c.username).where(
            audit_log.c.practitioner_id == person, audit_log.c.object_kind == "file"
        )
        assert "appeals" in conn.execute(looks).scalars().all()


def test_another_institutions_person_is_not_there(console):
    clinic = console.browser("clinic")
    assert clinic.get(f"/people/{console.people['蓝一']}").status_code == 404
    assert console.browser("doctor").get(f"/people/{console.people['蓝一']}").status_code == 403


def test_pages_of_the_registry(console):
    admin = console.browser("admin")
    assert "蓝二" in admin.page(f"/institutions/{HOSPITAL}")
    assert HOSPITAL in admin.page("/institutions?named=测试")
    admin.page("/registrations/new")
    fields = {
        "name": "新来的",
        "category": "doctor",
        "code": "D150402900099",
        "registered_on": "2025-06-01",
        "commitment_signed_on": "2025-06-01",
        "affiliations/0/institution": HOSPITAL,
        "once": "k1",
    }
    first = admin.post("/registrations/new", **fields)
    again = admin.post("/registrations/new", **fields)
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    taken = admin.asked("/registrations/new", **(fields | {"once": "k2"}))
    assert "已登记" in taken.text
    wrong = admin.asked("/registrations/new", **(fields | {"once": "k3", "code": "X1"}))
    assert 'value="X1"' in wrong.text


def test_the_audit_of_one_person_is_a_click_from_their_file(console):
    auditor, person = console.browser("auditor"), console.people["蓝一"]
    console.browser("clerk").page(f"/people/{console.people['蓝二']}")
    path = f"/audit?practitioner={person}"
    assert f'href="{path}"' in auditor.page(f"/people/{person}")
    page = auditor.page(f"{path}&action=look&since=2025-06-02&until=2025-06-02")
    assert re.search(r'关于 <a href="[^"]+">蓝一</a>', page)
    assert "查看 · 整份档案" in page
    assert "蓝二" not in page
    assert f'name="practitioner" value="{person}"' in page


def test_other_pages_are_there(console):
    admin, auditor = console.browser("admin"), console.browser("auditor")
    for path in ("/jobs", "/clock", "/institutions/new", "/statistics", "/rulebooks", "/rulebooks/liaoning", "/glossary"):
        admin.page(path)
    auditor.page(f"/people/{console.people['蓝一']}")
    assert "查看 · 整份档案" in auditor.page("/audit")
    assert "机构 · 登记" in auditor.page("/audit?kind=institution")
    assert "没有符合条件的记录" in auditor.page("/audit?username=nobody&until=2025-06-02")
    assert auditor.get("/audit?since=yesterday").status_code == 422
    for rulebook in ("chifeng", "hunan", "liaoning", "tianjin"):
        assert "推定" in admin.page(f"/rulebooks/{rulebook}?on=2025-03-01")
    assert "不适用" in admin.page("/rulebooks/tianjin")
    own = [admin.page(f"/rulebooks/{key}").count("本规则另定") for key in ("national", "hunan", "tianjin")]
    assert own == [0, 1, 3]
    assert "一般责任 10、" in admin.page("/rulebooks/national")
    assert "在认定中写明" in admin.page("/rulebooks/national")
    console.approved(HOSTILE_NAME, 1)
    csv = admin.get("/statistics?year=2025&download=csv")
    assert csv.mimetype == "text/csv"
    assert "记分人次" in csv.text
    assert f"\r\n{HOSPITAL},{HOSPITAL_NAME}," in csv.text
    page = admin.page("/statistics?year=2025")
    assert f">{HOSPITAL_NAME}<" in page
    assert "次日起" in admin.page("/rulebooks/chifeng")


def test_today_tells_what_waits_for_a_second_person(console):
    entry = console.approved("蓝二", 5).findings[0].entry
    with console.service.work(console.actor("clerk")) as work:
        corrections.draft(work, entry, value=3, basis="clerical", document_no="更〔2025〕1号", reason="笔误")
    page = console.browser("reviewer").page("/today")
    assert re.search(r'href="/decisions">更正</a> <span class="count">1<', page)
    assert "修复申请</a>" not in page


def test_a_shortened_suspension_still_names_the_score_behind_it(console):
    person = console.people[HOSTILE_NAME]
    console.approved(HOSTILE_NAME, 9)
    with console.service.engine.begin() as conn:
        console.service.clock.advance(conn, console.service.clock.now(conn) + timedelta(days=5))
    filed = console.application(person, "term")
    with console.service.work(console.actor("reviewer")) as work:
        remediation.approve(work, filed)
    page = console.browser("reviewer").page(f"/people/{person}")
    assert re.search(r"起因：<a href=\S+>第 \d 条</a> · 9 分 · 过度诊疗", page)
