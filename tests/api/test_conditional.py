"""Conditional requests (RFC 9110 13), and the names under which the service is reached."""

from dataclasses import replace

import pytest
from eligibility_city import City

from scoring_service.app import create_app


@pytest.fixture(scope="module")
def city(office):
    return City(office)


@pytest.fixture
def place(city):
    path = f"/institutions/{city.institution()}"
    return path, city.admin.get(path).headers["ETag"]


def changed(city, path, tag, name="改名"):
    return city.admin.patch(path, {"name": name}, headers={"If-Match": tag}).status_code


def test_what_has_not_changed_is_304_and_has_no_body(city, place):
    path, tag = place
    for asked in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = city.admin.get(path, headers={"If-None-Match": asked})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag), asked
        assert answer.headers["Cache-Control"] == "no-store"
    assert city.admin.open("HEAD", path, headers={"If-None-Match": tag}).status_code == 304
    assert city.admin.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    assert changed(city, path, tag) == 200
    assert city.admin.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_what_is_shown_otherwise_the_next_day_is_no_304_though_the_version_stayed(alone):
    city = City(alone)
    person = city.person(here := city.institution())
    city.score(person, here, 10)
    path = f"/practitioners/{person}"
    before = city.admin.get(path)
    city.move(days=2)
    after = city.admin.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (before.json["status"], after.status_code) == ("normal", 200)
    assert (after.json["status"], after.json["version"]) == ("suspended", before.json["version"])


@pytest.mark.parametrize("form", ["{tag}", "{version}", '"{version}"', '"x", {tag}', '"0", "{version}"', "*"])
def test_a_change_is_made_where_if_match_names_the_present_version(city, place, form):
    path, tag = place
    version = city.admin.get(path).json["version"]
    assert changed(city, path, form.format(tag=tag, version=version)) == 200


@pytest.mark.parametrize("form", ["W/{tag}", '"x"', '"9999"', 'W/"1", W/{tag}', '"-1"', '"1.0"', "x"])
def test_a_change_is_not_made_where_it_names_another_or_a_weak_one(city, place, form):
    path, tag = place
    assert changed(city, path, form.format(tag=tag)) == 412


def test_an_empty_if_match_is_not_taken_for_none(city, place):
    path, _ = place
    assert changed(city, path, "") == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "localhost."])
def test_this_machine_is_reached_by_its_own_names(office, host):
    answer = office.app.test_client().get("/api/openapi.json", headers={"Host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "[::1", "a@localhost"])
def test_another_host_is_refused_before_any_address_is_made_from_it(city, host):
    client, person = city.settlement.flask, city.person(city.institution())
    headers = {"Authorization": f"Bearer {city.settlement.token}"}
    for path in (f"/api/v1/eligibility/{person}", "/api/openapi.json", "/sign-in", "/nowhere"):
        answer = client.get(path, headers=headers, environ_overrides={"HTTP_HOST": host})
        assert answer.status_code == 400, path
        assert "evil" not in answer.text
        assert "Location" not in answer.headers
    for path in ("/healthz", "/readyz", "/metrics"):
        with client.get(path, environ_overrides={"HTTP_HOST": host}) as answer:
            assert answer.status_code in {200, 503}, path


def test_the_names_are_a_setting_and_production_is_reached_by_https_only(office):
    service = office.service
    settings = replace(service.settings, hosts=("points.example.cn", "10.0.0.5"), env="production", clock="system")
    client = create_app(settings, replace(service, settings=settings)).test_client()
    for host in ("points.example.cn", "10.0.0.5:443"):
        answer = client.get("/api/openapi.json", headers={"Host": host})
        assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
    assert client.get("/api/openapi.json").status_code == 400
    plain = office.app.test_client().get("/api/openapi.json")
    assert "Strict-Transport-Security" not in plain.headers
