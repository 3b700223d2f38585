"""The case editor's form: what was typed, whom and which institution it means, and the findings row by row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.adjustments import Adjustment, AdjustmentKind
from scoring_service.core.procedure import HandlingKind
from scoring_service.core.rulebook import Degree
from scoring_service.problems import Fault, Problem
from scoring_service.services.cases.case import Case, Handling
from scoring_service.services.cases.findings import MOST_FINDINGS, Finding
from scoring_service.services.imports.people_named import people_named, person_faults
from scoring_service.services.registry.codes import is_practitioner_code
from scoring_service.services.registry.names import count_institutions, find_institutions, institution_names
from scoring_service.services.registry.practitioners import count_found, search_practitioners
from scoring_service.services.registry.records import ListedPractitioner
from scoring_service.web.frame.forms import Form
from scoring_service.web.frame.pages import work
from scoring_service.web.office.measure_form import measure_fields, measure_of, takes_measure
from scoring_service.web.wording.catalogue import Catalogue, items_named, title_of
from scoring_service.web.wording.languages import ENGLISH, language
from scoring_service.web.wording.spans import typed_last_day
from scoring_service.written import LONGEST_LINE, as_ref, as_searched, is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from scoring_service.services.imports.people_named import NamedPerson

MOST_CANDIDATES = 10
# As long as the API takes them: what is on record comes back whole.
LONGEST_LINES = 4000
INSTITUTION_CODE = re.compile(r"[HP][0-9]{11}")
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}")
HANDLING_FIELDS = ("kind", "authority", "document_no", "decided_on", "received_on", "measure")
# What somebody is charged with: it is copied from one person to others.
CHARGE_FIELDS = ("item", "degree", "points", "adjustment/ground", "occurred_from", "occurred_until", "legal_basis")
_KEPT_FIELDS = ("practitioner", *CHARGE_FIELDS, "act", "reason")
_RARE_FIELDS = ("adjustment/ground", "occurred_from", "occurred_until", "act", "legal_basis", "reason")
FEW = 4
# Beside the finding itself: whether it is marked for an act on many, and what a paste filled in from the row above.
_FINDING_FIELDS = (*_KEPT_FIELDS, "marked", "filled")


class Candidates(NamedTuple):
    """Whom or what a text may mean, as far as the list goes, and how many `more` there are."""

    choices: list[dict[str, str]]
    more: int


class Rules(NamedTuple):
    """What a rulebook lets a form choose from: its items, and the ways to adjust points, in Chinese and English."""

    items: Catalogue
    adjustments: Mapping[str, tuple[str, str]]


@dataclass(slots=True)
class CaseForm:
    """The fields as typed, the candidates for names that fit several, and the faults beside their fields."""

    form: Form
    rows: int
    rules: Rules
    candidates: dict[str, Candidates] = field(default_factory=dict)
    _named: dict[str, NamedPerson] | None = None

    @classmethod
    def of(cls, fields: MultiDict[str, str], rules: Rules, errors: Mapping[str, str] | None = None) -> CaseForm:
        """Return the form of these fields. Raises Problem 400 without the number of its rows: none is left out."""
        fields = _picked(fields)
        count = fields.get("rows", "")
        if not re.fullmatch(r"[1-9][0-9]{0,2}", count):
            raise Problem(400, "malformed", "表单不完整，请重新打开页面 / the form is incomplete; open the page again")
        return cls(form=Form(fields, errors), rows=int(count), rules=rules)

    def raw(self, name: str) -> str:
        return self.form.raw(name)

    @property
    def is_small(self) -> bool:
        """Whether the findings are few enough to show each with all its fields open and explained."""
        return self.rows <= FEW

    def says_more(self, row: int | str) -> bool:
        """Tell whether one of the fields that are rarely filled in says something, or is at fault."""
        names = (f"findings/{row}/{name}" for name in (*_RARE_FIELDS, "adjustment/kind"))
        return any(name in self.form.errors or self.raw(name) for name in names)

    def institution(self) -> str | None:
        """Return the code of the institution that was typed by code or by name."""
        typed = self.form.line("institution", longest=200)
        if typed is None or INSTITUTION_CODE.fullmatch(as_ref(typed)):
            return typed and as_ref(typed)
        candidates = find_institutions(work(), typed, limit=MOST_CANDIDATES)
        if len(candidates) == 1:
            return candidates[0].code
        words = [{"value": row.code, "words": f"{row.name} {row.code}"} for row in candidates]
        self.candidates["institution"] = Candidates(words, count_institutions(work(), typed) - len(candidates))
        self._ask("institution", len(candidates))
        return None

    def handling(self) -> Handling:
        """Return the decision against the institution; what is missing is noted, and stands in for itself."""
        kind = self.form.choice("handling/kind", tuple(HandlingKind))
        authority = self.form.line("handling/authority", longest=LONGEST_LINE)
        document_no = self.form.line("handling/document_no", longest=LONGEST_LINE)
        decided_on = self.form.day("handling/decided_on") or work().today
        return Handling(
            kind=kind or "",
            authority=authority or "",
            document_no=document_no or "",
            decided_on=decided_on,
            received_on=self.form.day("handling/received_on", required=False),
            measure=measure_of(self.form),
        )

    def summary(self) -> str | None:
        """Return the summary of the facts."""
        return self.form.text("summary", longest=LONGEST_LINES)

    def findings(self) -> list[Finding]:
        """Return the findings; what is missing or wrong in one is noted, and stands in for itself."""
        return [self._finding(index) for index in range(self.rows)]

    def look_at(self, rows: Iterable[int]) -> None:
        """Note what is missing or wrong in these findings, and offer what is to be chosen from."""
        for row in rows:
            self._finding(row)

    def _finding(self, index: int) -> Finding:
        at = f"findings/{index}"
        person = self._person(f"{at}/practitioner")
        item = self._item(f"{at}/item")
        degree = self.form.choice(f"{at}/degree", tuple(Degree))
        points = self._points(f"{at}/points")
        adjustment = self._adjustment(f"{at}/adjustment/ground")
        occurred_from = self.form.day(f"{at}/occurred_from", required=False)
        occurred_until = self.form.last_day(f"{at}/occurred_until", occurred_from)
        act = self.form.line(f"{at}/act", required=False, longest=LONGEST_LINE)
        legal_basis = self.form.line(f"{at}/legal_basis", required=False, longest=LONGEST_LINE)
        reason = self.form.text(f"{at}/reason", required=False, longest=LONGEST_LINES)
        return Finding(
            practitioner=person or "",
            item=item or "",
            degree=degree or "",
            points=points,
            occurred_from=occurred_from,
            occurred_until=occurred_until,
            act=act,
            legal_basis=legal_basis,
            reason=reason,
            adjustment=adjustment,
        )

    def _adjustment(self, name: str) -> Adjustment | None:
        """Return the adjustment typed: `kind:ground`, or as the list of them calls it."""
        typed = self.form.text(name, required=False)
        if typed is None:
            return None
        kind, _colon, ground = self._adjustment_key(typed).partition(":")
        if kind not in set(AdjustmentKind):
            self.form.fault(name, "请选择其中一项 / choose one of those")
            return None
        return Adjustment(kind=AdjustmentKind(kind), ground=ground)

    def _adjustment_key(self, typed: str) -> str:
        wanted = typed.strip().casefold()
        ways = self.rules.adjustments.items()
        return next((key for key, names in ways if wanted in {name.casefold() for name in names}), typed.strip())

    def shown_adjustment(self, row: int | str) -> str:
        """Return an adjustment as the form shows it: as it is called in the page's language, or as it was typed."""
        typed = self.raw(f"findings/{row}/adjustment/ground")
        called = self.rules.adjustments.get(self._adjustment_key(typed))
        return typed if called is None else called[language() == ENGLISH]

    def _points(self, name: str) -> int | None:
        """Return the points; None for whoever is responsible for a measure and not scored, and left blank."""
        may_be_blank = takes_measure(self.form)
        points = self.form.whole(name, required=not may_be_blank)
        return None if may_be_blank and not self.raw(name).strip() else points or 0

    def _person(self, name: str) -> str | None:
        typed = self.form.line(name, longest=LONGEST_LINE)
        if typed is None or is_practitioner_code(as_ref(typed)) or is_id(as_ref(typed)):
            return typed and as_ref(typed)
        called, _blank, ref = typed.rpartition(" ")
        if called and names_person(as_ref(ref)):
            return self._called(name, called, as_ref(ref))
        by = "id_number" if _ID_NUMBER.fullmatch(typed) else "name"
        items, _further = search_practitioners(work(), limit=MOST_CANDIDATES, after=None, **{by: typed})
        if len(items) == 1 and as_searched(items[0].name) == as_searched(typed):
            return items[0].id
        places = institution_names(work(), {code for item in items for code in item.institutions})
        more = count_found(work(), **{by: typed}) - len(items)
        self.candidates[name] = Candidates([_person_choice(item, places) for item in items], more)
        self._ask(name, len(items))
        return None

    def _called(self, name: str, called: str, ref: str) -> str | None:
        """Return the id of the person of this name and code, number or id."""
        faults = person_faults(ref, called, self._people())
        for fault in faults:
            self.form.fault(name, as_fault(fault.expected))
        return None if faults else self._people()[ref].id

    def _people(self) -> dict[str, NamedPerson]:
        """Return those who are typed by name and code, looked up for all findings at once."""
        if self._named is None:
            typed = (self.raw(f"findings/{row}/practitioner").strip().rpartition(" ") for row in range(self.rows))
            refs = {as_ref(ref) for called, _blank, ref in typed if called}
            self._named = people_named(work(), set(filter(names_person, refs)))
        return self._named

    def _item(self, name: str) -> str | None:
        """Return the key of the item whose title, or a part of it, was typed."""
        typed = self.form.text(name, longest=LONGEST_LINE)
        if typed is None:
            return None
        keys = items_named(self.rules.items, typed)
        if len(keys) == 1:
            return keys[0]
        few = keys[:MOST_CANDIDATES]
        words = [{"value": key, "words": title_of(self.rules.items, key)} for key in few]
        self.candidates[name] = Candidates(words, len(keys) - len(few))
        self._ask(name, len(keys))
        return None

    def compared(self, name: str) -> str:
        """Return what a field says, however it was typed: an item by its title, lines ended in one way."""
        if name.endswith("/item") and self.raw(name):
            return title_of(self.rules.items, next(iter(items_named(self.rules.items, self.raw(name))), self.raw(name)))
        if name.endswith("/adjustment/ground"):
            return self._adjustment_key(self.raw(name))
        return self.raw(name).replace("\r\n", "\n").strip()

    def shown_item(self, row: int | str) -> str:
        """Return an item as the form shows it: by its title, or as it was typed."""
        return title_of(self.rules.items, self.raw(f"findings/{row}/item"))

    def suggested_points(self, row: int | str) -> int | None:
        """Return the points that degree and adjustment suggest for the item typed, None until both are known."""
        keys = items_named(self.rules.items, self.raw(f"findings/{row}/item"))
        kind = self._adjustment_key(self.raw(f"findings/{row}/adjustment/ground")).partition(":")[0]
        suggested = self.rules.items[keys[0]]["suggested_points"] if len(keys) == 1 else {}
        return suggested.get(kind, {}).get(self.raw(f"findings/{row}/degree"))

    def suggestions(self) -> dict[str, dict[str, int]]:
        """Return the points that each degree suggests, by the key of the band, gravest last."""
        return {item["band"].key: item["suggested_points"][""] for item in self.rules.items.values()}

    def offer(self) -> None:
        """Look up again what is to be chosen from, in a form that comes back with its errors."""
        if "institution" in self.form.errors:
            self.institution()
        for row in range(self.rows):
            for name, look_up in ((f"findings/{row}/practitioner", self._person), (f"findings/{row}/item", self._item)):
                if name in self.form.errors:
                    look_up(name)

    def _ask(self, name: str, count: int) -> None:
        detail = (
            "请在下面选择其中一个 / choose one of those below"
            if count
            else "没有找到，请核对姓名或代码 / nothing found; check the name or the code"
        )
        self.form.faults.append(Fault(f"/{name}", detail))

    def added(self) -> None:
        """Add an empty finding."""
        if self.rows < MOST_FINDINGS:
            self.rows += 1

    def removed(self, indexes: Collection[int]) -> CaseForm:
        """Return the form without the findings at these places; the last one that is left is emptied."""
        fields = self.form.fields.copy()
        kept = [row for row in range(self.rows) if row not in indexes]
        for row in range(self.rows):
            source = kept[row] if row < len(kept) else self.rows
            for name in _FINDING_FIELDS:
                fields.setlist(f"findings/{row}/{name}", self.form.fields.getlist(f"findings/{source}/{name}"))
        fields["rows"] = str(max(len(kept), 1))
        return CaseForm.of(fields, self.rules)

    def marked(self) -> list[int]:
        """Return the places of the findings that are marked."""
        return [row for row in range(self.rows) if self.raw(f"findings/{row}/marked")]

    def is_blank(self, row: int, names: Collection[str] = _KEPT_FIELDS) -> bool:
        """Tell whether nothing was typed into these fields of a finding."""
        return not any(self.raw(f"findings/{row}/{name}").strip() for name in names)

    def copied(self, source: int) -> list[int]:
        """Charge others with what the finding at `source` says: the marked ones, else those that say nothing yet.

        Returns their places.
        """
        marked = [row for row in self.marked() if row != source]
        chosen = marked or [row for row in range(self.rows) if row != source and self.is_blank(row, CHARGE_FIELDS)]
        fields = self.form.fields.copy()
        for row in chosen:
            for name in CHARGE_FIELDS:
                fields[f"findings/{row}/{name}"] = self.raw(f"findings/{source}/{name}")
            fields.pop(f"findings/{row}/filled", None)
        self.form.fields = fields
        return chosen

    def sent(self) -> list[tuple[str, str]]:
        """Return the fields as they are kept to be shown again."""
        fields = self.form.fields.copy()
        fields["rows"] = str(self.rows)
        return list(fields.items(multi=True))


