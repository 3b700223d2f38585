"""What scheme.md 2.3 promises of every history, "never worse" and the order of one day, and where its text fails it."""

from datetime import date, timedelta

from model import answers, histories, plain


def never_worse_applies(history):
    """Whether "never worse" can be asked of a history: where it fails, the text of scheme.md 2.3 itself makes it fail.

    Left out are term credits (a lighter sanction starts later and has a later floor, so the same credit may bring
    it less), a re-registration before the sanction of an earlier score begins (lightened, it may move a termination's
    start past that day), what changes the days before a resumption after it was granted (its late days were counted
    for other terms), and mixed rulebooks (what the stricter one imposed hides what the milder one would, or earlier).
    test_plain.py has the examples, docs/adr/0005 the counts.
    """
    kinds = {e["kind"] for e in history.entries}
    books = {e["rulebook"] for e in history.entries if e["kind"] == "score"}
    moved = returned_before_a_start(history) or changed_before_a_resumption(history)
    return "term_credit" not in kinds and not moved and len(books) <= 1


def returned_before_a_start(history):
    """Whether a re-registration falls between a score and the day from which its rulebook lets a sanction begin."""
    returns = [e["effective_on"] for e in history.entries if e["kind"] == "reregistration"]
    scores = [
        (e["effective_on"], plain.sanction_start(e["effective_on"], history.rulebooks[e["rulebook"]]))
        for e in history.entries
        if e["kind"] == "score"
    ]
    return any(scored <= day < start for day in returns for scored, start in scores)


def changed_before_a_resumption(history):
    """Whether a backfill, or points given back and taken again, add to the days before a resumption of earlier on."""
    resumptions = [(e["seq"], e["effective_on"]) for e in history.entries if e["kind"] == "resumption"]
    kinds = {e["seq"]: e["kind"] for e in history.entries}
    raising = [
        (e["seq"], e["effective_on"] if e["kind"] == "score" else date.min)
        for e in history.entries
        if e["kind"] == "score" or (e["kind"] == "correction" and kinds[e["target"]] == "points_credit")
    ]
    return any(seq > granted and day < on for seq, day in raising for granted, on in resumptions)


def corrected(entries, target, value, rulebooks):
    """The file after one more correction, recorded last."""
    correction = {"kind": "correction", "target": target, "value": value}
    last = max(entries, key=lambda e: e["seq"])
    clocks = {"seq": last["seq"] + 1, "recorded_at": last["recorded_at"] + timedelta(microseconds=1)}
    return plain.fold(
        [*entries, correction | clocks | {"effective_on": last["recorded_at"].date()}], rulebooks
    )


def worsened_days(before, after):
    """Days that are normal in the first file and sanctioned in the second; only days of change are listed."""
    days = histories.breaks(before) | histories.breaks(after)
    return sorted(
        d
        for d in days
        if answers.sanction_state(before, d) == "normal" and answers.sanction_state(after, d) != "normal"
    )


def in_effect(file, day):
    """What a day's answers show of a file: its state, the sanction that makes it, and whether a ban covers the day.

    A suspension hidden under a termination is left out: whether one runs there may hang on the order of one day.
    """
    return answers.sanction_state(file, day), answers.current_sanction(file, day), bool(answers.bans_on(file, day))


def changed_days(before, after):
    """Days on which two files differ in effect; only days of change are listed."""
    days = histories.breaks(before) | histories.breaks(after)
    return sorted(d for d in days if in_effect(before, d) != in_effect(after, d))


def reordered(rng, entries):
    """The same entries with some scores of one effective day in another order, or None if no day has two.

    Only neighbours in the order of the fold change places: a credit or a re-registration of the same day stays
    between the scores that it stood between. Corrections are numbered last, so that none precedes its target.
    """
    folded = [e for e in entries if e["kind"] not in ("correction", "year_closed")]
    crowded = [run for run in score_runs(folded) if len(run) > 1]
    if not crowded:
        return None
    run = rng.choice(crowded)
    places = {e["seq"]: slot["seq"] for e, slot in zip(rng.sample(run, len(run)), run, strict=True)}
    moved = [e | {"seq": places.get(e["seq"], e["seq"])} for e in entries if e["kind"] != "correction"]
    for entry in entries:
        if entry["kind"] == "correction":
            target = places.get(entry["target"], entry["target"])
            moved.append(entry | {"seq": entry["seq"] + len(entries), "target": target})
    return moved


def score_runs(folded):
    """Runs of scores of one effective day with nothing else folded between them."""
    runs, last = [], None
    for entry in sorted(folded, key=lambda e: (e["effective_on"], e["seq"])):
        if entry["kind"] != "score":
            last = None
        elif last == entry["effective_on"]:
            runs[-1].append(entry)
        else:
            runs.append([entry])
            last = entry["effective_on"]
    return runs
