"""The way back from a suspension over HTTP, in a division where a suspension ends on application (scheme.md 2.3, P39).

Whoever is `suspended` is so from 3 June 2025, by a score of 9 recorded on the 2nd, for a term of two months that ends on
Sunday 3 August. The fifteenth working day before it is Monday 14 July; who applies with an institution's consent by
Friday 18 July is owed an answer, ten working days later, by Friday 1 August.
"""

from dataclasses import replace
from datetime import date

from case_calls import answered, make_hands
from due_process_calls import scored

from scoring_service.services.registry.institutions import put_agreement

RESUMPTIONS = "/resumptions"
REGION = "370102"
TERM_ENDS, APPLY_FROM, APPLY_BY = date(2025, 8, 3), date(2025, 7, 14), date(2025, 7, 18)


def make_hands_there(office):
    """Hands whose institution is in a division of the rulebook `on_application`."""
    return replace(make_hands(office), institution=office.institution(region=REGION))


def suspended(hands, **more):
    """The id of a person suspended as this module says."""
    person = hands.person(**more)
    scored(hands, person, 9)
    return person


def application(person, **other):
    return {"practitioner": person, "statement": "已完成整改,请予恢复。"} | other


def filed(client, person, state="filed"):
    application_filed = answered(client.post(RESUMPTIONS, application(person)), 201)
    assert application_filed["state"] == state
    return application_filed


def act(client, resumption, deed, body=None, **kwargs):
    return client.post(f"{RESUMPTIONS}/{resumption['id']}/{deed}", body, **kwargs)


def consented(hands, person):
    """An application that the person's institution has filed, and so agreed to."""
    clinic = hands.office.client_for("institution", institution=hands.institution)
    return filed(clinic, person, "consented")


def end_agreement(office, code, on):
    with office.service.work() as work:
        put_agreement(work, code, from_on=None, until_on=on)


def standing(hands, person, **query):
    return answered(hands.clerk.get(f"/practitioners/{person}/standing", query_string=query))


def status_on(hands, person, day):
    return standing(hands, person, as_of=str(day))["status"]


def letters(hands, person, kind):
    """The notices of a kind on a person, the newest first, with what they keep."""
    items = answered(hands.clerk.get("/notices", query_string={"practitioner": person, "limit": 200}))["items"]
    return [item for item in items if item["kind"] == kind]


def addressees(notices):
    return sorted((item["addressee"]["kind"], item["addressee"]["ref"]) for item in notices)


def text_of(hands, notice):
    return hands.clerk.get(f"/notices/{notice['id']}/document").text
