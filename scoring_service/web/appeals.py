"""Appeals, one page for all who have a part in them: the parties, the office's appeals desk, the experts.

Each sees the acts that are theirs in the present state; a decision is seen before it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.core.entries import CORRECTABLE, EntryKind
from scoring_service.core.procedure import CORRECTING_OUTCOMES, AppealState, Outcome
from scoring_service.problems import NotFound
from scoring_service.services.appeals import decisions, evidence, explaining, reading
from scoring_service.services.appeals import experts as appeal_experts
from scoring_service.services.appeals import filing as use_cases
from scoring_service.services.appeals.appeal_fields import APPEAL_FIELDS
from scoring_service.services.appeals.last_days import windows_of
from scoring_service.services.appeals.reading import Appeal
from scoring_service.services.cases.preview import Preview, preview
from scoring_service.services.desks.ledger import LedgerEntry
from scoring_service.services.desks.practitioner_file import file_of
from scoring_service.services.notices.receipts import Window
from scoring_service.services.notices.records import Addressee
from scoring_service.services.proposals.remediation_reading import rulebook_at_home
from scoring_service.services.registry.names import institution_names
from scoring_service.web.appeal_refusals import SHOWN, refusals_of
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.lists import asked_list, shown_list
from scoring_service.web.frame.pages import (
    CLERK,
    CLINIC,
    OFFICE,
    PRACTITIONER,
    REVIEWER,
    ask,
    errors_of,
    get,
    post,
    see,
    work,
)
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.wording.words import AGAINST, FILED_BY, OUTCOME
from scoring_service.written import LONGEST_REF

APPEALS = frozenset({"office.appeals"})
EXPERT = frozenset({"expert"})
PARTIES = CLINIC | PRACTITIONER
READERS = OFFICE | PARTIES | EXPERT
MOST_GROUNDS = 4000

# An act: what it reads from the form, and does with the appeal of that version.
Act = Callable[[Form, str, int | None], object]


def _plain(use_case: Any) -> Act:
    return lambda _form, appeal_id, expected: use_case(work(), appeal_id, expected_version=expected)


def _with_reason(use_case: Any) -> Act:
    def act(form: Form, appeal_id: str, expected: int | None) -> object:
        reason = form.text("reason")
        form.refuse()
        return use_case(work(), appeal_id, reason=reason, expected_version=expected)

    return act


def _explain(form: Form, appeal_id: str, expected: int | None) -> object:
    text = form.text("text", longest=MOST_GROUNDS)
    form.refuse()
    return explaining.explain(work(), appeal_id, text=str(text), expected_version=expected)


def _insist(form: Form, appeal_id: str, expected: int | None) -> object:
    grounds = form.text("grounds", required=False, longest=MOST_GROUNDS)
    form.refuse()
    return explaining.insist(work(), appeal_id, grounds=grounds, expected_version=expected)


def _assign(form: Form, appeal_id: str, expected: int | None) -> object:
    named = (form.text("experts", required=False, longest=500) or "").replace("，", ",").replace("、", ",")
    experts = [name.strip() for name in named.split(",") if name.strip()]
    draw = None if experts else form.whole("draw")
    reason = form.text("reason", required=bool(experts))
    due_on = form.day("due_on", required=False)
    form.refuse()
    return appeal_experts.assign(
        work(), appeal_id, draw=draw, experts=experts, reason=reason, due_on=due_on, expected_version=expected
    )


def _release(form: Form, appeal_id: str, expected: int | None) -> object:
    expert, reason = form.text("expert", longest=100), form.text("reason")
    form.refuse()
    return appeal_experts.release(
        work(), appeal_id, expert=str(expert), reason=str(reason), expected_version=expected
    )


def _give_opinion(form: Form, appeal_id: str, expected: int | None) -> object:
    opinion = form.choice("opinion", appeal_experts.OPINIONS)
    points = form.whole("points", required=opinion == appeal_experts.REDUCE)
    text = form.text("text", longest=MOST_GROUNDS)
    form.refuse()
    reduced = points if opinion == appeal_experts.REDUCE else None
    return appeal_experts.give_opinion(
        work(), appeal_id, opinion=str(opinion), text=str(text), points=reduced, expected_version=expected
    )


def _decide(form: Form, appeal_id: str, expected: int | None) -> object:
    outcome = form.choice("outcome", tuple(Outcome))
    points = form.whole("points", required=outcome == Outcome.REDUCED)
    reasons = form.text("reasons", longest=MOST_GROUNDS)
    entry = form.ref("entry", required=False, longest=LONGEST_REF)
    form.refuse()
    return decisions.decide(
        work(),
        appeal_id,
        outcome=str(outcome),
        reasons=str(reasons),
        points=points if outcome == Outcome.REDUCED else None,
        entry=entry if outcome in CORRECTING_OUTCOMES else None,
        expected_version=expected,
    )


def _countersign_on_paper(form: Form, appeal_id: str, expected: int | None) -> object:
    institution = form.ref("institution", required=False, longest=12)
    proof = form.text("proof", longest=500)
    form.refuse()
    return use_cases.countersign(
        work(), appeal_id, institution=institution, proof=proof, expected_version=expected
    )


FILER_ACTS: Mapping[str, Act] = {"insist": _insist, "withdraw": _plain(explaining.withdraw)}
PAPER_ACTS: Mapping[str, Act] = {
    "countersign": _countersign_on_paper,
    "refuse": _with_reason(use_cases.refuse_countersignature),
    **FILER_ACTS,
}
PARTY_ACTS: Mapping[str, Act] = {
    "countersign": _plain(use_cases.countersign),
    "refuse": _with_reason(use_cases.refuse_countersignature),
    **FILER_ACTS,
}
OFFICE_ACTS: Mapping[str, Act] = {
    "proceed": _with_reason(use_cases.proceed),
    "accept": _plain(use_cases.accept),
    "decline": _with_reason(decisions.decline),
    "experts": _assign,
    "release": _release,
    "decide": _decide,
}
EXPERT_ACTS: Mapping[str, Act] = {"opinion": _give_opinion, "recuse": _with_reason(appeal_experts.recuse)}
_DONE = {
    "countersign": lazy_gettext("已会签，由医保部门先行解释。"),
    "refuse": lazy_gettext("已拒绝会签。"),
    "explain": lazy_gettext("解释已发出，等待申诉人答复。"),
    "insist": lazy_gettext("已告知仍有异议，申诉移交行政部门。"),
    "withdraw": lazy_gettext("申诉已撤回。"),
    "proceed": lazy_gettext("已按未会签继续办理。"),
    "accept": lazy_gettext("已受理。"),
    "decline": lazy_gettext("已决定不予受理。"),
    "experts": lazy_gettext("专家已分配。"),
    "release": lazy_gettext("已解除该专家，可以另行分配。"),
    "decide": lazy_gettext("决定已作出，当事人将收到文书。"),
    "opinion": lazy_gettext("意见已提交。"),
    "recuse": lazy_gettext("已回避。"),
}


LIST = ListFace(
    name="appeals",
    endpoint="web.appeals",
    fields=APPEAL_FIELDS,
    labels={
        "state": lazy_gettext("状态"),
        "due": lazy_gettext("本步骤期限"),
        "mine": lazy_gettext("我经手的"),
        "against": lazy_gettext("对什么有异议"),
        "filed_by": lazy_gettext("谁提出的"),
        "case_institution": lazy_gettext("涉案机构"),
        "region": lazy_gettext("行政区划"),
        "outcome": lazy_gettext("结果"),
        "filed_at": lazy_gettext("提出"),
        "due_on": lazy_gettext("决定期限"),
        "decided_at": lazy_gettext("决定"),
    },
    words={"against": AGAINST, "filed_by": FILED_BY, "outcome": OUTCOME},
    views={"mine=true": lazy_gettext("我经手的"), "due=week&sort=due": lazy_gettext("本周到期")},
    own=frozenset({"state"}),
)


@get("/appeals", READERS)
def appeals() -> Any:
    """List the open appeals in a state by what is due, others and all that one has a part in the newest first."""
    state = request.args.get("state", "")
    is_open = reading.is_open(state)
    listed = (
        reading.listing_by_due_day(work(), AppealState(state))
        if is_open
        else reading.listing(work(), state=state if state in use_cases.STATES else None)
    )
    question = question_of(LIST)
    if form := download_asked():
        return list_download(form, "appeals", asked_list(listed, question))
    shown = shown_list(LIST, listed, question)
    return render_template(
        "appeals.html",
        shown=shown,
        names=reading.names_in_appeals(work(), [appeal.id for appeal in shown.items]),
        state=state,
        today=work().today,
        own_due=reading.own_opinions_due(work()) if work().actor.has("expert") else {},
        window=None if shown.items else rulebook_at_home(work()).appeal_window_working_days,
    )


@get("/appeals/<appeal_id>", READERS)
def appeal(appeal_id: str) -> str:
    """Show an appeal and what one may do with it now; a decision may be looked at before it is made."""
    form = returned()
    seen = _effect_of_decision(form, appeal_id) if form.raw("do") == "preview" and not form.errors else None
    detail = reading.read_appeal(work(), appeal_id)
    appeal = detail.appeal
    actor = work().actor
    stored = reading.require_appeal(work(), appeal_id)
    return render_template(
        "appeal.html",
        section="web.appeals",
        appeal=appeal,
        detail=detail,
        name=reading.names_in_appeals(work(), [appeal_id])[appeal.practitioner_id],
        institution=institution_names(work(), [appeal.institution_code or ""]).get(appeal.institution_code or ""),
        may_countersign=use_cases.may_countersign(work(), appeal_id),
        may_answer=explaining.may_insist(work(), stored),
        may_withdraw=explaining.may_withdraw(work(), stored),
        may_attach=evidence.may_attach(work(), stored),
        entries=_entries(appeal) if actor.is_office else [],
        refusals=refusals_of(appeal),
        refusals_shown=SHOWN,
        seen=seen,
        today=work().today,
        errors=form.errors,
        form=form,
    )


def _effect_of_decision(form: Form, appeal_id: str) -> Preview | None:
    """Return what a decision as it was typed would do; what is wrong with it comes beside its fields."""
    if not work().actor.has("office.appeals"):
        return None
    person = reading.require_appeal(work(), appeal_id).practitioner_id
    seen = preview(work(), [person], partial(_decide, form, appeal_id, None))
    if seen.refusal is None or not seen.refusal.errors:
        return seen
    form.errors |= errors_of(seen.refusal)
    return None


def _entries(appeal: Appeal) -> list[LedgerEntry]:
    """Return the entries that an appeal against the state of a file may end in correcting."""
    return [] if appeal.entry_id else _correctable(appeal.practitioner_id)


def _correctable(ref: str) -> list[LedgerEntry]:
    return [entry for entry in file_of(work(), ref).entries if entry.kind in CORRECTABLE]


@post("/appeals/<appeal_id>/explain", REVIEWER | APPEALS, page="appeal")
def explain_appeal(appeal_id: str) -> Any:
    """Explain what is appealed against."""
    return _acted({"explain": _explain}, appeal_id, "explain")


@post("/appeals/<appeal_id>/desk/<act>", APPEALS, page="appeal")
def decide_on_appeal(appeal_id: str, act: str) -> Any:
    """Do what the appeals desk does; a decision may be looked at before it is made."""
    if act == "decide" and request.form.get("do") == "preview":
        reading.require_appeal(work(), appeal_id)
        return ask("appeal")
    return _acted(OFFICE_ACTS, appeal_id, act)


@post("/appeals/<appeal_id>/party/<act>", PARTIES, page="appeal")
def act_as_party(appeal_id: str, act: str) -> Any:
    """Countersign or refuse to; of one's own, insist or withdraw."""
    return _acted(PARTY_ACTS, appeal_id, act)


