"""The model's histories driven over HTTP, each hand with a token of its own."""

from dataclasses import dataclass, field
from datetime import timedelta

from model import histories
from properties.served_histories import (
    COURSES_FROM,
    PLACES,
    Office,
    ServedFile,
    fresh_code,
    numbers,
    open_office,
)

from scoring_service.app import create_app
from scoring_service.problems import Problem
from scoring_service.services.accounts.accounts import issue_token

API = "/api/v1"
ACCEPTED = frozenset({200, 201})


@dataclass
class HttpOffice(Office):
    """The application on the office's service, and the headers of each hand."""

    client: object = None
    headers: dict = field(default_factory=dict)

    def call(self, name, method, path, body=None):
        """Return the JSON of an answer. Raises Problem for a refusal, as the use case did."""
        kwargs = {} if body is None else {"json": body}
        answer = self.client.open(API + path, method=method, headers=self.headers[name], **kwargs)
        if answer.status_code not in ACCEPTED:
            raise Problem(answer.status_code, answer.json["code"], answer.text)
        return answer.json


def open_http_office(engine, settings):
    served = open_office(engine)
    office = HttpOffice(served.service, served.clock, served.actors)
    office.client = create_app(settings, served.service).test_client()
    with engine.begin() as conn:
        for name, actor in served.actors.items():
            token = issue_token(conn, actor.account_id, hours=12).token
            office.headers[name] = {"Authorization": f"Bearer {token}"}
    return office


class HttpFile(ServedFile):
    """One history being driven over HTTP."""

    def register(self):
        since = histories.OPENS
        body = {
            "code": fresh_code(),
            "name": "王一",
            "category": "doctor",
            "registered_on": since.isoformat(),
            "affiliations": self._asked(since),
            "commitment_signed_on": since.isoformat(),
        }
        self.person = self.office.call("admin", "POST", "/practitioners", body)["id"]

    def _asked(self, day):
        return [{"institution": PLACES[self.home][0], "from": day.isoformat(), "until": None}]

    def _post(self, name, path, body=None):
        return self.office.call(name, "POST", path, body)

    def score(self, operation):
        finding = {
            "practitioner": self.person,
            "item": "overtreatment",
            "degree": "main",
            "reason": "随机历史",
        }
        decided_on = operation["decided_on"].isoformat()
        handling = {
            "kind": "penalty",
            "authority": "医疗保障局",
            "document_no": "罚1号",
            "decided_on": decided_on,
        }
        body = {
            "institution": PLACES[operation["rulebook"]][0],
            "handling": handling,
            "summary": "检查发现过度诊疗",
            "findings": [finding | {"points": operation["points"]}],
        }
        path = f"/cases/{self._post('clerk', '/cases', body)['id']}"
        self._post("clerk", f"{path}/submit")
        hand = "admin" if operation["backfill"] else "reviewer"
        effective_on = operation["effective_on"].isoformat() if operation["backfill"] else None
        approved = self._post(hand, f"{path}/approve", {"effective_on": effective_on})
        return approved["findings"][0]["entry"]

    def _credited(self, operation, effect):
        body = {
            "practitioner": self.person,
            "activity": "policy_publicity",
            "completed_on": (COURSES_FROM + timedelta(days=next(numbers))).isoformat(),
            "effect": effect,
            "evidence": "宣传记录",
        }
        filed = self._post("clerk", "/remediation/applications", body)
        approved = self._post("reviewer", f"/remediation/applications/{filed['id']}/approve")
        assert approved["granted"] == operation["granted"], operation
        return approved["entry"]

    def correction(self, operation):
        body = {
            "value": operation["value"],
            "basis": "reconsideration",
            "document_no": "复议1号",
            "reason": "复议决定",
        }
        target = self.entry_ids[operation["target"]]
        drafted = self._post("clerk", f"/entries/{target}/corrections", body)
        return self._post("reviewer", f"/corrections/{drafted['id']}/approve")["entry"]

    def reregistration(self, operation):
        day = operation["day"]
        body = {
            "on": day.isoformat(),
            "affiliations": self._asked(day),
            "commitment_signed_on": day.isoformat(),
        }
        proposed = self._post("clerk", f"/practitioners/{self.person}/reregistrations", body)
        return self._post("reviewer", f"/reregistrations/{proposed['id']}/approve")["entry"]

    def deregistration(self, operation):
        body = {"on": operation["day"].isoformat(), "reason": "调离"}
        self._post("admin", f"/practitioners/{self.person}/deregistration", body)

    def come_back(self, operation):
        day = operation["day"]
        body = {
            "from": day.isoformat(),
            "affiliations": self._asked(day),
            "commitment_signed_on": day.isoformat(),
        }
        self._post("admin", f"/practitioners/{self.person}/registrations", body)
