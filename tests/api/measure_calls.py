"""A case with a measure over HTTP, and the lifting of one."""

from case_calls import DECIDED, answered, finding


def measure(kind="agreement_suspended", start="2025-05-20", until=None, department=None):
    return {"kind": kind, "from": start, "until": until, "department": department}


def handling(hands, taken=None, **other):
    return hands.body()["handling"] | {"decided_on": DECIDED, "measure": taken or measure()} | other


def unscored(person, **other):
    return finding(person, None, **other)


def approved(hands, *findings, taken=None, **other):
    """Approve a case whose decision took a measure, for these findings."""
    return hands.approved(*findings, handling=handling(hands, taken), **other)


def measured(hands, person, taken=None, **other):
    """The entry of a measure on one person who is not scored."""
    return approved(hands, unscored(person), taken=taken, **other)["findings"][0]["measure_entry"]


def notices_of(hands, person, kind="measure"):
    listed = answered(hands.clerk.get("/notices", query_string={"practitioner": person, "limit": 200}))["items"]
    return [notice for notice in listed if notice["kind"] == kind]
