"""The letter of a notice over HTTP: who reads it, in which form, and that it stays as it was issued."""

import base64
import hashlib

import pytest
import typst
from case_calls import answered, finding, make_hands, refused

from scoring_service.letters import html, pdf
from scoring_service.letters.pdf import SANS, SERIF
from scoring_service.services.notices import handing_out

HAS_CHINESE_FONT = bool({*SERIF, *SANS} & set(typst.Fonts().families()))


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def person(hands):
    one = hands.person(name="#panic() <b>王")
    hands.approved(finding(one, 10, item="inducing_sham_treatment"))
    return one


def notices_of(hands, person):
    return answered(hands.clerk.get(f"/notices?practitioner={person}"))["items"]


def notice_of(hands, person, kind, addressee="practitioner"):
    return next(
        one["id"]
        for one in notices_of(hands, person)
        if one["kind"] == kind and one["addressee"]["kind"] == addressee
    )


def document(client, notice, accept=None):
    return client.get(f"/notices/{notice}/document", headers={"Accept": accept} if accept else {})


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "application/json"])
def test_a_letter_is_html_unless_pdf_is_asked_for(hands, person, accept):
    found = document(hands.clerk, notice_of(hands, person, "suspension"), accept)
    assert (found.status_code, found.mimetype) == (200, "text/html")
    assert "暂停你的医保支付资格四个月" in found.text
    assert "script" not in found.headers["Content-Security-Policy"].replace("default-src 'none'", "")
    assert found.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("kind", "points"), [("score", 6), ("warning", 6), ("suspension", 10)])
def test_a_letter_names_the_decision_of_its_case(hands, kind, points):
    person = hands.person()
    handling = hands.body()["handling"] | {
        "document_no": "赤医保罚〔2025〕77号",
        "authority": "松山区医疗保障局",
    }
    hands.approved(finding(person, points, reason="情节如此"), handling=handling)
    found = document(hands.clerk, notice_of(hands, person, kind, "institution"))
    assert "2025年5月20日，松山区医疗保障局" in found.text
    assert "文号：赤医保罚〔2025〕77号" in found.text


def test_the_document_comes_with_its_hash(hands, person):
    found = document(hands.clerk, notice_of(hands, person, "score"))
    sent = base64.b64encode(hashlib.sha256(found.data).digest()).decode()
    assert found.headers["Content-Digest"] == f"sha-256=:{sent}:"


def test_markup_in_a_name_stands_in_the_letter_literally(hands, person):
    found = document(hands.clerk, notice_of(hands, person, "score"))
    assert "#panic() &lt;b&gt;王" in found.text
    assert "<b>" not in found.text


def test_a_pdf_is_the_same_whenever_it_is_asked_for_or_names_the_missing_font(hands, person):
    notice = notice_of(hands, person, "score")
    found = document(hands.clerk, notice, "application/pdf")
    if HAS_CHINESE_FONT:
        assert found.mimetype == "application/pdf"
        assert found.data.startswith(b"%PDF-1.7")
        assert document(hands.clerk, notice, "application/pdf").data == found.data
    else:
        assert "fonts-noto-cjk" in refused(found, 503, "pdf_font_missing")["detail"]


def test_a_later_template_changes_no_issued_letter(hands, person, monkeypatch):
    notice = notice_of(hands, person, "score")
    before = document(hands.clerk, notice).data
    monkeypatch.setattr(html, "_template", lambda: pytest.fail("an issued letter was written again"))
    assert document(hands.clerk, notice).data == before


def test_a_pdf_is_set_with_the_template_of_its_issue_however_late_it_is_asked_for(hands, person, monkeypatch):
    for module in (pdf, handing_out):
        monkeypatch.setattr(module, "present_template", lambda: b"#panic()")
    found = document(hands.clerk, notice_of(hands, person, "suspension"), "application/pdf")
    if HAS_CHINESE_FONT:
        assert found.data.startswith(b"%PDF-1.7")
    else:
        refused(found, 503, "pdf_font_missing")


def test_each_letter_has_a_number_of_its_own(hands, person):
    letters = [document(hands.clerk, one["id"]).text for one in notices_of(hands, person)]
    numbers = {letter.split('<p class="number">')[1].split("<")[0] for letter in letters}
    assert len(numbers) == len(letters) == 5
    assert all(number.startswith("赤医保资格〔2025〕") for number in numbers)


def test_the_person_and_the_hospital_read_their_own_letters_only(office, hands, person):
    themselves = office.client_for("practitioner", practitioner=person)
    hospital = office.client_for("institution", institution=hands.institution)
    theirs, its = notice_of(hands, person, "score"), notice_of(hands, person, "score", "institution")
    assert "：</p>" in document(themselves, theirs).text
    assert "现就你单位登记备案人员" in document(hospital, its).text
    refused(document(themselves, its), 404, "not_found")
    refused(document(hospital, theirs), 404, "not_found")
    refused(document(office.client_for("expert"), theirs), 403, "forbidden")
    refused(document(office.client_for("office.clerk", region="21"), theirs), 404, "not_found")