def as_fault(expected: str) -> str:
    """Return what was expected in a cell as the fault of a field."""
    chinese, _slash, english = expected.partition(" / ")
    return f"应为{chinese.removeprefix('应为')} / expected: {english}" if english else expected


def names_person(ref: str) -> bool:
    """Tell whether a text has the form of a code, an id or an identity number."""
    return is_practitioner_code(ref) or is_id(ref) or _ID_NUMBER.fullmatch(ref) is not None


def _person_choice(person: ListedPractitioner, places: dict[str, str]) -> dict[str, str]:
    """Return a person to choose, told apart by code and workplace."""
    called = person.code or person.id_number or ""
    known = [person.name, called, *(places[code] for code in person.institutions)]
    return {"value": person.code or person.id, "words": " · ".join(known)}


def _picked(fields: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return the fields with each choice among several in the place of the text that it was offered for."""
    fields = fields.copy()
    for name in [name.removesuffix("/pick") for name in fields if name.endswith("/pick")]:
        if fields.get(name, "").strip() == fields.get(f"{name}/offered"):
            fields[name] = fields[f"{name}/pick"]
    return fields


def fields_of(case: Case) -> dict[str, str]:
    """Return the form's fields for a stored case."""
    handling = case.handling
    fields = {
        "institution": case.institution,
        "summary": case.summary,
        "rows": str(len(case.findings)),
        "handling/kind": handling.kind,
        "handling/authority": handling.authority,
        "handling/document_no": handling.document_no,
        "handling/decided_on": handling.decided_on.isoformat(),
        **measure_fields(handling.measure),
    }
    if handling.reached_on != handling.decided_on:
        fields["handling/received_on"] = handling.reached_on.isoformat()
    for index, finding in enumerate(case.findings):
        person = finding.practitioner
        values: dict[str, object] = {name: getattr(finding, name) for name in _KEPT_FIELDS if "/" not in name}
        adjustment = finding.adjustment
        values["adjustment/ground"] = adjustment and f"{adjustment.kind}:{adjustment.ground}"
        values["practitioner"] = person.code or person.id
        values["occurred_until"] = typed_last_day(finding.occurred_from, finding.occurred_until)
        fields |= {f"findings/{index}/{name}": str(value) for name, value in values.items() if value is not None}
    return fields
