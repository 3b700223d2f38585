"""What becomes of the people of a chunk: opened, changed, left as they are, or refused at the cell that is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from scoring_service.core.errors import RuleError
from scoring_service.core.gates import check_may_begin
from scoring_service.core.standing import Span
from scoring_service.db.persons import PRACTICE, PersonData
from scoring_service.services.imports.kind import WHOLE_ROW, Judged, Outcome, RowFault, refused
from scoring_service.services.imports.people import (
    OnRecord,
    PersonOnRecord,
    PersonRows,
    RegistrationOfRows,
    people_of,
    read_on_record,
)
from scoring_service.services.imports.practitioners import ONE_DAY, PractitionerRow, span_to
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.changes import ChangedAffiliation, FileChange
from scoring_service.services.registry.codes import category_named_by, holds_code
from scoring_service.services.registry.opening import EarlierRegistration
from scoring_service.services.registry.persons import running_registration, with_id_number
from scoring_service.services.registry.spans import overlap, unbroken

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.registry import AffiliationVersion
    from scoring_service.services.imports.kind import StagedRow
    from scoring_service.services.unit_of_work.transaction import Work

PERSONAL = (
    "code", "id_number", "name", "category", "registered_on", "registration_last_day", "commitment_signed_on",
    *PRACTICE,
)  # fmt: skip
_TWO_HANDS = (
    "该档案已有记录，姓名、代码和证件号须由两人更正：请提交登记更正 / the file has entries: a name, code or number is "
    "corrected by two people, by a registry correction"
)
_CORRECT_IT = "；登记有误请提交登记更正 / what is on record; if that is wrong, propose a registry correction"


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be done for one person; `id` is None for a new one. `outcomes` and `faults` are by row."""

    person: PersonRows
    known: PersonOnRecord | None = None
    faults: dict[int, list[RowFault]] = field(default_factory=lambda: defaultdict(list))
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    change: FileChange = field(default_factory=FileChange)
    earlier: tuple[EarlierRegistration, ...] = ()
    affiliations: list[AskedAffiliation] = field(default_factory=list)

    def refuse(self, column: str | None, expected: str, row: int = 0) -> None:
        """Note a fault at a column of one of the person's rows, by default the first."""
        self.faults[row].append(RowFault(column=column, expected=expected))

    def judged(self) -> list[Judged]:
        """Return what becomes of each of the person's rows."""
        return [
            refused(*self.faults[row]) if self.faults.get(row) else Judged(outcome=self.outcomes[row])
            for row in range(len(self.person.rows))
        ]


def plan_people(work: Work, rows: Sequence[StagedRow]) -> list[Plan]:
    """Return what is to be done for each person of these rows."""
    people = people_of(rows, PERSONAL)
    on_record = read_on_record(work, people, [row.values.institution for row in rows])
    return [_Judge(work, on_record, person).plan() for person in people]


