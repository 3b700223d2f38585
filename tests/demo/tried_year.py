"""The demo year under Liaoning's months of suspension: who is treated otherwise, by hand and by the plain model."""

from collections import defaultdict

from model import answers, plain
from model.rulebooks import SHIPPED
from simulated_law import law_with, liaonings_table
from sqlalchemy import select

from scoring_service.db.tables import entries, practitioners
from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY
from scoring_service.services.simulation.asking import Question, simulate_year

YEAR = 2025
# The months of suspension of the people whom points suspended in the demo's year, by what they were scored: Chifeng's,
# and what they would have been by Liaoning's table (accumulated 9, 10, 11: 1, 2, 3; single: 3, 4, 6).
MONTHS_BY_HAND = {
    (9,): (2, 3),
    (10,): (4, 4),
    (11,): (6, 6),
    (9, 1): (4, 4),
    (6, 3): (2, 1),
    (5, 4): (2, 1),
    (7, 2): (2, 1),
    (4, 3, 2): (2, 1),
    (3, 3, 3): (2, 1),
    (6, 4): (4, 2),
    (8, 2): (4, 2),
    (7, 4): (6, 3),
}
LAWS = {"chifeng": SHIPPED["chifeng"], "tried": SHIPPED["chifeng"] | {"suspension_months": SHIPPED["liaoning"]["suspension_months"]}}
_COLUMNS = {
    "score": {"points": "points", "decided_on": "decided_on"},
    "points_credit": {"points": "points"},
    "term_credit": {"days": "days"},
    "resumption": {"late_days": "late_days"},
    "measure": {"effect": "effect", "from_on": "from", "until_on": "until"},
}


def read_ledgers(service):
    """By code, the entries of each file in the model's words."""
    ledgers, seq_of = defaultdict(list), {}
    query = select(entries, practitioners.c.code).join(practitioners, practitioners.c.id == entries.c.practitioner_id)
    with service.engine.connect() as conn:
        for row in conn.execute(query.order_by(entries.c.seq)).mappings():
            seq_of[row["id"]] = row["seq"]
            entry = {name: row[name] for name in ("seq", "kind", "effective_on", "recorded_at")}
            entry |= {told: row[column] for column, told in _COLUMNS.get(row["kind"], {}).items()}
            if row["kind"] in ("correction", "measure_lifted"):
                entry |= {"target": seq_of[row["target_id"]], "value": row["value"]}
            ledgers[row["code"]].append(entry | {"rulebook": row["rulebook_id"]})
    return dict(ledgers)


def under_the_table(ledger):
    return [
        entry | {"rulebook": "tried"} if (entry.get("decided_on") or entry["effective_on"]).year == YEAR else entry
        for entry in ledger
    ]


def expected(service):
    """By code, the spans before and after of those for whom the plain model gives others."""
    ledgers = read_ledgers(service)
    both = {
        code: tuple(answers.spans(plain.fold(each, LAWS)) for each in (ledger, under_the_table(ledger)))
        for code, ledger in ledgers.items()
    }
    return {code: spans for code, spans in both.items() if spans[0] != spans[1]}


def scored(ledger):
    """The points of a file's year as they now count, in their order."""
    values = plain.corrected_values(ledger)
    scores = [entry for entry in ledger if entry["kind"] == "score" and entry["decided_on"].year == YEAR]
    ordered = sorted(scores, key=lambda entry: (entry["effective_on"], entry["seq"]))
    return tuple(values[entry["seq"]] for entry in ordered if values[entry["seq"]])


def by_hand(service):
    """The codes of those whose months, by what they were scored, are others by hand."""
    points = {code: scored(ledger) for code, ledger in read_ledgers(service).items()}
    months = {code: MONTHS_BY_HAND.get(points_of) for code, points_of in points.items()}
    return {code for code, both in months.items() if both is not None and both[0] != both[1]}


def shown(spans):
    return [
        {"kind": span.kind, "ground": span.ground, "from": span.start, "until": span.until, "state_until": span.state_until}
        for span in spans
    ]


def tried(service, law, rulebook="chifeng"):
    return simulate_year(service.work, Question(law=law, rulebook_id=rulebook, year=YEAR))


def check_tried(service, folder):
    """Simulate Liaoning's table, and the rulebook in force; return how many people the former treats otherwise."""
    simulation = tried(service, law_with(service.rulebooks, liaonings_table(folder, RULEBOOKS_DIRECTORY)))
    both = {
        person.code: (shown(person.simulated.before.sanctions), shown(person.simulated.after.sanctions))
        for person in simulation.people
    }
    assert both == expected(service)
    assert set(both) == by_hand(service)
    in_force = tried(service, service.rulebooks)
    assert (in_force.changed, in_force.whole.before) == (0, simulation.whole.before)
    named = tried(service, service.rulebooks, "liaoning")
    assert named.everywhere
    assert {person.code for person in named.people} == set(both)
    return simulation
