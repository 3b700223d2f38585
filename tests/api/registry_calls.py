"""Codes of the registry's own tests (no other test uses division 150430), and the calls that they begin with."""

import itertools

from scoring_service.identity import normalised

DIVISION = "150430"
_numbers = itertools.count(1)


def fresh_code(kind="D", division=DIVISION):
    width = 5 if kind in {"H", "P"} else 6
    return f"{kind}{division}{next(_numbers):0{width}d}"


def fresh_id_number():
    """A resident's number of 18 characters whose check character fits: old numbers are completed by the service."""
    return normalised(f"{DIVISION}800101{next(_numbers):03d}")


def institution(code=None, **other):
    code = code or fresh_code("H")
    kind = "pharmacy" if code.startswith("P") else "hospital"
    agreement = {"from": "2025-01-01", "until": None}
    return {"code": code, "name": "旗医院", "kind": kind, "region": DIVISION, "agreement": agreement} | other


def practitioner(*institutions, **other):
    affiliations = [{"institution": code, "from": "2025-01-01", "until": None} for code in institutions]
    whole = {
        "code": fresh_code(),
        "name": "王一",
        "category": "doctor",
        "registered_on": "2025-01-01",
        "affiliations": affiliations,
        "commitment_signed_on": "2025-01-01",
    }
    return whole | other


def pointers(response):
    assert response.status_code == 422, response.json
    return [fault["pointer"] for fault in response.json["errors"]]


def made(client, path, body):
    response = client.post(path, body)
    assert response.status_code == 201, response.json
    return response.json
