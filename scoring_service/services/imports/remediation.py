"""Remediation: what took effect on paper is posted on its day, and an open application is recorded as on paper."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NoReturn

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.standing import Span
from scoring_service.db.tables import remediation_applications, reregistrations, resumptions
from scoring_service.problems import Conflict, Problem
from scoring_service.services.imports import cells
from scoring_service.services.imports.case_columns import CORRECTION_COLUMNS
from scoring_service.services.imports.cases import since_corrected, uploader
from scoring_service.services.imports.columns import Column
from scoring_service.services.imports.kind import ImportKind, Judged, Outcome, RowFault, counted, refused
from scoring_service.services.imports.people_named import PERSON_COLUMNS, people_named, person_faults
from scoring_service.services.proposals.earlier_entries import CREDITS, Verdict
from scoring_service.services.proposals.earlier_remediation import EarlierRemediation, judge_remediation
from scoring_service.services.proposals.remediation import file_application
from scoring_service.services.proposals.remediation_backfill import backfill_remediation
from scoring_service.services.proposals.reregistrations import propose
from scoring_service.services.proposals.resumptions import file_resumption
from scoring_service.services.registry.affiliations import AskedAffiliation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scoring_service.services.imports.kind import Counts, Options, StagedRow
    from scoring_service.services.imports.people_named import NamedPerson
    from scoring_service.services.proposals.earlier_remediation import JudgedRemediation
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work

MOST_DAYS = 3660
KINDS_OF_ROW = {
    "points": EntryKind.POINTS_CREDIT,
    "term": EntryKind.TERM_CREDIT,
    "resumption": EntryKind.RESUMPTION,
    "reregistration": EntryKind.REREGISTRATION,
}
NAMES = {
    "points": "减分 / Points given back",
    "term": "缩短期限 / Shorter term",
    "resumption": "恢复 / Resumption",
    "reregistration": "重新登记 / Re-registration",
}
_REQUIRED = "必填 / required"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediationRow:
    """A row: a credit or a way back that took effect on a day, or without that day an application that is open."""

    kind: str | None
    practitioner: str | None
    name: str | None
    activity: str | None
    completed_on: date | None
    amount: int | None
    effective_on: date | None
    filed_on: date | None
    statement: str | None
    institution: str | None
    starts_on: date | None
    commitment_signed_on: date | None
    corrected_to: int | None
    corrected_on: date | None
    corrected_basis: str | None
    corrected_document_no: str | None


COLUMNS = (
    Column(
        name="kind",
        heading="类别",
        reading=cells.choice(
            {"points": ("修复减分",), "term": ("缩期",), "resumption": ("恢复资格",), "reregistration": ()}, NAMES
        ),
        required=True,
        example="减分",
        explanation="减分、缩短期限、恢复或重新登记 / points, term, resumption or reregistration",
    ),
    *PERSON_COLUMNS,
    Column(
        name="activity",
        heading="修复活动",
        reading=cells.line(),
        example="online_course",
        explanation="减分、缩短期限必填，写规则页上的代号 / of points and term: the key of an activity in the rulebook",
    ),
    Column(
        name="completed_on",
        heading="完成日",
        reading=cells.day,
        example="2025-04-01",
        explanation="修复活动完成之日；减分、缩短期限必填 / when the activity was completed; of points and term",
    ),
    Column(
        name="amount",
        heading="数值",
        reading=cells.whole(0, MOST_DAYS),
        example="1",
        explanation=(
            "减去的分值、缩短的天数，或恢复迟延的天数（不填则按规则计算） / points, days, or the late days of a "
            "resumption (left empty, as the scheme counts them)"
        ),
    ),
    Column(
        name="effective_on",
        heading="生效日",
        reading=cells.day,
        example="2025-04-08",
        explanation="批准之日；不填则登记为待决定的申请 / the day of approval; left empty, an open application",
    ),
    Column(
        name="filed_on",
        heading="申请日",
        reading=cells.day,
        explanation="提出申请之日 / when it was applied for",
    ),
    Column(
        name="statement",
        heading="说明",
        aliases=("证明材料", "申请事由"),
        reading=cells.prose,
        explanation="证明材料或申请事由 / the evidence, or what the person says",
    ),
    Column(
        name="institution",
        heading="机构代码",
        aliases=("fixmedins_code",),
        reading=cells.institution_code,
        explanation="待决定的重新登记：将执业的机构 / of an open re-registration: where the person will work",
    ),
    Column(
        name="starts_on",
        heading="拟登记日",
        reading=cells.day,
        explanation="待决定的重新登记 / of an open re-registration",
    ),
    Column(
        name="commitment_signed_on",
        heading="承诺书签署日",
        reading=cells.day,
        explanation="待决定的重新登记 / of an open re-registration",
    ),
    Column(
        name="corrected_to",
        heading="更正后数值",
        reading=cells.whole(0, MOST_DAYS),
        explanation="后来更正为多少，0 为撤销；没有更正则不填 / what it has counted since; 0: revoked",
    ),
    *CORRECTION_COLUMNS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    """The rows of a chunk, by their place: faulty, of history, open."""

    faults: Mapping[int, list[RowFault]]
    history: Mapping[int, EarlierRemediation]
    open: Mapping[int, NamedPerson]


def judge(work: Work, rows: Sequence[StagedRow], _options: Options) -> list[Judged]:
    """Tell what becomes of each row; an open application is tried out and taken back."""
    parted = _part(work, rows)
    judged = judge_remediation(work, list(parted.history.values()))
    tried = {place: _tried(work, rows[place], person) for place, person in parted.open.items()}
    return _outcomes(rows, parted, judged, tried)


def write(work: Work, rows: Sequence[StagedRow], options: Options) -> Counts:
    """Post what took effect, and record what is open, as whoever uploaded the file brought it in."""
    parted = _part(work, rows)
    by = uploader(work, options)
    open_people = {person.id for person in parted.open.values()}
    history = list(parted.history.values())
    judged = backfill_remediation(work, history, recorded_by=by, also_locked=open_people)
    filed = {}
    with _acting(work, by):
        for place, person in parted.open.items():
            filed[place] = _filed(work, rows[place].values, person)
    return counted(_outcomes(rows, parted, judged, filed))


@contextmanager
def _acting(work: Work, actor: Actor) -> Iterator[None]:
    """Let another act for a while: an application is that of the clerk who has the paper."""
    decides, work.actor = work.actor, actor
    try:
        yield
    finally:
        work.actor = decides


def _part(work: Work, rows: Sequence[StagedRow]) -> _Sorted:
    people = people_named(work, {row.values.practitioner for row in rows if row.values.practitioner is not None})
    faults: dict[int, list[RowFault]] = {}
    history: dict[int, EarlierRemediation] = {}
    opened: dict[int, NamedPerson] = {}
    for place, row in enumerate(rows):
        values: RemediationRow = row.values
        wrong = [*person_faults(values.practitioner, values.name, people), *_incomplete(row)]
        if wrong or row.unread:
            faults[place] = wrong
        elif values.effective_on is None:
            opened[place] = people[values.practitioner or ""]
        else:
            history[place] = _earlier(values, values.effective_on, people[values.practitioner or ""])
    return _Sorted(faults=faults, history=history, open=opened)


def _incomplete(row: StagedRow) -> list[RowFault]:
    values: RemediationRow = row.values
    if values.effective_on is not None or "effective_on" in row.unread:
        pairs = (("corrected_to", "corrected_on"), ("corrected_on", "corrected_to"))
        half = [other for given, other in pairs if getattr(values, given) is not None]
        missing = [name for name in half if getattr(values, name) is None]
    else:
        missing = [name for name in _OPEN_NEEDS.get(values.kind or "", ()) if getattr(values, name) is None]
    return [RowFault(column=name, expected=_REQUIRED) for name in missing if name not in row.unread]


_OPEN_NEEDS = {
    "points": ("activity", "completed_on", "statement"),
    "term": ("activity", "completed_on", "statement"),
    "resumption": ("statement",),
    "reregistration": ("institution", "starts_on", "commitment_signed_on"),
}


def _earlier(values: RemediationRow, day: date, person: NamedPerson) -> EarlierRemediation:
    kind = KINDS_OF_ROW[values.kind or ""]
    is_credit = kind in CREDITS
    return EarlierRemediation(
        practitioner_id=person.id,
        kind=kind,
        effective_on=day,
        amount=0 if kind is EntryKind.REREGISTRATION else values.amount,
        activity=values.activity if is_credit else None,
        completed_on=values.completed_on if is_credit else None,
        filed_on=values.filed_on,
        statement=values.statement,
        corrected=since_corrected(
            values.corrected_to, values.corrected_on, values.corrected_basis, values.corrected_document_no
        ),
    )


class _TakenBack(Exception):
    """What was tried out is undone; `judged` tells what came of it."""

    def __init__(self, judged: Judged) -> None:
        super().__init__()
        self.judged = judged


def _tried(work: Work, row: StagedRow, person: NamedPerson) -> Judged:
    try:
        with work.attempt():
            _take_back(_filed(work, row.values, person))
    except _TakenBack as tried:
        return tried.judged


def _take_back(judged: Judged) -> NoReturn:
    raise _TakenBack(judged)


def _filed(work: Work, values: RemediationRow, person: NamedPerson) -> Judged:
    """File the application of a row; one that is on record in whatever state is left."""
    if _is_filed(work, values, person):
        return Judged(outcome=Outcome.LEFT)
    try:
        _FILE[values.kind or ""](work, values, person)
    except Conflict as refusal:
        if refusal.code.endswith("_exists"):
            return Judged(outcome=Outcome.LEFT)
        return refused(RowFault(column="kind", expected=refusal.detail))
    except Problem as problem:
        faults = [RowFault(column=_column(fault.pointer), expected=fault.detail) for fault in problem.errors]
        return refused(*(faults or [RowFault(column=None, expected=problem.detail)]))
    return Judged(outcome=Outcome.CREATED)


def _column(pointer: str) -> str | None:
    end = pointer.rsplit("/", 1)[-1]
    return {"on": "starts_on", "from": "starts_on"}.get(end, end if end in _COLUMN_NAMES else None)


_COLUMN_NAMES = {column.name for column in COLUMNS}


def _file_credit(work: Work, values: RemediationRow, person: NamedPerson) -> None:
    assert values.completed_on is not None  # noqa: S101 -- checked by `_incomplete`
    file_application(
        work,
        practitioner=person.id,
        activity=values.activity or "",
        completed_on=values.completed_on,
        effect=values.kind or "",
        evidence=values.statement or "",
    )


def _file_resumption(work: Work, values: RemediationRow, person: NamedPerson) -> None:
    file_resumption(work, practitioner=person.id, statement=values.statement or "")


def _file_new_start(work: Work, values: RemediationRow, person: NamedPerson) -> None:
    assert values.starts_on is not None  # noqa: S101 -- checked by `_incomplete`
    assert values.commitment_signed_on is not None  # noqa: S101 -- the same
    place = AskedAffiliation(institution=values.institution or "", span=Span(values.starts_on, None))
    propose(
        work,
        person.id,
        on=values.starts_on,
        affiliations=[place],
        commitment_signed_on=values.commitment_signed_on,
        statement=values.statement,
    )


_FILE: dict[str, Callable[[Work, RemediationRow, NamedPerson], None]] = {
    "points": _file_credit,
    "term": _file_credit,
    "resumption": _file_resumption,
    "reregistration": _file_new_start,
}


def _is_filed(work: Work, values: RemediationRow, person: NamedPerson) -> bool:
    """Tell whether the very application is on record, open or decided."""
    alike: dict[str, object]
    if values.kind == "resumption":
        table, alike = resumptions, {"statement": values.statement}
    elif values.kind == "reregistration":
        table, alike = reregistrations, {"proposed_on": values.starts_on}
    else:
        table = remediation_applications
        alike = {"activity": values.activity, "completed_on": values.completed_on, "effect": values.kind}
    query = select(table.c.id).where(table.c.practitioner_id == person.id)
    query = query.where(*(table.c[name] == value for name, value in alike.items()))
    return work.conn.execute(query.limit(1)).first() is not None


def _outcomes(
    rows: Sequence[StagedRow],
    parted: _Sorted,
    judged: Sequence[JudgedRemediation],
    opened: Mapping[int, Judged],
) -> list[Judged]:
    outcomes = {place: refused(*faults) for place, faults in parted.faults.items()} | dict(opened)
    for place, judgement in zip(parted.history, judged, strict=True):
        if judgement.verdict is Verdict.REFUSED:
            outcomes[place] = refused(
                *(RowFault(column=_column(fault.pointer), expected=fault.detail) for fault in judgement.faults)
            )
        else:
            outcomes[place] = Judged(outcome=Outcome(judgement.verdict.value))
    return [outcomes[place] for place in range(len(rows))]


REMEDIATION = ImportKind(
    name="remediation",
    title="修复、恢复与重新登记 / Remediation, resumptions and new starts",
    columns=COLUMNS,
    record=RemediationRow,
    judge=judge,
    write=write,
    uploads=frozenset({"office.clerk"}),
    commits=frozenset({"office.reviewer", "office.admin"}),
    keys=lambda row: (row.practitioner,) if row.practitioner else (),
    chunk_rows=500,
)
