"""Who may do what with an appeal: every decision tried by everybody.

The tables are made to be read by a person. `yes` is admitted, `-` refused as a role (403), `hand` refused for a
conflict of interest, `side` refused as the wrong party, `?` answered as if there were no such thing (404).
The person has filed; their institution is the other party.
"""

import sys
from io import BytesIO

import pytest
from api_office import make_office, make_test_service
from appeal_calls import APPEALS, EXPLANATION, make_expert, make_scene, opinion
from case_calls import answered, make_hands

BY_THE_OFFICE = """
                 | appeals | appeals   | clerk's 2nd | reviewer's  | a colleague's | the expert's | clerk | reviewer | admin | auditor
                 | desk    | elsewhere | account     | 2nd account | 2nd account   | 2nd account  |       |          |       |
file on paper    | -       | -         | -           | -           | -             | -            | yes   | -        | -     | -
attach to it     | yes     | ?         | yes         | yes         | yes           | yes          | yes   | -        | -     | -
countersign      | -       | -         | -           | -           | -             | -            | yes   | -        | -     | -
refuse to sign   | -       | -         | -           | -           | -             | -            | yes   | -        | -     | -
explain          | yes     | ?         | yes         | yes         | hand          | yes          | -     | yes      | -     | -
insist           | -       | -         | -           | -           | -             | -            | side  | -        | -     | -
insist on paper  | -       | -         | -           | -           | -             | -            | yes   | -        | -     | -
withdraw         | -       | -         | -           | -           | -             | -            | side  | -        | -     | -
withdraw paper   | -       | -         | -           | -           | -             | -            | yes   | -        | -     | -
proceed          | yes     | ?         | hand        | hand        | hand          | yes          | -     | -        | -     | -
accept           | yes     | ?         | hand        | hand        | hand          | yes          | -     | -        | -     | -
decline          | yes     | ?         | hand        | hand        | hand          | yes          | -     | -        | -     | -
assign experts   | yes     | ?         | hand        | hand        | hand          | hand         | -     | -        | -     | -
release one      | yes     | ?         | hand        | hand        | hand          | hand         | -     | -        | -     | -
give an opinion  | -       | -         | -           | -           | -             | -            | -     | -        | -     | -
recuse oneself   | -       | -         | -           | -           | -             | -            | -     | -        | -     | -
decide           | yes     | ?         | hand        | hand        | hand          | hand         | -     | -        | -     | -
"""
BY_OTHERS = """
                 | the    | another | the person's | another     | the    | an expert who      | another | a          | a
                 | person | person  | institution  | institution | expert | joined the clinic  | expert  | settlement | regulator
file on paper    | -      | -       | -            | -           | -      | -                  | -       | -          | -
attach to it     | yes    | ?       | yes          | ?           | -      | -                  | -       | -          | -
countersign      | side   | ?       | yes          | ?           | -      | -                  | -       | -          | -
refuse to sign   | side   | ?       | yes          | ?           | -      | -                  | -       | -          | -
explain          | -      | -       | -            | -           | -      | -                  | -       | -          | -
insist           | yes    | ?       | side         | ?           | -      | -                  | -       | -          | -
insist on paper  | yes    | ?       | side         | ?           | -      | -                  | -       | -          | -
withdraw         | yes    | ?       | side         | ?           | -      | -                  | -       | -          | -
withdraw paper   | yes    | ?       | side         | ?           | -      | -                  | -       | -          | -
proceed          | -      | -       | -            | -           | -      | -                  | -       | -          | -
accept           | -      | -       | -            | -           | -      | -                  | -       | -          | -
decline          | -      | -       | -            | -           | -      | -                  | -       | -          | -
assign experts   | -      | -       | -            | -           | -      | -                  | -       | -          | -
release one      | -      | -       | -            | -           | -      | -                  | -       | -          | -
give an opinion  | -      | -       | -            | -           | yes    | hand               | ?       | -          | -
recuse oneself   | -      | -       | -            | -           | yes    | yes                | ?       | -          | -
decide           | -      | -       | -            | -           | -      | -                  | -       | -          | -
"""


def cells(table):
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()][2:]
    return [(name, verdicts) for name, *verdicts in lines]


@pytest.fixture(scope="module")
def office(module_engine):
    return make_office(make_test_service(module_engine))


@pytest.fixture(scope="module")
def world(office):
    return World(office)


