"""The page of an appeal: what a changed decision reaches, and what the appeals desk may do about its experts."""

import csv
import io
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from scoring_service.db.tables import appeals as table
from scoring_service.db.tables import attachments, audit_log
from scoring_service.services.appeals import decisions, experts, explaining, filing
from scoring_service.services.eligibility.answer import Check
from scoring_service.services.eligibility.checks import check_lines

DAY = date(2025, 6, 3)


@pytest.fixture(scope="module")
def me(console):
    """The demo's doctor, scored with ten points at the demo's institution; moved on to the suspension's first day."""
    return console.bound("doctor").practitioner_id


@pytest.fixture(scope="module")
def institution(console):
    return console.bound("clinic").institution_code


@pytest.fixture(scope="module")
def won(console, me, institution):
    """An appeal that was won after two lines of the day had been refused, one of them at the institution; its id."""
    entry = console.score(me, institution, 10).findings[0].entry
    admin = console.browser("admin")
    admin.page("/clock")
    assert admin.post("/clock", step="day").status_code == 303
    for who, place in (("clinic", institution), ("settlement", None)):
        with console.service.work(console.actor(who)) as work:
            assert not check_lines(work, [Check(me, DAY.isoformat(), DAY, place, False, me, place)])[0].payable
    appeal = console.appeal(me, entry)
    with console.service.work(console.actor("expert")) as work:
        experts.give_opinion(work, appeal, opinion="revoke", text="诊疗有依据。")
    with console.service.work(console.actor("appeals")) as work:
        decisions.decide(work, appeal, outcome="revoked", reasons="证据不足。")
    return appeal


def looks(console):
    with console.service.engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(audit_log).where(audit_log.c.action == "look")).scalar_one()


def lines(answer):
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


@pytest.mark.parametrize(("who", "count"), [("clerk", 2), ("doctor", 2), ("clinic", 1)])
def test_a_won_appeal_shows_the_refusals_it_reaches(console, won, institution, who, count):
    browser = console.browser(who)
    page = browser.page(f"/appeals/{won}")
    assert f'可以重新申报的拒付记录 <span class="count">{count}</span>' in page
    assert page.count("2025-06-03 周二</th>") == count
    before = looks(console)
    sent = browser.get(f"/appeals/{won}/refusals.csv")
    assert (sent.status_code, sent.mimetype) == (200, "text/csv")
    head, *rows = lines(sent)
    assert head == ["姓名", "服务日期", "机构代码", "机构名称", "拒付原因", "回答编号"]
    assert len(rows) == count
    assert {row[1] for row in rows} == {"2025-06-03"}
    assert {row[2] for row in rows} == ({institution} if who == "clinic" else {institution, ""})
    assert {row[4] for row in rows} == {"暂停"}
    assert all(row[5] in page for row in rows)
    assert looks(console) == before + 1


def test_strangers_to_an_appeal_get_no_file_of_it(console, won):
    for who, status in (("expert", 403), ("settlement", 403)):
        browser = console.browser(who)
        assert browser.get(f"/appeals/{won}/refusals.csv").status_code == status


def test_the_desk_releases_an_expert_who_gives_no_opinion(console, won):
    person = console.people["蓝二"]
    entry = console.approved("蓝二", 4).findings[0].entry
    appeal = appeal_with_silent_expert(console, person, entry)
    desk, path = console.browser("appeals"), f"/appeals/{appeal}"
    assert "解除未出具意见的专家" in desk.page(path)
    version = str(version_of(console, appeal))
    refused = desk.asked(f"{path}/desk/release", version=version, expert="expert", reason="")
    assert "请填写" in refused.text
    assert desk.post(f"{path}/desk/release", version=version, expert="expert", reason="逾期未答").status_code == 303
    page = desk.page(path)
    assert "（expert） · 已解除" in page
    assert "逾期未答" in page
    assert "解除未出具意见的专家" not in page
    assert console.browser("expert").get(path).status_code == 404


def test_every_side_attaches_evidence_that_the_experts_see(console, me, won):
    entry = console.score(me, console.bound("clinic").institution_code, 4).findings[0].entry
    appeal = appeal_with_silent_expert(console, me, entry, "expert2")
    path, scan = f"/appeals/{appeal}", b"%PDF-1.7 scan"

    def sent(who, name, **fields):
        browser = console.browser(who)
        browser.page(path)
        fields |= {"version": str(version_of(console, appeal)), "file": (io.BytesIO(scan), name)}
        refused = fields.get("side") == "office"
        return (browser.asked if refused else browser.post)(f"{path}/attachments", **fields)

    assert sent("doctor", "病历.pdf").status_code == 303
    assert sent("clinic", "会诊.pdf").status_code == 303
    assert sent("clerk", "纸质.pdf", side="practitioner").status_code == 303
    assert "仅经办人登记纸质证据时填写" in sent("clinic", "x.pdf", side="office").text
    stale = console.browser("appeals").asked(f"{path}/attachments", version="1", file=(io.BytesIO(scan), "a.pdf"))
    assert "内容已被他人修改" in stale.text
    expert = console.browser("expert2")
    page = expert.page(path)
    assert "逾期未出具的，将自动解除" in page
    assert "请在 2025-06-17 周二 前（含当日）出具意见" in expert.page("/appeals")
    shown = re.findall(r"/attachments/(\d)\">(.+?)</a> <span class=\"quiet\">(\S+) ·", page)
    assert shown == [("1", "病历.pdf", "本人"), ("2", "会诊.pdf", "机构"), ("3", "纸质.pdf", "本人")]
    assert "上传证据" not in page
    assert expert.get(f"{path}/attachments/3").data == scan
    with console.service.engine.connect() as conn:
        kept = conn.execute(select(attachments).where(attachments.c.owner_id == appeal)).all()
    assert all(row.sealed and scan not in row.content for row in kept)
    assert expert.post(f"{path}/attachments", version="1").status_code == 403
    assert console.browser("expert").get(f"{path}/attachments/3").status_code == 404


def appeal_with_silent_expert(console, person, entry, expert="expert"):
    filed = {"against": filing.POINTS, "entry": entry, "grounds": "有依据。", "filed_by": "practitioner"}
    with console.service.work(console.actor("clerk")) as work:
        appeal = filing.file_appeal(work, practitioner=person, received_on=DAY, **filed).appeal.id
        filing.countersign(work, appeal, proof="盖章件")
    with console.service.work(console.actor("reviewer")) as work:
        explaining.explain(work, appeal, text="依据现场检查笔录。")
    with console.service.work(console.actor("clerk")) as work:
        explaining.insist(work, appeal)
    with console.service.work(console.actor("appeals")) as work:
        filing.accept(work, appeal)
        experts.assign(work, appeal, experts=[expert], reason="熟悉该专业", due_on=date(2025, 6, 17))
    return appeal


def version_of(console, appeal):
    with console.service.engine.connect() as conn:
        return conn.execute(select(table.c.version).where(table.c.id == appeal)).scalar_one()
