"""The story of one hospital at the desks: a measure, an appeal in two stages, a lifting, a resumption, the next year.

On 2 June 2025 a measure befalls three people of the hospital, of whom the doctor is scored 9 besides.
"""

import re
from datetime import date

import pytest
from console_world import HOSPITAL, make_console, path_of
from measure_world import form_of_a_case, measure_of
from own_law import on_application
from resumption_world import advance
from sqlalchemy import select, update

from scoring_service.db.tables import accounts, appeals, entries

DOCTOR, HEAD, NURSE = "蓝一", "蓝二", "蓝三"
DESKS = ("clerk", "reviewer", "appeals", "expert", "clinic", "doctor", "admin")


class Desks:
    """The people at their desks, each with a browser of their own."""

    def __init__(self, console):
        self.console = console
        self.browsers = {name: console.browser(name) for name in DESKS}

    def page(self, desk, path):
        return self.browsers[desk].page(path)

    def press(self, desk, path, action, **fields):
        """Open a page, send one of its forms, and return the page that follows."""
        page = self.page(desk, path)
        versions = re.findall(r'name="version" value="(\d+)"', page)
        fields = ({"version": versions[0]} if versions else {}) | fields
        answer = self.browsers[desk].post(action, **fields)
        assert answer.status_code == 303, (action, answer.status_code, answer.text[:300])
        assert "form=" not in answer.headers["Location"], self.page(desk, answer.headers["Location"])
        return path_of(answer)

    def status(self, name):
        file = self.page("clerk", f"/people/{self.console.people[name]}")
        return re.search(r'class="badge-plain[^"]*">(正常|暂停|终止)</span>', file)[1]


@pytest.fixture
def desks(fresh_engine, tmp_path):
    console = make_console(fresh_engine, rulebooks_dir=on_application(tmp_path))
    ours = {"clinic": {"institution_code": HOSPITAL}, "doctor": {"practitioner_id": console.people[DOCTOR]}}
    with fresh_engine.begin() as conn:
        for username, place in ours.items():
            conn.execute(update(accounts).where(accounts.c.username == username).values(**place))
    return Desks(console)


def the_measure_befalls_three(desks):
    scored = {"findings/0/points": "9", "findings/0/reason": "情节严重"}
    typed = form_of_a_case(DOCTOR, HEAD, NURSE, **scored, **{"handling/decided_on": "2025-06-02"})
    typed |= {"handling/measure/from": "2025-06-03", "handling/measure/until": "2025-09-03"}
    typed |= {"handling/measure/kind": "department_suspended", "handling/measure/department": "骨科"}
    case = desks.press("clerk", "/cases/new", "/cases/new", once="story", **typed)
    desks.press("clerk", case, f"{case}/submit")
    assert "将暂停或延长暂停 3 人" in desks.page("reviewer", case)
    desks.press("reviewer", case, f"{case}/approve")
    advance(desks.console, date(2025, 6, 3))
    assert [desks.status(name) for name in (DOCTOR, HEAD, NURSE)] == ["暂停"] * 3


def the_clinic_does_its_part(desks):
    while unread := re.findall(r'href="(/notices/[^"]+)"', desks.page("clinic", "/letters?unread=1")):
        letter = unread[0]
        if "已登记送达" in desks.page("clinic", letter):
            break
        desks.press("clinic", letter, f"{letter}/acknowledge")
    letters = desks.console.letters(desks.console.people[DOCTOR])
    suspension = f"/notices/{letters['institution', 'suspension']}"
    desks.press("clinic", suspension, f"{suspension}/maintenance", on="2025-06-03")
    talk = f"/clinic/talks/{letters['institution', 'score']}"
    desks.press("clinic", talk, talk, held_on="2025-06-03", said="已谈话提醒。")
    assert "已谈话提醒。" in desks.page("clinic", talk)


def the_doctor_appeals_in_vain(desks):
    form = f"/people/{desks.console.people[DOCTOR]}/appeal"
    with desks.console.service.engine.connect() as conn:
        entry = conn.execute(select(entries.c.id).where(entries.c.kind == "score")).scalar_one()
    assert f'value="{entry}"' in desks.page("doctor", form)
    path = desks.press("doctor", form, form, entry=entry, grounds="手术指征明确。", once="appeal")
    desks.press("clinic", path, f"{path}/party/countersign")
    desks.press("reviewer", path, f"{path}/explain", text="依据现场检查笔录。")
    assert "依据现场检查笔录。" in desks.page("doctor", path)
    desks.press("doctor", path, f"{path}/party/insist", grounds="")
    desks.press("appeals", path, f"{path}/desk/accept")
    desks.press("appeals", path, f"{path}/desk/experts", experts="expert", reason="骨科专业")
    assert "专家" in desks.page("doctor", path)
    desks.press("expert", path, f"{path}/expert/opinion", opinion="uphold", points="", text="依据充分。")
    desks.press("appeals", path, f"{path}/desk/decide", outcome="upheld", points="", reasons="事实清楚。")
    with desks.console.service.engine.connect() as conn:
        assert conn.execute(select(appeals.c.state, appeals.c.outcome)).one() == ("decided", "upheld")


def the_measure_is_lifted(desks):
    advance(desks.console, date(2025, 7, 15))
    for name in (DOCTOR, HEAD, NURSE):
        form = f"/entries/{measure_of(desks.console, name)}/lifting"
        lifting = desks.press("clerk", form, form, reason="整改合格。", once=name)
        desks.press("reviewer", lifting, f"{lifting}/approve")
    assert [desks.status(name) for name in (DOCTOR, HEAD, NURSE)] == ["暂停", "正常", "正常"]


def the_doctor_resumes(desks):
    form = f"/people/{desks.console.people[DOCTOR]}/resumption"
    path = desks.press("doctor", form, form, statement="已完成整改。", once="back")
    desks.press("clinic", path, f"{path}/institution/consent")
    desks.press("reviewer", path, f"{path}/desk/approve")
    advance(desks.console, date(2025, 8, 3))
    assert desks.status(DOCTOR) == "正常"


def the_year_turns(desks):
    assert "9<span>/ 12</span>" in desks.page("doctor", "/me")
    desks.press("admin", "/clock", "/clock", to="2026-01-05")
    assert "0<span>/ 12</span>" in desks.page("doctor", "/me")
    assert "医保支付资格年度记分告知书" in desks.page("doctor", "/letters")


def test_the_story_of_a_hospital_plays_at_the_desks(desks):
    the_measure_befalls_three(desks)
    the_clinic_does_its_part(desks)
    the_doctor_appeals_in_vain(desks)
    the_measure_is_lifted(desks)
    the_doctor_resumes(desks)
    the_year_turns(desks)