class _Judge:
    """The judgement on one person."""

    def __init__(self, work: Work, on_record: OnRecord, person: PersonRows) -> None:
        self._work, self._on_record, self._person = work, on_record, person
        self._values = person.values
        self._registrations = person.registrations()
        self._plan = Plan(person=person)

    def plan(self) -> Plan:
        plan, values = self._plan, self._values
        self._take_registrations()
        self._contradictions()
        self._forms()
        ids = self._on_record.ids(values["code"], values["id_number"])
        if len(ids) > 1:
            plan.refuse("id_number", "证件号在册为另一人的，与代码不是同一人 / the number of whom the code is")
        elif ids:
            plan.known = self._on_record.people[ids[0]]
            self._of_known(plan.known)
        else:
            self._of_new()
        return plan

    def _take_registrations(self) -> None:
        """Take the last registration of the rows for that of the person; those before it are earlier ones."""
        if not self._registrations:
            return
        *earlier, last = self._registrations
        of_all = None if earlier else self._values["commitment_signed_on"]
        self._values |= _said(last) | {"commitment_signed_on": last.commitment_signed_on or of_all}
        self._plan.earlier = tuple(
            EarlierRegistration(span=each.span, commitment_signed_on=each.commitment_signed_on) for each in earlier
        )
        for each, following in pairwise(self._registrations):
            if each.span.until is None or each.span.until > following.first:
                detail = f"早于下一次登记日 {following.first} / before the next registration of {following.first}"
                self._plan.refuse("registration_last_day", detail, self._row_of(each))

    def _row_of(self, registration: RegistrationOfRows) -> int:
        rows = self._person.rows
        return next(number for number, row in enumerate(rows) if row.values.registered_on == registration.first)

    def _registration_of(self, row: StagedRow) -> RegistrationOfRows | None:
        """Return the registration that a row is about: the one of its day, else the last."""
        own = (each for each in self._registrations if each.first == row.values.registered_on)
        return next(own, self._registrations[-1] if self._registrations else None)

    def _contradictions(self) -> None:
        """Tell where later rows of the person say something else than the first, of a registration than its first."""
        first = self._person.rows[0]
        for number, row in enumerate(self._person.rows[1:], start=1):
            registration = self._registration_of(row)
            said = self._values | (_said(registration) if registration else {})
            for name in PERSONAL if WHOLE_ROW not in row.unread else ():
                value = getattr(row.values, name)
                if value is not None and value != said[name]:
                    self._plan.refuse(name, _AS_IN.get(name, _AS_IN["name"]).format(first.number), number)

    def _forms(self) -> None:
        values, plan = self._values, self._plan
        unread = {name for row in self._person.rows for name in row.unread}
        if values["code"] is None and values["id_number"] is None and not unread & {"code", "id_number"}:
            plan.refuse("code", "人员代码与证件号至少填一项 / a code or an identity number")
        code, category = values["code"], values["category"]
        if None not in {code, category} and not holds_code(category, code):
            plan.refuse("code", "与人员类别相符的代码：医师 D，护士 N，药师 HY，技师 HJ / a code of the category")
        signed, today = values["commitment_signed_on"], self._work.today
        if signed is not None and signed > today:
            plan.refuse("commitment_signed_on", "不晚于今日 / not after today")
        first, last = values["registered_on"], values["registration_last_day"]
        if first is not None and last is not None and last < first:
            plan.refuse("registration_last_day", "不早于登记日 / not before the day of registration")

    def _category(self) -> str | None:
        code: str | None = self._values["code"]
        category: str | None = self._values["category"]
        return category or (category_named_by(code) if code else None)

    # A new person.

    def _of_new(self) -> None:
        plan, values = self._plan, self._values
        unread = self._person.rows[0].unread
        is_named = values["code"] is not None or values["id_number"] is not None
        if is_named and self._category() is None and not {"category", "code"} & set(unread):
            plan.refuse("category", "没有代码的人员须填类别 / the category, of a person without a code")
        places = [row.values.institution for row in self._person.rows if row.values.institution]
        is_registered = places or values["commitment_signed_on"] or values["registration_last_day"]
        if is_registered and values["registered_on"] is None and "registered_on" not in unread:
            plan.refuse("registered_on", "登记日 / the day of registration")
        if not places and self._work.actor.region is not None and "institution" not in unread:
            plan.refuse("institution", "您管辖范围内的执业机构 / an institution of your region")
        for number, row in enumerate(self._person.rows):
            plan.outcomes[number] = Outcome.CREATED
            registration = self._registration_of(row)
            span = self._asked_span(number, row, registration.first if registration else None)
            if span is not None:
                self._ask(number, AskedAffiliation(institution=row.values.institution, span=span))

    def _ask(self, number: int, wanted: AskedAffiliation) -> None:
        """Take an affiliation of a new person; the same again is left, one that overlaps another refused."""
        plan = self._plan
        here = [each for each in plan.affiliations if each.institution == wanted.institution]
        if wanted in here:
            plan.outcomes[number] = Outcome.LEFT
        elif any(overlap(each.span, wanted.span) for each in here):
            plan.refuse("affiliated_from", "与本表此人在该机构的执业期不重叠 / days that overlap no other row", number)
        else:
            plan.affiliations.append(wanted)

    def _asked_span(self, number: int, row: StagedRow, registered_on: date | None) -> Span | None:
        """Return the affiliation that a row asks for, checked by itself and beside the earlier ones."""
        values: PractitionerRow = row.values
        plan = self._plan
        if values.institution is None:
            if (values.affiliated_from or values.affiliation_last_day) and "institution" not in row.unread:
                plan.refuse("institution", "执业机构的代码 / the institution's code", number)
            return None
        institution = self._on_record.institutions.get(values.institution)
        if institution is None:
            plan.refuse("institution", "在册机构，请先导入机构 / an institution on record: import it first", number)
        elif not self._work.actor.sees_region(institution.region):
            plan.refuse("institution", "您管辖范围内的机构 / an institution of your region", number)
        first = values.affiliated_from or registered_on
        if first is None or {"affiliated_from", "affiliation_last_day"} & set(row.unread):
            return None
        if registered_on is not None and first < registered_on:
            plan.refuse("affiliated_from", f"不早于登记日 {registered_on} / not before {registered_on}", number)
        last = values.affiliation_last_day
        if last is not None and last < first:
            plan.refuse("affiliation_last_day", "不早于执业起始日 / not before the first day", number)
        until = self._cut(row, last)
        if values.affiliated_from is not None and until is not None and until != last and until < first:
            plan.refuse("affiliated_from", f"不晚于登记最后一日 {until} / not after {until}", number)
        return span_to(first, until)

    def _cut(self, row: StagedRow, last: date | None) -> date | None:
        """Return the last day of an affiliation, which a registration ends that has ended and goes on in no other."""
        registration = self._registration_of(row)
        end = None if registration is None else registration.last_day
        for following in self._registrations:
            if end is not None and following.first == end + ONE_DAY:
                end = following.last_day
        return end if end is not None and (last is None or last > end) else last

    # Somebody on record.

    def _of_known(self, known: PersonOnRecord) -> None:
        plan = self._plan
        for number in range(len(self._person.rows)):
            plan.outcomes[number] = Outcome.LEFT
        if not self._touches(known):
            return
        data = self._changed_data(known)
        registration = self._changed_registration(known)
        changed = [self._affiliation(known, number, row) for number, row in enumerate(self._person.rows)]
        if data is not None or registration or plan.change.ends_on:
            plan.outcomes[0] = Outcome.CHANGED
        affiliations = [each for each in changed if each is not None]
        plan.change = replace(plan.change, data=data, registration=registration, affiliations=affiliations)

    def _touches(self, known: PersonOnRecord) -> bool:
        actor, today = self._work.actor, self._work.today
        if known.is_own_file:
            self._plan.refuse("code", "不得办理本人的档案 / not your own file")
            return False
        here = [each for each in known.spans.affiliations if each.span.until is None or each.span.until > today]
        present = {each.region for each in here if each.span.start <= today} or {each.region for each in here}
        if actor.region is None or any(map(actor.sees_region, present)):
            return True
        whose = "、".join(sorted(present)) or "—"
        self._plan.refuse("code", f"该人员由 {whose} 区划的经办机构办理 / this person is for the office of {whose}")
        return False

    def _changed_data(self, known: PersonOnRecord) -> PersonData | None:
        present, values = known.spans.persons[-1], self._values
        called = (*known.spans.merged, *known.spans.persons)
        wanted = {name: values[name] for name in ("name", "category", *PRACTICE) if values[name] is not None}
        codes = {version.code for version in called}
        if values["code"] is not None and values["code"] not in codes:
            wanted["code"] = values["code"]
        data = replace(present.data, **wanted)
        if data.code is not None and not holds_code(data.category, data.code):
            self._plan.refuse("category", "与代码相符的类别 / the category of the code")
        number, numbers = values["id_number"], self._work.identity_numbers
        own_numbers = {present.id_number_digest, *(version.id_number_digest for version in known.spans.merged)}
        if number is not None and own_numbers.isdisjoint(numbers.digests(number)):
            data = with_id_number(self._work, data, number)
        self._check_one_hand(known, data)
        return None if data == present.data else data

    def _check_one_hand(self, known: PersonOnRecord, data: PersonData) -> None:
        present = known.spans.persons[-1].data
        corrected = [
            column
            for column, name in (("name", "name"), ("code", "code"), ("id_number", "id_number_digest"))
            if getattr(present, name) is not None and getattr(present, name) != getattr(data, name)
        ]
        if "name" in corrected and len(corrected) > 1:
            self._plan.refuse("name", "代码或证件号在册为另一人 / the person whose code or number it is")
        elif known.has_entries:
            for column in corrected:
                self._plan.refuse(column, _TWO_HANDS)

    def _changed_registration(self, known: PersonOnRecord) -> Mapping[str, Any]:
        values, plan = self._values, self._plan
        running = running_registration(self._work, known.spans)
        if running is None:
            self._of_left(known)
            return {}
        chain = unbroken(known.spans.registrations, running)
        first = chain[0].span.start
        self._check_earlier(known)
        if values["registered_on"] is not None and values["registered_on"] not in {each.span.start for each in chain}:
            plan.refuse("registered_on", f"在册登记日 {first}{_CORRECT_IT}")
        last = values["registration_last_day"]
        if last is not None and running.span.until != last + ONE_DAY:
            if last < first:
                plan.refuse("registration_last_day", f"不早于登记日 {first} / not before {first}")
            plan.change = replace(plan.change, ends_on=last + ONE_DAY)
        wanted = {name: values[name] for name in ("category", "commitment_signed_on") if values[name] is not None}
        return {name: value for name, value in wanted.items() if value != getattr(running, name)}

    def _check_earlier(self, known: PersonOnRecord) -> None:
        """Refuse an earlier registration that is not on record: what was is corrected by two people."""
        on_record = {each.span for each in known.spans.registrations}
        for registration, earlier in zip(self._registrations, self._plan.earlier, strict=False):
            if earlier.span not in on_record:
                self._plan.refuse("registered_on", f"在册的登记{_CORRECT_IT}", self._row_of(registration))

    def _of_left(self, known: PersonOnRecord) -> None:
        """Refuse to register anew by a file who has left or was never registered; what has ended may be told again."""
        values = self._values
        if values["registered_on"] is None:
            return
        ended = {(each.span.start, each.span.until) for each in known.spans.registrations}
        last = values["registration_last_day"]
        if last is None or not any(until == last + ONE_DAY for _start, until in ended):
            detail = "该人员目前未登记，请在其页面办理登记 / not registered: register the person on their page"
            self._plan.refuse("registered_on", detail)

    def _affiliation(self, known: PersonOnRecord, number: int, row: StagedRow) -> ChangedAffiliation | None:
        """Return what a row adds to or ends of the affiliations on record; None when it is there as it is."""
        values: PractitionerRow = row.values
        here = [each for each in known.spans.affiliations if each.institution == values.institution]
        registration = self._registration_of(row)
        is_of_last = not self._registrations or registration is self._registrations[-1]
        running = next((each.span.start for each in here if each.span.until is None), None) if is_of_last else None
        values = replace(values, affiliated_from=values.affiliated_from or running)
        first = known.spans.registrations[0].span.start if known.spans.registrations else None
        span = self._asked_span(number, replace(row, values=values), registration.first if registration else first)
        if span is None or any(each.span == span for each in here):
            return None
        return self._new_or_ended(known, number, span, here)

    def _new_or_ended(
        self, known: PersonOnRecord, number: int, span: Span, here: Sequence[AffiliationVersion]
    ) -> ChangedAffiliation | None:
        plan, values = self._plan, self._person.rows[number].values
        same = next((each for each in here if each.span.start == span.start), None)
        ended = same if span.until is not None else None
        if any(overlap(each.span, span) for each in here if each is not ended):
            on_record = "、".join(f"{each.span.start}" for each in here)
            plan.refuse("affiliated_from", f"在册执业期（自 {on_record}）{_CORRECT_IT}", number)
            return None
        if ended is None:
            try:
                check_may_begin(known.profile, self._work.today)
            except RuleError as rule:
                plan.refuse("institution", rule.detail, number)
                return None
        plan.outcomes[number] = Outcome.CHANGED
        return ChangedAffiliation(
            institution=values.institution, span=span, supersedes=ended.span_id if ended else None
        )


def _said(registration: RegistrationOfRows) -> dict[str, date | None]:
    return {
        "registered_on": registration.first,
        "registration_last_day": registration.last_day,
        "commitment_signed_on": registration.commitment_signed_on,
    }


_AS_IN = {
    "name": "与第 {0} 行同一人一致 / as in row {0}, of the same person",
    "code": "与第 {0} 行证件号相同，代码应一致 / the code of row {0}, which has the same number",
    "id_number": "与第 {0} 行代码相同，证件号应一致 / the number of row {0}, which has the same code",
}
