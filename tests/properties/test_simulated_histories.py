"""Random histories of one file, one year of it under another law, beside the plain model under the same."""

from random import Random

import pytest
from model import answers, histories, plain
from model.rulebooks import ALL
from properties.core_entries import core_entries, rulebook

from scoring_service.core.simulation import simulate

YEARS = (2025, 2026, 2027)
BOOKS = ("chifeng", "chifeng", "hunan")
OTHERS = ("liaoning", "hunan", "tianjin")


def shown(spans):
    names = ("kind", "ground", "start", "until", "state_until")
    return [{"from" if name == "start" else name: getattr(span, name) for name in names} for span in spans]


def year_of(entry):
    return (entry["decided_on"] if entry["kind"] == "score" else entry["effective_on"]).year


def replaced(entries, year, other):
    """The model's entries with another rulebook in the place of Chifeng's, where they are of the year."""
    return [
        entry | {"rulebook": other} if entry.get("rulebook") == "chifeng" and year_of(entry) == year else entry
        for entry in entries
    ]


def warnings(file, year):
    return [
        (step["effective_on"], step["consequence"][1])
        for step in file["trace"]
        if step["year"] == year and step["consequence"] and step["consequence"][0] == "warning"
    ]


def check(held, model, year):
    assert shown(held.sanctions) == answers.spans(model)
    assert [(warned.on, warned.points) for warned in held.warnings] == warnings(model, year)


@pytest.mark.parametrize("seed", range(6))
def test_a_simulated_year_is_what_the_plain_model_makes_of_it(seed):
    rng = Random(f"simulated {seed}")
    changed = 0
    for number in range(60):
        history = histories.random_history(rng, ALL, length=12, books=BOOKS, days_asked=(10, 60))
        year, other = rng.choice(YEARS[:2]), OTHERS[number % len(OTHERS)]
        law = {rulebook("chifeng", histories.OPENS).sha256: rulebook(other, histories.OPENS)}
        simulated = simulate(core_entries(history.entries), year, law)
        before = plain.fold(history.entries, ALL)
        after = plain.fold(replaced(history.entries, year, other), ALL)
        check(simulated.before, before, year)
        check(simulated.after, after, year)
        is_other = answers.spans(before) != answers.spans(after) or warnings(before, year) != warnings(after, year)
        assert simulated.is_changed is is_other
        changed += is_other
    assert 5 < changed < 55
