"""`POST /eligibility/claims`: a file judged as the batch judges, in the sight of who sends it."""

import errno
import gzip
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from itertools import chain, repeat

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from api_office import make_office, make_test_service
from case_calls import answered, refused
from eligibility_city import City
from sqlalchemy import func, select

from scoring_service.api.pipeline import access
from scoring_service.api.pipeline.access import MEGABYTE
from scoring_service.clock import real_now
from scoring_service.db.tables import accounts, eligibility_refusals, standing_codes
from scoring_service.screening import upload, writing
from scoring_service.screening.sent_files import screen_waiting
from scoring_service.services.claims.asking import clear_screenings
from scoring_service.services.unit_of_work.watch import Watch


@pytest.fixture(scope="module")
def city(module_engine):
    return City(make_office(make_test_service(module_engine)))


def sent(client, text, name="claims.csv", query=""):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(f"/eligibility/claims{query}", data={"file": (BytesIO(content), name)}, content_type="multipart/form-data")


def told(answer):
    assert answer.status_code == 200, answer.json
    return [line.split(",")[-3:] for line in answer.get_data(as_text=True).splitlines()[1:]]


def test_a_claim_file_is_answered_as_the_batch_is(city, monkeypatch):
    here, other = city.institution(), city.institution()
    mine, stranger = city.person(here), city.person(other)
    lines = [(mine, here), (stranger, other), ("D000000000000", here), (mine, other)]
    text = "bilg_dr_code,fixmedins_code,fee_ocur_time\n" + "".join(f"{ref},{place},2025-06-01 10:00:00\n" for ref, place in lines)
    checks = [{"ref": ref, "institution": place, "service_time": "2025-06-01"} for ref, place in lines]
    for client in (city.settlement, city.office.client_for("institution", institution=here), city.office.client_for("office.clerk")):
        answer = sent(client, text)
        batch = answered(client.post("/eligibility/batch", {"checks": checks}))["results"]
        expected = [[str(each["payable"]).lower(), each["reason"], each["until"] or ""] for each in batch]
        assert told(answer) == expected
        assert (answer.headers["Lines"], answer.headers["Lines-Payable"]) == ("4", str([each["payable"] for each in batch].count(True)))
        assert "attachment" in answer.headers["Content-Disposition"]
        known_at = answer.headers["Known-At"].replace("+", "%2B")
        assert told(sent(client, text, query=f"?known_at={known_at}")) == expected
    packed = sent(city.settlement, gzip.compress(text.encode()), "claims.csv.gz")
    assert gzip.decompress(packed.get_data()).decode().count("\n") == 5


def test_what_cannot_be_judged_is_pointed_at_and_what_is_too_much_is_told(city, monkeypatch):
    refused = sent(city.settlement, "ref,service_time\nD1,2025-06-01\nD1,昨天\n,2025-06-01\n")
    assert (refused.status_code, [fault["pointer"] for fault in refused.json["errors"]]) == (422, ["/lines/3", "/lines/4"])
    assert sent(city.settlement, "ref\nD1\n").json["errors"][0]["pointer"] == "/columns"
    assert sent(city.settlement, "ref,service_time\nD1,2025-06-01\n", query="?known_at=2999-01-01T00:00:00Z").status_code == 422
    assert sent(city.settlement, b"PAR1", "claims.parquet").json["errors"][0]["pointer"] == "/file"
    assert sent(city.settlement, b"", "claims.xlsx").status_code == 415
    assert sent(city.settlement, "ref,service_time\n", query="?against=2999-01-01T00:00:00Z").status_code == 422


def columns(path_or_bytes):
    table = pq.read_table(BytesIO(path_or_bytes))
    return list(zip(table["payable"].to_pylist(), table["reason"].to_pylist(), strict=True))


def test_parquet_comes_back_as_parquet(city):
    here = city.institution()
    person = city.person(here)
    content = BytesIO()
    day = [date(2025, 6, 1), date(2024, 6, 1)]
    pq.write_table(pa.table({"bilg_dr_code": [person] * 2, "fixmedins_code": [here] * 2, "fee_ocur_time": day}), content)
    answer = sent(city.settlement, content.getvalue(), "claims.parquet")
    assert answer.mimetype == "application/vnd.apache.parquet"
    assert columns(answer.data) == [(True, "eligible"), (False, "not_registered")]


