"""One check judged: the question, the answer in the contract's fields, and the hash that names the decision."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from scoring_service.core.payable import PAYABLE, Reason, reason_for
from scoring_service.core.standing import Status, covered, state_on, term_on
from scoring_service.services.standing.reading import rulebook_on
from scoring_service.written import as_code, as_ref

if TYPE_CHECKING:
    from scoring_service.core.registry import Profile
    from scoring_service.db.eligibility import KnownInstitution
    from scoring_service.law.rulebooks import Rulebooks

DECISION_ID_BYTES = 20


class Check(NamedTuple):
    """One question. What was asked is told back as it was asked: `service_on` is the civil date of `service_time`,
    `person` and `place` are `ref` and `institution` as they are read.
    """

    ref: str | None
    service_time: str
    service_on: date
    institution: str | None
    emergency: bool
    person: str | None
    place: str | None


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One answer, in the fields of contract.md, Eligibility, and in their order.

    `revision` is 0 in the answer on nobody: on an unknown person, or a pharmacy without a principal.
    """

    ref: str | None
    service_time: str
    institution: str | None
    emergency: bool
    payable: bool
    reason: Reason
    status: Status | None
    until: date | None
    may_resume_from: date | None
    may_reapply_from: date | None
    rulebook: str | None
    revision: int
    decision_id: str
    known_at: str


def make_check(
    ref: str | None, service_time: str, service_on: date, institution: str | None, *, emergency: bool = False
) -> Check:
    """Return the question about a person (None: a pharmacy's principal), perhaps at an institution."""
    person = None if ref is None else as_ref(ref)
    place = None if institution is None else as_code(institution)
    return Check(ref, service_time, service_on, institution, emergency, person, place)


def judge(
    rulebooks: Rulebooks,
    check: Check,
    *,
    revision: int,
    profile: Profile,
    institution: KnownInstitution | None,
    told_at: str,
) -> Answer:
    """Return the answer for a known person; `institution` is None when none was asked about or it is unknown.

    `told_at` is the instant of the knowledge in words.
    """
    ref, service_time, day, institution_asked, emergency, _, code = check
    state = state_on(day, profile.sanctions, registered=profile.registered_on(day))
    rulebook = rulebook_on(rulebooks, profile, day)
    reason = reason_for(
        state.status,
        contracted=None if code is None else institution is not None and institution.contracted(day),
        affiliated=None if code is None else profile.affiliated(code, day),
        emergency=emergency,
        emergency_covers_termination=rulebook.emergency_covers_termination,
        paid_after_term=rulebook.resumption_pays_after_term and term_on(profile.sanctions, day) is None,
        unpaid_without_commitment=rulebook.commitment_unpaid_without and covered(profile.without_commitment, day),
    )
    ends = f"{state.until}|{state.may_resume_from}|{state.may_reapply_from}"
    said = f"{reason}|{state.status}|{ends}|{revision}|{rulebook.sha256}"
    return Answer(
        ref,
        service_time,
        institution_asked,
        emergency,
        reason in PAYABLE,
        reason,
        state.status,
        state.until,
        state.may_resume_from,
        state.may_reapply_from,
        rulebook.id,
        revision,
        _decision_id(check, said),
        told_at,
    )


def on_nobody(check: Check, told_at: str) -> Answer:
    """Return the answer where nobody is known: `unknown_practitioner`, or `not_registered` for a pharmacy."""
    ref, service_time, _, institution, emergency, person, _ = check
    reason = Reason.NOT_REGISTERED if person is None else Reason.UNKNOWN_PRACTITIONER
    status = Status.NOT_REGISTERED if person is None else None
    decision_id = _decision_id(check, f"{reason}|{status}|None|None|None|0|None")
    return Answer(
        ref,
        service_time,
        institution,
        emergency,
        False,
        reason,
        status,
        None,
        None,
        None,
        None,
        0,
        decision_id,
        told_at,
    )


def _decision_id(check: Check, said: str) -> str:
    """Return the hash of question, answer, revision and rulebook; `said` is all but the question."""
    question = f"{check[0]}|{check[1]}|{check[3]}|{check[4]}|{said}"
    return hashlib.blake2b(question.encode(), digest_size=DECISION_ID_BYTES).hexdigest()
