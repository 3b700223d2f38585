"""Consent of an institution to an application of one of its people: asked for, given, refused, gone on without.

The same for every application that needs it (P38, P39; scheme.md 2.3, Gates). Any institution may consent where the
person is affiliated today and whose agreement is in force; if there is none, none is needed; refused, or unanswered for
the `consent_working_days` of the rulebook, the office may go on with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import or_

from scoring_service.core.procedure import ApplicationState
from scoring_service.db.registry import agreements_known
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.notices.issuing import institutions_of
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.consent_clocks import consent_due
from scoring_service.services.proposals.proposal import Kind, Proposal, recorder, shared_fields
from scoring_service.services.unit_of_work.four_eyes import decided_by_actor
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.services.unit_of_work.touch import check_touches_matter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, RowMapping, Table

    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.makers import Hand
    from scoring_service.services.unit_of_work.transaction import Work

# The states of every application that needs consent, before it is decided.
FILED, CONSENTED, LAPSED = (
    state.value for state in (ApplicationState.FILED, ApplicationState.CONSENTED, ApplicationState.LAPSED)
)
OPEN = frozenset({FILED, CONSENTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The answer of an institution of the person's: an agreement, or a refusal with its reason; None: nobody could."""

    institution: str | None
    answered_at: datetime
    on_paper: bool
    proof: str | None
    refused_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentedProposal(Proposal):
    """An application that waits for an institution of the person's, and then for the office.

    `consent_due_on` is the last day for an institution's answer, after which the office may proceed without.
    `lapsed_because` is the code of the gate that a change of the file has closed since it was filed.
    """

    filed_by: str
    filed_institution: str | None
    consent: Consent | None
    consent_due_on: date | None
    consent_provisional: bool
    proceeded_because: str | None
    consented_on: date | None
    lapsed_because: str | None

    @property
    def due_on(self) -> date | None:
        """The last day of whom it waits for; None where the office has no day of its own, or nobody is waited for."""
        return self.consent_due_on if self.state == FILED else None

    @property
    def is_unanswered(self) -> bool:
        """Whether it waits for an institution that has not answered."""
        return self.state == FILED and self.consent is None


Shown = TypeVar("Shown", bound=ConsentedProposal)


def _no_days(_work: Work, _application: Columns | RowMapping) -> Columns:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentedKind(Kind[Shown]):
    """A kind of application that an institution of the person's consents to before the office decides on it.

    `office_days` returns the columns of the days that the office has, from today on.
    """

    office_days: Callable[[Work, Columns | RowMapping], Columns] = _no_days


_PLAIN = (
    *("filed_by", "filed_institution", "consent_due_on", "consent_provisional", "proceeded_because"),
    *("consented_on", "lapsed_because"),
)


def consent_fields(work: Work, row: RowMapping) -> dict[str, Any]:
    """Return the fields of `ConsentedProposal`; who recorded and decided it is told to the office only."""
    shared = shared_fields(row, hides_hands=not work.actor.is_office)
    return shared | {name: row[name] for name in _PLAIN} | {"consent": _consent(row)}


def _consent(row: RowMapping) -> Consent | None:
    if row["consent_recorded_at"] is None:
        return None
    return Consent(
        institution=row["consent_institution"],
        answered_at=row["consent_recorded_at"],
        on_paper=row["consent_on_paper"],
        proof=row["consent_proof"],
        refused_because=row["consent_refused_because"],
    )


def visible(table: Table) -> Callable[[Work], ColumnElement[bool]]:
    """Return the condition on applications that the actor may know of one.

    An institution knows those of its people, and of people who have left those that it filed or answered.
    """

    def known(work: Work) -> ColumnElement[bool]:
        seen = practitioner_filter(work, table.c.practitioner_id)
        code = work.actor.institution_code
        if not work.actor.has("institution") or code is None:
            return seen
        return or_(seen, table.c.filed_institution == code, table.c.consent_institution == code)

    return known


def check_touches(work: Work, row: RowMapping) -> None:
    """Refuse an act on an application by an office of another region, or on one's own file."""
    check_touches_matter(work, row["practitioner_id"])


