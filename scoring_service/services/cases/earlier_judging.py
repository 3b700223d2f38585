"""Earlier cases judged many at once: against the registry, the rulebook of their day, and what is on record already.

The gates are those of a case that is drafted, submitted and approved as a backfill (scheme.md 2.1): its points and
bands, a reason for what is flagged, a day that is neither in the future, nor before the decision, nor before the last
re-registration.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select, true

from scoring_service.core.entries import MeasureLifted, Reregistration
from scoring_service.core.fold import present_values
from scoring_service.core.procedure import CaseState
from scoring_service.core.rulebook import Rulebook
from scoring_service.db import registry
from scoring_service.db.cases import findings_of_each, read_cases
from scoring_service.db.files import read_files
from scoring_service.db.tables import cases, findings
from scoring_service.problems import Fault, Faulty
from scoring_service.services.cases.case_checks import (
    Place,
    check_agreement,
    check_handling,
    check_number,
    rulebook_of,
)
from scoring_service.services.cases.earlier_cases import JudgedCase
from scoring_service.services.cases.findings import (
    Basis,
    charge_of,
    faults_of,
    judged,
    require_reasons,
)
from scoring_service.services.cases.measures import first_of_each_person, unscored_faults
from scoring_service.services.cases.same_decisions import Charge, folded_number
from scoring_service.services.proposals.earlier_entries import Verdict, correction_faults
from scoring_service.services.unit_of_work.touch import is_own_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from scoring_service.core.registry import SpanVersion
    from scoring_service.db.cases import KnownFinding, StoredCase, StoredFinding
    from scoring_service.db.files import File
    from scoring_service.db.registry import StoredInstitution
    from scoring_service.services.cases.earlier_cases import CaseKey, EarlierCase, EarlierFinding
    from scoring_service.services.unit_of_work.transaction import Work


# A charge as a decision makes it: the institution, the decision's number in its one form, the charge.
_Decided = tuple[str, str, Charge]


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnRecord:
    """What a batch of cases is judged against, read once."""

    institutions: Mapping[str, StoredInstitution]
    agreements: Mapping[str, Sequence[SpanVersion]]
    files: Mapping[str, File]
    cases: Mapping[CaseKey, tuple[StoredCase, tuple[StoredFinding, ...]]]
    charged: Mapping[_Decided, set[Hashable]]
    own: bool


def judge_earlier(work: Work, batch: Sequence[EarlierCase]) -> list[JudgedCase]:
    """Return what would become of each of these cases now; reads in a fixed number of statements, writes nothing.

    Pointers of faults are those of a case's request (contract.md, Cases), and `/findings/N/corrected_to` and the like
    for what has happened since.
    """
    on_record = _on_record(work, batch)
    numbers = Counter(case.key for case in batch)
    return [_judged(work, case, on_record, twice=numbers[case.key] > 1) for case in batch]


def _on_record(work: Work, batch: Sequence[EarlierCase]) -> _OnRecord:
    codes = {case.institution for case in batch}
    people = sorted({finding.practitioner_id for case in batch for finding in case.known})
    known = registry.institutions_by_code(work.conn, codes)
    return _OnRecord(
        institutions={code: row for code, row in known.items() if work.actor.sees_region(row.region)},
        agreements=registry.agreements_known(work.conn, known),
        files=read_files(work.conn, people),
        cases=_cases_on_record(work, batch),
        charged=_charged(work, people, batch),
        own=is_own_file(work, people),
    )


def _cases_on_record(
    work: Work, batch: Sequence[EarlierCase]
) -> dict[CaseKey, tuple[StoredCase, tuple[StoredFinding, ...]]]:
    """Return the cases of the batch's institutions and days that nobody withdrew, each under its key."""
    present = read_cases(
        work.conn,
        cases.c.institution_code.in_({case.institution for case in batch}),
        cases.c.decided_on.in_({case.handling.decided_on for case in batch}),
        cases.c.state != CaseState.WITHDRAWN,
    )
    charged = findings_of_each(work.conn, [case.id for case in present], true())
    parts: Counter[tuple[str, str, date]] = Counter()
    keyed = {}
    for case in reversed(present):
        decision = case.institution, folded_number(case.handling.document_no), case.handling.decided_on
        parts[decision] += 1
        keyed[*decision, parts[decision]] = case, tuple(charged[case.id])
    return keyed


