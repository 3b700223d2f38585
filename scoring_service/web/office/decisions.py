"""What another person proposed about a file (corrections, liftings, remediation, new starts), drafted and decided."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.core.standing import Span
from scoring_service.problems import Forbidden, NotFound
from scoring_service.services.cases.preview import Preview, preview
from scoring_service.services.desks import consent_desk
from scoring_service.services.proposals import corrections, liftings, merges, proposal
from scoring_service.services.proposals import reregistrations as new_starts
from scoring_service.services.proposals.correcting import require_entry
from scoring_service.services.proposals.corrections import DraftedCorrection
from scoring_service.services.proposals.kinds import KINDS, Decided
from scoring_service.services.proposals.liftings import DraftedLifting
from scoring_service.services.proposals.merge_preview import MergePreview
from scoring_service.services.proposals.merges import MERGE, ProposedMerge
from scoring_service.services.proposals.proposal import Kind, Proposal
from scoring_service.services.proposals.registry_corrections import RegistryCorrection
from scoring_service.services.proposals.remediation_reading import (
    APPLICATION,
    Application,
    read_application,
    rulebook_at_home,
)
from scoring_service.services.proposals.reregistrations import ProposedReregistration
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.names import institution_names, practitioner_codes, practitioner_names
from scoring_service.services.standing.reading import standing_of
from scoring_service.services.unit_of_work.listing import read_oldest
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.web.consents import Act, act_on, consent_seen, of_office, on_paper
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.pages import ADMIN, CLERK, OFFICE, REVIEWER, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download

MOST = 50
DRAFTERS = CLERK | {"office.appeals"}
PAPER_ACTS, CONSENT_ACTS = on_paper(APPLICATION), of_office(APPLICATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A kind of proposal as the desk shows it: its title, what its decision does, and who decides."""

    title: Any
    decided: Decided
    deciders: frozenset[str] = REVIEWER

    @property
    def kind(self) -> Kind[Any]:
        """What all kinds of proposals have."""
        return self.decided.kind


MATTERS = {
    "corrections": Matter(title=lazy_gettext("更正"), decided=KINDS["corrections"]),
    "liftings": Matter(title=lazy_gettext("解除措施"), decided=KINDS["liftings"]),
    "registry": Matter(title=lazy_gettext("登记更正"), decided=KINDS["registry"], deciders=REVIEWER | ADMIN),
    "merges": Matter(title=lazy_gettext("并档"), decided=KINDS["merges"], deciders=REVIEWER | ADMIN),
    "remediation": Matter(title=lazy_gettext("修复申请"), decided=KINDS["remediation"]),
    "reregistrations": Matter(title=lazy_gettext("重新登记"), decided=KINDS["reregistrations"]),
}


# What the API calls the lists of those that it calls otherwise.
LISTS = {"registry": "registry-corrections", "remediation": "applications"}


def _matter(kind: str) -> Matter:
    if kind not in MATTERS:
        raise NotFound
    return MATTERS[kind]


def _decidable(kind: str) -> Matter:
    """Return a kind of proposal that the actor may decide on. Raises Forbidden."""
    matter = _matter(kind)
    if not work().actor.has(*matter.deciders):
        raise Forbidden
    return matter


@get("/decisions", OFFICE)
def decisions() -> Any:
    """List what waits for a decision, the oldest first; `?kind=` with `?download=` gives every matter of a kind."""
    if form := download_asked():
        kind = request.args.get("kind", "")
        return list_download(form, LISTS.get(kind, kind), proposal.listing(work(), _matter(kind).kind))
    waiting = {name: _waiting(matter.kind) for name, matter in MATTERS.items()}
    filed = read_oldest(work(), consent_desk.waiting(work(), APPLICATION), limit=MOST)
    shown = [*waiting.items(), ("remediation", filed)]
    names = {
        person: name
        for kind, rows in shown
        for person, name in _names(MATTERS[kind], {each.practitioner for each in rows}).items()
    }
    places = {each.institution for each in waiting["registry"] if each.institution}
    codes = practitioner_codes(work(), {*names, *(each.into for each in waiting["merges"])})
    names |= institution_names(work(), places)
    shown_with = {"names": names, "codes": codes, "today": work().today}
    return render_template("office/decisions.html", matters=MATTERS, waiting=waiting, filed=filed, **shown_with)


