"""One rulebook file: dated values, each with its source and its mark, read and checked one by one.

What the values of a day must be together (no hole in the bands or months) is checked in `checks`;
how a file that states only what differs lies over another is resolved in `rulebooks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from scoring_service.core.rulebook import (
    HIGHEST_POINTS,
    LOWEST_POINTS,
    SCORE_GROUNDS,
    Degree,
    Ground,
    ResumptionMode,
    SanctionStart,
)
from scoring_service.law.yaml_files import FileError, Located, read_document

MOST_MONTHS = 120
MOST_YEARS = 99
MOST_WORKING_DAYS = 250
PERCENT = 100
# The folder, beside the files in force, of those that were in force before a release changed their form.
SUPERSEDED = "superseded"
BAND_KEYS = ("minor", "moderate", "serious", "grave")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_DIVISION = re.compile(r"[0-9]{1,6}")
_CITATION = re.compile(r"(?P<key>[A-Z](?:-[A-Z]+)?)(?P<place>[0-9]+| annex [0-9]+)?(?= |$)")
_FRACTION = re.compile(r"[1-9][0-9]*/[1-9][0-9]*")

Parse = Callable[[Located], Any]


class RulebookError(FileError):
    """A rulebook file is wrong, and the service does not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedValue:
    """A value that holds from `start` until the next; None ends a row.

    `basis` says why a value that is not verified is assumed. `rulebook` is the id of the file that states it,
    `place` where it stands there.
    """

    start: date
    value: Any
    source: str
    verified: bool
    basis: str | None
    rulebook: str
    place: Located = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter, named by its dotted `key`, with its values in the order of their dates."""

    key: str
    title: str | None
    values: tuple[DatedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulebookFile:
    """A file of dated law. A file `based_on` another states only what differs.

    A `superseded` one is kept as it was in force: it may lack what was not a parameter then (values.READINGS), and
    have what is none any more. `content` are its bytes.
    """

    id: str
    title: str
    title_en: str
    divisions: tuple[str, ...]
    based_on: str | None
    in_force_from: date | None
    superseded: bool
    parameters: Mapping[str, Parameter]
    place: Located = field(repr=False)
    content: bytes = field(repr=False)


def _whole(lowest: int, highest: int) -> Parse:
    return lambda place: place.whole(lowest, highest)


def _choice(*choices: str) -> Parse:
    return lambda place: place.choice(choices)


def _share(place: Located) -> str:
    text = place.text()
    if not _FRACTION.fullmatch(text) or Fraction(text) > 1:
        place.fail(f"{text} 应为不大于 1 的分数，如 1/2", f"{text} must be a fraction up to 1, such as 1/2")
    return str(Fraction(text)) if Fraction(text) < 1 else "1/1"


def _band(place: Located) -> dict[str, int]:
    parts = place.section(["lowest", "highest"])
    band = {key: parts[key].whole(LOWEST_POINTS, HIGHEST_POINTS) for key in ("lowest", "highest")}
    if band["lowest"] > band["highest"]:
        place.fail("最低分高于最高分", "lowest is above highest; swap them")
    return band


def _activity(place: Located) -> dict[str, Any]:
    parts = place.section(["title", "title_en", "points", "days"])
    texts = {key: parts[key].text() for key in ("title", "title_en")}
    return texts | {"points": parts["points"].whole(0, HIGHEST_POINTS), "days": parts["days"].whole(0, 366)}


def _ground(place: Located) -> dict[str, Any]:
    parts = place.section(["title", "title_en"])
    return {key: part.text() for key, part in parts.items()}


def _degree_points(place: Located) -> dict[str, int]:
    parts = place.section(list(Degree))
    return {degree.value: parts[degree].whole(LOWEST_POINTS, HIGHEST_POINTS) for degree in Degree}


def _item(place: Located) -> dict[str, Any]:
    parts = place.section(["band", "title", "title_en", "degrees"], ["legal_basis", "asks_legal_basis"])
    degrees = [degree.choice(list(Degree)) for degree in parts["degrees"].sequence()]
    if not degrees or len(set(degrees)) < len(degrees):
        parts["degrees"].fail("责任程度为空或重复", "degrees are empty or named twice; name each once")
    texts = {key: parts[key].text() for key in ("title", "title_en")}
    ordered = [degree.value for degree in Degree if degree in degrees]
    return texts | _basis_of(place, parts) | {"band": parts["band"].choice(BAND_KEYS), "degrees": ordered}


def _basis_of(place: Located, parts: Mapping[str, Located]) -> dict[str, Any]:
    """Return the legal basis of an item, or that it asks the finding for one: an *other* item of G annex 2."""
    asks = "asks_legal_basis" in parts and parts["asks_legal_basis"].boolean()
    if asks == ("legal_basis" in parts):
        place.fail(
            "legal_basis 与 asks_legal_basis: true 须且只须写一个",
            "write either the legal_basis or asks_legal_basis: true",
        )
    return {"asks_legal_basis": True} if asks else {"legal_basis": parts["legal_basis"].text()}


# What the service does where the sources are silent; nothing else is implemented, so it is shown, not chosen.
INTERPRETATIONS = {
    "points_outside_band": "flag",
    "second_crossing": "grow_to_the_months_due",
    "one_time": "one_finding",
    "suspensions_of_two_years": "side_by_side",
    "suspension_over_the_year_end": "full_term",
    "time_served_under_annulled_sanction": "pay_refused_lines",
    "floor_counted_from": "start_that_last_moved_the_end",
    "pharmacy_line_without_practitioner": "principal_of_the_day",
    "appeal_window_of": "each_addressee",
    "institution_ratio_of": "persons_registered_there",
    "measure_suspension_ends": "with_the_measure",
    "term_credit_among_equals": "began_last_then_later_year",
    "lateness_of_the_office": "costs_no_day",
}

_TYPES: dict[str, Parse] = {
    "suspend_at": _whole(1, HIGHEST_POINTS),
    "terminate_at": _whole(2, HIGHEST_POINTS),
    "bands.<key>": _band,
    "degree_points.<key>": _degree_points,
    "adjustment_grounds.lighter.<key>": _ground,
    "adjustment_grounds.heavier.<key>": _ground,
    "suspension_months.<key>.<points>": _whole(1, MOST_MONTHS),
    "ban_years.<key>": _whole(1, MOST_YEARS),
    "resumption.mode": _choice(*ResumptionMode),
    "resumption.apply_working_days": _whole(1, MOST_WORKING_DAYS),
    "resumption.evaluation_working_days": _whole(1, MOST_WORKING_DAYS),
    "resumption.pays_after_term": Located.boolean,
    "consent.working_days": _whole(1, MOST_WORKING_DAYS),
    "commitment.unpaid_without": Located.boolean,
    "sanction_start": _choice(*SanctionStart),
    "emergency_covers_termination": Located.boolean,
    "talk.working_days": _whole(1, MOST_WORKING_DAYS),
    "warnings.<points>": Located.text,
    "credits.points_cap_per_year": _whole(0, HIGHEST_POINTS),
    "remediation.<key>": _activity,
    "floors": _share,
    "appeal.window_working_days": _whole(1, MOST_WORKING_DAYS),
    "appeal.countersign_working_days": _whole(1, MOST_WORKING_DAYS),
    "appeal.explanation_working_days": _whole(1, MOST_WORKING_DAYS),
    "appeal.insistence_working_days": _whole(1, MOST_WORKING_DAYS),
    "appeal.decision_working_days": _whole(1, MOST_WORKING_DAYS),
    "notice.issue_working_days": _whole(1, MOST_WORKING_DAYS),
    "notice.deliver_working_days": _whole(1, MOST_WORKING_DAYS),
    "notice.maintain_working_days": _whole(1, MOST_WORKING_DAYS),
    "notice.deemed_received_working_days": _whole(1, MOST_WORKING_DAYS),
    "institution_ratio.alert_percent": _whole(1, PERCENT),
    "institution_ratio.severe_percent": _whole(1, PERCENT),
    "items.<key>": _item,
} | {f"interpretations.{key}": _choice(only) for key, only in INTERPRETATIONS.items()}

# Parameters that are none any more, which files that were in force may state: P44 knows no extension.
_FORMER: dict[str, Parse] = {"appeal.extension_working_days": _whole(0, MOST_WORKING_DAYS)}

# Rows that a later law may add or end; every other parameter holds from the rulebook's first day on.
_ROWS = (
    "bands.",
    "degree_points.",
    "adjustment_grounds.",
    "suspension_months.",
    "warnings.",
    "remediation.",
    "items.",
)
_KEYS = {
    "bands": BAND_KEYS,
    "degree_points": BAND_KEYS,
    "suspension_months": SCORE_GROUNDS,
    "ban_years": tuple(Ground),
}

REQUIRED = tuple(key for key in _TYPES if "<" not in key) + tuple(f"ban_years.{ground}" for ground in Ground)


def is_row(key: str) -> bool:
    """Tell whether the parameter is a row that may begin later and may end."""
    return key.startswith(_ROWS)


def _type_of(key: str, place: Located, *, superseded: bool) -> Parse:
    types = _TYPES | _FORMER if superseded else _TYPES
    parses = (parse for pattern, parse in types.items() if _fits(key.split("."), pattern.split(".")))
    parse = next(parses, None)
    if parse is None:
        place.fail(f"未知的参数 {key}", f"unknown parameter {key}; docs/rulebooks.md lists them")
    return parse


def _fits(names: list[str], pattern: list[str]) -> bool:
    return len(names) == len(pattern) and all(
        name == part
        or (part == "<points>" and name.isdecimal())
        or (part == "<key>" and bool(_KEY.fullmatch(name)) and name in _KEYS.get(names[0], (name,)))
        for name, part in zip(names, pattern, strict=True)
    )


def read_rulebook_file(path: Path) -> RulebookFile:
    """Read the file at `path`; raises RulebookError with file, line and what to do."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise RulebookError(f"{path}:1: 无法读取 / cannot be read: {problem.strerror}") from problem
    return read_rulebook(content, path)


