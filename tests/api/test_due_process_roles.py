"""Who may decide what: every decision of remediation, corrections, returns and talks, tried by everybody.

The tables are made to be read by a person. `yes` is admitted, `-` refused as a role (403), `same` refused as the same
person (403 `same_person`), `?` answered as if there were no such thing (404).
"""

import sys
from datetime import date
from io import BytesIO

import pytest
from api_office import make_office, make_test_service
from case_calls import answered, make_hands
from due_process_calls import (
    APPLICATIONS,
    application,
    consented,
    correction,
    drafted,
    filed,
    reregistration,
    scored,
    set_clock,
)

TODAY = date(2026, 6, 10)
DECIDED = "2026-06-01"

BY_THE_OFFICE = """
                     | clerk who | another | clerk of  | another  | the clerk's | reviewer of | the     | the   | the
                     | recorded  | clerk   | elsewhere | reviewer | 2nd account | elsewhere   | appeals | admin | auditor
file an application  | yes       | yes     | ?         | -        | -           | -           | -       | -     | -
attach to it         | yes       | yes     | ?         | -        | -           | -           | -       | -     | -
approve it           | -         | -       | -         | yes      | same        | ?           | -       | -     | -
reject it            | -         | -       | -         | yes      | same        | ?           | -       | -     | -
consent to it        | yes       | yes     | ?         | -        | -           | -           | -       | -     | -
refuse it            | yes       | yes     | ?         | -        | -           | -           | -       | -     | -
proceed with it      | -         | -       | -         | yes      | same        | ?           | -       | -     | -
draft a correction   | yes       | yes     | ?         | -        | -           | -           | yes     | -     | -
approve it           | -         | -       | -         | yes      | same        | ?           | -       | -     | -
reject it            | -         | -       | -         | yes      | same        | ?           | -       | -     | -
propose a return     | yes       | yes     | ?         | -        | -           | -           | -       | -     | -
approve it           | -         | -       | -         | yes      | same        | ?           | -       | -     | -
reject it            | -         | -       | -         | yes      | same        | ?           | -       | -     | -
record a talk        | -         | -       | -         | -        | -           | -           | -       | -     | -
"""
BY_OTHERS = """
                     | the      | another | the person's | another     | an     | a          | a
                     | person   | person  | institution  | institution | expert | settlement | regulator
file an application  | yes      | ?       | yes          | ?           | -      | -          | -
attach to it         | yes      | ?       | yes          | ?           | -      | -          | -
approve it           | -        | -       | -            | -           | -      | -          | -
reject it            | -        | -       | -            | -           | -      | -          | -
consent to it        | -        | -       | yes          | ?           | -      | -          | -
refuse it            | -        | -       | yes          | ?           | -      | -          | -
proceed with it      | -        | -       | -            | -           | -      | -          | -
draft a correction   | -        | -       | -            | -           | -      | -          | -
approve it           | -        | -       | -            | -           | -      | -          | -
reject it            | -        | -       | -            | -           | -      | -          | -
propose a return     | -        | -       | -            | -           | -      | -          | -
approve it           | -        | -       | -            | -           | -      | -          | -
reject it            | -        | -       | -            | -           | -      | -          | -
record a talk        | -        | -       | yes          | ?           | -      | -          | -
"""


