"""An appeal over HTTP: the parties, the office and the experts, and each step of its life."""

from dataclasses import dataclass
from typing import Any

from case_calls import answered
from due_process_calls import scored

APPEALS = "/appeals"
EXPLANATION = {"text": "记分依据现场检查笔录,责任程度为主要。"}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A person with a score, their institution, and the office's desk for appeals."""

    hands: Any
    desk: Any
    person: str
    entry: str
    doctor: Any
    clinic: Any

    def body(self, **other):
        whole = {
            "practitioner": self.person,
            "entry": self.entry,
            "against": "points",
            "grounds": "处方系根据病情开具,不属于过度诊疗。",
            "filed_by": "practitioner",
        }
        return whole | other

    def filed(self, client=None, **other):
        return answered((client or self.doctor).post(APPEALS, self.body(**other)), 201)

    def complete(self, **other):
        return answered(self.clinic.post(f"{APPEALS}/{self.filed(**other)['id']}/countersign"))

    def explained(self, appeal=None, **other):
        appeal = appeal or self.complete(**other)
        return answered(self.desk.post(f"{APPEALS}/{appeal['id']}/explain", EXPLANATION))

    def insisted(self, appeal=None, **other):
        """The office has explained, and the filer still objects."""
        appeal = self.explained(appeal, **other)
        own = self.doctor if appeal["filed_by"] == "practitioner" else self.clinic
        filer = self.hands.clerk if appeal["on_paper"] else own
        return answered(filer.post(f"{APPEALS}/{appeal['id']}/insist", {}))

    def accepted(self, appeal=None, **other):
        return answered(self.desk.post(f"{APPEALS}/{self.insisted(appeal, **other)['id']}/accept"))

    def named(self, appeal, *experts, **more):
        body = {"experts": [expert.username for expert in experts], "reason": "专业对口"} | more
        return self.desk.post(f"{APPEALS}/{appeal['id']}/experts", body)

    def decide(self, appeal, outcome, points=None, **other):
        body = {"outcome": outcome, "points": points, "reasons": "复核认为事实清楚。"} | other
        return self.desk.post(f"{APPEALS}/{appeal['id']}/decide", body)


@dataclass(frozen=True, kw_only=True)
class Expert:
    """An expert's client and user name."""

    client: Any
    username: str


def make_scene(hands, points=10, person=None):
    office = hands.office
    person = person or hands.person()
    [entry] = scored(hands, person, points)
    return Scene(
        hands=hands,
        desk=office.client_for("office.appeals"),
        person=person,
        entry=entry,
        doctor=office.client_for("practitioner", practitioner=person),
        clinic=office.client_for("institution", institution=hands.institution),
    )


def make_expert(office, *more_roles, **bound):
    client = office.client_for("expert", *more_roles, **bound)
    return Expert(client=client, username=answered(client.get("/auth/me"))["username"])


def opinion(kind="uphold", points=None):
    return {"opinion": kind, "points": points, "text": "专家意见:依据充分。"}


def acknowledge_all(client):
    """Acknowledge every notice to the caller; the last day of the window against the points."""
    notices = answered(client.get("/notices", query_string={"unacknowledged": "true"}))["items"]
    told = [answered(client.post(f"/notices/{notice['id']}/acknowledge")) for notice in notices]
    return next(notice["window_closes_on"] for notice in told if notice["kind"] == "score")
