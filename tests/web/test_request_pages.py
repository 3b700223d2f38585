"""An institution asks for a registration and reports a departure; the office decides, each on its pages."""

import re

import pytest
from console_world import HOSPITAL, HOSPITAL_NAME, PEOPLE
from sqlalchemy import update

from scoring_service.db.tables import accounts

IN_ENGLISH, IN_CHINESE = "/language/en?target=/glossary", "/language/zh?target=/glossary"
ID_NUMBER = "11010519491231002X"


@pytest.fixture
def clinic(console):
    with console.service.engine.begin() as conn:
        conn.execute(update(accounts).where(accounts.c.username == "clinic").values(institution_code=HOSPITAL))
    return console.browser("clinic")


@pytest.fixture
def admin(console):
    return console.browser("admin")


def written(number, **other):
    return {"name": f"苏{number}", "category": "doctor", "code": f"D1504029008{number:02}", "from": "2025-06-01"} | other


def asked(clinic, **form):
    clinic.page("/clinic/requests/new")
    return clinic.post("/clinic/requests/new", **form).headers["Location"]


def office_page(path):
    return path.replace("/clinic/requests/", "/registrations/requests/")


def test_a_registration_is_asked_for_and_done(clinic, admin):
    assert "还没有申请" in clinic.page("/clinic/requests")
    path = asked(clinic, **written(1, id_number=ID_NUMBER, practice_scope="内科专业"))
    page = clinic.page(path)
    assert "等待医保部门办理" in page
    assert "110***********002X" in page
    assert ID_NUMBER not in page
    assert "待医保部门办理" in clinic.page("/clinic")
    assert "待办理的登记与离职申请" in admin.page("/today")
    assert HOSPITAL_NAME in admin.page("/registrations/requests")
    page = admin.page(office_page(path))
    assert "新建档案并登记" in page
    assert "内科专业" in page
    admin.post(f"{office_page(path)}/approve", version="1")
    assert "已办理" in admin.page(office_page(path))
    assert "看档案" in clinic.page(path)
    assert "苏1" in clinic.page("/clinic/people")
    assert "已办理" in clinic.page("/clinic/requests")
    assert "待办理的登记与离职申请" not in admin.page("/today")


def test_what_is_wrong_with_a_request_is_told_beside_its_field_in_both_languages(clinic):
    for wrong, field, words in (
        ({"code": ""}, "code", {IN_CHINESE: "至少填一项", IN_ENGLISH: "give a code"}),
        ({"name": ""}, "name", {IN_CHINESE: "没有这位人员的档案", IN_ENGLISH: "not on file"}),
        ({"id_number": "150402198001011233"}, "id_number", {IN_CHINESE: "校验位", IN_ENGLISH: "check character"}),
        ({"from": ""}, "from", {IN_CHINESE: "请填写", IN_ENGLISH: "fill this in"}),
        ({"commitment_signed_on": "2025-06-03"}, "commitment_signed_on", {IN_CHINESE: "不得晚于今日", IN_ENGLISH: "future"}),
    ):
        for language, said in words.items():
            clinic.get(language)
            clinic.page("/clinic/requests/new")
            page = clinic.asked("/clinic/requests/new", **written(2, **wrong)).text
            assert re.search(rf'id="{field}-error"[^>]*>[^<]*{said}', page), (field, language)
            assert 'value="苏2"' in page or field == "name"
    clinic.get(IN_CHINESE)
    asked(clinic, **written(3))
    clinic.page("/clinic/requests/new")
    assert "已有同类申请待办理" in clinic.asked("/clinic/requests/new", **written(3)).text


def test_a_departure_is_reported_refused_reported_again_and_done(console, clinic, admin):
    person = console.people["蓝三"]
    path = f"/clinic/people/{person}/departure"
    assert f'href="{path}"' in clinic.page("/clinic/people")
    clinic.page(path)
    assert "应晚于执业起始日" in clinic.asked(path, on="2024-01-01", reason="调离").text
    clinic.page(path)
    made = clinic.post(path, on="2025-06-01", reason="调离").headers["Location"]
    office = office_page(made)
    page = admin.page(office)
    assert "结束执业并注销登记" in page
    assert "最后一日 2025-06-01" in page
    assert "请填写" in admin.asked(f"{office}/refuse", version="1", reason="").text
    admin.page(office)
    admin.post(f"{office}/refuse", version="1", reason="尚有未办结的案件")
    assert "尚有未办结的案件" in clinic.page(made)
    clinic.page(path)
    again = clinic.post(path, on="2025-06-01", reason="调离").headers["Location"]
    admin.page(office_page(again))
    admin.post(f"{office_page(again)}/approve", version="1")
    assert "已办理" in clinic.page(again)
    assert clinic.get(path).status_code in {200, 404}
    assert "蓝三" not in clinic.page("/clinic/people")


def test_a_request_that_cannot_be_done_says_why_and_one_is_withdrawn(console, clinic, admin):
    console.approved("蓝二", 9)
    made = asked(clinic, **written(4))
    other = asked(clinic, **written(5))
    admin.page("/registrations/new")
    admin.post(
        "/registrations/new",
        name="苏4", category="doctor", code=written(4)["code"], registered_on="2025-06-01",
        **{"affiliations/0/institution": HOSPITAL, "once": "taken"},
    )
    page = admin.page(office_page(made))
    assert "现在不能办理" in page
    assert "与该机构已有执业期重叠" in page
    refused = admin.asked(f"{office_page(made)}/approve", version="1")
    assert "与该机构已有执业期重叠" in refused.text
    clinic.page(other)
    clinic.post(f"{other}/withdraw", version="1")
    assert "已撤回" in clinic.page(other)
    late = admin.asked(f"{office_page(other)}/approve", version="2")
    assert "当前状态为“已撤回”" in late.text
    clinic.page("/clinic/requests/new")
    taken = clinic.asked("/clinic/requests/new", code=PEOPLE["蓝二"], **{"from": "2025-06-02"})
    assert "不得新登记" in taken.text
    assert console.browser("clerk").get(office_page(made)).status_code == 200
    assert console.browser("auditor").get("/registrations/requests").status_code == 200
