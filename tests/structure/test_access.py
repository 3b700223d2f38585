"""Deny by default: every route has its row in the table of access, and every row its route."""

import pytest
from flask import Flask

from scoring_service.api import BLUEPRINTS, register
from scoring_service.api.pipeline.access import PREFIX, ROWS, access_of, is_open, template, unlisted
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.services.unit_of_work.actor import ROLES
from scoring_service.services.unit_of_work.sight import ROLE_RELATION, Relation


@pytest.fixture(scope="module")
def app():
    app = Flask("routes")
    register(app)
    return app


def test_every_route_has_a_row(app):
    routes = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    assert len(routes) > len(BLUEPRINTS)
    for rule in routes:
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert is_open(rule) or access_of(method, rule), f"{method} {rule.rule}"


def test_every_row_has_a_route(app):
    routes = {
        (method, template(rule.rule)) for rule in app.url_map.iter_rules() for method in rule.methods
    }
    assert [row for row in ROWS if (row.method, template(PREFIX + row.path)) not in routes] == []


def test_no_route_has_two_rows():
    keys = [(row.method, template(row.path)) for row in ROWS]
    assert len(keys) == len(set(keys))


def test_a_route_without_a_row_is_found_by_name(app):
    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/forgotten/<ref>", "peek", lambda ref: ref, methods=["POST"])
    other = Flask("other", static_folder=None)
    other.register_blueprint(forgotten)
    assert unlisted(other.url_map) == ["POST /api/v1/forgotten/<ref>"]


def test_a_row_admits_known_roles_each_with_its_relation():
    for row in ROWS:
        assert row.public != bool(row.admitted), row
        for role, relation in row.admitted.items():
            assert role in ROLES
            assert relation in {ROLE_RELATION[role], Relation.ANY}


def test_only_sign_in_is_public():
    assert [row.path for row in ROWS if row.public] == ["/auth/token"]


def test_the_auditor_writes_nothing():
    asked = {"/auth/revoke", "/auth/password", "/practitioners/search", "/search", "/eligibility/batch", "/eligibility/claims"}
    written = {row.path for row in ROWS if row.method != "GET" and "office.auditor" in row.admitted}
    assert written <= asked


def test_every_post_that_creates_or_decides_honours_idempotency_keys():
    asked = {"/auth/token", "/auth/revoke", "/auth/password", "/practitioners/search", "/search", "/eligibility/batch"}
    asked |= {"/eligibility/claims"}
    assert {row.path for row in ROWS if row.method == "POST" and not row.keyed} == asked
    assert not any(row.keyed for row in ROWS if row.method != "POST")