def sent_for_later(client, text, name="claims.csv", query="", **headers):
    content = text if isinstance(text, bytes) else text.encode()
    answer = client.post(
        f"/eligibility/claims{query}",
        data={"file": (BytesIO(content), name)},
        content_type="multipart/form-data",
        headers={"Prefer": "wait=1, respond-async"} | headers,
    )
    assert (answer.status_code, answer.json["state"]) == (202, "waiting")
    return answer.headers["Location"].removeprefix("/api/v1")


@pytest.fixture(scope="module")
def suspended(city):
    """A person at a hospital, suspended from tomorrow; a colleague; the hospital and its account; the moment before."""
    here = city.institution()
    person, colleague = city.person(here), city.person(here)
    before = city.now()
    city.score(person, here, 10)
    clinic = city.office.client_for("institution", institution=here)
    return person, colleague, here, clinic, before


def lines_of(*rows):
    return "ref,institution,service_time,amount\n" + "".join(f"{ref},{place},{day},{amount}\n" for ref, place, day, amount in rows)


def test_a_large_file_is_judged_later_and_says_what_the_batch_says(city, suspended, tmp_path, monkeypatch):
    person, colleague, here, clinic, _before = suspended
    stranger = city.person(city.institution())
    rows = [(person, here, "2025-06-20", "10.50"), (colleague, here, "2025-06-20", "1"), (stranger, here, "2025-06-20", "2")]
    text = lines_of(*rows, ("D1", here, "昨天", "4"))
    monkeypatch.setattr(upload, "MOST_LINES", 3)
    service = replace(city.office.service, settings=replace(city.office.service.settings, data_dir=tmp_path))
    for client, last in ((city.settlement, "not_affiliated"), (clinic, "unknown_practitioner")):
        where = sent_for_later(client, text, Prefer="")
        refused(client.get(f"{where}/file"), 409, "screening_state")
        assert screen_waiting(service) == 1
        done = answered(client.get(where))
        assert {name: done[name] for name in ("state", "done", "of", "error")} == {"state": "done", "done": 4, "of": 4, "error": None}
        assert {each["name"]: (each["lines"], each["amount"]) for each in done["summary"]["by_reason"]} == {
            "suspended": (1, "10.50"), "eligible": (1, "1.00"), last: (1, "2.00"),
        }  # fmt: skip
        assert (done["summary"]["payable"], done["summary"]["rejected"], done["summary"]["pay"]) == (1, 1, None)
        assert told(client.get(f"{where}/file")) == [
            ["false", "suspended", "2025-10-03"], ["true", "eligible", ""], ["false", last, ""],
        ]  # fmt: skip
        assert "昨天" in client.get(f"{where}/rejects").get_data(as_text=True)
        refused(client.get(f"{where}/pay"), 404, "not_found")
        assert recorded(city, client, person) == 1
        for other in (city.office.client_for("settlement"), city.clerk):
            for what in ("", "/file", "/rejects"):
                refused(other.get(where + what), 404, "not_found")
    assert list((tmp_path / "screening").iterdir()) == []
    with service.work() as work:
        assert clear_screenings(work, real_now() + timedelta(days=8)) >= 2
    assert answered(clinic.get(where))["cleared_at"] is not None
    refused(clinic.get(f"{where}/file"), 404, "not_found")


def recorded(city, client, person):
    """How many refusals about a person stand on record for an account."""
    name = answered(client.get("/auth/me"))["username"]
    query = (
        select(func.count())
        .select_from(eligibility_refusals)
        .join(accounts, accounts.c.id == eligibility_refusals.c.account_id)
        .join(standing_codes, standing_codes.c.practitioner_id == eligibility_refusals.c.practitioner_id)
    )
    with city.office.service.engine.connect() as conn:
        return conn.execute(query.where(accounts.c.username == name, standing_codes.c.code == person)).scalar_one()


