"""`POST /eligibility/claims`: a file judged as the batch judges, in the sight of who sends it."""

import gzip
from io import BytesIO

import pytest
from api_office import make_office, make_test_service
from case_calls import answered
from eligibility_city import City

from scoring_service.screening import upload


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
    assert sent(city.settlement, b"PAR1", "claims.parquet").status_code == 415
    monkeypatch.setattr(upload, "MOST_LINES", 1)
    assert sent(city.settlement, "ref,service_time\n" + "D1,2025-06-01\n" * 2).status_code == 413
    monkeypatch.setattr(upload, "MOST_BYTES", 1000)
    bomb = gzip.compress(b"ref,service_time\n" + b"D1,2025-06-01\n" * 10_000)
    assert sent(city.settlement, bomb, "claims.csv.gz").status_code == 413
