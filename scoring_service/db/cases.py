"""Cases as they are stored: the case, its findings with the people's names, its hands, and the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from scoring_service.core.adjustments import Adjustment, AdjustmentKind
from scoring_service.core.procedure import CaseState, MeasureKind
from scoring_service.core.rulebook import CitedRulebook
from scoring_service.core.spread import Similar, Spread
from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.tables import (
    accounts,
    case_hands,
    cases,
    entries,
    findings,
    institutions,
    practitioners,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping, Select

DRAFTING_DEEDS = ("drafted", "edited")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingMeasure:
    """A measure against the institution or a `department` of it, `[start, until)`; `until` None: no end is known."""

    kind: MeasureKind
    start: date
    until: date | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """The decision against the institution that the case rests on: `penalty` or `agreement` handling.

    `received_on` is when it reached the office; None stands for the day on which it was made.
    With a `measure` its responsible persons follow it, scored or not (P34).
    """

    kind: str
    authority: str
    document_no: str
    decided_on: date
    received_on: date | None = None
    measure: HandlingMeasure | None = None

    @property
    def reached_on(self) -> date:
        """The day on which the decision was with the office."""
        return self.received_on or self.decided_on


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """A case as it stands in a list: without its findings.

    `assigned_to` is the username of who works on it at present, told to the office alone. Its letters are to be issued
    by the end of `notice_due_on` (P31): None for cases decided before that was counted.
    """

    id: str
    version: int
    state: CaseState
    institution: str
    institution_name: str
    region: str
    handling: Handling
    summary: str
    rulebook: CitedRulebook
    notice_due_on: date | None
    notice_due_provisional: bool
    effective_on: date | None
    assigned_to: str | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase(CaseSummary):
    """A case as it is stored; `reason` is why it was given back or withdrawn."""

    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """A finding whose person is known: what a case says of them.

    `[occurred_from, occurred_until)` is when the act took place; findings with the same `act` are one act;
    `legal_basis` is its own, where the item has none; `reason` says why a flagged finding stands;
    `adjustment` why its points are not those of its degree. `points` are None for
    whoever is responsible for a measure and not scored.
    """

    id: str
    practitioner_id: str
    category: str
    item: str
    degree: str
    points: int | None
    occurred_from: date | None
    occurred_until: date | None
    act: str | None
    legal_basis: str | None
    reason: str | None
    adjustment: Adjustment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding(KnownFinding):
    """A finding of a stored case: who it is on, how it was judged, and what became of it.

    `similar` is what like cases got when it was judged last as a draft; None where that was not asked.
    """

    practitioner: NamedPractitioner
    band: str
    suggested_points: int | None
    flags: tuple[str, ...]
    similar: Similar | None
    absorbed: bool
    entry: str | None
    measure_entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHand:
    """A hand that a case went through."""

    deed: str
    account_id: str
    staff_no: str
    username: str
    at: datetime

    @property
    def drafts(self) -> bool:
        """Whether the hand drafted or edited the case."""
        return self.deed in DRAFTING_DEEDS


def case_summary(row: Mapping[Any, Any]) -> CaseSummary:
    """Return a case of `cases_query` as it stands in a list."""
    return CaseSummary(**_summary_members(row))


def _summary_members(row: Mapping[Any, Any]) -> dict[str, Any]:
    same = (
        *("id", "version", "institution_name", "region", "summary", "effective_on", "created_at", "changed_at"),
        *("notice_due_on", "notice_due_provisional"),
    )
    return {name: row[name] for name in same} | {
        "state": CaseState(row["state"]),
        "institution": row["institution_code"],
        "assigned_to": row["assignee"],
        "handling": Handling(
            kind=row["handling_kind"],
            authority=row["authority"],
            document_no=row["document_no"],
            decided_on=row["decided_on"],
            received_on=row["received_on"],
            measure=measure_of(row),
        ),
        "rulebook": CitedRulebook(id=row["rulebook_id"], sha256=row["rulebook_sha256"]),
    }


def measure_of(row: Mapping[Any, Any]) -> HandlingMeasure | None:
    """Return the measure that a case's decision took, if it took one."""
    if row["measure_kind"] is None:
        return None
    return HandlingMeasure(
        kind=MeasureKind(row["measure_kind"]),
        start=row["measure_from"],
        until=row["measure_until"],
        department=row["measure_department"],
    )


_ASSIGNEE = accounts.alias("assignees")