def _waiting(kind: Kind[Any]) -> list[Any]:
    return read_oldest(work(), proposal.listing(work(), kind, state=kind.waiting), limit=MOST)


def _names(matter: Matter, people: Collection[str]) -> dict[str, str]:
    return practitioner_names(work(), filter(None, people), matter.kind.name)


@get("/decisions/<kind>/<matter_id>", OFFICE)
def decision(kind: str, matter_id: str) -> str:
    """Show a proposal; to a reviewer, what approving it will do."""
    form = returned()
    matter = _matter(kind)
    shown = _read(matter, matter_id)
    waits = shown.state == matter.kind.waiting and work().actor.has(*matter.deciders)
    seen = _seen(matter, matter_id, _person_after(shown)) if waits else None
    shown = _read(matter, matter_id)
    return render_template(
        "office/decision.html",
        section="web.decisions",
        kind=kind,
        matter=matter,
        shown=shown,
        entry=require_entry(work(), shown.target) if isinstance(shown, DraftedCorrection | DraftedLifting) else None,
        rulebook_id=rulebook_at_home(work()).id,
        names=(names := _names(matter, [shown.practitioner, _person_after(shown)])),
        name=names.get(shown.practitioner) or _place_of(shown) or "—",
        codes=practitioner_codes(work(), names) if isinstance(shown, ProposedMerge) else {},
        places=institution_names(work(), _places(shown)),
        asked=consent_seen(APPLICATION, shown) if isinstance(shown, Application) else None,
        decides=work().actor.has(*matter.deciders),
        preview=seen,
        today=work().today,
        errors=form.errors,
        form=form,
    )


def places_of(seen: MergePreview) -> set[str]:
    """Return the codes of the institutions of two files beside each other."""
    spans = (span for file in (seen.merged, seen.into) for span in file.affiliations)
    return {span.institution for span in spans if span.institution is not None}


def _person_after(shown: Proposal) -> str:
    """Return whose file it is that approving a proposal changes."""
    return shown.into if isinstance(shown, ProposedMerge) else shown.practitioner


def _read(matter: Matter, matter_id: str) -> Proposal:
    if matter.kind is APPLICATION:
        return read_application(work(), matter_id)
    if matter.kind is MERGE:
        return merges.read(work(), matter_id)
    return proposal.read(work(), matter.kind, matter_id)


def _place_of(shown: Proposal) -> str | None:
    """Return the name of the institution whose agreement a proposal is about."""
    code = shown.institution if isinstance(shown, RegistryCorrection) else None
    return institution_names(work(), [code]).get(code) if code else None


def _places(shown: Proposal) -> set[str]:
    """Return the codes of the institutions that a proposal names."""
    if isinstance(shown, ProposedReregistration):
        return {each.institution for each in shown.affiliations}
    if isinstance(shown, ProposedMerge) and shown.preview:
        return places_of(shown.preview)
    if isinstance(shown, RegistryCorrection):
        return {row["institution"] for row in (shown.before, shown.corrected) if "institution" in row}
    return set()


def _seen(matter: Matter, matter_id: str, practitioner_id: str) -> Preview:
    people = [practitioner_id] if practitioner_id else []
    return preview(work(), people, partial(matter.decided.approve, work(), matter_id))


@post("/decisions/<kind>/<matter_id>/paper/<act>", CLERK, page="decision")
def record_consent(kind: str, matter_id: str, act: str) -> Any:
    """Record what an institution has answered to an application on paper."""
    return _consent_acted(PAPER_ACTS, kind, matter_id, act)


@post("/decisions/<kind>/<matter_id>/desk/<act>", REVIEWER, page="decision")
def go_on_without_consent(kind: str, matter_id: str, act: str) -> Any:
    """Go on with an application that no institution has consented to."""
    return _consent_acted(CONSENT_ACTS, kind, matter_id, act)


def _consent_acted(acts: Mapping[str, Act], kind: str, matter_id: str, act: str) -> Any:
    if _matter(kind).kind is not APPLICATION:
        raise NotFound
    act_on(acts, matter_id, act)
    return see(url_for("web.decision", kind=kind, matter_id=matter_id))


