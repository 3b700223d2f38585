"""After every step of a driven history: what is told of sampled days, as it is known now and as it was after earlier steps."""

from collections import Counter
from dataclasses import dataclass, field

from model import answers, histories, plain
from properties.agreement import in_order
from properties.served_histories import LINE, PLACES, drive


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What the model knew after a step, and the clocks that the service told of it."""

    entries: list
    registrations: list
    clocks: dict


@dataclass(kw_only=True)
class Record:
    """What was driven and compared: how often each, and the differences themselves."""

    counted: Counter = field(default_factory=Counter)
    differences: list = field(default_factory=list)

    def compare(self, what, told, expected, *context):
        self.counted[what] += 1
        if told != expected:
            self.differences.append((what, told, expected, *context))

    def __str__(self):
        counts = ", ".join(f"{name} {number:,}" for name, number in self.counted.items())
        return f"{counts}, differences {len(self.differences)}"


class Steps:
    """Drives a history and asks after each step; what comes of it is on the record."""

    def __init__(self, way, office, history, home, *, rng, record):
        self.history, self.home, self.rng, self.record = history, home, rng, record
        self.knowledge, self.today = [], None
        self.file = drive(way, office, history, home, self.ask)
        record.counted["histories"] += 1
        count_operations(history.operations, record.counted)

    def ask(self, file, number):
        self.today = self.history.operations[number]["day"]
        how_many, registrations = self.history.known[number]
        entries = self.history.entries[:how_many]
        now = Knowledge(entries=entries, registrations=registrations, clocks={})
        clocks = self.compare("standings", file, now, self.some_day(now))
        self.knowledge.append(Knowledge(entries=entries, registrations=registrations, clocks=clocks))
        then = self.rng.choice(self.knowledge)
        self.compare("standings of the past", file, then, self.some_day(then))

    def some_day(self, known):
        """A day on which something may turn by this knowledge, or a neighbour of it."""
        edges = histories.breaks(plain.fold(known.entries, self.history.rulebooks)) | {self.today}
        return self.rng.choice(sorted(edges)) + self.rng.choice((-1, 0, 1)) * histories.ONE_DAY

    def compare(self, what, file, known, day):
        told, clocks = file.standing(day, **known.clocks)
        self.record.compare(what, told, standing_expected(self.history, known, day), day, self.history.operations)
        asked = {"institution": self.rng.choice((None, PLACES[self.home][0])), "emergency": self.rng.random() < 0.3}
        line = file.line(day, **asked, **known.clocks)
        expected = line_expected(self.history, known, day, **asked)
        self.record.compare("claim lines", line, expected, day, asked, self.history.operations)
        return clocks


def standing_expected(history, known, day):
    standing = answers.standing(known.entries, history.rulebooks, known.registrations, day)
    file = plain.fold(known.entries, history.rulebooks)
    ends = [span["until"] for span in answers.terminations_on(file, day) or plain.waiting(file, day)]
    return {
        "points": standing["points"],
        "totals": {year: points for year, points in standing["totals"].items() if points},
        "status": standing["status"],
        "may_reapply": standing["may_reapply"],
        "may_reapply_from": standing["may_reapply_from"],
        "may_resume_from": standing["may_resume_from"],
        "may_apply_from": histories.window_start(max(ends), history.working_days) if ends else None,
        "current_sanction": standing["current_sanction"],
        "sanctions": in_order(standing["sanctions"]),
    }


def line_expected(history, known, day, *, institution, emergency):
    file = plain.fold(known.entries, history.rulebooks)
    place = {"agreements": [(histories.OPENS, None)], "affiliations": known.registrations}
    payable, reason = answers.payable(
        file, known.registrations, day, institution=institution and place, emergency=emergency
    )
    return dict(
        zip(
            LINE,
            (
                payable,
                reason,
                answers.state(file, known.registrations, day),
                answers.sanctioned_until(file, known.registrations, day),
                answers.may_resume_from(file, known.registrations, day),
                answers.may_reapply_from(file, known.registrations, day),
            ),
            strict=True,
        )
    )


def count_operations(operations, counted):
    """Count how resumptions and re-registrations went."""
    counted["operations"] += len(operations)
    refused_before = False
    for operation in operations:
        kind, admitted = operation["kind"], operation["refused"] is None if "refused" in operation else True
        if kind == "approval" and admitted:
            counted["granted"] += 1
            counted["in time"] += operation["late_days"] == 0 and operation["day"] <= operation["due_on"]
            counted["late"] += operation["late_days"] > 0
            counted["office late"] += operation["due_on"] < operation["day"]
            counted["granted after a refusal"] += refused_before
            refused_before = False
        refused_before |= kind == "refusal"
        counted["lapsed"] += operation.get("lapsed", False)
        counted["applications"] += kind == "filing" and admitted
        counted["refused"] += kind == "refusal"
        counted["without consent"] += kind == "proceeding" and admitted
        counted["re-registered"] += kind == "reregistration" and admitted
        counted["refusals by a gate"] += not admitted
