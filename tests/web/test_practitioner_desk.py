"""The practitioner desk: my points, what would help, remediation, who looked at me, my file to take along."""

import io
import json
import re
from collections import Counter
from datetime import timedelta

import pytest
from console_world import NOW, REFUSED, path_of
from sqlalchemy import insert, select

from scoring_service.db.tables import audit_log, entries, remediation_applications
from scoring_service.services.proposals import remediation
from scoring_service.services.proposals.consent import consent
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.services.record import audit

PDF = b"%PDF-1.7 certificate"


@pytest.fixture(scope="module")
def me(console):
    """The demo's doctor, with four points and a notice to read."""
    bound = console.bound("doctor")
    console.score(bound.practitioner_id, console.bound("clinic").institution_code, 4)
    return bound.practitioner_id


@pytest.fixture
def doctor(console, me):
    return console.browser("doctor")


def rows(console, query):
    with console.service.engine.connect() as conn:
        return conn.execute(query).all()


def filed(me, **more):
    return {
        "activity": "online_course",
        "effect": "points",
        "completed_on": "2025-06-01",
        "evidence": "证书 2025-88 号",
    } | more


def test_my_points_and_what_they_mean(doctor):
    page = doctor.page("/me")
    assert "4 分，满 12 分；9 分暂停，12 分终止" in page
    assert "再记 5 分将暂停资格" in page
    assert "请先看这些文书" in page
    assert "记 4 分，因“过度诊疗”" in page


def test_what_would_help(doctor):
    page = doctor.page("/me/outlook")
    assert "还差 5 分" in page
    assert "2026-01-01 周四 起，新一年从 0 分开始" in page
    assert "用来减分：减 1 分" in page
    assert "今年累计记分由 4 分降到 3 分。离暂停资格由差 5 分变为差 6 分。" in page
    assert page.index("用来减分：减 1 分") < page.index("现在用不上") < page.index("现在没有可以缩短的期限")
    assert "现在没有可以缩短的期限" in page
    assert re.search(r"再记 6 分</th><td[^>]*>10 分</td>\s*<td>\s*<p><span[^>]*>暂停资格</span> 新增：", page)
    assert re.search(r"再记 12 分</th><td[^>]*>12 分</td>\s*<td>\s*<p><span[^>]*>终止资格</span> 新增：", page)


def test_a_chinese_weekday_stays_whole_and_with_its_day(doctor):
    assert "2026-01-01\u00a0周\u2060四 起" in doctor.get("/me/outlook").text


