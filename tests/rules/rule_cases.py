"""Reads YAML cases and plays them against the core. docs/rulebooks.md tells how to add one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from scoring_service.core.entries import (
    Basis,
    Correction,
    Entry,
    Measure,
    MeasureLifted,
    PointsCredit,
    Reregistration,
    Resumption,
    Score,
    TermCredit,
)
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import ConsequenceKind, fold, known
from scoring_service.core.gates import (
    check_reregistration,
    check_resumption,
    grant_days,
    grant_points,
    late_days,
)
from scoring_service.core.months import MONTHS_PER_YEAR
from scoring_service.core.rulebook import Degree, Rulebook
from scoring_service.core.sanctions import Sanction, SanctionKind, last_term_end
from scoring_service.core.standing import Span, Standing, standing
from scoring_service.law.calendars import load_calendar
from scoring_service.law.rulebooks import DEFAULT_RULEBOOK, Rulebooks
from scoring_service.law.yaml_files import FileError, Located, read_yaml

SHANGHAI = ZoneInfo("Asia/Shanghai")
MANY = 10_000
CALENDAR = load_calendar()
# Acts that stand with a number or a kind and tell their day by `on`, and those whose value is their day.
VALUED_ACTS = ("score", "points_credit", "term_credit", "correction", "measure")
DATED_ACTS = ("resumption", "measure_lifted", "reregistration")
ACTS = (*VALUED_ACTS, *DATED_ACTS)
ACT_DETAILS = (
    "on",
    "from",
    "until",
    "due",
    "late_days",
    "decided_on",
    "recorded_on",
    "rulebook",
    "item",
    "of",
    "granted",
    "refused",
    "outside_band",
)
EXPECTED = (
    "status", "points", "months", "ban_years", "ground", "until", "may_resume_from", "may_reapply",
    "may_reapply_from", "spans", "warnings", "next_threshold", "values", "verified",
)  # fmt: skip


class CaseError(FileError):
    """A case file is wrong: nothing was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """A person's entries in order and what must hold on given days."""

    name: str
    rulebook: str
    registered: tuple[Span, ...]
    acts: tuple[Located, ...]
    expectations: tuple[Located, ...]


def read_cases(path: Path) -> list[RuleCase]:
    """Return the cases of a file; raises CaseError with file and line."""
    return [_case(place) for place in read_yaml(path, CaseError).sequence()]


def _case(place: Located) -> RuleCase:
    optional = ["place", "rulebook", "legal_basis", "persons", "source", "remark", "registered"]
    parts = place.section(["case", "entries", "expect"], optional)
    acts, expectations = parts["entries"].sequence(), parts["expect"].sequence()
    for act in acts:
        _kind(act)
    for expectation in expectations:
        wanted = expectation.section(["on"], ["known_on", *EXPECTED])
        if not set(wanted) & set(EXPECTED):
            expectation.fail("没有写明期望的结果", "nothing is expected here; name at least a status")
    if not expectations:
        parts["expect"].fail("没有写明期望的结果", "nothing is expected; add a day and a status")
    return RuleCase(
        name=parts["case"].text(),
        rulebook=parts["rulebook"].text() if "rulebook" in parts else DEFAULT_RULEBOOK,
        registered=_registered(parts.get("registered")),
        acts=tuple(acts),
        expectations=tuple(expectations),
    )


def _kind(act: Located) -> str:
    parts = act.section([], [*ACTS, *ACT_DETAILS])
    kinds = [kind for kind in ACTS if kind in parts]
    if len(kinds) != 1:
        act.fail(f"须且只须写 {'、'.join(ACTS)} 之一", f"write exactly one of {', '.join(ACTS)}")
    if ("decided_on" if kinds == ["score"] else "on") not in parts and kinds[0] not in DATED_ACTS:
        act.fail("缺少日期", "the date is missing: decided_on of a score, on of anything else")
    return kinds[0]


def _registered(place: Located | None) -> tuple[Span, ...]:
    if place is None:
        return (Span(date(2020, 1, 1), None),)
    spans = [span.section(["from"], ["until"]) for span in place.sequence()]
    return tuple(Span(span["from"].day(), span["until"].day() if "until" in span else None) for span in spans)