def read_rulebook(content: bytes, path: Path) -> RulebookFile:
    """Read a rulebook from the bytes of a file that is called `path`; raises as `read_rulebook_file`."""
    top = read_document(content, path, RulebookError)
    optional = ["divisions", "based_on", "in_force_from", "sources"]
    parts = top.section(["id", "title", "title_en", "parameters"], optional)
    if parts["id"].text() != path.stem:
        parts["id"].fail(f"id 应与文件名一致：{path.stem}", f"id must be the file's name: {path.stem}")
    if ("based_on" in parts) == ("in_force_from" in parts):
        top.fail(
            "based_on 与 in_force_from 须且只须写一个",
            "write either based_on (a file that states what differs) or in_force_from (a whole rulebook)",
        )
    superseded = path.parent.name == SUPERSEDED
    reader = _Reader(parts["id"].text(), _sources(parts.get("sources")), superseded=superseded)
    return RulebookFile(
        id=parts["id"].text(),
        title=parts["title"].text(),
        title_en=parts["title_en"].text(),
        divisions=_divisions(parts.get("divisions")),
        based_on=parts["based_on"].text() if "based_on" in parts else None,
        in_force_from=parts["in_force_from"].day() if "in_force_from" in parts else None,
        superseded=superseded,
        parameters={parameter.key: parameter for parameter in reader.parameters(parts["parameters"])},
        place=top,
        content=content,
    )


