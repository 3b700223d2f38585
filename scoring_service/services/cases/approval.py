"""Approval: one transaction in which the findings of a case become entries, standing, notices and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

from scoring_service.core.entries import EntryKind, Reregistration
from scoring_service.db.files import File, read_files
from scoring_service.db.ledger import LockedFile, append, lock_files
from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.standing import refresh
from scoring_service.db.tables import findings
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.cases.drafting import (
    SUBMITTED,
    change,
    check_other_drafters,
    judge_again,
    put_hand,
    record_deed,
    require_state,
    stored_findings,
)
from scoring_service.services.cases.reading import (
    APPROVED,
    answer,
    check_version,
    hold_case,
    require_case,
)
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.standing.news import News, news_of
from scoring_service.services.standing.reading import StandingAnswer, standing_from
from scoring_service.services.unit_of_work.locks import hold_changes
from scoring_service.services.years.closing import restate
from scoring_service.services.years.sanctions_due import settle, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Row

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Approval:
    """A case being approved, its files locked: what its entries are made with."""

    case: Row[Any]
    files: Mapping[str, LockedFile]
    rulebook: Rulebook
    effective_on: date


def approve(
    work: Work, case_id: str, *, effective_on: date | None = None, expected_version: int | None = None
) -> dict[str, Any]:
    """Approve a submitted case: post its entries effective on `effective_on` (default today), tell everybody.

    Returns the case, each finding with the person's `standing` after. Raises NotFound, Forbidden (`same_person`,
    `backfill_not_allowed`), Conflict (`case_state`, `before_reregistration`), Stale, Invalid (scheme.md 2.1).
    """
    hold_changes(work.conn)
    case = hold_case(work, case_id)
    check_other_drafters(work, case_id)
    require_state(case, SUBMITTED)
    check_version(case, expected_version)
    rows = stored_findings(work, case_id)
    people = {row["practitioner_id"] for row in rows}
    files = lock_files(work.conn, people)
    work.read_clock_again()
    day = _effective_day(work, case, effective_on)
    before = read_files(work.conn, sorted(people))
    judged = judge_again(work, case, rows, before)
    _check_reregistrations(before.values(), day)
    rulebook = work.rulebooks.for_division(case.region, case.decided_on)
    approval = _Approval(case=case, files=files, rulebook=rulebook, effective_on=day)
    spans = spans_of(work, people)
    _post(work, approval, judged)
    for file in files.values():
        restate(work, file, case.decided_on.year)
    change(work, case, state=APPROVED, effective_on=day, reason=None)
    after = refresh(work.conn, files.values(), entries_only=True)
    settle(work, people, spans)
    _announce(work, approval, before, after)
    put_hand(work, case_id, "approved")
    record_deed(work, case, "approved", effective_on=day.isoformat())
    return _with_standings(work, answer(work, require_case(work, case_id)), files, after)


def _effective_day(work: Work, case: Row[Any], effective_on: date | None) -> date:
    """Return the day the entries take effect. An earlier day than today is a backfill, an administrator's."""
    day = work.today if effective_on is None else effective_on
    if day > work.today:
        raise Invalid("/effective_on", "生效日不得晚于今日 / effective_on may not lie in the future")
    if day < case.decided_on:
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


def absorbed_findings(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the findings that another one on the same act of the same person takes in.

    The highest points post an entry, of equals the first (scheme.md 2.1).
    """
    highest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in rows:
        if row["act"] is not None:
            act = (row["practitioner_id"], row["act"])
            if act not in highest or row["points"] > highest[act]["points"]:
                highest[act] = row
    posting = {row["id"] for row in highest.values()}
    return {row["id"] for row in rows if row["act"] is not None and row["id"] not in posting}


_POSTED = (
    update(findings)
    .where(findings.c.id == bindparam("finding"))
    .values({findings.c[name]: bindparam(name) for name in ("band", "flags", "absorbed", "entry_id")})
)


def _post(work: Work, approval: _Approval, judged: Sequence[Mapping[str, Any]]) -> None:
    absorbed = absorbed_findings(judged)
    posted = [
        {
            "finding": row["id"],
            "band": row["band"],
            "flags": row["flags"],
            "absorbed": row["id"] in absorbed,
            "entry_id": None if row["id"] in absorbed else _append(work, approval, row),
        }
        for row in judged
    ]
    work.conn.execute(_POSTED, posted)


def _append(work: Work, approval: _Approval, row: Mapping[str, Any]) -> str:
    return append(
        work.conn,
        approval.files[row["practitioner_id"]],
        kind=EntryKind.SCORE,
        effective_on=approval.effective_on,
        recorded_at=work.record(),
        recorded_by=work.actor.username,
        rulebook=approval.rulebook,
        points=row["points"],
        decided_on=approval.case.decided_on,
        case_id=approval.case.id,
        finding_id=row["id"],
        item=row["item"],
        degree=row["degree"],
    )


def _announce(work: Work, approval: _Approval, before: Mapping[str, File], after: Mapping[str, File]) -> None:
    """Issue a notice and an event for each new entry, and for each consequence that was not there before."""
    case = approval.case
    work.event("case_approved", institution_code=case.institution_code, region=case.region, case=case.id)
    told = [
        (practitioner_id, news)
        for practitioner_id, file in after.items()
        for news in news_of(before[practitioner_id].entries, file.entries)
    ]
    issue_each(work, [_letter(case, practitioner_id, news) for practitioner_id, news in told])
    for practitioner_id, news in told:
        work.event(
            "score_recorded" if news.kind == "score" else news.kind,
            practitioner_id=practitioner_id,
            institution_code=case.institution_code,
            region=case.region,
            case=case.id,
            entry=news.entry_id,
            **news.facts,
        )


def _letter(case: Row[Any], practitioner_id: str, news: News) -> Letter:
    decision = {
        "institution": case.institution_code,
        "authority": case.authority,
        "document_no": case.document_no,
    }
    return Letter(
        kind=news.kind,
        practitioner_id=practitioner_id,
        entry_id=news.entry_id,
        case_id=case.id,
        facts=news.facts | decision,
    )


def _with_standings(
    work: Work, told: dict[str, Any], heads: Mapping[str, LockedFile], files: Mapping[str, File]
) -> dict[str, Any]:
    told["findings"] = [
        finding | {"standing": _standing(work, finding["practitioner"], heads, files)}
        for finding in told["findings"]
    ]
    return told


def _standing(
    work: Work, person: Mapping[str, Any], heads: Mapping[str, LockedFile], files: Mapping[str, File]
) -> StandingAnswer:
    head = heads[person["id"]]
    now = max(work.now, head.last_recorded_at)
    file = files[person["id"]]
    return StandingAnswer(
        practitioner=NamedPractitioner(**person),
        known_at=now,
        revision=head.revision,
        entries=file.entries,
        standing=standing_from(work.rulebooks, file, now.date()),
    )
