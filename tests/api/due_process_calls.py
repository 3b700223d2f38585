"""Remediation, corrections and re-registrations over HTTP: bodies, calls, and the clock moved without its jobs."""

import itertools
from datetime import date, datetime, timedelta

from case_calls import answered

from scoring_service.core.civil import CIVIL_ZONE

APPLICATIONS = "/remediation/applications"
_days = itertools.count()


def application(person, **other):
    """An application; each has a day of completion of its own."""
    completed_on = date(2024, 12, 31) - timedelta(days=next(_days))
    whole = {
        "practitioner": person,
        "activity": "online_course",
        "completed_on": completed_on.isoformat(),
        "effect": "points",
        "evidence": "结业证书编号 1",
    }
    return whole | other


def filed(client, person, **other):
    return answered(client.post(APPLICATIONS, application(person, **other)), 201)


def consented(hands, person, **other):
    """A new application that the clerk has recorded, and the consent of the person's institution too."""
    path = f"{APPLICATIONS}/{filed(hands.clerk, person, **other)['id']}"
    return answered(hands.clerk.post(f"{path}/consent", {"institution": hands.institution}))


def granted(hands, person, **other):
    """The response to the approval of a new application that is consented to."""
    return hands.reviewer.post(f"{APPLICATIONS}/{consented(hands, person, **other)['id']}/approve")


def correction(value=0, **other):
    whole = {"value": value, "basis": "clerical", "document_no": "更正〔2025〕1号", "reason": "录入有误"}
    return whole | other


def drafted(client, entry, value=0, **other):
    return answered(client.post(f"/entries/{entry}/corrections", correction(value, **other)), 201)


def scored(hands, person, *points, decided_on="2025-05-20", **case):
    """Approve a case with one finding for each of `points`; the entries' ids."""
    findings = [
        {
            "practitioner": person,
            "item": "overtreatment",
            "degree": "main",
            "points": each,
            "reason": "情节如处理决定所述",
        }
        for each in points
    ]
    handling = hands.body(*findings)["handling"] | {"decided_on": decided_on}
    return [one["entry"] for one in hands.approved(*findings, handling=handling, **case)["findings"]]


def reregistration(on, *institutions, **other):
    places = [{"institution": code, "from": str(on), "until": None} for code in institutions]
    return {"on": str(on), "affiliations": places, "commitment_signed_on": str(on)} | other


def set_clock(office, day):
    """Move the clock to a day's morning; the jobs of the days between are not the subject here."""
    with office.service.work() as work:
        work.service.clock.advance(work.conn, datetime(day.year, day.month, day.day, 9, tzinfo=CIVIL_ZONE))
