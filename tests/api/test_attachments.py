"""Attachments: told apart by their content, kept as they were sent, handed out as downloads."""

from io import BytesIO
from urllib.parse import quote

import pytest
from case_calls import answered, make_hands, refused
from due_process_calls import filed

from scoring_service.services.unit_of_work import attachment_quotas

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def send(client, case, content=PDF, name="决定书.pdf", part="file", **kwargs):
    return client.post(f"/cases/{case['id']}/attachments", data={part: (BytesIO(content), name)}, **kwargs)


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (PDF, "处罚决定书.pdf", "application/pdf"),
        (PNG, "scan", "image/png"),
        (JPEG, "照片 1.JPG", "image/jpeg"),
    ],
)
def test_a_file_comes_back_as_it_was_sent(hands, content, name, media_type):
    case = hands.draft()
    stored = answered(send(hands.clerk, case, content, name), 201)
    assert (stored["n"], stored["file_name"], stored["media_type"]) == (1, name, media_type)
    assert (stored["size_bytes"], stored["version"]) == (len(content), 2)
    back = hands.reviewer.get(f"/cases/{case['id']}/attachments/1")
    assert (back.status_code, back.data, back.mimetype) == (200, content, media_type)
    assert back.headers["X-Content-Type-Options"] == "nosniff"
    disposition = back.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert name in disposition or f"filename*=UTF-8''{quote(name)}" in disposition


BEFORE_A_PDF = (
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\x1b%-12345X@PJL SET RESOLUTION=600\r\n@PJL ENTER LANGUAGE=PDF\r\n",
    b"\xef\xbb\xbf\x1b%-12345X@PJL JOB\n" + b"@PJL COMMENT scan\n" * 40,
)


@pytest.mark.parametrize("before", BEFORE_A_PDF)
def test_a_pdf_may_begin_behind_a_mark_or_what_was_said_to_the_printer(hands, before):
    case = hands.draft()
    stored = answered(send(hands.clerk, case, before + PDF), 201)
    assert (stored["media_type"], stored["size_bytes"]) == ("application/pdf", len(before + PDF))
    assert hands.reviewer.get(f"/cases/{case['id']}/attachments/1").data == before + PDF


@pytest.mark.parametrize("before", [b"<html><script>", b"PK\x03\x04", b"MZ", b"\x1b%-12345X@PJL JOB\n" + b" " * 1024])
def test_what_only_holds_a_pdf_somewhere_is_none(hands, before):
    refused(send(hands.clerk, hands.draft(), before + PDF), 415, "attachment_type")


def raw_part(name):
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="' + name
    return head + b'"\r\nContent-Type: application/pdf\r\n\r\n' + PDF + b"\r\n--edge--\r\n"


