"""Receipts in the console: recorded on paper with proof, shown, and corrected by another person."""

import io
import re
from datetime import timedelta

import pytest
from console_world import NOW, path_of

from scoring_service.terms import DOCUMENTS, chinese


@pytest.fixture(scope="module")
def notice(console):
    console.approved("蓝一", 2)
    return f"/notices/{console.letters(console.people['蓝一'])['practitioner', 'score']}"


def test_a_wrong_receipt_is_corrected_by_another_person_and_both_are_shown(console, notice):
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    clerk.page(notice)
    lacking = clerk.asked(f"{notice}/acknowledge", received_on="2025-06-02", proof=" ")
    assert "请填写" in lacking.text
    done = clerk.post(f"{notice}/acknowledge", received_on="2025-06-02", proof="签收单 <7> 号")
    assert (done.status_code, path_of(done)) == (303, notice)
    page = clerk.page(notice)
    assert "签收单 &lt;7&gt; 号" in page
    assert "须由登记人以外的工作人员更正" in page
    assert "实际收到日期" not in page
    assert clerk.post(f"{notice}/receipt-corrections", received_on="2025-06-02", proof="a", reason="b").status_code == 403
    assert "送达登记有误？更正" in reviewer.page(notice)
    wrong = reviewer.asked(f"{notice}/receipt-corrections", received_on="2025-06-02", proof="回执", reason="")
    assert "请填写" in wrong.text
    as_recorded = {"received_on": "2025-06-02", "proof": "签收单 <7> 号", "reason": "写错"}
    assert "送达日和凭证都与登记的相同" in reviewer.asked(f"{notice}/receipt-corrections", **as_recorded).text
    spoiled = clerk.asked(f"{notice}/attachments", file=(io.BytesIO(b"MZ"), "回执.pdf"))
    assert "附件只能是 PDF、PNG 或 JPEG" in spoiled.text
    assert clerk.post(f"{notice}/attachments", file=(io.BytesIO(b"%PDF-1.7"), "错的.pdf")).status_code == 303
    with console.service.engine.begin() as conn:
        console.service.clock.advance(conn, NOW + timedelta(days=3))
    right = {"received_on": "2025-06-04", "proof": "邮政回执", "reason": "看错日期"}
    fixed = reviewer.post(f"{notice}/receipt-corrections", file=(io.BytesIO(b"%PDF-1.7 right"), "回执.pdf"), **right)
    assert (fixed.status_code, path_of(fixed)) == (303, notice)
    page = console.browser("auditor").page(notice)
    assert page.index("错的.pdf") < page.index("属更正前的登记") < page.index("回执.pdf")
    assert console.browser("auditor").get(f"{notice}/attachments/2").data == b"%PDF-1.7 right"
    for words in ("更正过的送达", "2025-06-02", "2025-06-04", "邮政回执", "看错日期", "签收单 &lt;7&gt; 号"):
        assert words in page
    trail = console.browser("auditor").page("/audit?kind=notice")
    assert "更正送达" in trail
    assert "重新计算申诉期" in trail


def test_others_see_the_history_and_no_form(console, notice):
    clerk = console.browser("clerk")
    file = clerk.page(f"/people/{console.people['蓝一']}")
    assert notice in file
    admin = console.browser("admin").page(notice)
    assert "送达登记有误" not in admin


@pytest.mark.parametrize("kind", ["score", "suspension"])
def test_a_document_has_one_name_in_the_list_on_its_page_and_on_the_letter(console, kind):
    clerk, person = console.browser("clerk"), console.people["蓝三"]
    if not console.letters(person):
        console.approved("蓝三", 9)
    notice = console.letters(person)["practitioner", kind]
    name = chinese(DOCUMENTS[kind])
    assert f'href="/notices/{notice}">{name}</a>' in clerk.page(f"/people/{person}")
    assert f"<h1>{name}</h1>" in clerk.page(f"/notices/{notice}")
    assert re.search(rf"<h1[^>]*>{name}</h1>", clerk.get(f"/notices/{notice}/letter").text)