def test_a_notice_is_read_and_leads_to_the_appeal_with_its_last_day(console, doctor, me):
    form = doctor.page(f"/people/{me}/appeal")
    assert "最后一天是 2025-06-23 周一，当天 24:00 截止" in form
    path = re.search(r'href="(/notices/[0-9a-f-]{36})">医保支付资格记分告知书<', doctor.page("/me"))[1]
    doctor.page(path)
    assert doctor.post(f"{path}/acknowledge").status_code == 303
    entry = rows(console, select(entries.c.id).where(entries.c.practitioner_id == me))[0].id
    assert f"/people/{me}/appeal?entry={entry}" in doctor.page(path)
    form = doctor.page(f"/people/{me}/appeal?entry={entry}")
    assert "最后一天是 2025-06-16 周一，当天 24:00 截止" in form
    assert f'value="{entry}" selected' in form
    sent = {"entry": entry, "grounds": "诊疗符合指南。", "once": "d1"}
    first, second = (doctor.post(f"/people/{me}/appeal", **sent) for _click in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    steps = doctor.page(path_of(first))
    assert "等待所在机构会签，最后一天是 2025-06-16 周一，当天 24:00 截止" in steps
    assert 'aria-current="step"' in steps


def test_remediation_is_applied_for_with_its_evidence(console, doctor, me):
    empty = doctor.page("/remediation")
    assert "还没有修复申请" in empty
    doctor.page(f"/people/{me}/remediation")
    late = doctor.asked(f"/people/{me}/remediation", **filed(me, completed_on="2025-07-01", once="r0"))
    assert "完成日不得晚于今日" in late.text
    assert "证书 2025-88 号" in late.text
    first, second = (doctor.post(f"/people/{me}/remediation", **filed(me, once="r1")) for _click in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    path = path_of(first)
    assert "等待机构表示意见，最后一天是 2025-06-09 周一" in doctor.page(path)
    wrong = doctor.client.post(
        f"{path}/attachments",
        data={"csrf_token": doctor.token, "version": "1", "file": (io.BytesIO(b"text"), "a.pdf")},
    )
    assert REFUSED in doctor.get(wrong.headers["Location"]).text
    none = doctor.asked(f"{path}/attachments", version="1")
    assert "请选择文件" in none.text
    doctor.page(path)
    sent = {"csrf_token": doctor.token, "version": "1", "file": (io.BytesIO(PDF), "证书.pdf")}
    assert doctor.client.post(f"{path}/attachments", data=sent).status_code == 303
    assert "证书.pdf" in doctor.page(path)
    file = doctor.get(f"{path}/attachments/1")
    assert (file.data, file.headers["Content-Disposition"].startswith("attachment")) == (PDF, True)
    assert "正在办理" in doctor.page("/me")
    application = path.rsplit("/", 1)[1]
    decision = console.browser("reviewer").page(f"/decisions/remediation/{application}")
    assert "证书.pdf" in decision
    with console.service.work(console.actor("clinic")) as work:
        consent(work, APPLICATION, application)
    assert "等待医保部门审核" in doctor.page(path)
    with console.service.work(console.actor("reviewer")) as work:
        remediation.approve(work, application)
    assert "已通过" in doctor.page("/remediation")
    again = doctor.client.post(f"{path}/attachments", data=sent | {"file": (io.BytesIO(PDF), "b.pdf"), "version": "4"})
    assert "情况已经改变" in doctor.get(again.headers["Location"]).text


def test_the_institution_applies_for_its_own_people_only(console, me):
    clinic = console.browser("clinic")
    clinic.page(f"/people/{me}/remediation")
    done = clinic.post(f"/people/{me}/remediation", **filed(me, activity="offline_training", once="c1"))
    assert path_of(done).startswith("/remediation/")
    page = clinic.page(path_of(done))
    assert "所在机构" in page
    assert "待决定" in page
    assert "请贵机构表示意见" not in page
    stranger = console.people["蓝一"]
    assert clinic.get(f"/people/{stranger}/remediation").status_code == 404
    assert console.browser("doctor").get(f"/people/{stranger}/remediation").status_code == 404
    theirs = console.application(stranger)
    for browser in (clinic, console.browser("doctor")):
        assert browser.get(f"/remediation/{theirs}").status_code == 404
        assert browser.get(f"/remediation/{theirs}/attachments/1").status_code == 404


def test_a_clerk_records_an_application_on_paper(console, me):
    clerk = console.browser("clerk")
    clerk.page(f"/people/{me}/remediation")
    done = clerk.post(f"/people/{me}/remediation", **filed(me, activity="policy_publicity", once="p1"))
    assert path_of(done).startswith("/decisions/remediation/")
    assert "经办人登记" in clerk.page(path_of(done))
    found = select(remediation_applications.c.filed_by).where(
        remediation_applications.c.activity == "policy_publicity"
    )
    assert [row.filed_by for row in rows(console, found)] == ["office"]


def test_who_looked_at_me(console, doctor, me):
    console.browser("auditor").page(f"/people/{me}")
    page = doctor.page("/me/access-log")
    assert "审计员" in page
    assert "整份档案" in page
    assert '<td class="code-of">doctor</td>' not in page


def test_the_looks_of_one_account_on_one_day_are_one_line(console, doctor, me):
    appeals = console.browser("appeals")
    for _look in range(3):
        appeals.page(f"/people/{me}")
    console.browser("admin").page(f"/people/{me}")
    page = doctor.page("/me/access-log")
    lines = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page)
    [line] = [one for one in lines if '<td class="code-of">appeals</td>' in one]
    assert '<td class="number" data-label="次数">3</td>' in line
    assert lines.index(line) > next(at for at, one in enumerate(lines) if '<td class="code-of">admin</td>' in one)


def test_a_long_record_of_looks_is_read_page_by_page_and_each_look_once(console, doctor, me, monkeypatch):
    monkeypatch.setattr(audit, "MOST_LOOKS", 40)
    monkeypatch.setattr(audit, "LINES", 6)
    busy = [(day, f"office{number % 4}") for day in range(1, 25) for number in range(1 + day * 7 % 23)]
    look = {"staff_no": "L1", "role": "office.clerk", "action": "look", "object_kind": "file"}
    look |= {"object_id": me, "practitioner_id": me}
    with console.service.engine.begin() as conn:
        conn.execute(
            insert(audit_log),
            [look | {"at": NOW + timedelta(days=day), "username": who} for day, who in busy],
        )
    found, path = Counter(), "/me/access-log"
    while path:
        page = doctor.page(path)
        for count, day, who in re.findall(r'次数">(\d+)</td><td class="day">([0-9-]+).*?code-of">(office\d)<', page):
            assert (day, who) not in found
            found[day, who] = int(count)
        path = next(iter(re.findall(r'href="(/me/access-log\?after=\d+)"', page)), None)
    assert found == Counter(((NOW + timedelta(days=day)).date().isoformat(), who) for day, who in busy)


def test_my_file_is_taken_along(doctor, me):
    page = doctor.page("/me/file")
    assert "承诺书签署" in page
    assert "data-print" in page
    file = doctor.get("/me/file.json")
    assert file.mimetype == "application/json"
    assert "attachment" in file.headers["Content-Disposition"]
    told = json.loads(file.text)
    assert told["practitioner"]["id"] == me
    assert told["standing"]["scoring_year"] == 2025
