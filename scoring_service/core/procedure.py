"""The kinds and states of the procedure around a file: decisions, cases, appeals, proposals and notices."""

from __future__ import annotations

from enum import StrEnum

from scoring_service.core.sanctions import SanctionKind


class HandlingKind(StrEnum):
    """What was decided against the institution (scheme.md 1, gate): 行政处罚 or 协议处理."""

    PENALTY = "penalty"
    AGREEMENT = "agreement"


class MeasureKind(StrEnum):
    """What befell the institution, and with it who bears responsibility (P34): 中止协议, 责令暂停科室, 解除协议."""

    AGREEMENT_SUSPENDED = "agreement_suspended"
    DEPARTMENT_SUSPENDED = "department_suspended"
    AGREEMENT_TERMINATED = "agreement_terminated"

    @property
    def effect(self) -> SanctionKind:
        """What becomes of the responsible persons."""
        return SanctionKind.TERMINATION if self is MeasureKind.AGREEMENT_TERMINATED else SanctionKind.SUSPENSION


class Side(StrEnum):
    """Whose a piece of evidence is: the person's, an institution's, or the office's."""

    PRACTITIONER = "practitioner"
    INSTITUTION = "institution"
    OFFICE = "office"


class CaseState(StrEnum):
    """Where a case stands between its draft and its end."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


# Of these nothing is posted yet and no letter has gone out.
OPEN_CASES = (CaseState.DRAFT, CaseState.SUBMITTED)


class AppealState(StrEnum):
    """Where an appeal stands between its filing and its end."""

    FILED = "filed"
    COMPLETE = "complete"
    EXPLAINED = "explained"
    INSISTED = "insisted"
    ACCEPTED = "accepted"
    DECIDED = "decided"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What an appeal that was heard ends with."""

    UPHELD = "upheld"
    REDUCED = "reduced"
    REVOKED = "revoked"


# These post a correction of the entry; any other leaves the file as it is.
CORRECTING_OUTCOMES = frozenset({Outcome.REDUCED, Outcome.REVOKED})


class ProposalState(StrEnum):
    """Where a proposal stands: a correction drafted, a re-registration proposed."""

    DRAFTED = "drafted"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class ApplicationState(StrEnum):
    """Where an application for remediation stands: filed, agreed to by an institution, decided, or overtaken (P38)."""

    FILED = "filed"
    CONSENTED = "consented"
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"


class ResumptionState(StrEnum):
    """Where an application for a resumption stands: filed, agreed to by an institution, decided, or overtaken (P39)."""

    FILED = "filed"
    CONSENTED = "consented"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"


class RequestKind(StrEnum):
    """What an institution asks of the registry."""

    REGISTRATION = "registration"
    DEPARTURE = "departure"


class RequestState(StrEnum):
    """Where an institution's request to the registry stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestEffect(StrEnum):
    """What an approved request has done to the registry."""

    NEW_FILE = "new_file"
    REGISTERED_AGAIN = "registered_again"
    AFFILIATED = "affiliated"
    AFFILIATION_ENDED = "affiliation_ended"
    REGISTRATION_ENDED = "registration_ended"


class DraftState(StrEnum):
    """Where a rulebook's draft stands: proposed, approved and so adopted, rejected, or taken back by its proposer."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class NoticeKind(StrEnum):
    """What a notice tells its addressee."""

    WARNING = "warning"
    SCORE = "score"
    SUSPENSION = "suspension"
    TERMINATION = "termination"
    CORRECTION = "correction"
    APPEAL_EXPLANATION = "appeal_explanation"
    APPEAL_DECISION = "appeal_decision"
    REMEDIATION_LAPSED = "remediation_lapsed"
    RESUMPTION = "resumption"
    RESUMPTION_REFUSED = "resumption_refused"
    MEASURE = "measure"
    YEAR_STATEMENT = "year_statement"


class Duty(StrEnum):
    """What has its last day after a notice to the institution where the act happened (scheme.md 2.6).

    The office delivers it (P33); the institution shows the state in its own systems (P33, P35) and holds a talk (P36).
    """

    DELIVERY = "delivery"
    MAINTENANCE = "maintenance"
    TALK = "talk"


class DutyState(StrEnum):
    """Whether a duty is still to be done, or its last day is over too."""

    OPEN = "open"
    OVERDUE = "overdue"


class ImportState(StrEnum):
    """Where an imported file stands. `checked`: it may be committed; `refused`: a row is, and nothing was written."""

    WAITING = "waiting"
    CHECKING = "checking"
    CHECKED = "checked"
    REFUSED = "refused"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BundleState(StrEnum):
    """Where letters that are joined in one PDF stand. `failed`: not one of them could be set."""

    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"


class ScreeningState(StrEnum):
    """Where a claim file stands that is judged by the scheduler."""

    WAITING = "waiting"
    JUDGING = "judging"
    DONE = "done"
    FAILED = "failed"


# Against what these tell, their addressees may appeal (scheme.md 1, appeal).
APPEALABLE_NOTICES = frozenset(
    {NoticeKind.SCORE, NoticeKind.SUSPENSION, NoticeKind.TERMINATION, NoticeKind.MEASURE}
)


class AccountState(StrEnum):
    """Where an account stands: asked for, in use, at its end (P56)."""

    REQUESTED = "requested"
    ACTIVE = "active"
    CLOSED = "closed"


class AccountAct(StrEnum):
    """What happens to an account in its life (P56); `opened` is the act of the machine's operator, at once."""

    OPENED = "opened"
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    CHANGE_PROPOSED = "change_proposed"
    CHANGED = "changed"
    CHANGE_REFUSED = "change_refused"
    RESET = "reset"
    FIRST_SIGNED_IN = "first_signed_in"
    PASSWORD_CHOSEN = "password_chosen"  # noqa: S105 -- an act
    CLOSED = "closed"
