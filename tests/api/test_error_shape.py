"""Every refusal has one shape, and says where the fault is."""

import io
import json

import pytest
from flask import Response
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from scoring_service.api.pipeline.access import BATCH_LIMIT, JSON_LIMIT, UPLOAD_LIMIT
from scoring_service.app import create_app

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def assert_problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) >= MEMBERS
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert ("errors" in answer.json) == (status == 422)
    return answer.json


def pointers(problem):
    return [fault["pointer"] for fault in problem["errors"]]


@pytest.fixture(scope="module")
def admin(client_for):
    return client_for("office.admin")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/auth/token/"])
def test_an_unknown_path_is_404(office, path):
    assert_problem(office.app.test_client().get(path), 404, "not_found")


def test_a_method_that_the_path_does_not_take_is_405_and_says_which_it_takes(admin):
    answer = admin.open("DELETE", "/clock")
    assert_problem(answer, 405, "method_not_allowed")
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))


def test_options_are_told_without_a_token(stranger):
    answer = stranger.open("OPTIONS", "/clock")
    assert answer.status_code == 200
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))


def test_no_token_is_401_and_a_role_that_may_not_is_403(stranger, client_for):
    assert_problem(stranger.get("/clock"), 401, "unauthenticated")
    assert_problem(client_for("office.clerk").put("/clock", {"now": "2030-01-01T00:00:00+08:00"}), 403, "forbidden")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1,", b'{"now": NaN}', b'{"now": "a\nb"}', b'{"now": "\x00"}', b"\xff\xfe{}", b'{"now": "\xc3("}',
     b"[" * 100_000, b"1" * 5000, '{"now": 1}'.encode("utf-16")],
)  # fmt: skip
def test_a_body_that_is_not_json_is_400(admin, body):
    answer = admin.put("/clock", data=body, content_type="application/json")
    assert_problem(answer, 400, "malformed_json")


def test_a_body_of_another_media_type_is_415(admin):
    answer = admin.put("/clock", data=b"now=2025", content_type="application/x-www-form-urlencoded")
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["/now"]),
        ({"now": None}, ["/now"]),
        ({"now": 5}, ["/now"]),
        ({"now": "2025-06-02T09:00:00"}, ["/now"]),
        ({"now": "2025-13-02T09:00:00+08:00"}, ["/now"]),
        ({"now": "2025-06-02"}, ["/now"]),
        ({"now": "2025-06-02T09:00:00+08:00", "a/b~c": 1}, ["/a~1b~0c"]),
        ([], [""]),
        ("now", [""]),
        ({"now": "\x00"}, ["/now"]),
        ({"now": "\ud800"}, ["/now"]),
        ({"x": ["ok", {"y": "\x00"}]}, ["/x/1/y"]),
    ],
)
def test_a_wrong_value_is_422_with_its_pointer(admin, body, wrong):
    answer = admin.put("/clock", data=json.dumps(body), content_type="application/json")
    assert pointers(assert_problem(answer, 422, "invalid")) == wrong


@pytest.mark.parametrize(
    ("query", "wrong"),
    [("limit=0", "/query/limit"), ("limit=201", "/query/limit"), ("limit=x", "/query/limit"), ("limit=", "/query/limit"),
     ("limit=1.0", "/query/limit"), ("limit=-1", "/query/limit"), ("colour=red", "/query/colour"),
     ("username=%00", "/query/username"), ("since=2025-06-02T09:00:00", "/query/since")],
)  # fmt: skip
def test_a_wrong_query_is_422_with_its_name(client_for, query, wrong):
    answer = client_for("office.auditor").get(f"/audit?{query}")
    assert pointers(assert_problem(answer, 422, "invalid")) == [wrong]


def test_a_nul_in_the_path_is_422(admin):
    assert pointers(assert_problem(admin.get("/rulebooks/a%00b"), 422, "invalid")) == ["/path/rulebook_id"]


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/users", JSON_LIMIT), ("/eligibility/batch", BATCH_LIMIT), (f"/cases/{'0' * 8}/attachments", UPLOAD_LIMIT)],
)
def test_a_body_above_the_limit_of_its_route_is_413(client_for, path, limit):
    client = client_for("office.admin", "office.clerk")
    answer = client.post(path, data=io.BytesIO(b" " * (limit + 1)), content_type="application/json")
    assert_problem(answer, 413, "too_large")


class Zeros(io.RawIOBase):
    """A sender of zeros that remembers the largest piece it was asked for."""

    def __init__(self, size):
        self.left, self.largest = size, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        self.largest = max(self.largest, len(buffer))
        size = min(len(buffer), self.left)
        self.left -= size
        return size


def test_a_body_of_fifty_megabytes_is_413_and_dropped_piece_by_piece(admin):
    body = Zeros(50 * 1024 * 1024)
    sent = {"wsgi.input": body, "CONTENT_LENGTH": str(body.left), "CONTENT_TYPE": "application/json"}
    assert_problem(admin.post("/users", environ_overrides=sent), 413, "too_large")
    assert body.left == 0
    assert body.largest <= 64 * 1024


def test_a_body_of_unannounced_length_is_413_above_the_limit(admin):
    for size, status in ((JSON_LIMIT + 1, 413), (JSON_LIMIT - 1, 400)):
        sent = {"wsgi.input": Zeros(size), "wsgi.input_terminated": True, "CONTENT_TYPE": "application/json"}
        assert admin.post("/users", environ_overrides=sent).status_code == status


def failing_app(service, error):
    app = create_app(service.settings, service)

    def fail() -> Response:
        raise error

    app.view_functions["clock.read"] = fail
    return app


def test_a_database_that_does_not_answer_is_503_with_a_time_to_come_back(service, token_for):
    app = failing_app(service, OperationalError("SELECT secret", {"id": "150402..."}, Exception("server closed")))
    answer = app.test_client().get("/api/v1/clock", headers={"Authorization": f"Bearer {token_for('office.clerk')}"})
    assert_problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret" not in answer.text


def test_a_500_quotes_no_exception_and_neither_does_the_log(service, token_for):
    app = failing_app(service, ValueError("Zhang San 15040219800101123X"))
    with capture_logs() as logged:
        header = {"Authorization": f"Bearer {token_for('office.clerk')}"}
        answer = app.test_client().get("/api/v1/clock", headers=header)
    assert_problem(answer, 500, "internal_error")
    assert "15040219800101123X" not in answer.text + str(logged)
    assert [line["error"] for line in logged if line["event"] == "failure"] == ["ValueError"]


def test_the_access_log_tells_the_route_and_not_the_person(client_for, capsys, caplog):
    caplog.set_level("INFO", "scoring_service")
    client_for("office.clerk").get("/practitioners/D150402999999")
    logged = capsys.readouterr().err
    assert [json.loads(line)["route"] for line in logged.splitlines()] == ["/api/v1/practitioners/<ref>"]
    assert "D150402999999" not in logged


def test_answers_of_the_api_are_neither_stored_nor_sniffed(client_for):
    headers = client_for("office.clerk").get("/clock").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