@dataclass(slots=True, kw_only=True)
class Play:
    """Posts the acts of a case one by one, each through its gate."""

    case: RuleCase
    rulebooks: Rulebooks
    entries: list[Entry]

    def post(self, act: Located) -> None:
        """Post one act; an expected refusal must come, with its code."""
        refused = act.value["refused"].text() if "refused" in act.value else None
        try:
            entry = self._entry(_kind(act), act, act.value)
        except RuleError as error:
            if error.code != refused:
                act.fail(f"被拒绝:{error.code}", f"refused with {error.code}, expected {refused}")
            return
        if refused is not None:
            act.fail(f"应被拒绝:{refused}", f"accepted, but {refused} was expected")
        self.entries.append(entry)

    def _entry(self, kind: str, act: Located, parts: dict[str, Located]) -> Entry:
        if kind == "score":
            return self._score(parts)
        if kind == "correction":
            value = parts["correction"].whole(0, MANY)
            common = self._common(parts, parts["on"].day())
            return Correction(**common, target=self._target(parts), value=value, basis=Basis.APPEAL)
        if kind == "measure":
            return self._measure(parts)
        if kind in DATED_ACTS:
            return self._dated(kind, act, parts)
        return self._credit(kind, act, parts)

    def _dated(self, kind: str, act: Located, parts: dict[str, Located]) -> Entry:
        day = parts[kind].day()
        if kind == "resumption":
            return self._resumption(day, act, parts)
        if kind == "measure_lifted":
            return MeasureLifted(**self._common(parts, day), target=self._target(parts))
        check_reregistration(fold(self.entries), day)
        return Reregistration(**self._common(parts, day))

    def _target(self, parts: dict[str, Located]) -> str:
        return self.entries[parts["of"].whole(1, len(self.entries)) - 1].id

    def _resumption(self, day: date, act: Located, parts: dict[str, Located]) -> Resumption:
        common = self._common(parts, day)
        folded = fold(self.entries)
        end = last_term_end(folded.sanctions, day)
        window = common["rulebook"].resumption_apply_working_days
        check_resumption(folded, day, None if end is None else CALENDAR.working_day_before(end, window))
        late = late_days(self.entries, day, _day_or_none(parts, "due"))
        expected = parts["late_days"].whole(0, MANY) if "late_days" in parts else 0
        if late != expected:
            act.fail(f"迟延 {late} 日,应为 {expected} 日", f"{late} days late, expected {expected}")
        return Resumption(**common, application="", late_days=late)

    def _measure(self, parts: dict[str, Located]) -> Measure:
        effective_on = parts["on"].day()
        return Measure(
            **self._common(parts, effective_on),
            effect=SanctionKind(parts["measure"].choice(list(SanctionKind))),
            start=parts["from"].day() if "from" in parts else effective_on,
            until=_day_or_none(parts, "until"),
            case="",
        )

    def _score(self, parts: dict[str, Located]) -> Score:
        decided_on = parts["decided_on"].day()
        effective_on = parts["on"].day() if "on" in parts else decided_on
        common = self._common(parts, effective_on, decided_on)
        points = parts["score"].whole(1, 12)
        item = parts["item"].text() if "item" in parts else "overtreatment"
        if "outside_band" in parts:
            self._check_band(parts, common["rulebook"], points)
        return Score(
            **common, points=points, decided_on=decided_on, finding="", item=item, degree=Degree.MAIN
        )

    def _check_band(self, parts: dict[str, Located], rulebook: Rulebook, points: int) -> None:
        item, band = rulebook.item(parts["item"].text()), rulebook.band_of(points)
        outside = item is None or band is None or band.key != item.band
        if outside is not parts["outside_band"].boolean():
            parts["outside_band"].fail(f"outside_band 应为 {outside}", f"outside_band is {outside}")

    def _credit(self, kind: str, act: Located, parts: dict[str, Located]) -> Entry:
        day, asked = parts["on"].day(), parts[kind].whole(1, MANY)
        common = self._common(parts, day)
        gate = grant_points if kind == "points_credit" else grant_days
        granted = gate(self.entries, day, asked, common["rulebook"])
        expected = parts["granted"].whole(1, MANY) if "granted" in parts else asked
        if granted != expected:
            act.fail(f"核准 {granted},应为 {expected}", f"granted {granted}, expected {expected}")
        if kind == "points_credit":
            return PointsCredit(**common, points=granted, application="")
        return TermCredit(**common, days=granted, application="")

    def _common(self, parts: dict[str, Located], effective_on: date, decided_on: date | None = None) -> dict:
        seq = len(self.entries) + 1
        rulebook_id = parts["rulebook"].text() if "rulebook" in parts else self.case.rulebook
        recorded_on = parts["recorded_on"].day() if "recorded_on" in parts else effective_on
        recorded_at = datetime.combine(recorded_on, time(10), SHANGHAI)
        if self.entries:
            recorded_at = max(recorded_at, self.entries[-1].recorded_at + timedelta(microseconds=1))
        return {
            "id": f"entry {seq}",
            "seq": seq,
            "revision": seq,
            "effective_on": effective_on,
            "recorded_at": recorded_at,
            "rulebook": self.rulebooks.resolve(rulebook_id, decided_on or effective_on),
        }