def cases_query(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query of the cases for which all `conditions` hold, each with its institution's name and assignee."""
    return (
        select(cases, institutions.c.name.label("institution_name"), _ASSIGNEE.c.username.label("assignee"))
        .join(institutions, institutions.c.code == cases.c.institution_code)
        .outerjoin(_ASSIGNEE, _ASSIGNEE.c.id == cases.c.assigned_to)
        .where(*conditions)
    )


def find_case(
    conn: Connection, case_id: str, visible: ColumnElement[bool], *, lock: bool = False
) -> StoredCase | None:
    """Return the case if `visible` holds for it; with `lock` its row is held until the transaction ends."""
    query = cases_query(cases.c.id == case_id, visible)
    if lock:
        query = query.with_for_update(of=cases)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else _case(row)


def read_cases(conn: Connection, *conditions: ColumnElement[bool]) -> list[StoredCase]:
    """Return the cases for which all `conditions` hold, the newest first."""
    query = cases_query(*conditions).order_by(cases.c.created_at.desc(), cases.c.id.desc())
    return [_case(row) for row in conn.execute(query).mappings()]


def _case(row: RowMapping) -> StoredCase:
    return StoredCase(**_summary_members(row), reason=row["reason"])


_SHOWN_FINDINGS = (
    select(findings, practitioners.c.code, practitioners.c.name)
    .join(practitioners, practitioners.c.id == findings.c.practitioner_id)
    .order_by(findings.c.position)
)
_FINDINGS = _SHOWN_FINDINGS.where(findings.c.case_id == bindparam("case_id"))
_HANDS = (
    select(case_hands, accounts.c.username)
    .join(accounts, accounts.c.id == case_hands.c.account_id)
    .where(case_hands.c.case_id == bindparam("case_id"))
    .order_by(case_hands.c.at, case_hands.c.deed)
)


def read_findings(
    conn: Connection, case_id: str, shown: ColumnElement[bool] | None = None
) -> list[StoredFinding]:
    """Return the findings of a case in order, each with its person's code and name."""
    query = _FINDINGS if shown is None else _FINDINGS.where(shown)
    return [_finding(row) for row in conn.execute(query, {"case_id": case_id}).mappings()]


def _finding(row: RowMapping) -> StoredFinding:
    same = (
        *("id", "practitioner_id", "category", "item", "degree", "points", "occurred_from", "occurred_until"),
        *("act", "legal_basis", "reason", "band", "suggested_points", "absorbed"),
    )
    return StoredFinding(
        **{name: row[name] for name in same},
        practitioner=NamedPractitioner(id=row["practitioner_id"], code=row["code"], name=row["name"]),
        flags=tuple(row["flags"]),
        similar=_similar(row["similar"]),
        entry=row["entry_id"],
        adjustment=adjustment_of(row),
        measure_entry=row["measure_entry_id"],
    )


def _similar(kept: Mapping[str, Any] | None) -> Similar | None:
    if kept is None:
        return None
    here, elsewhere = Spread(**kept["here"]), Spread(**kept["elsewhere"])
    return Similar(**{**kept, "here": here, "elsewhere": elsewhere})


def adjustment_of(row: Mapping[Any, Any]) -> Adjustment | None:
    """Return the adjustment of a finding's row, None where there is none."""
    if row["adjustment_kind"] is None:
        return None
    return Adjustment(kind=AdjustmentKind(row["adjustment_kind"]), ground=row["adjustment_ground"])


def findings_of_each(
    conn: Connection, case_ids: Sequence[str], shown: ColumnElement[bool]
) -> dict[str, list[StoredFinding]]:
    """Return the findings of each case as `read_findings` does, those that are `shown`."""
    findings_by_case: dict[str, list[StoredFinding]] = {case_id: [] for case_id in case_ids}
    query = _SHOWN_FINDINGS.where(findings.c.case_id.in_(findings_by_case), shown)
    for row in conn.execute(query).mappings():
        findings_by_case[row["case_id"]].append(_finding(row))
    return findings_by_case


def read_hands(conn: Connection, case_id: str) -> tuple[CaseHand, ...]:
    """Return the hands that a case went through, the first deed first."""
    rows = conn.execute(_HANDS, {"case_id": case_id})
    return tuple(
        CaseHand(
            deed=row.deed, account_id=row.account_id, staff_no=row.staff_no, username=row.username, at=row.at
        )
        for row in rows
    )


def hold_people(conn: Connection, practitioner_ids: Iterable[str]) -> None:
    """Hold the rows of the people that findings will point to, in the order of their ids.

    The foreign keys would take the same locks later, after the clock's row, where an approval that holds a
    person and waits for the clock would wait for us and we for it.
    """
    conn.execute(
        select(practitioners.c.id)
        .where(practitioners.c.id.in_(set(practitioner_ids)))
        .order_by(practitioners.c.id)
        .with_for_update(read=True, key_share=True)
    ).all()


def of_person(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a case has a finding for which `condition` holds."""
    return cases.c.id.in_(select(findings.c.case_id).where(condition))


def any_of(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the condition that one of `conditions` holds; none holds when there are none."""
    return or_(False, *conditions)


def institutions_of_entries(conn: Connection, entry_ids: Collection[str]) -> set[str]:
    """Return the codes of the institutions whose cases these entries come from."""
    query = select(cases.c.institution_code).join(entries, entries.c.case_id == cases.c.id)
    return set(conn.execute(query.where(entries.c.id.in_(entry_ids))).scalars())
