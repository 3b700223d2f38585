"""Before anybody hears an appeal the office explains, and its filer answers: insists or withdraws (P42)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.procedure import NoticeKind
from scoring_service.db.appeals import COMPLETE, EXPLAINED, INSISTED, OPEN_STATES
from scoring_service.letters.settling import appeal_explanation_facts
from scoring_service.problems import Forbidden, WrongState
from scoring_service.services.appeals.conflicts import check_belongs_to_no_side
from scoring_service.services.appeals.filing import WITHDRAWN, change, close_deed, is_party
from scoring_service.services.appeals.parties import institution_of_case, institutions_signed
from scoring_service.services.appeals.reading import check_state, hold_appeal
from scoring_service.services.appeals.windows import answer_until, rulebook_of
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.unit_of_work.four_eyes import decided_by_actor
from scoring_service.services.unit_of_work.staff_numbers import same_person
from scoring_service.terms import APPEAL_STATES

if TYPE_CHECKING:
    from scoring_service.core.working_days import Deadline
    from scoring_service.db.appeals import StoredAppeal
    from scoring_service.services.appeals.reading import AppealInDetail
    from scoring_service.services.unit_of_work.transaction import Work


def explain(work: Work, appeal_id: str, *, text: str, expected_version: int | None = None) -> AppealInDetail:
    """Explain what is appealed against; the filer may insist or withdraw by the end of `answer_due_on`. Return it.

    Whoever scored may explain. Both sides get the explanation as a letter. Raises NotFound, Forbidden
    `conflict_of_interest` for who belongs to a side, Conflict `appeal_state`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    check_belongs_to_no_side(work, appeal)
    check_state(appeal, {COMPLETE}, expected_version)
    explained_at = work.record()
    answer = answer_until(work, rulebook_of(work, appeal.rulebook_sha256), explained_at.date())
    change(
        work,
        appeal,
        state=EXPLAINED,
        explanation=text,
        explained_by=work.actor.username,
        explained_at=explained_at,
        answer_due_on=answer.last_day,
        answer_provisional=answer.provisional,
    )
    issue_each(work, [_letter(work, appeal, text, answer)])
    return close_deed(work, appeal_id, "explained", answer_due_on=answer.last_day.isoformat())


def _letter(work: Work, appeal: StoredAppeal, text: str, answer: Deadline) -> Letter:
    facts = appeal_explanation_facts(
        appeal=appeal.id,
        against=appeal.against,
        filed_by=appeal.filed_by,
        filed_on=appeal.received_on,
        explanation=text,
        answer_due_on=answer.last_day,
        provisional=answer.provisional,
    )
    return Letter(
        kind=NoticeKind.APPEAL_EXPLANATION,
        practitioner_id=appeal.practitioner_id,
        entry_id=appeal.entry_id,
        case_id=appeal.case_id,
        facts=facts,
        case_institutions=institution_of_case(work, appeal),
        also_to=institutions_signed(appeal),
    )


def insist(
    work: Work, appeal_id: str, *, grounds: str | None = None, expected_version: int | None = None
) -> AppealInDetail:
    """Insist on an appeal after the explanation, as its filer: it goes to the administrative department. Return it.

    When the time to answer is over silence has insisted already, also where the scheduler has not yet said so. Raises
    NotFound, Forbidden `not_filer`, `conflict_of_interest`, Conflict `appeal_state`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    _check_acts_for_filer(work, appeal)
    check_state(appeal, {EXPLAINED}, expected_version)
    if _is_time_over(work, appeal):
        raise WrongState("appeal", INSISTED, APPEAL_STATES)
    change(
        work,
        appeal,
        state=INSISTED,
        insisted_by=work.actor.username,
        insisted_at=work.record(),
        insisted_grounds=grounds,
    )
    return close_deed(work, appeal_id, "insisted", silently=False)


def _is_time_over(work: Work, appeal: StoredAppeal) -> bool:
    due_on = appeal.answer_due_on
    return due_on is not None and not appeal.answer_provisional and due_on < work.today


def withdraw(work: Work, appeal_id: str, *, expected_version: int | None = None) -> AppealInDetail:
    """Withdraw an appeal that is not yet decided, as its filer; return it.

    Raises NotFound, Forbidden `not_filer`, `conflict_of_interest`, Conflict `appeal_state`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    _check_acts_for_filer(work, appeal)
    check_state(appeal, OPEN_STATES, expected_version)
    change(work, appeal, state=WITHDRAWN, paused_since=None, **decided_by_actor(work))
    return close_deed(work, appeal_id, "withdrawn")


def _acts_for_filer(work: Work, appeal: StoredAppeal) -> bool:
    """Tell whether the actor is the filer, or of a paper appeal the clerk who recorded it, by whatever account."""
    if work.actor.has("office.clerk"):
        return appeal.on_paper and same_person(work.actor.staff_no, appeal.recorded_staff_no)
    own = appeal.institution_code is None or appeal.institution_code == work.actor.institution_code
    return own and is_party(work, appeal.practitioner_id, appeal.filed_by)


def _check_acts_for_filer(work: Work, appeal: StoredAppeal) -> None:
    if not _acts_for_filer(work, appeal):
        detail = "仅申诉人可以办理；纸质申诉由登记的经办人代办 / only its filer, or who recorded it on paper"
        raise Forbidden("not_filer", detail)
    if work.actor.is_office:
        check_belongs_to_no_side(work, appeal)


def may_insist(work: Work, appeal: StoredAppeal) -> bool:
    """Tell whether the actor may insist on an explained appeal by now."""
    return appeal.state == EXPLAINED and not _is_time_over(work, appeal) and _acts_for_filer(work, appeal)


def may_withdraw(work: Work, appeal: StoredAppeal) -> bool:
    """Tell whether the actor may withdraw an appeal by now."""
    return appeal.state in OPEN_STATES and _acts_for_filer(work, appeal)
