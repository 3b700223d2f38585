"""Is a claim line payable? One check or ten thousand, by the same way (scheme.md 2.5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.payable import PAYABLE, Reason, reason_for
from scoring_service.core.standing import state_on
from scoring_service.db.eligibility import (
    KnownFile,
    KnownInstitution,
    files_known_at,
    hold_registry,
    is_id,
    known_institutions,
    people_of,
    present_files,
)
from scoring_service.db.eligibility_question import ask
from scoring_service.db.tables import eligibility_refusals
from scoring_service.metrics import count_eligibility
from scoring_service.problems import Invalid, NotFound
from scoring_service.services.standing import check_knowledge, rulebook_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from scoring_service.core.registry import Profile
    from scoring_service.rulebooks import Rulebooks
    from scoring_service.services.actor import Actor
    from scoring_service.services.work import Service, Work

DECISION_ID_BYTES = 20
RECORDED = frozenset({Reason.SUSPENDED, Reason.TERMINATED})


class Check(NamedTuple):
    """One question. `service_time` is told back as it was asked; `service_on` is its civil date."""

    ref: str | None
    service_time: str
    service_on: date
    institution: str | None
    emergency: bool


class Answer(NamedTuple):
    """One answer in the fields of contract.md, Eligibility; `practitioner_id` is for the record of refusals."""

    check: Check
    practitioner_id: str | None
    reason: Reason
    status: str | None
    until: date | None
    may_reapply_from: date | None
    rulebook: str | None
    rulebook_sha256: str | None
    revision: int
    known_at: datetime

    @property
    def payable(self) -> bool:
        """Whether the claim line is payable."""
        return self.reason in PAYABLE

    @property
    def decision_id(self) -> str:
        """The hash of question, answer, revision and rulebook."""
        check = self.check
        said = (
            f"{check.ref}|{check.service_time}|{check.institution}|{check.emergency}|{self.reason}|{self.status}"
            f"|{self.until}|{self.may_reapply_from}|{self.revision}|{self.rulebook_sha256}"
        )
        return hashlib.blake2b(said.encode(), digest_size=DECISION_ID_BYTES).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Knowledge:
    """What all checks of one call are judged by: `files` by ref, `principals` by pharmacy, people by id."""

    known_at: datetime
    files: dict[str, KnownFile]
    pharmacy_people: dict[str, list[KnownFile]]
    institutions: dict[str, KnownInstitution]


def check_lines(
    work: Work, checks: Sequence[Check], *, known_at: datetime | None = None, revision: int | None = None
) -> list[Answer]:
    """Answer the checks in their order; refusals to settlement and institutions are recorded.

    Raises Invalid for a `known_at` in the future, a `revision` above the file's present one, or a check that
    names neither a person nor a pharmacy.
    """
    if any(check.institution for check in checks):
        hold_registry(work.conn)
        work.read_clock_again()
    knowledge = _gather(work, checks, known_at, revision)
    answers = [_answer(work, position, check, knowledge) for position, check in enumerate(checks)]
    _record_refusals(work, answers)
    _record_looks(work, answers)
    count_eligibility(answer.reason for answer in answers)
    return answers


def _gather(
    work: Work, checks: Sequence[Check], known_at: datetime | None, revision: int | None
) -> _Knowledge:
    codes = {check.institution for check in checks if check.institution}
    people = people_of(
        work.conn, {check.institution for check in checks if check.institution and not check.ref}
    )
    refs = {check.ref for check in checks if check.ref}
    instant = work.now if known_at is None else min(known_at, work.now)
    present = present_files(work.conn, refs.union(*people.values()), instant)
    changes = [file.changed_after for file in present.values() if file.changed_after is not None]
    now = max(work.now, *changes) if changes else work.now
    if known_at is not None and known_at > now:
        check_knowledge(work, known_at)
    if revision is not None:
        _check_revision(revision, present)
    files = _as_known(work, present, known_at or now, revision)
    return _Knowledge(
        known_at=known_at or now,
        files={ref: file for ref, file in files.items() if ref in refs} if people else files,
        pharmacy_people={code: [files[one] for one in ids if one in files] for code, ids in people.items()},
        institutions=(
            work.service.institutions.read(work.conn, codes)
            if known_at is None
            else known_institutions(work.conn, codes, known_at)
        ),
    )


def _check_revision(revision: int, present: dict[str, KnownFile]) -> None:
    newest = max((file.revision for file in present.values()), default=0)
    if revision > newest:
        raise Invalid("/query/revision", f"该档案现有 {newest} 次变更 / the file has {newest} changes")


def _as_known(
    work: Work, present: dict[str, KnownFile], known_at: datetime, revision: int | None
) -> dict[str, KnownFile]:
    earlier = {
        file.practitioner_id: file
        for file in present.values()
        if (file.changed_after is not None and file.changed_after > known_at)
        or (revision is not None and revision < file.revision)
    }
    unnamed = {
        ref
        for ref, file in present.items()
        if file.named_after is not None and file.named_after > known_at and not is_id(ref)
    }
    if not earlier and not unnamed:
        return present
    then = files_known_at(work.conn, earlier.values(), known_at, revision)
    known = {}
    for ref, file in present.items():
        judged = then.get(file.practitioner_id) if file.practitioner_id in earlier else file
        if judged and ref not in unnamed:
            known[ref] = judged
    return known


def _answer(work: Work, position: int, check: Check, knowledge: _Knowledge) -> Answer:
    file = _judged(check, position, knowledge)
    if file is None or not _may_know(work.actor, file.profile):
        reason = Reason.UNKNOWN_PRACTITIONER if check.ref else Reason.NOT_REGISTERED
        return _no_file(check, knowledge.known_at, reason)
    institution = knowledge.institutions.get(check.institution or "")
    return judge(
        work.rulebooks,
        check,
        practitioner_id=file.practitioner_id,
        revision=file.revision,
        profile=file.profile,
        institution=institution,
        known_at=knowledge.known_at,
    )


def judge(
    rulebooks: Rulebooks,
    check: Check,
    *,
    practitioner_id: str,
    revision: int,
    profile: Profile,
    institution: KnownInstitution | None,
    known_at: datetime,
) -> Answer:
    """Return the answer for a known person; `institution` is None when none was asked about or it is unknown."""
    day = check.service_on
    state = state_on(day, profile.sanctions, profile.registered())
    rulebook = rulebook_on(rulebooks, profile, day)
    contracted = affiliated = None
    if check.institution:
        contracted = institution is not None and institution.contracted(day)
        affiliated = profile.affiliated(check.institution, day)
    reason = reason_for(
        state.status,
        contracted=contracted,
        affiliated=affiliated,
        emergency=check.emergency,
        emergency_covers_termination=rulebook.emergency_covers_termination,
    )
    return Answer(
        check=check,
        practitioner_id=practitioner_id,
        reason=reason,
        status=state.status,
        until=state.until,
        may_reapply_from=state.may_reapply_from,
        rulebook=rulebook.id,
        rulebook_sha256=rulebook.sha256,
        revision=revision,
        known_at=known_at,
    )


def quick_answer(
    service: Service,
    token_digest: bytes,
    ref: str,
    institution: str | None,
    check_at: Callable[[datetime], Check],
) -> Answer | None:
    """Return a settlement system's answer about the present in one round trip, None when it must be recorded.

    None too for any other account: the general way then answers or refuses. `check_at` makes the check, given
    the present instant.
    """
    facts = ask(service.engine, token_digest, ref, institution, simulated=service.clock.simulated)
    if facts is None:
        return None
    check = check_at(facts.known_at)
    if facts.profile is None or facts.practitioner_id is None:
        answer = _no_file(check, facts.known_at, Reason.UNKNOWN_PRACTITIONER)
    else:
        answer = judge(
            service.rulebooks,
            check,
            practitioner_id=facts.practitioner_id,
            revision=facts.revision,
            profile=facts.profile,
            institution=facts.institution,
            known_at=facts.known_at,
        )
    if answer.reason in RECORDED:
        return None
    count_eligibility((answer.reason,))
    return answer


def _judged(check: Check, position: int, knowledge: _Knowledge) -> KnownFile | None:
    if check.ref:
        return knowledge.files.get(check.ref)
    institution = knowledge.institutions.get(check.institution or "")
    if not (check.institution or "").startswith("P") and (
        institution is None or institution.kind != "pharmacy"
    ):
        raise Invalid(
            f"/checks/{position}/ref",
            "没有人员时只能询问药店 / without a person only a pharmacy can be asked about",
        )
    people = knowledge.pharmacy_people.get(check.institution or "", [])
    return max(
        (file for file in people if file.profile.is_principal_of(check.institution or "", check.service_on)),
        key=lambda file: _since(file.profile, check),
        default=None,
    )


def _since(profile: Profile, check: Check) -> date:
    return max(
        affiliation.span.start
        for affiliation in profile.affiliations
        if affiliation.institution == check.institution and affiliation.span.covers(check.service_on)
    )


def _no_file(check: Check, known_at: datetime, reason: Reason) -> Answer:
    return Answer(
        check=check,
        practitioner_id=None,
        reason=reason,
        status="not_registered" if reason is Reason.NOT_REGISTERED else None,
        until=None,
        may_reapply_from=None,
        rulebook=None,
        rulebook_sha256=None,
        revision=0,
        known_at=known_at,
    )


def _may_know(actor: Actor, profile: Profile) -> bool:
    """A stranger answers an institution exactly like an unknown person (contract.md, Eligibility)."""
    if actor.has("settlement") or (actor.is_office and actor.region is None):
        return True
    if actor.is_office:
        return any(actor.sees_region(affiliation.region) for affiliation in profile.affiliations)
    return any(affiliation.institution == actor.institution_code for affiliation in profile.affiliations)


def _record_refusals(work: Work, answers: Sequence[Answer]) -> None:
    if not work.actor.has("settlement", "institution"):
        return
    rows = [
        {
            "decision_id": answer.decision_id,
            "account_id": work.actor.account_id,
            "practitioner_id": answer.practitioner_id,
            "service_on": answer.check.service_on,
            "institution_code": answer.check.institution or "",
            "reason": answer.reason.value,
            "recorded_at": work.now,
            "answer": answer_json(answer),
        }
        for answer in answers
        if answer.reason in RECORDED
    ]
    if rows:
        work.conn.execute(upsert(eligibility_refusals).on_conflict_do_nothing(), rows)


def _record_looks(work: Work, answers: Sequence[Answer]) -> None:
    if work.actor.has("settlement"):
        return
    for practitioner_id in {answer.practitioner_id for answer in answers if answer.practitioner_id}:
        work.look(practitioner_id, "eligibility")


def answer_json(answer: Answer, told_at: str | None = None) -> dict[str, Any]:
    """Return an answer in the fields of contract.md, Eligibility; `told_at` is its `known_at` in words."""
    check = answer.check
    return {
        "ref": check.ref,
        "service_time": check.service_time,
        "institution": check.institution,
        "emergency": check.emergency,
        "payable": answer.payable,
        "reason": answer.reason,
        "status": answer.status,
        "until": answer.until and answer.until.isoformat(),
        "may_reapply_from": answer.may_reapply_from and answer.may_reapply_from.isoformat(),
        "rulebook": answer.rulebook,
        "revision": answer.revision,
        "decision_id": answer.decision_id,
        "known_at": told_at or answer.known_at.isoformat(),
    }


def recorded_decision(work: Work, decision_id: str) -> dict[str, Any]:
    """Return a recorded refusal: to its asker, or to the office. Raises NotFound."""
    refusals = eligibility_refusals.c
    query = select(refusals.answer).where(refusals.decision_id == decision_id).limit(1)
    if not work.actor.is_office:
        query = query.where(refusals.account_id == work.actor.account_id)
    found: dict[str, Any] | None = work.conn.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("决定 / decision")
    return found