def cells(table):
    """(decision, verdicts) of each line; the decisions on the thing made above it are named after that."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()][2:]
    thing, rows = None, []
    for name, *verdicts in lines:
        thing = thing if name.endswith(" it") else name.split()[-1]
        rows.append((f"{name} ({thing})" if name.endswith(" it") else name, verdicts))
    return rows


@pytest.fixture(scope="module")
def office(module_engine):
    return make_office(make_test_service(module_engine))


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def world(office, hands):
    """People of one institution, some of them banned a year ago; the clock stands on TODAY."""
    person = hands.person()
    banned = [hands.person() for _ in range(12)]
    for each in banned:
        scored(hands, each, 6, 6)
    set_clock(office, TODAY)
    return {"person": person, "banned": banned}


@pytest.fixture(scope="module")
def callers(office, hands, world):
    own = {"institution": hands.institution}
    by_office = [
        hands.clerk,
        office.client_for("office.clerk"),
        office.client_for("office.clerk", region="21"),
        hands.reviewer,
        office.client_for("office.reviewer", staff_no=hands.clerk.staff_no),
        office.client_for("office.reviewer", region="21"),
        office.client_for("office.appeals"),
        office.client_for("office.admin"),
        office.client_for("office.auditor"),
    ]
    by_others = [
        office.client_for("practitioner", practitioner=world["person"]),
        office.client_for("practitioner", practitioner=hands.person()),
        office.client_for("institution", **own),
        office.client_for("institution", institution=office.institution()),
        office.client_for("expert"),
        office.client_for("settlement"),
        office.client_for("regulator", region="1504"),
    ]
    return {BY_THE_OFFICE: by_office, BY_OTHERS: by_others}


@pytest.fixture
def subjects(hands, world):
    return Subjects(hands, world["person"], world["banned"])


class Subjects:
    """Makes the thing that a decision is about, as the clerk records it; `calls` says how each decision is called."""

    def __init__(self, hands, person, banned):
        self.hands, self.person, self.banned = hands, person, banned
        self.calls = {
            "file an application": self.filing,
            "attach to it (application)": self.attaching,
            "approve it (application)": lambda: self.deciding(self.application(), "approve"),
            "reject it (application)": lambda: self.deciding(self.application(), "reject"),
            "consent to it (application)": lambda: self.answering("consent"),
            "refuse it (application)": lambda: self.answering("refuse-consent"),
            "proceed with it (application)": lambda: self.deciding(self.refused(), "proceed"),
            "draft a correction": self.drafting,
            "approve it (correction)": lambda: self.deciding(self.correction(), "approve"),
            "reject it (correction)": lambda: self.deciding(self.correction(), "reject"),
            "propose a return": self.proposing,
            "approve it (return)": lambda: self.deciding(self.reregistration(), "approve"),
            "reject it (return)": lambda: self.deciding(self.reregistration(), "reject"),
            "record a talk": self.talking,
        }

    def score(self, points):
        return scored(self.hands, self.person, points, decided_on=DECIDED)[0]

    def void(self, entry):
        """Take a score back, so that the next subject begins with a clean year."""
        path = f"/corrections/{drafted(self.hands.clerk, entry)['id']}/approve"
        answered(self.hands.reviewer.post(path))

    def application(self):
        self.score(1)
        return f"{APPLICATIONS}/{consented(self.hands, self.person)['id']}"

    def waiting(self):
        self.score(1)
        return f"{APPLICATIONS}/{filed(self.hands.clerk, self.person)['id']}"

    def answer(self, deed):
        reason = {"reason": "材料不清"} if deed == "refuse-consent" else {}
        return {"institution": self.hands.institution} | reason

    def answering(self, deed):
        path = f"{self.waiting()}/{deed}"
        return lambda client: client.post(path, self.answer(deed))

    def refused(self):
        path = self.waiting()
        answered(self.hands.clerk.post(f"{path}/refuse-consent", self.answer("refuse-consent")))
        return path

    def correction(self):
        return f"/corrections/{drafted(self.hands.clerk, self.score(1))['id']}"

    def reregistration(self):
        path = f"/practitioners/{self.banned.pop()}/reregistrations"
        body = reregistration(TODAY, self.hands.institution)
        return f"/reregistrations/{answered(self.hands.clerk.post(path, body), 201)['id']}"

    def filing(self):
        return lambda client: client.post(APPLICATIONS, application(self.person))

    def attaching(self):
        path = f"{self.application()}/attachments"
        return lambda client: client.post(path, data={"file": (BytesIO(b"%PDF-1.7\n"), "证书.pdf")})

    def drafting(self):
        entry = self.score(1)
        return lambda client: client.post(f"/entries/{entry}/corrections", correction(0))

    def proposing(self):
        path = f"/practitioners/{self.banned.pop()}/reregistrations"
        body = reregistration(TODAY, self.hands.institution)
        return lambda client: client.post(path, body)

    def talking(self):
        entry = self.score(3)
        query = {"practitioner": self.person, "held": "false"}
        notice = answered(self.hands.clerk.get("/talks", query_string=query))["items"][0]["notice"]
        self.void(entry)
        body = {"notice": notice, "held_on": TODAY.isoformat(), "summary": "谈话提醒"}
        return lambda client: client.post("/talks", body)

    def deciding(self, path, decision):
        body = None if decision == "approve" else {"reason": "材料不清"}
        return lambda client: client.post(f"{path}/{decision}", body)


def verdict(response):
    if response.status_code in {200, 201}:
        return "yes"
    codes = {(403, "forbidden"): "-", (403, "same_person"): "same", (404, "not_found"): "?"}
    return codes.get((response.status_code, response.json["code"]), response.text)


@pytest.mark.parametrize("table", [BY_THE_OFFICE, BY_OTHERS], ids=["by the office", "by others"])
def test_every_decision_tried_by_everybody(subjects, callers, table, capsys):
    tried = {"yes": 0, "-": 0, "same": 0, "?": 0}
    for decision, verdicts in cells(table):
        call = subjects.calls[decision]()
        for position, (client, expected) in enumerate(zip(callers[table], verdicts, strict=True)):
            found = verdict(call(client))
            assert found == expected, (decision, position)
            tried[found] += 1
            if found == "yes" and "yes" in verdicts[position + 1 :]:
                call = subjects.calls[decision]()
    with capsys.disabled():
        sys.stdout.write(f"\ndecisions: {tried}\n")
    assert tried["yes"] == sum(verdicts.count("yes") for _, verdicts in cells(table))
