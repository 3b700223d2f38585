"""While keys are rotated, what was made under the key before goes on: numbers, cursors, forms, calls sent twice."""

from dataclasses import replace

import pytest
from api_office import Office, make_office
from flask import session
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from scoring_service.identity import IdentityNumbers

NEW_SESSION, NEW_IDENTITY = "another-session-key-" * 2, "another-identity-key-" * 2
NUMBER = "15040219800101138X"


def under(office: Office, **keys: str | None) -> Office:
    """The same office, started anew with these keys."""
    settings = replace(office.service.settings, **keys)
    numbers = [key for key in (settings.identity_key, settings.identity_key_previous) if key]
    return make_office(replace(office.service, settings=settings, identity_numbers=IdentityNumbers(*numbers)))


def at(office, client):
    return replace(client, flask=office.app.test_client())


@pytest.fixture(scope="module")
def rotated(office):
    before = office.service.settings
    previous = {"secret_key_previous": before.secret_key, "identity_key_previous": before.identity_key}
    return under(office, secret_key=NEW_SESSION, identity_key=NEW_IDENTITY, **previous)


@pytest.fixture(scope="module")
def forgotten(office):
    return under(office, secret_key=NEW_SESSION)


def test_a_number_under_the_key_before_is_read_found_and_not_given_twice(office, rotated):
    hospital = office.institution()
    admin = office.client_for("office.admin")
    body = {"name": "王一", "category": "doctor", "code": None, "id_number": NUMBER, "registered_on": "2025-01-01"}
    body |= {"commitment_signed_on": "2025-01-01", "affiliations": [{"institution": hospital, "from": "2025-01-01"}]}
    first = admin.post("/practitioners", body)
    assert first.status_code == 201, first.text
    again = at(rotated, admin).post("/practitioners", body)
    assert (again.status_code, again.json["code"]) == (409, "practitioner_exists")
    changed = at(rotated, admin).patch(
        f"/practitioners/{first.json['id']}", {"id_number": NUMBER, "name": "王二"}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200, changed.text


def test_a_cursor_and_a_kept_answer_hold_on_and_end_with_the_key(office, rotated, forgotten):
    admin = office.client_for("office.admin", region="991120", username="overlap-a")
    office.add_account("office.clerk", region="991120", username="overlap-b")
    cursor = admin.get("/users?limit=1").json["next_cursor"]
    rest = at(rotated, admin).get(f"/users?cursor={cursor}").json["items"]
    assert [item["username"] for item in rest] == ["overlap-b"]
    assert at(forgotten, admin).get(f"/users?cursor={cursor}").json["code"] == "invalid_cursor"
    body = {"username": "overlap-c", "real_name": "王一", "password": "long enough", "staff_no": "OV1"}
    body |= {"roles": ["office.clerk"], "region": "991120"}
    sent = {"json": body, "headers": {"Idempotency-Key": "overlap"}}
    first, again = admin.post("/users", **sent), at(rotated, admin).post("/users", **sent)
    assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_an_open_form_is_taken_under_the_key_before(office, rotated, forgotten):
    with office.app.test_request_context():
        token, secret = generate_csrf(), session["csrf_token"]
    for app, taken in ((rotated.app, True), (forgotten.app, False)):
        with app.test_request_context():
            session["csrf_token"] = secret
            if taken:
                validate_csrf(token)
            else:
                with pytest.raises(ValidationError):
                    validate_csrf(token)
