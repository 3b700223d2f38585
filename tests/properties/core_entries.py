"""The model's histories as the core's entries, under the tests' own law."""

from dataclasses import replace
from functools import cache

from own_law import RULEBOOKS

from scoring_service.core.entries import (
    Basis,
    Correction,
    Measure,
    MeasureLifted,
    PointsCredit,
    Reregistration,
    Resumption,
    Score,
    TermCredit,
)
from scoring_service.core.rulebook import Degree, ResumptionMode
from scoring_service.core.sanctions import SanctionKind


@cache
def rulebook(key, day):
    book = RULEBOOKS.resolve(key.removesuffix("_on_application"), day)
    waits = key.endswith("_on_application")
    mode = ResumptionMode.ON_APPLICATION if waits else ResumptionMode.AUTOMATIC
    return replace(book, resumption_mode=mode)


def entry_id(seq):
    return f"entry-{seq}"


def core_entry(entry, credit_rulebook="chifeng"):
    """One entry of the model as the core's; credits fold under `credit_rulebook`, whose floors are everyone's."""
    key = entry.get("rulebook", credit_rulebook)
    place = {
        "id": entry_id(entry["seq"]),
        "seq": entry["seq"],
        "revision": entry["seq"],
        "effective_on": entry["effective_on"],
        "recorded_at": entry["recorded_at"],
        "rulebook": rulebook(key, entry.get("decided_on", entry["effective_on"])),
    }
    kind = entry["kind"]
    if kind == "score":
        return Score(
            **place,
            points=entry["points"],
            decided_on=entry["decided_on"],
            finding="finding",
            item="overtreatment",
            degree=Degree.MAIN,
        )
    if kind == "points_credit":
        return PointsCredit(**place, points=entry["points"], application="application")
    if kind == "term_credit":
        return TermCredit(**place, days=entry["days"], application="application")
    if kind == "resumption":
        return Resumption(**place, late_days=entry["late_days"], application="application")
    if kind == "measure":
        span = {"start": entry["from"], "until": entry["until"]}
        return Measure(**place, effect=SanctionKind(entry["effect"]), case="case", **span)
    if kind == "measure_lifted":
        return MeasureLifted(**place, target=entry_id(entry["target"]))
    if kind == "correction":
        return Correction(**place, target=entry_id(entry["target"]), value=entry["value"], basis=Basis.APPEAL)
    return Reregistration(**place)


def core_entries(entries):
    return [core_entry(entry) for entry in entries]