@pytest.mark.parametrize("name", ["处罚决定书.pdf", "\u4e02\u4e8a.pdf", "买买提·艾力.pdf", "𠮷.pdf"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_file_name_is_read_in_utf_8_and_in_gb18030(hands, name, charset):
    case = hands.draft()
    stored = hands.clerk.post(
        f"/cases/{case['id']}/attachments",
        data=raw_part(name.encode(charset)),
        content_type="multipart/form-data; boundary=edge",
    )
    assert answered(stored, 201)["file_name"] == name
    assert hands.reviewer.get(f"/cases/{case['id']}/attachments/1").data == PDF


def test_a_file_name_in_neither_is_400(hands):
    sent = {"data": raw_part(b"\xff\xff.pdf"), "content_type": "multipart/form-data; boundary=edge"}
    refused(hands.clerk.post(f"/cases/{hands.draft()['id']}/attachments", **sent), 400, "malformed")


@pytest.mark.parametrize(("content", "name", "told"), [(JPEG, "a.JPEG", "a.JPEG"), (PNG, "a.html", "a.html.png"), (PDF, "a", "a.pdf")])
def test_a_file_is_handed_out_with_the_ending_of_what_it_is_and_kept_nowhere(hands, content, name, told):
    case = hands.draft()
    answered(send(hands.clerk, case, content, name), 201)
    back = hands.reviewer.get(f"/cases/{case['id']}/attachments/1")
    assert f"filename={told}" in back.headers["Content-Disposition"]
    assert back.headers["Cache-Control"] == "private, no-store"


def test_files_are_numbered_and_listed(hands):
    case = hands.draft()
    assert [answered(send(hands.clerk, case), 201)["n"] for _ in range(2)] == [1, 2]
    answered(send(hands.clerk, case, PNG, "x.png", part="scan"), 201)
    told = answered(hands.clerk.get(f"/cases/{case['id']}"))
    assert told["version"] == 4
    assert [row["n"] for row in told["attachments"]] == [1, 2, 3]
    assert answered(hands.clerk.get(f"/cases/{case['id']}/attachments"))["items"] == told["attachments"]


def test_one_thing_holds_so_much(hands, monkeypatch):
    monkeypatch.setitem(attachment_quotas.BYTES_OF_ONE, "case", 2 * len(PDF))
    case, other = hands.draft(), hands.draft()
    for _ in range(2):
        answered(send(hands.clerk, case), 201)
    problem = refused(send(hands.clerk, case), 409, "attachments_full")
    assert (problem["limit_bytes"], problem["used_bytes"]) == (2 * len(PDF), 2 * len(PDF))
    answered(send(hands.clerk, other), 201)


def test_a_party_attaches_so_much_in_a_month_by_whatever_account(hands, monkeypatch):
    monkeypatch.setattr(attachment_quotas, "BYTES_OF_PARTY", 2 * len(PDF))
    person = hands.person()
    doctor, same = (hands.office.client_for("practitioner", practitioner=person) for _ in range(2))
    paths = [f"/remediation/applications/{filed(doctor, person)['id']}/attachments" for _ in range(3)]

    def attached(client, path):
        return client.post(path, data={"file": (BytesIO(PDF), "证书.pdf")})

    answered(attached(doctor, paths[0]), 201)
    answered(attached(same, paths[1]), 201)
    for client in (doctor, same):
        assert refused(attached(client, paths[2]), 409, "attachments_full")["limit_bytes"] == 2 * len(PDF)
    answered(attached(hands.clerk, paths[2]), 201)


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00\x03 executable", b"\x7fELF", b"<html>", b"#!/bin/sh\n", b"PK\x03\x04", b"", b" %PDF-1.7"]
)
def test_the_content_decides_not_the_name(hands, content):
    case = hands.draft()
    refused(send(hands.clerk, case, content, "决定书.pdf"), 415, "attachment_type")
    assert answered(hands.clerk.get(f"/cases/{case['id']}/attachments"))["items"] == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\\\x.pdf", "/etc/x.pdf", "..", "a\u0007.pdf", "a\u202efdp.exe", "x" * 201, " "]
)
def test_a_name_with_a_path_or_control_characters_is_refused(hands, name):
    problem = refused(send(hands.clerk, hands.draft(), name=name), 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/file"]


def send_large(client, case, content):
    """The body made by hand: the test client would leave a temporary file open."""
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="large.pdf"\r\n\r\n'
    body = head + content + b"\r\n--cut--\r\n"
    path = f"/cases/{case['id']}/attachments"
    return client.post(path, data=body, content_type="multipart/form-data; boundary=cut")


def test_twenty_megabytes_are_the_limit(hands):
    case = hands.draft()
    largest = PDF + b" " * (20 * MEGABYTE - len(PDF))
    refused(send_large(hands.clerk, case, largest + b" "), 413, "attachment_too_large")
    assert answered(send_large(hands.clerk, case, largest), 201)["size_bytes"] == 20 * MEGABYTE
    assert len(hands.clerk.get(f"/cases/{case['id']}/attachments/1").data) == 20 * MEGABYTE


def test_a_body_of_fifty_megabytes_is_not_read(hands):
    refused(send_large(hands.clerk, hands.draft(), PDF + b" " * (50 * MEGABYTE)), 413, "too_large")


def test_exactly_one_file_is_sent_as_multipart(hands):
    case = hands.draft()
    path = f"/cases/{case['id']}/attachments"
    refused(hands.clerk.post(path, {"file": "x"}), 415, "unsupported_media_type")
    refused(hands.clerk.post(path, data={"note": "x"}, content_type="multipart/form-data"), 422, "invalid")
    two = {"file": [(BytesIO(PDF), "a.pdf"), (BytesIO(PDF), "b.pdf")]}
    refused(hands.clerk.post(path, data=two), 422, "invalid")


def test_who_attaches_has_edited(hands):
    second = hands.office.client_for("office.clerk")
    twin = hands.office.client_for("office.reviewer", staff_no=second.staff_no)
    case = hands.draft()
    answered(send(second, case), 201)
    answered(hands.clerk.post(f"/cases/{case['id']}/submit"))
    refused(twin.post(f"/cases/{case['id']}/approve", {}), 403, "same_person")


def test_a_decided_case_takes_no_more_files_and_a_stale_version_none(hands):
    case = hands.draft()
    refused(send(hands.clerk, case, headers={"If-Match": '"7"'}), 412, "version_mismatch")
    answered(send(hands.clerk, case, headers={"If-Match": '"1"'}), 201)
    approved = hands.approved()
    assert refused(send(hands.clerk, approved), 409, "case_state")["state"] == "approved"


def test_evidence_stays_in_the_office(hands):
    person = hands.person()
    case = hands.draft({"practitioner": person, "item": "overtreatment", "degree": "main", "points": 5})
    answered(send(hands.clerk, case), 201)
    answered(hands.clerk.post(f"/cases/{case['id']}/submit"))
    answered(hands.reviewer.post(f"/cases/{case['id']}/approve", {}))
    far = hands.office.client_for("office.reviewer", region="1505")
    refused(far.get(f"/cases/{case['id']}/attachments/1"), 404, "not_found")
    doctor = hands.office.client_for("practitioner", practitioner=person)
    refused(doctor.get(f"/cases/{case['id']}/attachments/1"), 403, "forbidden")
    for n in ("2", "0", "x", "-1", "99999999999999999999"):
        refused(hands.clerk.get(f"/cases/{case['id']}/attachments/{n}"), 404, "not_found")