def test_two_knowledges_are_compared_later_in_parquet_too(city, suspended, tmp_path):
    person, colleague, _here, _clinic, before = suspended
    content = BytesIO()
    table = {"ref": [person, colleague], "service_time": ["2025-06-20"] * 2, "amount": [7, 8]}
    pq.write_table(pa.table(table), content)
    query = f"?against={before.isoformat().replace('+', '%2B')}"
    where = sent_for_later(city.settlement, content.getvalue(), "claims.parquet", query, Prefer="")
    assert answered(city.settlement.get(where))["of"] == 2
    service = replace(city.office.service, settings=replace(city.office.service.settings, data_dir=tmp_path))
    assert screen_waiting(service) == 1
    done = answered(city.settlement.get(where))
    assert (done["summary"]["recover"], done["summary"]["pay"]) == ({"lines": 1, "amount": "7.00"}, {"lines": 0, "amount": "0.00"})
    assert columns(city.settlement.get(f"{where}/recover").data) == [(False, "suspended")]
    assert columns(city.settlement.get(f"{where}/pay").data) == []


def test_what_a_killed_process_left_is_begun_anew(city, suspended, tmp_path):
    person, _colleague, here, _clinic, _before = suspended
    service = replace(city.office.service, settings=replace(city.office.service.settings, data_dir=tmp_path))
    where = sent_for_later(city.settlement, lines_of((person, here, "2025-06-20", "1")))
    left = tmp_path / "screening" / "claims-left"
    left.mkdir(parents=True)
    (left / "claims.csv").write_text("ref")
    assert screen_waiting(service, Watch(stopping=lambda: True)) == 0
    stops = chain([False], repeat(True))
    assert screen_waiting(service, Watch(stopping=lambda: next(stops))) == 0
    assert (answered(city.settlement.get(where))["state"], left.exists()) == ("judging", False)
    assert screen_waiting(service) == 1
    assert answered(city.settlement.get(where))["state"] == "done"


def test_a_file_that_cannot_be_read_to_its_end_fails_with_a_sentence(city, tmp_path):
    service = replace(city.office.service, settings=replace(city.office.service.settings, data_dir=tmp_path))
    whole = gzip.compress(("ref,service_time\n" + "D1,2025-06-01\n" * 5000).encode(), mtime=0)
    where = sent_for_later(city.settlement, whole[:-20], "claims.csv.gz")
    assert screen_waiting(service) == 1
    failed = answered(city.settlement.get(where))
    assert (failed["state"], "cut short" in failed["error"], failed["summary"]) == ("failed", True, None)
    refused(city.settlement.get(f"{where}/file"), 409, "screening_state")


def test_a_full_disk_leaves_nothing_behind_and_the_file_may_be_sent_again(city, tmp_path, monkeypatch):
    service = replace(city.office.service, settings=replace(city.office.service.settings, data_dir=tmp_path))

    def full(*_write):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(writing.DelimitedWriter, "write", full)
        where = sent_for_later(city.settlement, "ref,service_time\nD1,2025-06-01\n")
        assert screen_waiting(service) == 1
    failed = answered(city.settlement.get(where))
    assert (failed["state"], "the disk is full" in failed["error"]) == ("failed", True)
    assert list((tmp_path / "screening").iterdir()) == []
    again = sent_for_later(city.settlement, "ref,service_time\nD1,2025-06-01\n")
    assert screen_waiting(service) == 1
    assert answered(city.settlement.get(again))["state"] == "done"


def test_a_body_above_the_limit_is_told_the_limit(city, monkeypatch):
    place = ("POST", "/api/v1/eligibility/claims")
    monkeypatch.setitem(access._TABLE, place, replace(access._TABLE[place], body_limit=MEGABYTE))
    text = "ref,service_time\n" + "D1,2025-06-01\n" * 200_000
    whole = b"--x\r\n" + text.encode()
    for content, headers in ((whole, {}), (gzip.compress(whole), {"Content-Encoding": "gzip"})):
        body = {"data": content, "content_type": "multipart/form-data; boundary=x", "headers": headers}
        assert "最多 1 MB" in refused(city.settlement.post("/eligibility/claims", **body), 413, "too_large")["detail"]