@post("/appeals/<appeal_id>/paper/<act>", CLERK, page="appeal")
def record_on_paper(appeal_id: str, act: str) -> Any:
    """Record on paper what the other party says to the signature, or the filer to the explanation."""
    return _acted(PAPER_ACTS, appeal_id, act)


@post("/appeals/<appeal_id>/expert/<act>", EXPERT, page="appeal")
def act_as_expert(appeal_id: str, act: str) -> Any:
    """Give an opinion, or recuse oneself."""
    return _acted(EXPERT_ACTS, appeal_id, act)


def _acted(acts: Mapping[str, Act], appeal_id: str, act: str) -> Any:
    if act not in acts:
        raise NotFound
    expected = version()
    acts[act](Form(), appeal_id, expected)
    flash(_DONE[act])
    return see(url_for("web.appeal", appeal_id=appeal_id))


@get("/people/<ref>/appeal", CLERK | PARTIES)
def new_appeal(ref: str) -> str:
    """Show the form of an appeal."""
    form = returned()
    file = file_of(work(), ref)
    windows = _windows(file.practitioner.id)
    return render_template(
        "appeal_new.html",
        section="web.appeals",
        person=file.practitioner,
        entries=[entry for entry in file.entries if entry.kind in CORRECTABLE],
        windows=windows,
        chosen=request.args.get("entry", ""),
        today=work().today,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


def _windows(person: str) -> dict[str, Window]:
    """Return until when the account's side may appeal against each entry; a clerk records for either, by paper."""
    actor = work().actor
    if actor.has("office.clerk"):
        return {}
    if actor.has("institution"):
        return windows_of(work(), person, Addressee("institution", actor.institution_code or ""))
    return windows_of(work(), person, Addressee("practitioner", person))


@post("/people/<ref>/appeal", CLERK | PARTIES, page="new_appeal")
def file_appeal(ref: str) -> Any:
    """File an appeal; a clerk records one on paper for either party."""
    form = Form()
    subject = form.ref("entry", longest=LONGEST_REF)
    values: dict[str, Any] = {
        "against": use_cases.STATE if _is_of_state(ref, subject) else use_cases.POINTS,
        "entry": None if subject == use_cases.STATE else subject,
        "grounds": form.text("grounds", longest=MOST_GROUNDS),
    } | _filer(form)
    form.refuse()
    made = use_cases.file_appeal(work(), practitioner=ref, **values)
    flash(_("申诉已提出，等待另一方会签。有证据的，请在下面上传。"))
    return see(url_for("web.appeal", appeal_id=made.appeal.id))


def _is_of_state(ref: str, subject: str | None) -> bool:
    """Tell whether an appeal is against the state: the file's, or a measure, which has no points."""
    measures = {entry.id for entry in file_of(work(), ref).entries if entry.kind is EntryKind.MEASURE}
    return subject == use_cases.STATE or subject in measures


def _filer(form: Form) -> dict[str, Any]:
    """Return who files: the account's own side, or for a clerk the side of the paper and the day it came."""
    actor = work().actor
    if not actor.has("office.clerk"):
        return {"filed_by": "institution" if actor.has("institution") else "practitioner"}
    return {
        "filed_by": form.choice("filed_by", use_cases.PARTIES),
        "received_on": form.day("received_on"),
        "institution": form.ref("institution", required=False, longest=12),
    }
