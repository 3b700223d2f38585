"""A case over HTTP: the hands that it takes and the bodies that it is made of."""

import itertools
from dataclasses import dataclass
from typing import Any

DECIDED = "2025-05-20"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Hands:
    """A clerk, a reviewer and an administrator, and the institution and person of their cases."""

    office: Any
    clerk: Any
    reviewer: Any
    admin: Any
    institution: str

    def person(self, **more):
        return self.office.practitioner(self.institution, **more)["id"]

    def body(self, *findings, **other):
        whole = {
            "institution": self.institution,
            "handling": {
                "kind": "penalty",
                "authority": "赤峰市医疗保障局",
                "document_no": f"赤医保罚〔2025〕{next(_NUMBERS)}号",
                "decided_on": DECIDED,
            },
            "summary": "检查发现过度诊疗",
            "findings": list(findings) or [finding(self.person())],
        }
        return whole | other

    def draft(self, *findings, **other):
        return answered(self.clerk.post("/cases", self.body(*findings, **other)), 201)

    def submitted(self, *findings, **other):
        return answered(self.clerk.post(f"/cases/{self.draft(*findings, **other)['id']}/submit"))

    def approved(self, *findings, **other):
        return answered(self.reviewer.post(f"/cases/{self.submitted(*findings, **other)['id']}/approve", {}))


def make_hands(office):
    return Hands(
        office=office,
        clerk=office.client_for("office.clerk"),
        reviewer=office.client_for("office.reviewer"),
        admin=office.client_for("office.admin"),
        institution=office.institution(),
    )


def finding(person, points=5, **other):
    return {"practitioner": person, "item": "overtreatment", "degree": "main", "points": points} | other


def answered(response, status=200):
    assert response.status_code == status, response.text
    return response.json


def refused(response, status, code):
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    assert response.json["code"] == code, response.text
    return response.json


def pointers(response):
    return [fault["pointer"] for fault in refused(response, 422, "invalid")["errors"]]
