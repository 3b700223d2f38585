"""Receipts on paper and their corrections over HTTP: proved, shown, by another person, never shorter for anybody."""

from io import BytesIO

import pytest
from case_calls import answered, finding, make_hands, pointers, refused
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

WRONG = {"received_on": "2025-06-04", "proof": "邮政回执 12 号", "reason": "登记时看错了日期"}


@pytest.fixture
def desk(alone):
    """A person scored on Monday 2 June; it is Monday 9 June, and nobody has received anything yet."""
    hands = make_hands(alone)
    person = hands.person()
    hands.approved(finding(person, 5))
    desk = Desk(hands, person)
    desk.move_to("2025-06-09T09:00:00+08:00")
    return desk


class Desk:
    def __init__(self, hands, person):
        self.hands, self.person, self.office = hands, person, hands.office
        self.doctor = hands.office.client_for("practitioner", practitioner=person)
        found = hands.clerk.get(f"/notices?practitioner={person}").json["items"]
        self.notice = next(
            f"/notices/{row['id']}"
            for row in found
            if (row["kind"], row["addressee"]["kind"]) == ("score", "practitioner")
        )
        self.receipt, self.corrections = f"{self.notice}/acknowledge", f"{self.notice}/receipt-corrections"

    def move_to(self, instant):
        answered(self.hands.admin.put("/clock", {"now": instant}))

    def events(self, *kinds):
        found = answered(self.hands.clerk.get("/events?limit=200"))["items"]
        return [row for row in found if row["kind"] in kinds and row["detail"]["notice"] in self.notice]

    def recorded(self, day="2025-06-03"):
        return answered(self.hands.clerk.post(self.receipt, {"received_on": day, "proof": "签收单 7 号"}))


def test_a_receipt_on_paper_needs_its_proof_also_from_the_drafter_of_the_case(desk):
    for body in (
        {},
        {"received_on": "2025-06-02"},
        {"received_on": "2025-06-02", "proof": None},
        {"proof": " "},
    ):
        assert pointers(desk.hands.clerk.post(desk.receipt, body)) == ["/proof"]
    assert desk.hands.clerk.get(desk.notice).json["received_on"] is None
    other = desk.office.client_for("office.clerk")
    assert pointers(other.post(desk.receipt)) == ["/proof"]
    assert desk.recorded()["proof"] == "签收单 7 号"


def test_the_proof_is_shown_to_everybody_who_may_read_the_notice(desk):
    desk.recorded()
    for reader in (desk.doctor, desk.hands.reviewer):
        told = answered(reader.get(desk.notice))
        assert (told["proof"], told["receipt_corrections"]) == ("签收单 7 号", [])
        file = answered(reader.get(f"/practitioners/{desk.person}/file"))
        assert "签收单 7 号" in {row["proof"] for row in file["notices"]}
    auditor = desk.office.client_for("office.auditor")
    (row,) = answered(auditor.get("/audit?action=notice.acknowledged"))["items"]
    assert row["detail"] == {"received_on": "2025-06-03", "proof": "签收单 7 号"}


def test_the_addressee_needs_no_proof(desk):
    told = answered(desk.doctor.post(desk.receipt, {}))
    assert (told["received_on"], told["proof"]) == ("2025-06-09", None)


def test_another_person_corrects_a_receipt_and_the_first_stays_on_record(desk):
    # 4 5 6 9 10 11 12 13 16 17 June, from the 3rd; from the 4th one day later.
    assert desk.recorded("2025-06-03")["window_closes_on"] == "2025-06-17"
    told = answered(desk.hands.reviewer.post(desk.corrections, WRONG))
    assert (told["received_on"], told["window_closes_on"], told["proof"]) == (
        "2025-06-04",
        "2025-06-18",
        "邮政回执 12 号",
    )
    (kept,) = told["receipt_corrections"]
    assert kept["received_on_before"] == "2025-06-03"
    assert (kept["proof_before"], kept["window_closes_on_before"]) == ("签收单 7 号", "2025-06-17")
    assert (kept["received_on"], kept["window_closes_on"], kept["reason"]) == (
        "2025-06-04",
        "2025-06-18",
        WRONG["reason"],
    )
    assert answered(desk.doctor.get(desk.notice)) == told
    (listed,) = [row for row in desk.doctor.get("/notices").json["items"] if row["kind"] == "score"]
    assert listed == told
    file = answered(desk.doctor.get(f"/practitioners/{desk.person}/file"))
    nameless = {name: value for name, value in kept.items() if not name.startswith("recorded_by")}
    assert [nameless] in [row["receipt_corrections"] for row in file["notices"]]
    (event,) = desk.events("receipt_corrected")
    assert (event["detail"]["received_on_before"], event["detail"]["received_on"]) == ("2025-06-03", "2025-06-04")
    auditor = desk.office.client_for("office.auditor")
    (row,) = answered(auditor.get("/audit?action=notice.receipt_corrected"))["items"]
    assert (row["detail"]["proof"], row["detail"]["reason"]) == (WRONG["proof"], WRONG["reason"])