def hands(row: RowMapping) -> list[Hand]:
    """Return who recorded an application, and who the answer of the institution: neither decides."""
    answered = row["consent_recorded_at"] is not None
    return recorder(row) + ([(row["consent_account"], row["consent_staff_no"])] if answered else [])


def file_for_consent(
    work: Work, kind: ConsentedKind[Shown], person: str, working_days: int, columns: Columns
) -> Shown:
    """File an application for a person; return it, `filed` or `consented`.

    What an institution that can consent files it consents to, and where none can, none is needed. The institutions
    have so many `working_days` from today.
    """
    party = proposal.party_of(work)
    own = work.actor.institution_code if party == "institution" else None
    columns = columns | {"filed_by": party, "filed_institution": own}
    able = consenting_institutions(work, person)
    if own is not None and own in able:
        columns |= _answer(work, own, on_paper=False)
    if able and own not in able:
        columns |= {"state": FILED, "consent_asked_on": work.today, "consent_working_days": working_days}
        columns |= consent_due(work, work.today, working_days)
    else:
        columns |= _consented(work, kind, columns)
    filed = proposal.propose(work, kind, person, "filed", **columns)
    _announce(work, kind, "filed", filed)
    return filed


def consenting_institutions(work: Work, practitioner_id: str) -> list[str]:
    """Return the codes of those who can consent: where the person is affiliated and an agreement is in force today."""
    return [code for code in institutions_of(work, practitioner_id) if is_under_agreement(work, code)]


def is_under_agreement(work: Work, institution: str) -> bool:
    """Tell whether an institution has an agreement in force today."""
    return any(version.span.covers(work.today) for version in agreements_known(work.conn, [institution])[institution])


def consent(
    work: Work,
    kind: ConsentedKind[Shown],
    application_id: str,
    *,
    institution: str | None = None,
    proof: str | None = None,
    expected_version: int | None = None,
) -> Shown:
    """Consent as an institution of the person's, or record on paper which one has; return the application.

    Where none can consent any more a clerk names none. The office's working days are counted from today.
    Raises NotFound, Forbidden `not_party`, Invalid at `/institution`, Conflict `…_state`, Stale.
    """
    row = proposal.hold_waiting(work, kind, application_id, expected_version, {FILED})
    code = _answering(work, row, institution)
    answer = _answer(work, code, on_paper=work.actor.is_office, proof=proof)
    return _keep(work, kind, row, "consented", **answer, **_consented(work, kind, row))


def refuse_consent(
    work: Work,
    kind: ConsentedKind[Shown],
    application_id: str,
    *,
    reason: str,
    institution: str | None = None,
    proof: str | None = None,
    expected_version: int | None = None,
) -> Shown:
    """Refuse consent as an institution of the person's, or record on paper which one has; return the application.

    It stays `filed`: another institution may still consent, and the office may proceed. Raises as `consent`.
    """
    row = proposal.hold_waiting(work, kind, application_id, expected_version, {FILED})
    code = _answering(work, row, institution)
    if code is None:
        raise Invalid("/institution", "没有可以表示意见的机构 / no institution can refuse")
    answer = _answer(work, code, on_paper=work.actor.is_office, proof=proof, reason=reason)
    return _keep(work, kind, row, "consent_refused", **answer)


def proceed(
    work: Work,
    kind: ConsentedKind[Shown],
    application_id: str,
    *,
    reason: str,
    expected_version: int | None = None,
) -> Shown:
    """Go on without consent, once it was refused or its working days are over; return the application.

    Raises NotFound, Forbidden `same_person`, Conflict `…_state`, `consent_pending`, Stale.
    """
    row = proposal.hold_for_decision(work, kind, application_id, expected_version, {FILED})
    due_on = awaited_until(work, row)
    if due_on is not None:
        raise Conflict(
            "consent_pending",
            f"机构最晚可于 {due_on} 表示意见（含当日） / the institution may answer until {due_on} inclusive",
            consent_due_on=due_on.isoformat(),
        )
    going_on: Columns = {
        "proceeded_by": work.actor.username,
        "proceeded_at": work.record(),
        "proceeded_because": reason,
    }
    return _keep(work, kind, row, "proceeded", **going_on, **_consented(work, kind, row))


