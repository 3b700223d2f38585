"""Approval: one transaction in which the findings of a case become entries, standing, notices and events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from scoring_service.core.entries import EntryKind, Reregistration, Score
from scoring_service.core.procedure import NoticeKind
from scoring_service.db.cases import read_findings, read_hands
from scoring_service.db.letters import DescribedScore
from scoring_service.db.tables import findings
from scoring_service.problems import Conflict, Forbidden, Invalid, Stale
from scoring_service.services.cases.case import office_finding_of, scored_finding_of
from scoring_service.services.cases.drafting import (
    SUBMITTED,
    change,
    check_other_drafters,
    judge_again,
    put_hand,
    record_deed,
    require_state,
)
from scoring_service.services.cases.findings import likely_duplicates
from scoring_service.services.cases.measures import (
    facts_of_measure,
    first_of_each_person,
    post_measure,
    sanction_of_measure,
)
from scoring_service.services.cases.reading import (
    APPROVED,
    check_version,
    hold_case,
    office_answer,
    people_of_visible_case,
    with_same_decisions,
)
from scoring_service.services.cases.same_decisions import SAME_DECISION
from scoring_service.services.cases.similar_cases import similar_as_kept
from scoring_service.services.notices.documents import Loaded
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.standing.news import News, news_of
from scoring_service.services.standing.reading import StandingAnswer, standing_from
from scoring_service.services.standing.ways_back import may_apply_from
from scoring_service.services.years.changing import ChangingFile, changing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.cases import KnownFinding, StoredCase, StoredFinding
    from scoring_service.db.files import File
    from scoring_service.db.persons import NamedPractitioner
    from scoring_service.letters.facts import Facts
    from scoring_service.services.cases.case import Case, OfficeFinding
    from scoring_service.services.cases.findings import JudgedFinding
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Approval:
    """A case being approved, its files locked: what its entries are made with."""

    case: StoredCase
    files: Mapping[str, ChangingFile]
    rulebook: Rulebook
    effective_on: date


def approve(
    work: Work,
    case_id: str,
    *,
    effective_on: date | None = None,
    confirm_duplicates: bool | None = None,
    expected_version: int | None = None,
) -> Case:
    """Approve a submitted case: post its entries effective on `effective_on` (default today), tell everybody.

    Whoever was shown what looks scored twice says with `confirm_duplicates` whether it was checked: False refuses the
    approval, True stays on record. None: the flags and their reasons were enough (of a system of another's).
    Returns the case, each of its findings a `ScoredFinding`. Raises NotFound, Forbidden (`same_person`,
    `backfill_not_allowed`), Conflict (`case_state`, `before_reregistration`), Stale, Invalid (scheme.md 2.1;
    `likely_duplicate` with `confirm_duplicates` False).
    """
    people = people_of_visible_case(work, case_id)
    with changing(work, people) as files:
        case = hold_case(work, case_id, people=people)
        hands = read_hands(work.conn, case_id)
        check_other_drafters(work, hands)
        require_state(case, SUBMITTED)
        check_version(case, expected_version)
        known = read_findings(work.conn, case_id)
        if {finding.practitioner_id for finding in known} != people:
            raise Stale(case.version)
        day = _effective_day(work, case, effective_on)
        before = {person: file.before for person, file in files.items()}
        judged = judge_again(work, case, known, before, similar=similar_as_kept(known))
        duplicates = likely_duplicates(judged)
        if duplicates and confirm_duplicates is False:
            raise _unconfirmed(duplicates)
        _check_reregistrations(before.values(), day)
        rulebook = work.rulebooks.for_division(case.region, case.handling.decided_on)
        approval = _Approval(case=case, files=files, rulebook=rulebook, effective_on=day)
        posted = _post(work, approval, known, judged)
        change(work, case, at=work.now, state=APPROVED, effective_on=day, reason=None)
        changed_at = work.now
    _announce(work, approval, posted)
    if duplicates and confirm_duplicates:
        hands = (*hands, put_hand(work, case_id, "confirmed_duplicates"))
        record_deed(work, case, "duplicates_confirmed", findings=duplicates)
    hands = (*hands, put_hand(work, case_id, "approved"))
    record_deed(work, case, "approved", effective_on=day.isoformat())
    decided = replace(
        case, state=APPROVED, version=case.version + 1, effective_on=day, reason=None, changed_at=changed_at
    )
    return _with_standings(work, office_answer(work, decided, _shown(work, decided, posted), hands), files)


def _unconfirmed(duplicates: Sequence[int]) -> Invalid:
    numbers = [number + 1 for number in duplicates]
    chinese, english = "、".join(map(str, numbers)), ", ".join(map(str, numbers))
    refusal = Invalid(
        "/confirm_duplicates",
        f"认定 {chinese} 可能重复记分，请核对后确认 / findings {english} may score the same twice: check and confirm",
        "likely_duplicate",
    )
    refusal.extra = {"findings": list(duplicates)}
    return refusal


def _effective_day(work: Work, case: StoredCase, effective_on: date | None) -> date:
    """Return the day the entries take effect. An earlier day than today is a backfill, an administrator's."""
    day = work.today if effective_on is None else effective_on
    if day > work.today:
        raise Invalid("/effective_on", "生效日不得晚于今日 / effective_on may not lie in the future")
    if day < case.handling.decided_on:
        raise Invalid("/effective_on", "生效日不得早于处理决定日 / effective_on may not precede decided_on")
    backfill = day < work.today
    if backfill and not work.actor.has("office.admin"):
        raise Forbidden(
            "backfill_not_allowed", "补录须由管理员批准 / only an administrator approves a backfill"
        )
    if not backfill and not work.actor.has("office.reviewer"):
        raise Forbidden("forbidden", "管理员只批准补录 / an administrator approves backfills only")
    return day


def _check_reregistrations(files: Iterable[File], day: date) -> None:
    for file in files:
        last = max(
            (entry.effective_on for entry in file.entries if isinstance(entry, Reregistration)), default=None
        )
        if last is not None and day < last:
            raise Conflict(
                "before_reregistration",
                f"生效日早于最近一次重新登记（{last}） / before the last re-registration on {last}",
                reregistered_on=last.isoformat(),
            )


def absorbed_findings(known: Iterable[KnownFinding]) -> set[str]:
    """Return the ids of the findings that another one on the same act of the same person takes in.

    The highest points post an entry, of equals the first (scheme.md 2.1).
    """
    highest: dict[tuple[str, str], tuple[int, str]] = {}
    on_acts = [
        ((finding.practitioner_id, finding.act), finding.points, finding.id)
        for finding in known
        if finding.act is not None and finding.points is not None
    ]
    for act, points, finding_id in on_acts:
        if act not in highest or points > highest[act][0]:
            highest[act] = points, finding_id
    return {finding_id for *_act, finding_id in on_acts} - {finding_id for _points, finding_id in highest.values()}


_BECOMES = ("band", "flags", "absorbed", "entry_id", "measure_entry_id")
_POSTED = (
    update(findings)
    .where(findings.c.id == bindparam("finding"))
    .values({findings.c[name]: bindparam(name) for name in _BECOMES})
)


def _post(
    work: Work, approval: _Approval, known: Sequence[StoredFinding], judged: Sequence[JudgedFinding]
) -> list[StoredFinding]:
    """Post a score for each finding with points that no other takes in, and the measure on each person's first.

    Returns the findings as they now are.
    """
    absorbed, first = absorbed_findings(known), first_of_each_person(known)
    posted = [
        replace(
            finding,
            band=judgement.band,
            flags=tuple(judgement.flags),
            absorbed=finding.id in absorbed,
            entry=None if finding.id in absorbed or finding.points is None else _post_score(approval, finding),
            measure_entry=_post_measure(approval, finding) if finding.id in first else None,
        )
        for finding, judgement in zip(known, judged, strict=True)
    ]
    columns = [
        {
            "finding": finding.id,
            "band": finding.band,
            "flags": list(finding.flags),
            "absorbed": finding.absorbed,
            "entry_id": finding.entry,
            "measure_entry_id": finding.measure_entry,
        }
        for finding in posted
    ]
    work.conn.execute(_POSTED, columns)
    return posted


def _post_score(approval: _Approval, finding: KnownFinding) -> str:
    return approval.files[finding.practitioner_id].post(
        EntryKind.SCORE,
        effective_on=approval.effective_on,
        rulebook=approval.rulebook,
        points=finding.points,
        decided_on=approval.case.handling.decided_on,
        case_id=approval.case.id,
        finding_id=finding.id,
        item=finding.item,
        degree=finding.degree,
    )


def _post_measure(approval: _Approval, finding: KnownFinding) -> str | None:
    file = approval.files[finding.practitioner_id]
    return post_measure(file, approval.case, approval.effective_on, approval.rulebook)


def _announce(work: Work, approval: _Approval, posted: Sequence[StoredFinding]) -> None:
    """Issue a notice and an event for each new entry, and for each consequence that was not there before."""
    case = approval.case
    work.event("case_approved", institution_code=case.institution, region=case.region, case=case.id)
    news_by_person = [
        (practitioner_id, news)
        for practitioner_id, file in approval.files.items()
        for news in news_of(work.service.calendar, file.before.folded(), file.after.folded())
    ]
    letters = [_letter(approval, practitioner_id, news) for practitioner_id, news in news_by_person]
    issue_each(work, letters, loaded=_loaded(approval, posted))
    for practitioner_id, news in news_by_person:
        work.event(
            "score_recorded" if news.kind == NoticeKind.SCORE else news.kind,
            practitioner_id=practitioner_id,
            institution_code=case.institution,
            region=case.region,
            case=case.id,
            entry=news.entry_id,
            **news.facts,
        )


def _loaded(approval: _Approval, posted: Sequence[StoredFinding]) -> Loaded:
    files = {person: file.after for person, file in approval.files.items()}
    entries = {entry.id: entry for file in files.values() for entry in file.entries}
    scores = {
        entry.id: DescribedScore(
            entry=entry,
            institution_name=approval.case.institution_name,
            handling=approval.case.handling,
            occurred_from=finding.occurred_from,
            occurred_until=finding.occurred_until,
            legal_basis=finding.legal_basis,
            adjustment=finding.adjustment,
        )
        for finding in posted
        if isinstance(entry := entries.get(finding.entry or ""), Score)
    }
    return Loaded(files=files, scores=scores)


def _shown(
    work: Work, case: StoredCase, posted: Sequence[StoredFinding]
) -> Iterable[OfficeFinding]:
    """Return the findings as the office sees them; without the flag there is no other case to ask for."""
    if any(SAME_DECISION in finding.flags for finding in posted):
        return with_same_decisions(work, case, posted)
    return map(office_finding_of, posted)


def _letter(approval: _Approval, practitioner_id: str, news: News) -> Letter:
    case, measure = approval.case, approval.case.handling.measure
    decision: Facts = {
        "institution": case.institution,
        "authority": case.handling.authority,
        "document_no": case.handling.document_no,
    }
    if news.kind is NoticeKind.MEASURE and measure is not None:
        decision |= facts_of_measure(case, measure, approval.rulebook)
    return Letter(
        kind=news.kind,
        practitioner_id=practitioner_id,
        entry_id=news.entry_id,
        case_id=case.id,
        facts=news.facts | decision,
        case_institutions=(case.institution,),
    )


def _with_standings(work: Work, case: Case, files: Mapping[str, ChangingFile]) -> Case:
    scored = [
        scored_finding_of(
            finding,
            _standing(work, finding.practitioner, files[finding.practitioner.id]),
            sanction_of_measure(files[finding.practitioner.id].after, finding.measure_entry),
        )
        for finding in case.findings
    ]
    return replace(case, findings=tuple(scored))


def _standing(work: Work, person: NamedPractitioner, file: ChangingFile) -> StandingAnswer:
    now = max(work.now, file.head.last_recorded_at)
    after = file.after
    return StandingAnswer(
        practitioner=person,
        known_at=now,
        revision=file.head.revision,
        entries=after.entries,
        standing=standing_from(work.rulebooks, after, now.date()),
        may_apply_from=may_apply_from(work.service.calendar, after.folded(), now.date()),
    )
