"""The registry's desk: every row with its history and its acts, and what is missing in files."""

import re

import pytest
from console_world import HOSPITAL

ID_NUMBER = "15040219800101138X"


@pytest.fixture
def admin(console):
    return console.browser("admin")


def entered(admin, number, **fields):
    """The address of a new person's registry."""
    person = {"name": f"青{number}", "category": "doctor", "code": f"D1504029{700 + number:05}", "registered_on": "2025-01-01"}
    admin.page("/registrations/new")
    made = admin.post("/registrations/new", **(person | {"affiliations/0/institution": HOSPITAL, "once": f"q{number}"} | fields))
    return made.headers["Location"].replace("/people/", "/registrations/")


def row_number(page, act):
    return re.search(rf"/{act}/(\d+)", page)[1]


def test_a_missing_number_is_listed_and_filled_in_by_one_hand(admin):
    path = entered(admin, 1)
    assert "青1" in admin.page("/registrations?lacking=id_number")
    assert "补填证件号或人员代码" in admin.page(path)
    for wrong, words in (
        ({"id_number": "1504021980010112"}, "有 16 位"),
        ({"id_number": "150402198013011234"}, "出生日期不存在"),
        ({"id_number": "160402198001011234"}, "行政区划代码"),
        ({"id_number": "150402198001011233"}, "校验位"),
        ({}, "请填写证件号或人员代码"),
    ):
        admin.page(path)
        assert words in admin.asked(f"{path}/numbers", version="1", **wrong).text
    admin.page(path)
    admin.post(f"{path}/numbers", version="1", id_number=ID_NUMBER)
    page = admin.page(path)
    assert "补填证件号或人员代码" not in page
    assert "以前的登记（1 行）" in page
    assert "青1" not in admin.page("/registrations?lacking=id_number")


def test_who_has_no_code_is_listed_and_whose_code_came_late(admin):
    path = entered(admin, 2, code="", id_number="11010519491231002X")
    assert "青2" in admin.page("/registrations?lacking=code")
    admin.page(path)
    admin.post(f"{path}/numbers", version="1", code="D150402900799")
    assert "青2" not in admin.page("/registrations?lacking=code")
    assert "青2" in admin.page("/registrations?lacking=code_at_first")


def test_a_missing_commitment_is_added_from_the_list(admin):
    path = entered(admin, 3)
    listed = "/registrations?lacking=commitment"
    assert "青3" in admin.page(listed)
    done = admin.post(f"{path}/commitment", signed_on="2025-05-20", back="desk")
    assert done.headers["Location"] == listed
    assert "青3" not in admin.page(listed)


def test_an_affiliation_ends_on_its_row_a_registration_is_left_and_begun_again(admin):
    path = entered(admin, 4)
    admin.page(path)
    admin.post(f"{path}/affiliations", institution=HOSPITAL, **{"from": "2025-01-01", "until": "2025-05-31"})
    assert "2025-05-31" in admin.page(path)
    assert "结束执业" not in admin.page(path)
    admin.post(f"{path}/leave", on="2025-06-01", reason="调离")
    page = admin.page(path)
    assert "调离" in page
    assert "再次登记" in page
    for wrong, field in (({"back_on": "2025-05-01"}, "已登记"), ({}, "请填写")):
        admin.page(path)
        assert field in admin.asked(f"{path}/return", **({"affiliations/0/institution": HOSPITAL} | wrong)).text
    admin.page(path)
    back = {"back_on": "2025-06-02", "affiliations/0/institution": HOSPITAL, "commitment_signed_on": "2025-06-02"}
    assert "form=" not in admin.post(f"{path}/return", **back).headers["Location"]
    assert "再次登记" not in admin.page(path)


def test_a_void_row_stays_in_sight_with_who_and_why(console, admin):
    path = entered(admin, 5)
    number = row_number(admin.page(path), "correction/affiliation")
    row = f"{path}/correction/affiliation/{number}"
    admin.page(path)
    empty = admin.asked(row, void="yes", reason=" ")
    assert 'value="2025-01-01"' in empty.text
    admin.page(path)
    made = admin.post(row, void="yes", reason="登记错人")
    assert "有一项更正待决定" in admin.page(path)
    reviewer = console.browser("reviewer")
    reviewer.page(made.headers["Location"])
    reviewer.post(f"{made.headers['Location']}/approve", version="1")
    page = admin.page(path)
    assert "已撤销" in page
    assert re.search("提出更正，.+ 通过", page)
    assert "登记错人" in page
    assert "有一项更正待决定" not in page


def test_the_desk_finds_a_person_and_says_what_is_wrong_with_a_number(admin):
    path = entered(admin, 6)
    admin.page("/registrations")
    assert f'href="{path}"' in admin.found("青6")
    assert "校验位" in admin.asked("/find", q="150402198001011233").text


def test_an_institutions_name_and_agreement_are_corrected_with_their_history(console, admin):
    path, reviewer = f"/institutions/{HOSPITAL}", console.browser("reviewer")
    version = re.search(r'name="version" value="(\d+)"', admin.page(path))[1]
    written = {"act": "fields", "name": "红山区更名医院", "region": "150402", "version": version}
    assert "请填写" in admin.asked(f"{path}/fields", **written, reason="").text
    admin.page(path)
    admin.post(f"{path}/fields", **written, reason="院名变更")
    page = admin.page(path)
    assert "红山区测试医院 → <strong>红山区更名医院" in page
    assert "院名变更" in page
    row = re.search(rf'href="({path}/agreements/[^"]+/correction)"', page)[1]
    admin.page(row)
    assert "更正没有改变任何内容" in admin.asked(row, **{"from": row.split("/")[4], "reason": "核对"}).text
    admin.page(row)
    made = admin.post(row, **{"from": "2024-12-01", "reason": "签订日录错"}).headers["Location"]
    assert "红山区更名医院" in reviewer.page("/decisions")
    assert "2024-12-01 周日" in reviewer.page(made)
    reviewer.post(f"{made}/approve", version="1")
    page = admin.page(path)
    assert "自 2024-12-01 周日 起" in page
    assert "以前的登记" in page
    assert admin.get(row).status_code == 404
