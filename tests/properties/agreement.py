"""What a driven file and the plain model must agree on: days, past knowledge, and the cache."""

from datetime import date

from model import answers, histories, plain
from sqlalchemy import select

from scoring_service.core.registry import known_versions
from scoring_service.db.files import read_files
from scoring_service.db.tables import standing_sanctions, standing_totals, standings
from scoring_service.services.standing.reading import standing_from, standing_of


def shown(sanctions):
    told = [
        {
            "kind": span.kind.value,
            "ground": span.ground.value,
            "from": span.start,
            "until": span.until,
            "state_until": span.state_until,
        }
        for span in sanctions
    ]
    return in_order(told)


def in_order(spans):
    return sorted(spans, key=lambda span: (span["from"], span["kind"], span["until"] or date.max, span["ground"]))


def days_of_interest(history, model):
    edges = histories.breaks(model) | {operation["day"] for operation in history.operations}
    edges |= {edge for span in history.registrations for edge in span if edge}
    return sorted(
        edges | {edge + histories.ONE_DAY for edge in edges} | {edge - histories.ONE_DAY for edge in edges}
    )


def check_every_day(work, served, history):
    """Points, state, may_reapply and every span, on every day on which something may turn."""
    model = plain.fold(history.entries, history.rulebooks)
    file = read_files(work.conn, [served.person])[served.person]
    registered = [(version.span.start, version.span.until) for version in known_versions(file.registrations)]
    assert sorted(registered) == sorted(span for span in history.registrations if span[0] != span[1])
    for day in days_of_interest(history, model):
        told = standing_from(work.rulebooks, file, day)
        expected = answers.standing(history.entries, history.rulebooks, history.registrations, day)
        assert told.points == expected["points"], (day, history.operations)
        assert told.state.status.value == expected["status"], (day, history.operations)
        assert told.state.may_reapply == expected["may_reapply"], (day, history.operations)
        assert told.state.may_reapply_from == expected["may_reapply_from"], (day, history.operations)
        assert told.state.until == expected["until"], (day, history.operations)
        assert shown(told.sanctions) == expected["sanctions"], (day, history.operations)


def check_past_knowledge(work, served, history, rng):
    """By the knowledge after any entry: the totals and spans that the model gives for the entries up to it."""
    entries = read_files(work.conn, [served.person])[served.person].entries
    for entry in rng.sample(entries, min(3, len(entries))):
        told = standing_of(work, served.person, known_at=entry.recorded_at, revision=entry.revision)
        then = plain.fold([known for known in history.entries if known["seq"] <= entry.seq], history.rulebooks)
        assert shown(told.standing.sanctions) == answers.spans(then), (entry.seq, history.operations)


def check_cache(work, served, history):
    """What the standing tables hold is the model's last word."""
    model = plain.fold(history.entries, history.rulebooks)
    mine = standings.c.practitioner_id == served.person
    assert work.conn.execute(select(standings.c.seq).where(mine)).scalar_one() == len(history.entries)
    totals = standing_totals.c
    kept = work.conn.execute(
        select(totals.year, totals.points).where(totals.practitioner_id == served.person)
    )
    assert {y: n for y, n in kept if n} == {y: n for y, n in model["totals"].items() if n}
    spans = standing_sanctions.c
    rows = work.conn.execute(select(standing_sanctions).where(spans.practitioner_id == served.person))
    told = [
        {
            "kind": row.kind,
            "ground": row.ground,
            "from": row.from_on,
            "until": row.until_on,
            "state_until": row.state_until_on,
        }
        for row in rows
    ]
    assert in_order(told) == answers.spans(model)
