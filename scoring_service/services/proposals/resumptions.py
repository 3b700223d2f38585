"""Applications for a resumption: filed, agreed to by an institution of the person's, or gone on with without (P39)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.db.files import read_files
from scoring_service.db.ledger import lock_files
from scoring_service.db.registry import agreements_known
from scoring_service.db.tables import resumptions as table
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.notices.issuing import institutions_of
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.resumption_clocks import consent_due, evaluation_due, rulebook_of
from scoring_service.services.proposals.resumption_reading import CONSENTED, FILED, OPEN, RESUMPTION
from scoring_service.services.standing.ways_back import open_window
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_matter

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.proposals.resumption_reading import ResumptionApplication
    from scoring_service.services.unit_of_work.transaction import Work


def file_resumption(work: Work, *, practitioner: str, statement: str) -> ResumptionApplication:
    """File an application for a person; return it, `filed` or `consented`.

    What an institution that can consent files it consents to, and where none can, none is needed (scheme.md 2.3).
    Raises NotFound, Forbidden, Conflict as `open_window`, `resumption_exists` while another waits.
    """
    person = require_practitioner(work, practitioner).id
    check_touches_matter(work, person)
    lock_files(work.conn, [person])
    file = read_files(work.conn, [person])[person]
    rulebook = open_window(work.service.calendar, file.folded(), work.today).rulebook
    _check_none_open(work, person)
    party = proposal.party_of(work)
    columns: Columns = {
        "statement": statement,
        "filed_by": party,
        "filed_institution": work.actor.institution_code if party == "institution" else None,
        "filed_on": work.today,
        "rulebook_sha256": rulebook.sha256,
    }
    columns |= _first_state(work, person, rulebook, party)
    filed = proposal.propose(work, RESUMPTION, person, "filed", **columns)
    _announce(work, "filed", filed)
    return filed


def _check_none_open(work: Work, person: str) -> None:
    waiting = select(table.c.id).where(table.c.practitioner_id == person, table.c.state.in_(OPEN))
    other = work.conn.execute(waiting).scalar_one_or_none()
    if other is not None:
        detail = "已有恢复申请尚未办结 / another application waits for its decision"
        raise Conflict("resumption_exists", detail, resumption=other)


def _first_state(work: Work, person: str, rulebook: Rulebook, party: str) -> Columns:
    able = consenting_institutions(work, person)
    if party == "institution" and work.actor.institution_code in able:
        return _answer(work, work.actor.institution_code, on_paper=False) | _consented(work, rulebook)
    if not able:
        return _consented(work, rulebook)
    return {"state": FILED} | consent_due(work, rulebook, work.today)


def consenting_institutions(work: Work, practitioner_id: str) -> list[str]:
    """Return the codes of those who can consent: where the person is affiliated and an agreement is in force today."""
    codes = institutions_of(work, practitioner_id)
    agreed = agreements_known(work.conn, codes)
    return [code for code in codes if any(version.span.covers(work.today) for version in agreed[code])]


def consent(
    work: Work,
    resumption_id: str,
    *,
    institution: str | None = None,
    proof: str | None = None,
    expected_version: int | None = None,
) -> ResumptionApplication:
    """Consent as an institution of the person's, or record on paper which one has; return the application.

    Where none can consent any more a clerk names none. The working days of the evaluation are counted from today.
    Raises NotFound, Forbidden `not_party`, Invalid at `/institution`, Conflict `resumption_state`, Stale.
    """
    row = proposal.hold_waiting(work, RESUMPTION, resumption_id, expected_version, {FILED})
    code = _answering(work, row, institution)
    answer = _answer(work, code, on_paper=work.actor.is_office, proof=proof)
    return _keep(work, row, "consented", **answer, **_consented(work, rulebook_of(work, row)))


def refuse_consent(
    work: Work,
    resumption_id: str,
    *,
    reason: str,
    institution: str | None = None,
    proof: str | None = None,
    expected_version: int | None = None,
) -> ResumptionApplication:
    """Refuse consent as an institution of the person's, or record on paper which one has; return the application.

    It stays `filed`: another institution may still consent, and the office may proceed. Raises as `consent`.
    """
    row = proposal.hold_waiting(work, RESUMPTION, resumption_id, expected_version, {FILED})
    code = _answering(work, row, institution)
    if code is None:
        raise Invalid("/institution", "没有可以表示意见的机构 / no institution can refuse")
    answer = _answer(work, code, on_paper=work.actor.is_office, proof=proof, reason=reason)
    return _keep(work, row, "consent_refused", **answer)


def proceed(
    work: Work, resumption_id: str, *, reason: str, expected_version: int | None = None
) -> ResumptionApplication:
    """Go on without consent, once it was refused or its working days are over; return the application.

    Raises NotFound, Forbidden `same_person`, Conflict `resumption_state`, `consent_pending`, Stale.
    """
    row = proposal.hold_for_decision(work, RESUMPTION, resumption_id, expected_version, {FILED})
    _check_nobody_answers(work, row)
    going_on: Columns = {
        "proceeded_by": work.actor.username,
        "proceeded_at": work.record(),
        "proceeded_because": reason,
    }
    return _keep(work, row, "proceeded", **going_on, **_consented(work, rulebook_of(work, row)))


def _check_nobody_answers(work: Work, row: RowMapping) -> None:
    """Refuse to go on while an institution may still answer; no deadline ends on a provisional day."""
    due = consent_due(work, rulebook_of(work, row), row["filed_on"])
    last_day = max(due["consent_due_on"], row["consent_due_on"])
    is_over = work.today > last_day and not due["consent_provisional"]
    if is_over or row["consent_refused_because"] is not None:
        return
    if consenting_institutions(work, row["practitioner_id"]):
        raise Conflict(
            "consent_pending",
            f"机构最晚可于 {last_day} 表示意见（含当日） / the institution may answer until {last_day} inclusive",
            consent_due_on=last_day.isoformat(),
        )


def _answering(work: Work, row: RowMapping, named: str | None) -> str | None:
    """Return the institution that answers: the account's own; on paper the one named, None where none can."""
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
    if named is None and not able:
        return None
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


def _consented(work: Work, rulebook: Rulebook) -> Columns:
    """Return the columns of an application that the office has now to evaluate."""
    return {"state": CONSENTED, "consented_on": work.today} | evaluation_due(work, rulebook, work.today)


def _keep(work: Work, row: RowMapping, deed: str, **columns: Any) -> ResumptionApplication:
    """Write what became of a held application, put it on record, announce it; return it."""
    changed = proposal.change(work, RESUMPTION, row, **columns)
    named = {name: columns[name] for name in ("consent_institution",) if name in columns}
    proposal.record_deed(work, RESUMPTION, changed, deed, **named)
    shown = RESUMPTION.show(work, changed)
    _announce(work, deed, shown)
    return shown


def _announce(work: Work, deed: str, application: ResumptionApplication) -> None:
    due_on = application.evaluation_due_on
    work.event(
        f"resumption_{deed}",
        practitioner_id=application.practitioner,
        resumption=application.id,
        state=application.state,
        evaluation_due_on=due_on and due_on.isoformat(),
    )
