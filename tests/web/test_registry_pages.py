"""The registry's pages: a further code, a wrong row proposed as it should be, and another person who decides."""

import re

import pytest
from console_world import HOSPITAL, HOSPITAL_NAME, PEOPLE

ROW = re.compile(r'href="(/registrations/[^"]+/correction/affiliation/\d+)"')


@pytest.fixture
def admin(console):
    return console.browser("admin")


def row_of(admin, person):
    return ROW.search(admin.page(f"/registrations/{person}"))[1]


def form_of(admin, path):
    """The fields of the form at `path` as they are shown."""
    page = admin.page(path)
    fields = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page)
    return {name: value for name, value in fields if name not in {"csrf_token", "once"}}


def test_a_wrong_first_day_is_proposed_and_decided_by_a_reviewer(console, admin):
    person = console.people["蓝一"]
    path = row_of(admin, person)
    fields = form_of(admin, path)
    assert (fields["fields/institution"], fields["from"], fields["until"]) == (HOSPITAL, "2025-01-01", "")
    assert "更正没有改变任何内容" in admin.asked(path, **fields, reason="核对").text
    wrong = admin.asked(path, **(fields | {"from": "2025-02-01", "until": "2025-01-01"}), reason="笔误")
    assert 'value="2025-02-01"' in wrong.text
    made = admin.post(path, **(fields | {"from": "2025-02-01"}), reason="录入笔误")
    assert made.status_code == 303
    own = admin.page(made.headers["Location"])
    assert "不得审核本人登记的事项" in own
    reviewer = console.browser("reviewer")
    assert "登记更正" in reviewer.page("/today")
    assert "录入笔误" in reviewer.page("/decisions")
    page = reviewer.page(made.headers["Location"])
    assert re.search(r"2025-01-01 周三 → <strong>2025-02-01 周六", page)
    done = reviewer.post(f"{made.headers['Location']}/approve", version="1")
    assert done.status_code == 303
    assert "自 2025-02-01 周六 起" in admin.page(f"/registrations/{person}")


def test_a_row_that_should_not_exist_is_rejected_with_the_reviewers_reason(console, admin):
    path = row_of(admin, console.people["蓝三"])
    admin.page(path)
    made = admin.post(path, void="yes", reason="登记错人")
    reviewer = console.browser("reviewer")
    assert "撤销这一行" in reviewer.page(made.headers["Location"])
    reviewer.post(f"{made.headers['Location']}/reject", version="1", reason="没有登记错")
    assert "没有登记错" in reviewer.page(made.headers["Location"])


def test_a_further_code_finds_the_file_and_what_is_wrong_is_told_beside_its_field(console, admin):
    person, code = console.people["蓝二"], "D150402900077"
    path = f"/registrations/{person}/codes/new"
    assert f'href="{path}"' in admin.page(f"/registrations/{person}")
    admin.page(path)
    early = admin.asked(path, **{"code": code, "from": "2024-01-01", "reason": "换发"})
    assert re.search(r'id="from-error"[^>]*>应晚于现用代码的起始日', early.text)
    taken = admin.asked(path, **{"code": PEOPLE["蓝一"], "from": "2025-05-01", "reason": "换发"})
    assert 'value="2025-05-01"' in taken.text
    assert "已登记" in taken.text
    given = admin.post(path, **{"code": code, "from": "2025-05-01", "reason": "换发"})
    assert "form=" not in given.headers["Location"]
    clerk = console.browser("clerk")
    clerk.page("/people")
    for one in (code, PEOPLE["蓝二"]):
        assert "蓝二" in clerk.asked("/people", by="code", typed=one).text
    assert PEOPLE["蓝二"] in clerk.page(f"/people/{person}")


def test_a_namesake_is_told_after_registering_and_linked_from_the_registration(console, admin):
    admin.page("/registrations/new")
    fields = {
        "name": "蓝 一",
        "category": "doctor",
        "code": "D150402900078",
        "registered_on": "2025-06-01",
        "commitment_signed_on": "2025-06-01",
        "affiliations/0/institution": HOSPITAL,
        "once": "namesake",
    }
    made = admin.post("/registrations/new", **fields)
    assert "该机构有同名人员" in admin.page(made.headers["Location"])
    again = made.headers["Location"].rpartition("/")[2]
    page = admin.page(f"/registrations/{again}")
    assert f"{HOSPITAL_NAME}有同名人员" in page
    assert f'href="/people/{console.people["蓝一"]}"' in page


def test_a_clerk_neither_corrects_nor_decides_on_the_registry(console, admin):
    path = row_of(admin, console.people["蓝一"])
    assert console.browser("clerk").get(path).status_code == 403
    assert admin.get(path.replace("affiliation", "account")).status_code == 404
    assert admin.get(path.rpartition("/")[0] + "/77").status_code == 404