@post("/decisions/<kind>/<matter_id>/approve", REVIEWER | ADMIN, page="decision")
def approve_decision(kind: str, matter_id: str) -> Any:
    """Approve a proposal that another person made."""
    _decidable(kind).decided.approve(work(), matter_id, expected_version=version())
    flash(_("已并档，两份档案从此是一份。") if kind == "merges" else _("已通过，立即生效。"))
    return see(url_for("web.decision", kind=kind, matter_id=matter_id))


@post("/decisions/<kind>/<matter_id>/reject", REVIEWER | ADMIN, page="decision")
def reject_decision(kind: str, matter_id: str) -> Any:
    """Reject a proposal, with a reason."""
    expected = version()
    form = Form()
    reason = form.text("reason")
    form.refuse()
    proposal.reject(work(), _decidable(kind).kind, matter_id, reason=str(reason), expected_version=expected)
    flash(_("已驳回，并附上您的理由。"))
    return see(url_for("web.decision", kind=kind, matter_id=matter_id))


@get("/entries/<entry_id>/correction", DRAFTERS)
def new_correction(entry_id: str) -> str:
    """Show the form of a correction of an entry."""
    form = returned()
    entry = require_entry(work(), entry_id)
    return render_template(
        "office/correction_new.html",
        section="web.find_people",
        entry=entry,
        bases=corrections.BASES,
        name=practitioner_names(work(), [entry.practitioner_id], "correction").get(entry.practitioner_id, "—"),
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/entries/<entry_id>/correction", DRAFTERS, page="new_correction")
def draft_correction(entry_id: str) -> Any:
    """Draft a correction; another person posts it."""
    form = Form()
    value, basis = form.whole("value"), form.choice("basis", corrections.BASES)
    document_no, reason = form.line("document_no", longest=100), form.text("reason")
    values: dict[str, Any] = {"value": value, "basis": basis, "document_no": document_no, "reason": reason}
    return proposed("corrections", form, partial(corrections.draft, work(), entry_id, **values))


@get("/entries/<entry_id>/lifting", CLERK)
def new_lifting(entry_id: str) -> str:
    """Show the form that proposes the end of a measure."""
    form = returned()
    entry = require_entry(work(), entry_id)
    return render_template(
        "office/lifting_new.html",
        section="web.find_people",
        entry=entry,
        name=practitioner_names(work(), [entry.practitioner_id], "lifting").get(entry.practitioner_id, "—"),
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/entries/<entry_id>/lifting", CLERK, page="new_lifting")
def draft_lifting(entry_id: str) -> Any:
    """Propose the end of a measure; another person posts it."""
    form = Form()
    reason = form.text("reason")
    return proposed("liftings", form, lambda: liftings.draft(work(), entry_id, reason=str(reason)))


@get("/people/<ref>/reregistration", CLERK)
def new_reregistration(ref: str) -> str:
    """Show the form of a new start after a ban."""
    form = returned()
    person = require_practitioner(work(), ref)
    work().look(person.id, "reregistration")
    return render_template(
        "office/reregistration_new.html",
        section="web.find_people",
        person=person,
        standing=standing_of(work(), person.id),
        today=work().today,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/people/<ref>/reregistration", CLERK, page="new_reregistration")
def propose_reregistration(ref: str) -> Any:
    """Propose that a person be registered anew."""
    form = Form()
    on, signed_on = form.day("on"), form.day("commitment_signed_on")
    place = form.ref("affiliations/0/institution", longest=12)
    affiliations = [AskedAffiliation(institution=str(place), span=Span(on or date.min, None))]
    values: dict[str, Any] = {
        "on": on,
        "affiliations": affiliations,
        "commitment_signed_on": signed_on,
        "statement": form.text("statement", required=False),
    }
    return proposed("reregistrations", form, partial(new_starts.propose, work(), ref, **values))


def proposed(kind: str, form: Form, act: Callable[[], Proposal]) -> Any:
    """Make a proposal and show it."""
    form.refuse()
    made = act()
    flash(_("已登记，等待另一位同事决定。"))
    return see(url_for("web.decision", kind=kind, matter_id=made.id))
