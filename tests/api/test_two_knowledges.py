"""What an appeal won after a suspension pays after all, and what a case recorded late takes back (scheme.md P48).

Recorded over HTTP; the lists, with their amounts, are worked out by hand below. The tests' own law begins a sanction
the day after; 9 points at once suspend for two months, 10 for four, 12 end eligibility for three years.
"""

import csv
from datetime import date, datetime
from decimal import Decimal

from appeal_calls import make_scene
from case_calls import answered, make_hands
from due_process_calls import set_clock

from scoring_service.screening.screen import Run, screen

BEFORE = datetime.fromisoformat("2025-06-10T09:00:00+08:00")
AFTER = datetime.fromisoformat("2025-06-24T09:00:00+08:00")
# `revoked`: 10 points on 2 June, revoked on the 20th: [3 June, 3 October), then nothing.
# `reduced`: the same, reduced to 9 on the 20th: then [3 June, 3 August).
# `late`: 9 points of 20 May, recorded on 20 June: nothing, then [21 May, 21 July).
# `ended`: 12 points of 5 June, recorded on 20 June: nothing, then terminated from 6 June.
CLAIMS = (
    (1, "revoked", "2025-06-02 23:59:59", "", "1.00"),
    (2, "revoked", "2025-06-03 00:00:00", "", "2.00"),
    (3, "revoked", "2025-07-15 10:00:00", "", "4.00"),
    (4, "revoked", "2025-07-15 10:00:00", "1", "8.00"),
    (5, "revoked", "2025-10-02 23:59:59", "", "16.00"),
    (6, "revoked", "2025-10-03 00:00:00", "", "32.00"),
    (7, "reduced", "2025-06-02 12:00:00", "", "64.00"),
    (8, "reduced", "2025-06-03 12:00:00", "", "128.00"),
    (9, "reduced", "2025-08-02 23:59:59", "", "256.00"),
    (10, "reduced", "2025-08-03 00:00:00", "", "512.00"),
    (11, "reduced", "2025-10-02T15:59:59Z", "", "1024.00"),
    (12, "reduced", "2025-10-02T16:00:00Z", "", "2048.00"),
    (13, "late", "2025-05-20 23:59:59", "", "0.01"),
    (14, "late", "2025-05-21 00:00:00", "", "0.02"),
    (15, "late", "2025-06-30 09:00:00", "", "0.04"),
    (16, "late", "2025-06-30 09:00:00", "1", "0.08"),
    (17, "late", "2025-07-20 23:59:59", "", "0.16"),
    (18, "late", "2025-07-21 00:00:00", "", "0.32"),
    (19, "ended", "2025-06-05 23:59:59", "", "0.64"),
    (20, "ended", "2025-06-06 00:00:00", "", "10000.00"),
    (21, "ended", "2025-06-06 00:00:00", "1", "20000.00"),
    (22, "ended", "2028-06-05 09:00:00", "", "40000.00"),
    (23, "untouched", "2025-06-30 09:00:00", "", "80000.00"),
)
PAID_AFTER_ALL = [
    ("2", "2.00"),
    ("3", "4.00"),
    ("5", "16.00"),
    ("10", "512.00"),
    ("11", "1024.00"),
]
TO_RECOVER = [
    ("14", "0.02"),
    ("15", "0.04"),
    ("17", "0.16"),
    ("20", "10000.00"),
    ("22", "40000.00"),
]
# Payable by either knowledge: 1, 4, 6, 7, 12, 13, 16, 18, 19, 21, 23. By neither: 8 and 9.
PAID_SUM, RECOVERED_SUM = (5, Decimal("1558.00")), (5, Decimal("50000.22"))


def won(scene, outcome, points=None):
    appeal = scene.accepted()
    return lambda: answered(scene.decide(appeal, outcome, points))


def recorded_late(hands, person, points, decided_on):
    """A case of an earlier date that only the administrator may approve."""
    scored = {"practitioner": person, "item": "fictitious_services", "degree": "main", "points": points, "reason": "补录"}
    handling = hands.body(scored)["handling"] | {"decided_on": decided_on}
    case = hands.submitted(scored, handling=handling)
    answered(hands.admin.post(f"/cases/{case['id']}/approve", {"effective_on": decided_on}))


def record(office):
    """People by their name above; at the end it is the morning of 24 June."""
    hands = make_hands(office)
    scenes = {name: make_scene(hands) for name in ("revoked", "reduced")}
    decided = [won(scenes["revoked"], "revoked"), won(scenes["reduced"], "reduced", 9)]
    people = {name: hands.person() for name in ("late", "ended", "untouched")}
    set_clock(office, date(2025, 6, 20))
    for decide in decided:
        decide()
    recorded_late(hands, people["late"], 9, "2025-05-20")
    recorded_late(hands, people["ended"], 12, "2025-06-05")
    set_clock(office, AFTER.date())
    return people | {name: scene.person for name, scene in scenes.items()}, hands.institution


def listed(path):
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["number"], row["amount"]) for row in csv.DictReader(file)]


def test_both_lists_are_those_worked_out_by_hand_both_ways_round(alone, tmp_path):
    people, place = record(alone)
    rows = [f"{number},{people[name]},{place},{at},{urgent},{amount}" for number, name, at, urgent, amount in CLAIMS]
    claims = tmp_path / "claims.csv"
    claims.write_text("\n".join(["number,ref,institution,service_time,emergency,amount", *rows]), encoding="utf-8")
    ways = {
        "forth": (Run(claims=[claims], out=tmp_path / "forth.csv", known_at=AFTER, against=BEFORE), PAID_AFTER_ALL, TO_RECOVER),
        "back": (Run(claims=[claims], out=tmp_path / "back.csv", known_at=BEFORE, against=AFTER), TO_RECOVER, PAID_AFTER_ALL),
    }
    for name, (run, pay, recover) in ways.items():
        summary = screen(alone.service, run)
        assert (listed(run.list_file("pay")), listed(run.list_file("recover"))) == (pay, recover), name
        sums = {"forth": (PAID_SUM, RECOVERED_SUM), "back": (RECOVERED_SUM, PAID_SUM)}[name]
        assert (summary.pay, summary.recover) == sums
        assert (summary.lines, summary.rejected) == (len(CLAIMS), 0)