def _charged(work: Work, people: Sequence[str], batch: Sequence[EarlierCase]) -> dict[_Decided, set[Hashable]]:
    """Return by which cases each charge of a decision is made, on record or in the batch."""
    made: dict[_Decided, set[Hashable]] = defaultdict(set)
    of_them = select(findings.c.case_id).where(findings.c.practitioner_id.in_(people))
    present = read_cases(work.conn, cases.c.id.in_(of_them), cases.c.state != CaseState.WITHDRAWN)
    charged = findings_of_each(work.conn, [case.id for case in present], true())
    for case in present:
        for finding in charged[case.id]:
            number = folded_number(case.handling.document_no)
            made[case.institution, number, charge_of(finding)].add(case.id)
    for earlier in batch:
        for known in earlier.known:
            made[earlier.institution, earlier.key[1], charge_of(known)].add(earlier.key)
    return made


def _judged(work: Work, case: EarlierCase, on_record: _OnRecord, *, twice: bool) -> JudgedCase:
    if twice:
        detail = "同一文书的另一件案件请编不同的序号 / number the cases of one decision by `part`"
        return _refused(case, [Fault("/part", detail)])
    if case.key in on_record.cases:
        changed = _changes(case, *on_record.cases[case.key], on_record.files)
        return _refused(case, changed) if changed else JudgedCase(case=case, verdict=Verdict.LEFT)
    place = on_record.institutions.get(case.institution)
    if place is None:
        return _refused(case, [Fault("/institution", "没有该定点医药机构 / no such institution")])
    ruled = _ruled(work, case, place)
    faults = [*_faults_of_case(work, case, on_record, ruled), *_faults_since(work, case)]
    if faults or not isinstance(ruled, Rulebook):
        return _refused(case, faults)
    judgements = judged(_basis(case, ruled, on_record), case.known, on_record.files)
    unexplained = _faults_raised(partial(require_reasons, judgements))
    if unexplained:
        return _refused(case, unexplained)
    return JudgedCase(
        case=case, verdict=Verdict.CREATED, region=place.region, rulebook=ruled, findings=tuple(judgements)
    )


def _refused(case: EarlierCase, faults: Iterable[Fault]) -> JudgedCase:
    return JudgedCase(case=case, verdict=Verdict.REFUSED, faults=tuple(faults))


def _faults_raised(check: Callable[[], object]) -> list[Fault]:
    """Return the faults that a check raises."""
    try:
        check()
    except Faulty as problem:
        return list(problem.errors)
    return []


def _ruled(work: Work, case: EarlierCase, place: StoredInstitution) -> Rulebook | list[Fault]:
    lies = Place(institution=place.code, region=place.region)
    try:
        return rulebook_of(work, lies, case.handling)
    except Faulty as problem:
        return list(problem.errors)


def _faults_of_case(
    work: Work, case: EarlierCase, on_record: _OnRecord, ruled: Rulebook | list[Fault]
) -> Iterator[Fault]:
    rulebook = ruled if isinstance(ruled, Rulebook) else None
    yield from ruled if isinstance(ruled, list) else ()
    yield from _faults_raised(partial(check_handling, case.handling, work.today))
    yield from _faults_raised(partial(check_agreement, on_record.agreements[case.institution], case.handling))
    yield from _faults_raised(partial(check_number, case.findings))
    if case.handling.measure is None:
        yield from unscored_faults(case.known)
    yield from faults_of(case.known, case.handling.decided_on, rulebook)
    yield from _day_faults(case, on_record.files, work.today)
    for index, known in enumerate(case.known):
        if on_record.own and is_own_file(work, [known.practitioner_id]):
            yield Fault(f"/findings/{index}/practitioner", "不得办理本人的案件 / this is your own file")


def _day_faults(case: EarlierCase, files: Mapping[str, File], today: date) -> Iterator[Fault]:
    """Yield what is wrong with the day on which the entries took effect (scheme.md 2.1)."""
    day = case.effective_on
    if day > today:
        yield Fault("/effective_on", "生效日不得晚于今日 / effective_on may not lie in the future")
    if day < case.handling.decided_on:
        yield Fault("/effective_on", "生效日不得早于处理决定日 / effective_on may not precede decided_on")
    for index, known in enumerate(case.known):
        anew = [each.effective_on for each in files[known.practitioner_id].entries if isinstance(each, Reregistration)]
        if anew and day < max(anew):
            detail = f"该人员已于 {max(anew)} 重新登记，此前的案件不能再补录 / registered anew on {max(anew)}"
            yield Fault(f"/findings/{index}/effective_on", detail)


