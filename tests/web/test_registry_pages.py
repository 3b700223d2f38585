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
        assert "蓝二" in clerk.found(one)
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


MISSING = re.compile(r"有 (\d+) 名已登记人员缺承诺书")
IN_ENGLISH, IN_CHINESE = "/language/en?target=/glossary", "/language/zh?target=/glossary"


def new(number, **fields):
    """A new person's form, of this hospital."""
    person = {"name": f"蓝{number}", "category": "doctor", "code": f"D1504029{number:05}"}
    return person | {"affiliations/0/institution": HOSPITAL, "once": f"new{number}"} | fields


def test_a_missing_commitment_is_told_at_three_desks_and_added(console, admin):
    before = int(MISSING.search(admin.page("/today"))[1])
    admin.page("/registrations/new")
    person = admin.post("/registrations/new", **new(88, registered_on="2025-05-01")).headers["Location"]
    assert "缺承诺书" in admin.page(person)
    assert int(MISSING.search(admin.page("/today"))[1]) == before + 1
    assert "蓝88" in admin.page("/people?status=without_commitment")
    clinic = console.browser("clinic")
    assert "缺承诺书的人员" not in clinic.page("/clinic")
    assert "没有这个状态的人员" in clinic.page("/clinic/people?status=without_commitment")
    path = person.replace("/people/", "/registrations/")
    assert "尚无承诺书" in admin.page(path)
    for language, late in ((IN_ENGLISH, "may not lie in the future"), (IN_CHINESE, "不得晚于今日")):
        admin.get(language)
        admin.page(path)
        assert late in admin.asked(f"{path}/commitment", signed_on="2025-06-03").text
    admin.post(f"{path}/commitment", signed_on="2025-05-20")
    for language, again in ((IN_ENGLISH, "was signed on 2025-05-20"), (IN_CHINESE, "已于 2025-05-20 签署")):
        admin.get(language)
        assert "P21" not in admin.page(path)
        assert again in admin.asked(f"{path}/commitment", signed_on="2025-05-21").text
    assert "2025-05-20" in admin.page(person)
    assert int(MISSING.search(admin.page("/today"))[1]) == before
    assert "蓝88" not in admin.page("/people?status=without_commitment")


def test_who_was_never_registered_is_entered_without_a_day(console, admin):
    admin.page("/registrations/new")
    for wrong, words in (
        (new(89), "请填写"),
        (new(89, never="yes", registered_on="2025-05-01"), "从未登记的人员没有登记日"),
        (new(89, never="yes", commitment_signed_on="2025-05-01"), "未登记的人员没有承诺书"),
    ):
        admin.page("/registrations/new")
        assert words in admin.asked("/registrations/new", **wrong).text
    admin.page("/registrations/new")
    person = admin.post("/registrations/new", **new(89, never="yes")).headers["Location"]
    assert "从未登记" in admin.page(person)
    assert "蓝89" in admin.page("/people?status=not_registered")
    assert "蓝89" not in admin.page("/people?status=without_commitment")
    assert "尚无承诺书" not in admin.page(person.replace("/people/", "/registrations/"))


def test_what_a_person_is_admitted_to_do_is_entered_changed_and_corrected(console, admin):
    practice = {"practice_type": "临床", "practice_scope": "内科专业", "professional_title": "主治医师"}
    admin.page("/registrations/new")
    person = admin.post("/registrations/new", **new(90, registered_on="2025-05-01", **practice)).headers["Location"]
    page = admin.page(person)
    assert "专业技术职务" in page
    assert "主治医师" in page
    path = person.replace("/people/", "/registrations/")
    shown = admin.page(path)
    assert 'value="内科专业"' in shown
    admin.post(f"{path}/practice", version="1", **(practice | {"professional_title": "副主任医师"}))
    assert "副主任医师" in admin.page(person)
    admin.page(path)
    stale = admin.asked(f"{path}/practice", version="1", **practice)
    assert "已被他人修改" in stale.text
    assert 'value="主治医师"' in stale.text
    row = re.search(r'href="(/registrations/[^"]+/correction/person/\d+)"', admin.page(path))[1]
    fields = form_of(admin, row)
    assert fields["fields/practice_scope"] == "内科专业"
    right = {"fields/category": "doctor", "fields/practice_scope": "外科专业", "reason": "录入有误"}
    made = admin.post(row, **(fields | right))
    reviewer = console.browser("reviewer")
    assert re.search("执业范围：内科专业 → <strong>外科专业", reviewer.page(made.headers["Location"]))
    reviewer.post(f"{made.headers['Location']}/approve", version="1")
    assert "外科专业" in admin.page(person)
    admin.get(IN_ENGLISH)
    assert "Professional title" in admin.page(person)


def test_the_suspended_and_the_terminated_are_registered_nowhere_else_and_the_page_says_why(console, admin):
    suspended, terminated = console.people["蓝二"], console.people["蓝三"]
    console.approved("蓝二", 9)
    console.approved("蓝三", 12)
    admin.page("/institutions/new")
    pharmacy = {"code": "P15040290001", "name": "测试药店", "kind": "pharmacy", "region": "150402", "agreement/from": "2025-01-01"}
    admin.post("/institutions/new", **pharmacy, once="i1")
    for language, words in ((IN_ENGLISH, "nothing new may be registered"), (IN_CHINESE, "不得新登记")):
        admin.get(language)
        for person in (suspended, terminated):
            path = f"/registrations/{person}"
            admin.page(path)
            joined = {"institution": "P15040290001", "from": "2025-06-02"}
            assert words in admin.asked(f"{path}/affiliations", **joined).text, (language, person)
    assert console.browser("clinic").get(f"/registrations/{suspended}").status_code == 403


def test_a_clerk_neither_corrects_nor_decides_on_the_registry(console, admin):
    path = row_of(admin, console.people["蓝一"])
    assert console.browser("clerk").get(path).status_code == 403
    assert admin.get(path.replace("affiliation", "account")).status_code == 404
    assert admin.get(path.rpartition("/")[0] + "/77").status_code == 404