def awaited_until(work: Work, row: RowMapping) -> date | None:
    """Return the day until which an institution is waited for; None when the office may go on without.

    No deadline ends on a provisional day.
    """
    due = consent_due(work, row["consent_asked_on"], row["consent_working_days"])
    last_day = max(due["consent_due_on"], row["consent_due_on"])
    is_over = work.today > last_day and not due["consent_provisional"]
    if is_over or row["consent_refused_because"] is not None:
        return None
    return last_day if consenting_institutions(work, row["practitioner_id"]) else None


def may_proceed(work: Work, kind: ConsentedKind[Shown], application_id: str) -> bool:
    """Tell whether the office may go on with an application that is `filed`. Raises NotFound."""
    row = proposal.require(work, kind, application_id)
    return row["state"] == FILED and awaited_until(work, row) is None


def _answering(work: Work, row: RowMapping, named: str | None) -> str | None:
    """Return the institution that answers: the account's own; on paper the one named or the only one, or None."""
    able = consenting_institutions(work, row["practitioner_id"])
    if work.actor.is_office:
        return _named_on_paper(able, named)
    own = work.actor.institution_code
    if named is not None and named != own:
        raise Invalid("/institution", "须为登录账号所属机构 / must be the account's own institution")
    if own is None or own not in able:
        detail = "仅人员现执业且协议有效的机构可以表示意见 / only a present institution under an agreement may answer"
        raise Forbidden("not_party", detail)
    return own


def _named_on_paper(able: list[str], named: str | None) -> str | None:
    if named is None and len(able) <= 1:
        return next(iter(able), None)
    if named is None or named not in able:
        listed = "、".join(able) or "—"
        detail = f"须为可以表示意见的机构：{listed} / must be one of those that can consent: {listed}"
        raise Invalid("/institution", detail)
    return named


def _answer(
    work: Work, institution: str | None, *, on_paper: bool, proof: str | None = None, reason: str | None = None
) -> Columns:
    """Return the columns of an institution's answer: its consent, or with a reason its refusal."""
    return {
        "consent_institution": institution,
        "consent_account": work.actor.account_id,
        "consent_recorded_by": work.actor.username,
        "consent_staff_no": work.actor.staff_no,
        "consent_recorded_at": work.record(),
        "consent_on_paper": on_paper,
        "consent_proof": proof,
        "consent_refused_because": reason,
    }


def _consented(work: Work, kind: ConsentedKind[Shown], application: Columns | RowMapping) -> Columns:
    """Return the columns of an application that the office has now to decide on."""
    return {"state": CONSENTED, "consented_on": work.today} | kind.office_days(work, application)


def lapse(work: Work, kind: ConsentedKind[Any], row: RowMapping, gate: Conflict) -> RowMapping:
    """End a held application whose gate has closed since it was filed: nobody has refused it; return its row."""
    lapsed = proposal.change(work, kind, row, state=LAPSED, lapsed_because=gate.code, **decided_by_actor(work))
    proposal.record_deed(work, kind, lapsed, "lapsed", because=gate.code)
    work.event(f"{kind.name}_lapsed", practitioner_id=row["practitioner_id"], **{kind.name: row["id"]})
    return lapsed


def _keep(work: Work, kind: ConsentedKind[Shown], row: RowMapping, deed: str, **columns: Any) -> Shown:
    """Write what became of a held application, put it on record, announce it; return it."""
    changed = proposal.change(work, kind, row, **columns)
    named = {name: columns[name] for name in ("consent_institution",) if name in columns}
    proposal.record_deed(work, kind, changed, deed, **named)
    shown = kind.show(work, changed)
    _announce(work, kind, deed, shown)
    return shown


def _announce(work: Work, kind: ConsentedKind[Shown], deed: str, application: Shown) -> None:
    due_on = application.due_on
    work.event(
        f"{kind.name}_{deed}",
        practitioner_id=application.practitioner,
        **{kind.name: application.id},
        state=application.state,
        due_on=due_on and due_on.isoformat(),
    )
