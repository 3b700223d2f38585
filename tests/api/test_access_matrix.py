"""Every cell of route x role over HTTP: who is not in the table gets 403, who is gets past it."""

import re
import sys

import pytest

from scoring_service.api.pipeline.access import ROWS
from scoring_service.services.unit_of_work.actor import ROLES

REFUSED = 403


@pytest.fixture(scope="module")
def clients(office):
    return {role: office.bound_client(role) for role in ROLES}


def concrete(path):
    """The path with values that name nothing."""
    return re.sub(r"\{(\w+)\}", lambda found: {"n": "1", "ref": "D150402999999"}.get(found[1], "00000000"), path)


def call(client, row):
    body = {} if row.method in {"POST", "PATCH", "PUT"} else None
    return client.open(row.method, concrete(row.path), **({"json": body} if body is not None else {}))


def test_every_cell_of_the_table(office, clients, capsys):
    tried = {"admitted": 0, "refused": 0}
    for row in ROWS:
        if row.public:
            continue
        for role in sorted(ROLES):
            answer = call(clients[role], row)
            cell = f"{row.method} {row.path} as {role}: {answer.status_code} {answer.text[:200]}"
            if role in row.admitted:
                assert answer.status_code < 500, cell
                assert answer.status_code not in {401, REFUSED}, cell
            else:
                assert answer.status_code == REFUSED, cell
                assert answer.json["code"] == "forbidden", cell
            tried["admitted" if role in row.admitted else "refused"] += 1
            if row.path == "/auth/revoke":
                clients[role] = office.bound_client(role)
    with capsys.disabled():
        sys.stdout.write(f"\naccess table: {tried['admitted']} cells admitted, {tried['refused']} refused\n")
    assert sum(tried.values()) == (len(ROWS) - 1) * len(ROLES)


def test_every_route_refuses_a_caller_without_a_token(stranger):
    for row in ROWS:
        if not row.public:
            answer = call(stranger, row)
            assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated"), row


def test_two_roles_admit_to_what_either_admits(office):
    both = office.client_for("office.clerk", "office.auditor")
    assert both.get("/audit").status_code == 200
    assert both.post("/cases", json={}).status_code == 422
    assert both.post("/institutions", json={}).status_code == 403
