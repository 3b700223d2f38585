"""A rulebook that is changed over HTTP: the hands that it takes and the files that they send."""

from io import BytesIO

from case_calls import answered
from own_law import text_of, with_value

CAP = "credits.points_cap_per_year"


def file_with(day="2025-07-01", value="6", key=CAP, rulebook="national", source="S"):
    """The file of a rulebook in the tests' own law with one more value."""
    return with_value(text_of(rulebook), key, f"{day}: {{value: {value}, source: {source}, verified: true}}")


def sent(client, text, rulebook="national", filename=None):
    file = (BytesIO(text.encode()), filename or f"{rulebook}.yaml")
    return client.post(f"/rulebooks/{rulebook}/drafts", data={"file": file})


def proposed(client, text, rulebook="national"):
    return answered(sent(client, text, rulebook), 201)


def adopted(proposer, approver, text, rulebook="national"):
    """Adopt a file by two people; return the draft."""
    draft = proposed(proposer, text, rulebook)
    return answered(approver.post(f"/rulebooks/{rulebook}/drafts/{draft['n']}/approve", {}))
