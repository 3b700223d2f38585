"""What arrives is read strictly, by every route alike, and nothing that arrives is a fault of ours."""

import gzip
import io
import json
import zlib

import pytest

from scoring_service.api.pipeline.access import JSON_LIMIT, PREFIX, template

HALF = '{"\\ud800":1}'
TWICE = '{"now":"2025-06-02T09:00:00+08:00","now":"2025-06-03T09:00:00+08:00"}'


@pytest.fixture(scope="module")
def admin(office):
    return office.client_for("office.admin", "office.clerk", "settlement")


def put(client, body, **kwargs):
    return client.open("PUT", "/clock", data=body, content_type="application/json", **kwargs)


def routes_with_a_body(office):
    for rule in office.app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX):
            for method in rule.methods & {"POST", "PUT", "PATCH"}:
                yield method, template(rule.rule).replace("{}", "1")


@pytest.mark.parametrize("body", [HALF, '{"a":["\\udfff"]}', '{"\\ud800":{"\\ud800":"\\ud800"}}', "{", TWICE])
def test_no_route_answers_an_odd_body_with_a_fault_of_ours(office, body):
    tried = 0
    for client in (office.stranger(), office.client_for("office.admin", "office.clerk", "office.appeals", "settlement")):
        for method, path in sorted(routes_with_a_body(office), key=lambda route: route[1].endswith("/revoke")):
            headers = {"Content-Type": "application/json", "If-Match": '"1"'}
            headers |= {"Authorization": f"Bearer {client.token}"} if client.token else {}
            answer = client.flask.open(path, method=method, data=body, headers=headers)
            tried += 1
            assert answer.status_code < 500, (method, path, answer.text)
            assert answer.status_code == 204 or json.loads(answer.data.decode("utf-8"))
    assert tried > 80


def test_the_name_of_a_member_comes_back_as_the_escape_that_it_came_as(admin):
    answer = put(admin, HALF)
    assert answer.status_code == 422
    assert b'"/\\ud800"' in answer.data


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/token", '{"username":"a","username":"b","password":"c"}'),
        ("/eligibility/batch", '{"checks":[{"ref":"a","ref":"b"}]}'),
        ("/eligibility/batch", '{"checks":[{"ref":"a"},{"ref":"a","\\u0072ef":"b"}]}'),
        ("/practitioners/search", '{"name":"a","name":"a"}'),
    ],
)
def test_a_member_named_twice_in_one_object_is_400(admin, path, body):
    answer = admin.post(path, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body",
    ["[" * 70 + "]" * 70, '{"a":' * 900 + "1" + "}" * 900, "[" * 20_000 + "]" * 20_000, '{"now":1e999,"x":NaN}', "9" * 5000],
)
def test_what_is_nested_too_deep_or_no_number_is_400(admin, body):
    for path in ("/users", "/eligibility/batch"):
        answer = admin.post(path, data=body, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (400, "malformed_json"), path


def test_a_byte_order_mark_before_the_json_is_no_matter(city_check, admin):
    for body in (b"\xef\xbb\xbf" + city_check, city_check):
        answer = admin.post("/eligibility/batch", data=body, content_type="application/json")
        assert (answer.status_code, answer.json["results"][0]["reason"]) == (200, "unknown_practitioner")


@pytest.fixture
def city_check():
    return json.dumps({"checks": [{"ref": "nobody"}]}).encode()


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "identity, gzip"])
def test_a_gzip_body_is_read(admin, city_check, coding):
    answer = admin.post(
        "/eligibility/batch",
        data=gzip.compress(city_check),
        content_type="application/json",
        headers={"Content-Encoding": coding},
    )
    assert (answer.status_code, answer.json["results"][0]["ref"]) == (200, "nobody")


def test_a_gzip_body_of_two_members_is_read_whole(admin, city_check):
    coded = gzip.compress(city_check[:9]) + gzip.compress(city_check[9:])
    answer = admin.post(
        "/eligibility/batch", data=coded, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "compress", "nonsense"])
def test_another_coding_is_415_and_told_what_is_taken(office, admin, city_check, coding):
    headers = {"Content-Encoding": coding}
    for client in (admin, office.client_for("settlement")):
        answer = client.post(
            "/eligibility/batch", data=city_check, content_type="application/json", headers=headers
        )
        assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "gzip, identity")
    page = office.app.test_client().post("/sign-in", data={"username": "a"}, headers=headers)
    assert page.status_code == 415


def test_what_only_says_that_it_is_gzip_is_400(admin, city_check):
    whole = gzip.compress(city_check)
    for body in (city_check, whole[:-9], whole + b"x", zlib.compress(city_check)):
        answer = admin.post(
            "/eligibility/batch", data=body, content_type="application/json", headers={"Content-Encoding": "gzip"}
        )
        assert (answer.status_code, answer.json["code"]) == (400, "malformed")


def test_a_bomb_is_413_and_never_unpacked_whole(admin):
    bomb = gzip.compress(b" " * (JSON_LIMIT + 1))
    assert len(bomb) < 2000
    answer = admin.post("/users", data=bomb, content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    thrice = gzip.compress(b" " * (JSON_LIMIT // 2)) * 3
    answer = admin.post("/users", data=thrice, content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413


def test_a_gzip_upload_is_a_file_like_any_other(admin):
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n\r\n--x--\r\n'
    answer = admin.flask.open(
        f"{PREFIX}/cases/00000000-0000-4000-8000-000000000000/attachments",
        method="POST",
        input_stream=io.BytesIO(gzip.compress(form)),
        content_length=len(gzip.compress(form)),
        headers={
            "Authorization": f"Bearer {admin.token}",
            "Content-Type": "multipart/form-data; boundary=x",
            "Content-Encoding": "gzip",
        },
    )
    assert answer.status_code == 404, "the file was read; only the case is not there"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/eligibility/\xff", ""),
        ("/practitioners/\xc3(", ""),
        ("/institutions/\xed\xa0\x80", ""),
        ("/audit", "action=%FF"),
        ("/eligibility/x", "institution=\xff"),
    ],
)
def test_an_address_that_is_not_utf_8_is_400(office, path, query):
    client = office.client_for("office.auditor", "settlement")
    odd = {"PATH_INFO": PREFIX + path, "QUERY_STRING": query}
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = client.flask.open(f"{PREFIX}/audit", headers=headers, environ_overrides=odd)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")
