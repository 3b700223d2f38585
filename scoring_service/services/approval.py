"""Approval: one transaction in which the findings of a case become entries, standing, notices and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from scoring_service.core.entries import EntryKind, Reregistration
from scoring_service.db.cases import drafting_hands
from scoring_service.db.ledger import LockedFile, append, lock_files, read_entries
from scoring_service.db.standing import refresh
from scoring_service.db.tables import findings
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.accounts import made_by_actor
from scoring_service.services.case_reading import APPROVED, answer, check_version, require_case
from scoring_service.services.cases import (
    SUBMITTED,
    change,
    check_other_person,
    judge_again,
    keep_flags,
    put_hand,
    record_deed,
    require_state,
    stored_findings,
)
from scoring_service.services.job_steps import hold_changes
from scoring_service.services.news import news_of
from scoring_service.services.notices import issue
from scoring_service.services.sanctions_due import settle, spans_of
from scoring_service.services.standing import standing_json, standing_of
from scoring_service.services.year_close import restate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Row

    from scoring_service.core.entries import Entry
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.services.work import Work


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
    case = require_case(work, case_id, lock=True)
    _check_hands(work, case)
    require_state(case, SUBMITTED)
    check_version(case, expected_version)
    day = _effective_day(work, case, effective_on)
    people = {row["practitioner_id"] for row in stored_findings(work, case_id)}
    files = lock_files(work.conn, people)
    judged = judge_again(work, case)
    before = read_entries(work.conn, sorted(people))
    _check_reregistrations(before, day)
    rulebook = work.rulebooks.for_division(case.region, case.decided_on)
    approval = _Approval(case=case, files=files, rulebook=rulebook, effective_on=day)
    spans = spans_of(work, people)
    _post(work, approval, judged)
    for file in files.values():
        restate(work, file, case.decided_on.year)
    change(work, case, state=APPROVED, effective_on=day, reason=None)
    refresh(work.conn, files.values())
    settle(work, people, spans)
    _announce(work, approval, before)
    put_hand(work, case_id, "approved")
    record_deed(work, case, "approved", effective_on=day.isoformat())
    return _with_standings(work, answer(work, require_case(work, case_id)))


def _check_hands(work: Work, case: Row[Any]) -> None:
    check_other_person(work, case)
    if made_by_actor(work, {hand.account_id for hand in drafting_hands(work.conn, case.id)}):
        raise Forbidden(
            "same_person",
            "不得审核由本人所建账户起草的案件 / an account that you made has drafted or edited this case",
        )


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


def _check_reregistrations(entries: Mapping[str, Sequence[Entry]], day: date) -> None:
    for of_one in entries.values():
        last = max(
            (entry.effective_on for entry in of_one if isinstance(entry, Reregistration)), default=None
        )
        if last is not None and day < last:
            raise Conflict(
                "before_reregistration",
                f"生效日早于最近一次重新登记({last}) / before the last re-registration on {last}",
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


def _post(work: Work, approval: _Approval, judged: Sequence[Mapping[str, Any]]) -> None:
    keep_flags(work, judged)
    absorbed = absorbed_findings(judged)
    for row in judged:
        entry_id = None if row["id"] in absorbed else _append(work, approval, row)
        work.conn.execute(
            update(findings)
            .where(findings.c.id == row["id"])
            .values(absorbed=row["id"] in absorbed, entry_id=entry_id)
        )


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


def _announce(work: Work, approval: _Approval, before: Mapping[str, Sequence[Entry]]) -> None:
    """Issue a notice and an event for each new entry, and for each consequence that was not there before."""
    case = approval.case
    work.event("case_approved", institution_code=case.institution_code, region=case.region, case=case.id)
    for practitioner_id, after in read_entries(work.conn, sorted(approval.files)).items():
        for news in news_of(before[practitioner_id], after):
            facts = news.facts | {
                "institution": case.institution_code,
                "authority": case.authority,
                "document_no": case.document_no,
            }
            issue(work, news.kind, practitioner_id, entry_id=news.entry_id, case_id=case.id, facts=facts)
            work.event(
                "score_recorded" if news.kind == "score" else news.kind,
                practitioner_id=practitioner_id,
                institution_code=case.institution_code,
                region=case.region,
                case=case.id,
                entry=news.entry_id,
                **news.facts,
            )


def _with_standings(work: Work, told: dict[str, Any]) -> dict[str, Any]:
    people = {finding["practitioner"]["id"] for finding in told["findings"]}
    after = {
        practitioner_id: standing_json(standing_of(work, practitioner_id))
        for practitioner_id in sorted(people)
    }
    told["findings"] = [
        finding | {"standing": after[finding["practitioner"]["id"]]} for finding in told["findings"]
    ]
    return told