def _sources(place: Located | None) -> dict[str, str]:
    return {} if place is None else {str(key): source.text() for key, source in place.mapping().items()}


def _divisions(place: Located | None) -> tuple[str, ...]:
    divisions = place.sequence() if place else []
    for division in divisions:
        if not _DIVISION.fullmatch(division.text()):
            division.fail("行政区划代码应为 1 至 6 位数字", "a division is one to six digits, in quotes")
    return tuple(division.text() for division in divisions)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks the tree of parameters of the file `rulebook`."""

    rulebook: str
    sources: Mapping[str, str]
    superseded: bool

    def parameters(self, tree: Located, above: str = "", title: str | None = None) -> Iterator[Parameter]:
        """Yield every parameter of the tree; a group may carry a title for those below it."""
        for name, place in tree.mapping().items():
            if name == "title":
                continue
            key = f"{above}{name}"
            own = place.mapping().get("title")
            shown = own.text() if own else title
            if "values" in place.mapping():
                yield self._parameter(key, place, shown)
            else:
                yield from self.parameters(place, f"{key}.", shown)

    def _parameter(self, key: str, place: Located, title: str | None) -> Parameter:
        parse = _type_of(key, place, superseded=self.superseded)
        dated = place.section(["values"], ["title"])["values"]
        values = [self._value(key, parse, start, stated) for start, stated in dated.mapping().items()]
        if not values:
            dated.fail("没有任何取值", "there is no value; add one with its date")
        return Parameter(key=key, title=title, values=tuple(sorted(values, key=lambda value: value.start)))

    def _value(self, key: str, parse: Parse, start: object, place: Located) -> DatedValue:
        if not isinstance(start, date):
            place.fail(f"{start} 应为生效日期", f"{start} must be the date from which the value holds")
        parts = place.section(["value", "source", "verified"], ["basis"])
        verified = parts["verified"].boolean()
        if not verified and "basis" not in parts:
            place.fail(
                "未核实的取值须写 basis 说明依据", "a value not verified needs a basis: say why it is assumed"
            )
        return DatedValue(
            start=start,
            value=self._parsed(key, parse, parts["value"]),
            source=self._source(parts["source"]),
            verified=verified,
            basis=parts["basis"].text() if "basis" in parts else None,
            rulebook=self.rulebook,
            place=place,
        )

    def _parsed(self, key: str, parse: Parse, place: Located) -> Any:
        if place.value is None and is_row(key):
            return None
        return parse(place)

    def _source(self, place: Located) -> str:
        """Return the sources cited there in full, each with its article: `A P29`, `G annex 2`."""
        text = place.text()
        cited = list(_CITATION.finditer(text))
        if " ".join(citation.group() for citation in cited) != text:
            place.fail(
                f"来源 {text} 应写作代号，其后可接条号或附件，如 P29 或 G annex 2",
                f"source {text} must be keys, each with its article or annex behind it, such as P29 or G annex 2",
            )
        unknown = [citation["key"] for citation in cited if citation["key"] not in self.sources]
        if unknown:
            place.fail(
                f"来源 {'、'.join(unknown)} 未列入 sources",
                f"source {', '.join(unknown)} is not listed in sources",
            )
        return "; ".join(_cited(self.sources[citation["key"]], citation) for citation in cited)


def _cited(source: str, citation: re.Match[str]) -> str:
    """Return the name of a source, with the citation in each of its languages where it names an article."""
    if not citation["place"]:
        return source
    chinese, slash, english = source.partition(" / ")
    place = citation.group().replace(" annex ", "附件")
    return f"{chinese}（{place}）{slash}{english and f'{english} ({citation.group()})'}"
