"""The model's histories driven over HTTP, each hand with a token of its own."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from model import histories
from properties.agreement import in_order
from properties.served_histories import (
    COURSES_FROM,
    LINE,
    MEASURES,
    PLACES,
    Office,
    ServedFile,
    fresh_code,
    numbers,
    open_office,
)

from scoring_service.app import create_app
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.problems import Problem
from scoring_service.services.accounts.signing_in import issue_token

API = "/api/v1"
SANCTION = ("kind", "ground", "from", "until", "state_until")
STANDING = ("points", "status", "may_reapply", "may_reapply_from", "may_resume_from", "may_apply_from")
DAYS = {*SANCTION[2:], "may_reapply_from", "may_resume_from", "may_apply_from"}
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


    def add_hand(self, name, role, **bound):
        actor = super().add_hand(name, role, **bound)
        with self.service.engine.begin() as conn:
            token = issue_token(conn, actor.account_id, hours=12).token
        self.headers[name] = {"Authorization": f"Bearer {token}"}
        return actor


def open_http_office(engine, settings):
    office = open_office(engine, Rulebooks.load(settings.rulebooks_dir), HttpOffice)
    office.client = create_app(settings, office.service).test_client()
    return office


def day_in(text):
    return text and date.fromisoformat(text)


def with_days(answer, names):
    """An answer's fields of these names, its days read."""
    return {name: day_in(answer[name]) if name in DAYS else answer[name] for name in names}


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
        effective_on = operation["effective_on"] if operation["backfill"] else None
        return self._case(operation, operation["points"], operation["decided_on"], effective_on)["entry"]

    def measure(self, operation):
        taken = {
            "kind": MEASURES[operation["effect"]],
            "from": operation["from"].isoformat(),
            "until": operation["until"] and operation["until"].isoformat(),
        }
        return self._case(operation, None, operation["day"], measure=taken)["measure_entry"]

    def _case(self, operation, points, decided_on, effective_on=None, **decided):
        """The finding of a case that was drafted, submitted and approved; a backfill by the administrator."""
        finding = {
            "practitioner": self.person,
            "item": "overtreatment",
            "degree": "main",
            "reason": "随机历史",
            "points": points,
        }
        handling = {
            "kind": "penalty",
            "authority": "医疗保障局",
            "document_no": "罚1号",
            "decided_on": decided_on.isoformat(),
        }
        body = {
            "institution": PLACES[operation["rulebook"]][0],
            "handling": handling | decided,
            "summary": "检查发现过度诊疗",
            "findings": [finding],
        }
        path = f"/cases/{self._post('clerk', '/cases', body)['id']}"
        self._post("clerk", f"{path}/submit")
        told = {"effective_on": effective_on and effective_on.isoformat()}
        return self._post("admin" if effective_on else "reviewer", f"{path}/approve", told)["findings"][0]

    def measure_lifted(self, operation):
        target = self.entry_ids[operation["target"]]
        self.waiting["lifting"] = self._post("clerk", f"/entries/{target}/lift", {"reason": "整改验收合格"})["id"]
        return self._act("reviewer", "lifting", "approve")["entry"]

    def _credited(self, operation, effect):
        body = {
            "practitioner": self.person,
            "activity": "policy_publicity",
            "completed_on": (COURSES_FROM + timedelta(days=next(numbers))).isoformat(),
            "effect": effect,
            "evidence": "宣传记录",
        }
        filed = self._post("clerk", "/remediation/applications", body)
        path = f"/remediation/applications/{filed['id']}"
        if filed["state"] == "filed":
            self._post("clerk", f"{path}/consent", {"institution": PLACES[self.home][0]})
        approved = self._post("reviewer", f"{path}/approve")
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

    def _act(self, name, kind, act, body=None):
        """What an act on the proposal of this kind that waits is answered by."""
        return self._post(name, f"/{kind}s/{self.waiting[kind]}/{act}", body)

    def filing(self, operation):
        body = {"practitioner": self.person, "statement": "已完成整改"}
        filed = self._post(self.hand(operation), "/resumptions", body)
        told = (filed["state"], day_in(filed["evaluation_due_on"]))
        assert told == (operation["state"], operation["due_on"]), operation
        self.waiting["resumption"] = filed["id"]

    def consent(self, operation):
        agreed = self._act(self.hand(operation), "resumption", "consent", {"institution": self._named(operation)})
        told = (agreed["state"], day_in(agreed["evaluation_due_on"]))
        assert told == ("consented", operation["due_on"]), operation

    def consent_refused(self, operation):
        body = {"institution": self._named(operation), "reason": "整改不足"}
        self._act(self.hand(operation), "resumption", "refuse-consent", body)

    def proceeding(self, operation):
        going_on = self._act("reviewer", "resumption", "proceed", {"reason": "机构未同意"})
        assert day_in(going_on["evaluation_due_on"]) == operation["due_on"], operation

    def refusal(self, _operation):
        self._act("reviewer", "resumption", "refuse", {"reason": "评估未通过"})

    def _approve_resumption(self):
        granted = self._act("reviewer", "resumption", "approve")
        return granted["entry"], day_in(granted["resumes_on"])

    def _state_of_resumption(self):
        return self.office.call("clerk", "GET", f"/resumptions/{self.waiting['resumption']}")["state"]

    def proposal(self, operation):
        on = operation["on"]
        body = {
            "on": on.isoformat(),
            "affiliations": self._asked(on),
            "commitment_signed_on": operation["day"].isoformat(),
        }
        path = f"/practitioners/{self.person}/reregistrations"
        self.waiting["reregistration"] = self._post("clerk", path, body)["id"]

    def _approve_reregistration(self):
        return self._act("reviewer", "reregistration", "approve")["entry"]

    def _query(self, clocks, **asked):
        known = {"known_at": clocks["known_at"].isoformat(), "revision": clocks["revision"]} if clocks else {}
        return urlencode(asked | known)

    def standing(self, day, **clocks):
        query = self._query(clocks, as_of=day)
        told = self.office.call("clerk", "GET", f"/practitioners/{self.person}/standing?{query}")
        current = told["current_sanction"]
        answer = with_days(told, STANDING) | {
            "totals": {int(year["year"]): year["points"] for year in told["totals"] if year["points"]},
            "current_sanction": current and with_days(current, SANCTION),
            "sanctions": in_order(with_days(span, SANCTION) for span in told["sanctions"]),
        }
        return answer, {"known_at": datetime.fromisoformat(told["known_at"]), "revision": told["revision"]}

    def line(self, day, *, institution, emergency, **clocks):
        asked = {"service_time": day, "emergency": str(emergency).lower()}
        asked |= {"institution": institution} if institution else {}
        told = self.office.call("clerk", "GET", f"/eligibility/{self.person}?{self._query(clocks, **asked)}")
        return {name: day_in(told[name]) if name in DAYS else told[name] for name in LINE}

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
