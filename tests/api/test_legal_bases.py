"""What a finding takes from the catalogue: its band, the points its degree suggests, and a legal basis or none."""

import pytest
from api_office import make_office, make_test_service
from case_calls import answered, finding, make_hands, pointers
from own_law import OWN_LAW

BASIS = "《医疗保障基金使用监督管理条例》第四十一条"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def other(person, **more):
    return finding(person, 2, item="other_minor") | more


@pytest.mark.parametrize("basis", [{}, {"legal_basis": None}, {"legal_basis": ""}, {"legal_basis": " "}])
def test_another_violation_of_a_band_needs_a_legal_basis_of_its_own(hands, basis):
    response = hands.clerk.post("/cases", hands.body(other(hands.person(), **basis)))
    assert pointers(response) == ["/findings/0/legal_basis"]


@pytest.mark.parametrize("basis", [7, ["x"], "a\u0007b", "x" * 5000])
def test_a_legal_basis_is_a_line(hands, basis):
    response = hands.clerk.post("/cases", hands.body(other(hands.person(), legal_basis=basis)))
    assert pointers(response) == ["/findings/0/legal_basis"]


def test_a_draft_keeps_the_basis_and_cannot_lose_it(hands):
    person = hands.person()
    case = hands.draft(other(person, legal_basis=BASIS))
    assert case["findings"][0]["legal_basis"] == BASIS
    path, held = f"/cases/{case['id']}", {"If-Match": '"1"'}
    assert pointers(hands.clerk.patch(path, {"findings": [other(person)]}, headers=held)) == ["/findings/0/legal_basis"]
    kept = answered(hands.clerk.patch(path, {"summary": "另行查实"}, headers=held))
    assert kept["findings"][0]["legal_basis"] == BASIS


def test_what_was_charged_is_told_with_its_basis(hands):
    """To the person in the file, the entry and the letter."""
    person = hands.person()
    case = hands.approved(other(person, legal_basis=BASIS))
    doctor = hands.office.client_for("practitioner", practitioner=person)
    shown = answered(doctor.get(f"/practitioners/{person}/file"))
    assert shown["cases"][0]["findings"][0]["legal_basis"] == BASIS
    assert shown["entries"][0]["legal_basis"] == BASIS
    assert answered(doctor.get(f"/cases/{case['id']}"))["findings"][0]["legal_basis"] == BASIS
    (notice,) = answered(doctor.get(f"/notices?practitioner={person}"))["items"]
    letter = doctor.get(f"/notices/{notice['id']}/document").text
    assert BASIS in letter
    assert "其他较轻情形" in letter


def test_an_item_with_a_basis_needs_none_and_may_have_one(hands):
    without, own = hands.draft(finding(hands.person())), hands.draft(finding(hands.person(), legal_basis=BASIS))
    assert [case["findings"][0]["legal_basis"] for case in (without, own)] == [None, BASIS]


@pytest.mark.parametrize(
    ("degree", "suggested"), [("general", 4), ("important", 5), ("main", 6)]
)
def test_a_degree_suggests_points_in_the_band(hands, degree, suggested):
    """A suggestion only: other points of the band stand, and no flag is raised (P25)."""
    (drafted,) = hands.draft(finding(hands.person(), 5, degree=degree))["findings"]
    assert (drafted["suggested_points"], drafted["points"], drafted["flags"]) == (suggested, 5, [])


def test_the_suggestion_is_for_the_office(hands):
    person = hands.person()
    case = hands.approved(finding(person))
    assert case["findings"][0]["suggested_points"] == 6
    doctor = hands.office.client_for("practitioner", practitioner=person)
    assert "suggested_points" not in answered(doctor.get(f"/cases/{case['id']}"))["findings"][0]


def test_another_rulebook_suggests_other_points(module_engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rulebooks")
    law = (OWN_LAW / "national.yaml").read_text(encoding="utf-8")
    changed = law.replace("{general: 4, important: 5, main: 6}", "{general: 4, important: 4, main: 5}")
    assert changed != law
    (folder / "national.yaml").write_text(changed, encoding="utf-8")
    hands = make_hands(make_office(make_test_service(module_engine, rulebooks_dir=folder)))
    assert hands.draft(finding(hands.person()))["findings"][0]["suggested_points"] == 5