def _faults_since(work: Work, case: EarlierCase) -> Iterator[Fault]:
    """Yield what is wrong with what has happened since to the entries of a case."""
    first = first_of_each_person(case.known)
    for index, finding in enumerate(case.findings):
        at = f"/findings/{index}"
        if (corrected := finding.corrected) is not None:
            yield from correction_faults(f"{at}/corrected", corrected, case.effective_on, work.today)
            if finding.known.points is None or not 0 <= corrected.value < finding.known.points:
                yield Fault(f"{at}/corrected_to", "须低于原记分 / must be lower than the points")
        if finding.measure_voided is not None:
            yield from correction_faults(f"{at}/measure_voided", finding.measure_voided, case.effective_on, work.today)
        ended = finding.measure_voided or finding.lifted_on
        if ended and (case.handling.measure is None or finding.known.id not in first):
            yield Fault(
                f"{at}/lifted_on",
                "措施记在每人的第一项认定上，此处没有措施 / a measure is with each person's first finding",
            )
        if finding.lifted_on is not None and not case.effective_on <= finding.lifted_on <= work.today:
            yield Fault(f"{at}/lifted_on", "须在生效日与今日之间 / between effective_on and today")


def _basis(case: EarlierCase, rulebook: Rulebook, on_record: _OnRecord) -> Basis:
    charges = {charge_of(known) for known in case.known}
    made = on_record.charged
    return Basis(
        institution=case.institution,
        decided_on=case.handling.decided_on,
        rulebook=rulebook,
        elsewhere=frozenset(
            charge for charge in charges if made[case.institution, case.key[1], charge] - {case.key}
        ),
    )


def _changes(
    case: EarlierCase, stored: StoredCase, charged: Sequence[StoredFinding], files: Mapping[str, File]
) -> list[Fault]:
    """Return in what a case differs from the one on record under its key: it is corrected there, not written anew."""
    if stored.state is not CaseState.APPROVED:
        detail = "同一决定的案件正在办理中 / a case of this decision is being handled"
        return [Fault("/document_no", f"{detail}（{stored.id}）")]
    handling = replace(case.handling, document_no=stored.handling.document_no, received_on=case.handling.reached_on)
    kept = (handling, case.effective_on) == (stored.handling, stored.effective_on)
    if not kept or Counter(map(_content, case.known)) != Counter(map(_content, charged)):
        return [Fault("/document_no", f"{_CHANGED}（{stored.id}）")]
    on_record = {_content(finding): finding for finding in charged}
    return [
        Fault(f"/findings/{index}/corrected_to", f"{_CHANGED}（{stored.id}）")
        for index, finding in enumerate(case.findings)
        if not _has_happened(finding, on_record[_content(finding.known)], files[finding.known.practitioner_id])
    ]


_CHANGED = (
    "与已登记的案件不同；已生效的案件不能重新导入，请办理更正 / "
    "differs from the case on record: what is in force is corrected, not imported again"
)


def _content(finding: KnownFinding) -> tuple[Hashable, ...]:
    names = ("practitioner_id", "item", "degree", "points", "occurred_from", "occurred_until", "act", "legal_basis")
    return (*(getattr(finding, name) for name in names), finding.adjustment)


def _has_happened(earlier: EarlierFinding, stored: StoredFinding, file: File) -> bool:
    """Tell whether what a file says of an entry's later course is on record, or more than that."""
    values = present_values(file.entries)
    lifted = {entry.target for entry in file.entries if isinstance(entry, MeasureLifted)}
    if earlier.corrected is not None and stored.entry is not None:
        points = values.get(stored.entry, stored.points)
        if points is None or points > earlier.corrected.value:
            return False
    if earlier.measure_voided is not None and values.get(stored.measure_entry or "", 1) != 0:
        return False
    return earlier.lifted_on is None or stored.measure_entry in lifted
