"""A city in which claim lines are asked about: its clock goes where a test wants it."""

from datetime import datetime, timedelta

from api_office import fresh_code

SCHEME_START = "2025-01-01"


class City:
    """An office whose clock goes where the test wants it; every question asked over HTTP."""

    def __init__(self, office):
        self.office = office
        self.admin = office.client_for("office.admin")
        self.clerk = office.client_for("office.clerk")
        self.reviewer = office.client_for("office.reviewer")
        self.settlement = office.client_for("settlement")

    def now(self):
        return datetime.fromisoformat(self.settlement.get("/clock").json["now"])

    def move(self, **span):
        to = self.now() + timedelta(**span)
        assert self.admin.put("/clock", {"now": to.isoformat()}).status_code == 200
        return to

    def move_to(self, day):
        assert self.admin.put("/clock", {"now": f"{day}T09:00:00+08:00"}).status_code == 200

    def institution(self, kind="hospital", until=None):
        code = fresh_code("P" if kind == "pharmacy" else "H")
        body = {"code": code, "name": "安和机构", "kind": kind, "region": "150402"}
        body["agreement"] = {"from": SCHEME_START, "until": until}
        answer = self.admin.post("/institutions", body)
        assert answer.status_code == 201, answer.json
        return code

    def person(self, *institutions, category="doctor", prefix="D", registered_on=SCHEME_START, signed_on="2024-12-20"):
        code = fresh_code(prefix)
        spans = [{"institution": one, "from": registered_on, "until": None} for one in institutions]
        body = {
            "code": code,
            "name": "张安",
            "category": category,
            "registered_on": registered_on,
            "affiliations": spans,
        }
        answer = self.admin.post("/practitioners", body | {"commitment_signed_on": signed_on})
        assert answer.status_code == 201, answer.json
        return code

    def score(self, person, institution, points, decided_on=None):
        handling = {"kind": "penalty", "authority": "赤峰市医疗保障局", "document_no": fresh_code("D")}
        handling["decided_on"] = decided_on or self.now().date().isoformat()
        finding = {"practitioner": person, "item": "fictitious_services", "degree": "main", "points": points}
        body = {"institution": institution, "handling": handling, "summary": "检查发现"}
        case = self.clerk.post("/cases", body | {"findings": [finding | {"reason": "依责任程度"}]})
        assert case.status_code == 201, case.json
        assert self.clerk.post(f"/cases/{case.json['id']}/submit").status_code == 200
        approved = self.reviewer.post(f"/cases/{case.json['id']}/approve", {})
        assert approved.status_code == 200, approved.json
        return approved.json

    def ask(self, ref, client=None, **question):
        answer = (client or self.settlement).get(f"/eligibility/{ref}", query_string=question)
        assert answer.status_code == 200, answer.json
        return answer.json

    def reason(self, ref, **question):
        answer = self.ask(ref, **question)
        assert answer["payable"] is (answer["reason"] in {"eligible", "emergency_exception"})
        return answer["reason"]