class World:
    """One institution, its appeals desk and two experts; `calls` says how each decision is called."""

    def __init__(self, office):
        self.office, self.hands = office, make_hands(office)
        self.expert = make_expert(office)
        self.calls = {
            "file on paper": self.filing,
            "attach to it": self.attaching,
            "countersign": lambda: self.deciding(self.scene().filed(), "countersign"),
            "refuse to sign": lambda: self.deciding(self.scene().filed(), "refuse-countersignature", WHY),
            "withdraw": lambda: self.deciding(self.scene().filed(), "withdraw"),
            "proceed": lambda: self.deciding(self.refused_appeal(), "proceed", WHY),
            "explain": lambda: self.deciding(self.scene().complete(), "explain", EXPLANATION),
            "insist": lambda: self.deciding(self.scene().explained(), "insist", {}),
            "insist on paper": lambda: self.deciding(self.scene().explained(self.paper()), "insist", {}),
            "withdraw paper": lambda: self.deciding(self.scene().explained(self.paper()), "withdraw"),
            "accept": lambda: self.deciding(self.scene().insisted(), "accept"),
            "decline": lambda: self.deciding(self.scene().insisted(), "decline", WHY),
            "assign experts": lambda: self.deciding(self.heard(), "experts", {"draw": 1}),
            "release one": lambda: self.deciding(self.assigned(), "release", WHY | {"expert": self.joined.username}),
            "give an opinion": lambda: self.deciding(self.assigned(), "opinions", opinion()),
            "recuse oneself": lambda: self.deciding(self.assigned(), "recuse", WHY),
            "decide": lambda: self.deciding(self.heard(), "decide", {"outcome": "upheld", "reasons": "理由"}),
        }

    def scene(self):
        """A new person with a score; `person` gives the client of the last one made."""
        self.now = make_scene(self.hands, 3)
        return self.now

    def refused_appeal(self):
        appeal = self.scene().filed()
        answered(self.now.clinic.post(f"{APPEALS}/{appeal['id']}/refuse-countersignature", WHY))
        return appeal

    def paper(self):
        """An appeal that the clerk recorded on paper, countersigned by the institution."""
        filed = self.now.filed(self.hands.clerk, received_on="2025-06-02")
        return answered(self.now.clinic.post(f"{APPEALS}/{filed['id']}/countersign"))

    def assigned(self):
        """An appeal with two experts, of whom one is of the person's institution by now."""
        appeal, self.joined = self.scene().accepted(), make_expert(self.office)
        answered(self.now.named(appeal, self.expert, self.joined))
        staff_no = self.joined.client.staff_no
        self.office.client_for("institution", institution=self.hands.institution, staff_no=staff_no)
        return appeal

    def heard(self):
        appeal = self.scene().accepted()
        answered(self.now.named(appeal, self.expert))
        answered(self.expert.client.post(f"{APPEALS}/{appeal['id']}/opinions", opinion()))
        for _ in range(2):
            make_expert(self.office)
        return appeal

    def filing(self):
        body = self.scene().body()
        return lambda client: client.post(APPEALS, body | {"received_on": "2025-06-02"})

    def attaching(self):
        path = f"{APPEALS}/{self.scene().filed()['id']}/attachments"
        return lambda client: client.post(path, data={"file": (BytesIO(b"%PDF-1.7\n"), "证据.pdf")})

    def deciding(self, appeal, step, body=None):
        path = f"{APPEALS}/{appeal['id']}/{step}"
        return lambda client: client.post(path, body)

    def person(self):
        return self.now.doctor

    def joined_expert(self):
        return self.joined.client


WHY = {"reason": "材料不全"}


@pytest.fixture(scope="module")
def callers(office, world):
    """Clients, or functions that give the client for the thing just made."""
    hands = world.hands
    colleague = office.client_for("institution", institution=hands.institution)
    world.joined = world.expert
    second = [colleague.staff_no, world.expert.client.staff_no]
    by_office = [
        office.client_for("office.appeals"),
        office.client_for("office.appeals", region="21"),
        office.client_for("office.appeals", staff_no=hands.clerk.staff_no),
        office.client_for("office.appeals", staff_no=hands.reviewer.staff_no),
        *(office.client_for("office.appeals", staff_no=staff_no) for staff_no in second),
        hands.clerk,
        hands.reviewer,
        hands.admin,
        office.client_for("office.auditor"),
    ]
    by_others = [
        world.person,
        office.bound_client("practitioner"),
        office.client_for("institution", institution=hands.institution),
        office.bound_client("institution"),
        world.expert.client,
        world.joined_expert,
        office.client_for("expert"),
        office.client_for("settlement"),
        office.client_for("regulator", region="1504"),
    ]
    return {BY_THE_OFFICE: by_office, BY_OTHERS: by_others}


def verdict(decision, response):
    if response.status_code in {200, 201}:
        return "yes"
    codes = {
        (403, "forbidden"): "-",
        (403, "conflict_of_interest"): "hand",
        (403, "not_countersigner"): "side",
        (403, "not_filer"): "side",
        (404, "not_found"): "?",
    }
    if decision == "file on paper" and response.status_code in {404, 422}:
        return "-"  # A party files what it signs itself, and may not say that it came on paper.
    return codes.get((response.status_code, response.json["code"]), response.text)


@pytest.mark.parametrize("table", [BY_THE_OFFICE, BY_OTHERS], ids=["by the office", "by others"])
def test_every_decision_tried_by_everybody(world, callers, table, capsys):
    tried = dict.fromkeys(("yes", "-", "hand", "side", "?"), 0)
    for decision, verdicts in cells(table):
        call = world.calls[decision]()
        for position, (caller, expected) in enumerate(zip(callers[table], verdicts, strict=True)):
            client = caller() if callable(caller) else caller
            found = verdict(decision, call(client))
            assert found == expected, (decision, position)
            tried[found] += 1
            if found == "yes" and set(verdicts[position + 1 :]) - {"-"}:
                call = world.calls[decision]()
    with capsys.disabled():
        sys.stdout.write(f"\ndecisions on appeals: {tried}\n")
    assert tried["yes"] == sum(verdicts.count("yes") for _, verdicts in cells(table))