def _day_or_none(parts: dict[str, Located], key: str) -> date | None:
    """The day that stands under `key`; None where it is left out or `null`."""
    return parts[key].day() if key in parts and parts[key].value is not None else None


def differences(case: RuleCase, rulebooks: Rulebooks) -> Iterator[str]:
    """Play the case; yield a sentence, with file and line, for everything that is not as expected."""
    play = Play(case=case, rulebooks=rulebooks, entries=[])
    for act in case.acts:
        play.post(act)
    for expectation in case.expectations:
        on = expectation.value["on"].day()
        answers = _answers(case, play.entries, on, expectation, rulebooks)
        for key, place in expectation.value.items():
            if key in EXPECTED and (expected := _plain(place)) != answers[key]:
                yield f"{place.path.name}:{place.line}: {case.name} ({on}): {key}: {answers[key]}, not {expected}"


def _answers(
    case: RuleCase, entries: list[Entry], on: date, expectation: Located, rulebooks: Rulebooks
) -> dict:
    if "known_on" in expectation.value:
        known_at = datetime.combine(expectation.value["known_on"].day(), time(23, 59), SHANGHAI)
        entries = known(entries, known_at)
    shown = standing(on, fold(entries), case.registered, rulebooks.resolve_for_reading(case.rulebook, on))
    sanction = shown.state.sanction
    imposed = sanction.imposed_months if sanction else None
    terminated = sanction is not None and sanction.kind is SanctionKind.TERMINATION
    return _of_the_file(expectation, rulebooks.describe(case.rulebook, on)["parameters"]) | {
        "status": shown.state.status.value,
        "points": shown.points,
        "months": None if terminated else imposed,
        "ban_years": imposed // MONTHS_PER_YEAR if terminated and imposed else None,
        "ground": sanction.ground.value if sanction else None,
        "until": shown.state.until,
        "may_resume_from": shown.state.may_resume_from,
        "may_reapply": shown.state.may_reapply,
        "may_reapply_from": shown.state.may_reapply_from,
        "spans": [_span(span, named=_named_in_spans(expectation)) for span in shown.sanctions],
        "warnings": _warnings(shown),
        "next_threshold": shown.next_threshold.points if shown.next_threshold else None,
    }


def _of_the_file(wanted: Located, parameters: dict[str, dict]) -> dict[str, object]:
    """What the rulebook's file states: the values of the parameters that a case names, and what is not assumed."""
    named = wanted.value["values"].mapping() if "values" in wanted.value else {}
    return {
        "values": {key: parameters[key]["value"] if key in parameters else None for key in named},
        "verified": [key for key, parameter in parameters.items() if parameter["verified"]],
    }


def _named_in_spans(wanted: Located) -> set[str]:
    """What the expected spans name: a case that says nothing of `state_until` does not ask for it."""
    spans = wanted.value["spans"].sequence() if "spans" in wanted.value else []
    return {key for span in spans for key in span.mapping()}


def _span(span: Sanction, *, named: set[str]) -> dict[str, object]:
    shown = {"kind": span.kind.value, "ground": span.ground.value, "from": span.start, "until": span.until}
    return shown | ({"state_until": span.state_until} if "state_until" in named else {})


def _warnings(shown: Standing) -> list[int]:
    steps = [step.consequence for step in shown.trace if step.consequence]
    return [step.amount for step in steps if step.kind is ConsequenceKind.WARNING]


def _plain(place: Located) -> object:
    if isinstance(place.value, dict):
        return {key: _plain(value) for key, value in place.value.items()}
    if isinstance(place.value, list):
        return [_plain(value) for value in place.value]
    return place.value