def test_a_window_closed_by_a_backdated_receipt_is_open_again(desk):
    assert desk.recorded("2025-06-02")["window_closes_on"] == "2025-06-16"
    desk.move_to("2025-06-18T09:00:00+08:00")
    entry = answered(desk.doctor.get(desk.notice))["entry"]
    appeal = {
        "practitioner": desk.person,
        "entry": entry,
        "against": "points",
        "grounds": "请复核",
        "filed_by": "practitioner",
    }
    refused(desk.doctor.post("/appeals", appeal), 409, "appeal_window_closed")
    # 10 11 12 13 16 17 18 19 20 23 June.
    told = answered(desk.hands.reviewer.post(desk.corrections, WRONG | {"received_on": "2025-06-09"}))
    assert told["window_closes_on"] == "2025-06-23"
    (moved,) = desk.events("appeal_window_moved")
    assert moved["detail"]["reopened"] is True
    assert answered(desk.doctor.post("/appeals", appeal), 201)["window_closes_on"] == "2025-06-23"
    desk.move_to("2025-06-24T09:00:00+08:00")
    assert [row["detail"]["closed_on"] for row in desk.events("appeal_window_closed")] == ["2025-06-16", "2025-06-23"]


def test_no_window_gets_shorter_by_a_correction(desk):
    desk.recorded("2025-06-05")
    told = answered(desk.hands.reviewer.post(desk.corrections, WRONG | {"received_on": "2025-06-02"}))
    assert (told["received_on"], told["window_closes_on"]) == ("2025-06-02", "2025-06-19")


def test_a_receipt_by_lapse_of_time_is_corrected_to_the_real_day(desk):
    desk.move_to("2025-06-16T09:00:00+08:00")
    assert desk.doctor.get(desk.notice).json["deemed"] is True
    told = answered(desk.hands.reviewer.post(desk.corrections, WRONG | {"received_on": "2025-06-12"}))
    assert (told["deemed"], told["received_on"], told["window_closes_on"]) == (False, "2025-06-12", "2025-06-26")
    assert told["receipt_corrections"][0]["deemed_before"] is True


def test_nobody_corrects_their_own_receipt_under_whatever_account(desk):
    desk.recorded()
    refused(desk.hands.clerk.post(desk.corrections, WRONG), 403, "same_person")
    twin = desk.office.client_for("office.reviewer", staff_no=desk.hands.clerk.staff_no)
    refused(twin.post(desk.corrections, WRONG), 403, "same_person")
    answered(desk.hands.reviewer.post(desk.corrections, WRONG))
    refused(desk.hands.reviewer.post(desk.corrections, WRONG | {"received_on": "2025-06-05"}), 403, "same_person")
    # Who recorded the first is another person than who recorded the present one.
    told = answered(desk.hands.clerk.post(desk.corrections, WRONG | {"received_on": "2025-06-05"}))
    assert [row["received_on"] for row in told["receipt_corrections"]] == ["2025-06-04", "2025-06-05"]


def test_only_the_office_corrects_and_only_what_was_received(desk):
    refused(desk.hands.reviewer.post(desk.corrections, WRONG), 409, "not_received")
    desk.recorded()
    for role in ("office.admin", "office.auditor", "office.appeals", "regulator", "settlement"):
        assert desk.office.client_for(role).post(desk.corrections, WRONG).status_code == 403
    assert desk.doctor.post(desk.corrections, WRONG).status_code == 403
    assert desk.office.client_for("office.clerk", region="1505").post(desk.corrections, WRONG).status_code == 404


def test_a_correction_is_whole_or_refused(desk):
    desk.recorded("2025-06-03")
    reviewer = desk.hands.reviewer
    assert pointers(reviewer.post(desk.corrections, {})) == ["/received_on", "/proof", "/reason"]
    as_recorded = {"received_on": "2025-06-03", "proof": "签收单 7 号"}
    for wrong in (as_recorded, {"received_on": "2025-06-01"}, {"received_on": "2025-06-10"}):
        assert pointers(reviewer.post(desk.corrections, WRONG | wrong)) == ["/received_on"]
    assert pointers(reviewer.post(desk.corrections, WRONG | {"proof": ""})) == ["/proof"]
    assert answered(reviewer.get(desk.notice))["receipt_corrections"] == []


def test_what_was_corrected_cannot_be_changed_by_anybody(desk):
    desk.recorded()
    answered(desk.hands.reviewer.post(desk.corrections, WRONG))
    for statement in ("UPDATE receipt_corrections SET reason = ''", "DELETE FROM receipt_corrections"):
        with pytest.raises(DBAPIError), desk.office.service.engine.begin() as conn:
            conn.execute(text(statement))


def test_a_scan_of_a_receipt_is_seen_with_it_and_a_wrong_one_is_replaced_on_record(desk):
    scans = f"{desk.notice}/attachments"

    def send(client, name):
        return client.post(scans, data={"file": (BytesIO(b"%PDF-1.7 " + name.encode()), name)})

    refused(send(desk.hands.clerk, "a.pdf"), 409, "not_received")
    desk.recorded()
    answered(send(desk.hands.clerk, "wrong.pdf"), 201)
    same_day = WRONG | {"received_on": "2025-06-03"}
    corrected = answered(desk.hands.reviewer.post(desk.corrections, same_day))
    assert (corrected["received_on"], corrected["proof"]) == ("2025-06-03", WRONG["proof"])
    told = answered(send(desk.hands.reviewer, "right.pdf"), 201)
    assert (told["n"], told["side"], told["replaced"], "version" in told) == (2, "office", False, False)
    for client in (desk.doctor, desk.hands.clerk):
        shown = answered(client.get(scans))["items"]
        assert [(one["file_name"], one["replaced"]) for one in shown] == [("wrong.pdf", True), ("right.pdf", False)]
        assert client.get(f"{scans}/2").data == b"%PDF-1.7 right.pdf"
    assert send(desk.doctor, "x.pdf").status_code == 403
    other = desk.office.client_for("practitioner", practitioner=desk.hands.person())
    for path in (scans, f"{scans}/1"):
        refused(other.get(path), 404, "not_found")
