"""Remediation, resumptions and new starts of earlier years: judged, then posted on their own days (P38, P39).

What was decided on paper is a fact: the gates are asked by what the file holds of that day, with the corrections that
have come since and without them, and one way through is enough.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.entries import (
    Correction,
    Entry,
    EntryKind,
    PointsCredit,
    Reregistration,
    Resumption,
    TermCredit,
)
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import value_of
from scoring_service.core.gates import check_reregistration, days_after_terms
from scoring_service.core.registry import known_versions
from scoring_service.core.sanctions import resumable
from scoring_service.db.files import read_files
from scoring_service.db.tables import remediation_applications, reregistrations, resumptions
from scoring_service.problems import Fault
from scoring_service.services.proposals.credits import creditable_file
from scoring_service.services.proposals.earlier_entries import (
    CREDITS,
    Verdict,
    amount_of,
    correction_faults,
    file_on,
    posted_on,
    rulebook_of,
)
from scoring_service.services.unit_of_work.touch import is_own_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from scoring_service.db.files import File
    from scoring_service.services.proposals.earlier_entries import SinceCorrected
    from scoring_service.services.unit_of_work.transaction import Work

_TABLES = (remediation_applications, resumptions, reregistrations)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRemediation:
    """A credit, a resumption or a new start that took effect on an earlier day.

    `amount`: points, days, or the late days of a resumption; None for those that follow from the terms. Credits have
    an `activity` completed on a day. `filed_on` is when the person applied.
    """

    practitioner_id: str
    kind: EntryKind
    effective_on: date
    amount: int | None = None
    activity: str | None = None
    completed_on: date | None = None
    filed_on: date | None = None
    statement: str | None = None
    corrected: SinceCorrected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRemediation:
    """What becomes of it: refused with `faults`; `adopts` is the entry that a case has brought in before."""

    earlier: EarlierRemediation
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    amount: int = 0
    adopts: str | None = None


@dataclass(slots=True, kw_only=True)
class _OnRecord:
    """The files as they stand after each row, and which of their entries an application is kept of."""

    files: dict[str, File]
    documented: set[str]
    served: dict[tuple[str, str, date], str]


def judge_remediation(work: Work, batch: Sequence[EarlierRemediation]) -> list[JudgedRemediation]:
    """Return what would become of each row, in their order; reads only.

    Pointers of faults name the columns: `/amount`, `/effective_on`, `/activity`, `/kind`, `/corrected_to` and so on.
    """
    people = sorted({each.practitioner_id for each in batch})
    on_record = _on_record(work, people)
    own = {person for person in people if is_own_file(work, people) and is_own_file(work, [person])}
    judged = []
    for each in batch:
        judgement = _own(each) if each.practitioner_id in own else _judged(work, each, on_record)
        judged.append(judgement)
        if judgement.verdict is Verdict.CREATED:
            _simulate(work, judgement, on_record)
    return judged


def _on_record(work: Work, people: Sequence[str]) -> _OnRecord:
    documented: set[str] = set()
    served = {}
    for table in _TABLES:
        posted = select(table).where(table.c.practitioner_id.in_(people), table.c.entry_id.is_not(None))
        for row in work.conn.execute(posted).mappings():
            documented.add(row["entry_id"])
            if table is remediation_applications:
                served[row["practitioner_id"], row["activity"], row["completed_on"]] = row["entry_id"]
    return _OnRecord(files=read_files(work.conn, people), documented=documented, served=served)


def _own(each: EarlierRemediation) -> JudgedRemediation:
    return _refused(each, Fault("/practitioner", "不得办理本人的申请 / this is your own file"))


def _refused(each: EarlierRemediation, *faults: Fault) -> JudgedRemediation:
    return JudgedRemediation(earlier=each, verdict=Verdict.REFUSED, faults=faults)


_CHANGED = "与已登记的不同；已生效的请办理更正 / differs from what is on record, which is corrected, not imported again"


def _judged(work: Work, each: EarlierRemediation, on_record: _OnRecord) -> JudgedRemediation:
    file = on_record.files[each.practitioner_id]
    faults = list(_form_faults(each, work.today))
    if faults:
        return _refused(each, *faults)
    day, kind = each.effective_on, each.kind
    amount = each.amount if each.amount is not None else days_after_terms(file_on(file, day).folded(), day)
    same_day = posted_on(file, kind, day)
    alike = [entry for entry in same_day if each.amount is None or amount_of(entry) == amount]
    if kind in CREDITS and (each.practitioner_id, each.activity, each.completed_on) in on_record.served:
        return _served_already(each, alike, on_record, file)
    free = [entry for entry in alike if entry.id not in on_record.documented]
    if free:
        return JudgedRemediation(
            earlier=each, verdict=Verdict.CREATED, amount=amount_of(free[0]), adopts=free[0].id
        )
    if kind not in CREDITS and same_day:
        left = JudgedRemediation(earlier=each, verdict=Verdict.LEFT)
        return left if alike else _refused(each, Fault("/amount", _CHANGED))
    faults = list(_gate_faults(work, each, file, amount))
    if faults:
        return _refused(each, *faults)
    return JudgedRemediation(earlier=each, verdict=Verdict.CREATED, amount=amount)


def _served_already(
    each: EarlierRemediation, alike: Sequence[Entry], on_record: _OnRecord, file: File
) -> JudgedRemediation:
    """An activity that has served: the same credit is left, another one refused."""
    assert each.activity is not None  # noqa: S101 -- checked by `_form_faults`
    assert each.completed_on is not None  # noqa: S101 -- the same
    entry_id = on_record.served[each.practitioner_id, each.activity, each.completed_on]
    entry = next((entry for entry in alike if entry.id == entry_id), None)
    if entry is None:
        return _refused(each, Fault("/activity", f"该活动已用于修复，{_CHANGED}"))
    if each.corrected is not None and value_of(entry, file.entries) > each.corrected.value:
        return _refused(each, Fault("/corrected_to", _CHANGED))
    return JudgedRemediation(earlier=each, verdict=Verdict.LEFT)


def _form_faults(each: EarlierRemediation, today: date) -> Iterator[Fault]:
    day = each.effective_on
    if day > today:
        yield Fault("/effective_on", "不得晚于今日 / not in the future")
    for name, value in (("completed_on", each.completed_on), ("filed_on", each.filed_on)):
        if value is not None and value > day:
            yield Fault(f"/{name}", "不得晚于生效日 / not later than effective_on")
    if each.kind in CREDITS:
        if not each.amount:
            yield Fault("/amount", "减去的分值或缩短的天数，至少 1 / the points or days given, at least 1")
        for name in ("activity", "completed_on"):
            if getattr(each, name) is None:
                yield Fault(f"/{name}", "须写明活动和完成日 / a credit has an activity and the day of its completion")
    if each.corrected is not None:
        yield from correction_faults("/corrected", each.corrected, day, today)
        if each.kind not in CREDITS or each.corrected.value >= (each.amount or 0):
            yield Fault("/corrected_to", "须低于原值 / must be lower than the amount")


def _gate_faults(work: Work, each: EarlierRemediation, file: File, amount: int) -> Iterator[Fault]:
    """Yield why no gate lets a row through, by the file of its day with its later corrections or without them."""
    then = file_on(file, each.effective_on)
    plain = tuple(entry for entry in then.entries if not isinstance(entry, Correction))
    refusals = [_gate(work, each, view, amount) for view in (then, replace(then, entries=plain))]
    if all(refusals) and refusals[0] is not None:
        yield refusals[0]
    if each.kind is EntryKind.REREGISTRATION and not _is_registered(file, each.effective_on):
        detail = "请先导入含该日起新登记的人员表 / import the registration that begins that day first"
        yield Fault("/effective_on", detail)


def _is_registered(file: File, day: date) -> bool:
    return any(version.span.covers(day) for version in known_versions(file.registrations))


def _gate(work: Work, each: EarlierRemediation, file: File, amount: int) -> Fault | None:
    day = each.effective_on
    try:
        if each.kind in CREDITS:
            return _credit_fault(work, each, file, amount)
        if each.kind is EntryKind.REREGISTRATION:
            check_reregistration(file.folded(), day)
        elif not resumable(file.folded().sanctions, day):
            return Fault("/effective_on", "当日没有等待恢复的暂停 / no suspension waits for a resumption on that day")
    except RuleError as refused:
        return Fault("/effective_on", refused.detail)
    return None


def _credit_fault(work: Work, each: EarlierRemediation, file: File, amount: int) -> Fault | None:
    """Return the fault of a credit that gives more than fits. Raises RuleError."""
    creditable = creditable_file(work.rulebooks, file, each.effective_on)
    if creditable.rulebook.activity(each.activity or "") is None:
        listed = "、".join(activity.key for activity in creditable.rulebook.remediation)
        return Fault("/activity", f"规则中的修复活动：{listed} / an activity of the rulebook")
    granted = creditable.granted(each.kind, amount)
    return Fault("/amount", f"最多 {granted} / at most {granted}") if granted < amount else None


def _simulate(work: Work, judgement: JudgedRemediation, on_record: _OnRecord) -> None:
    """Let a file stand as it would after a row, for the rows that follow."""
    each, person = judgement.earlier, judgement.earlier.practitioner_id
    file = on_record.files[person]
    entry_id = judgement.adopts or str(uuid.uuid4())
    if judgement.adopts is None:
        entry = _entry(work, judgement, file, entry_id)
        on_record.files[person] = replace(file, entries=(*file.entries, entry))
    on_record.documented.add(entry_id)
    if each.kind in CREDITS and each.activity is not None and each.completed_on is not None:
        on_record.served[person, each.activity, each.completed_on] = entry_id


def _entry(work: Work, judgement: JudgedRemediation, file: File, entry_id: str) -> Entry:
    kind, day = judgement.earlier.kind, judgement.earlier.effective_on
    last = file.entries[-1] if file.entries else None
    place: dict[str, Any] = {
        "id": entry_id,
        "seq": last.seq + 1 if last else 1,
        "revision": last.revision + 1 if last else 1,
        "effective_on": day,
        "recorded_at": work.now,
        "rulebook": rulebook_of(work, file_on(file, day), kind, day),
    }
    if kind is EntryKind.POINTS_CREDIT:
        return PointsCredit(**place, points=judgement.amount, application=entry_id)
    if kind is EntryKind.TERM_CREDIT:
        return TermCredit(**place, days=judgement.amount, application=entry_id)
    if kind is EntryKind.RESUMPTION:
        return Resumption(**place, late_days=judgement.amount, application=entry_id)
    return Reregistration(**place)
