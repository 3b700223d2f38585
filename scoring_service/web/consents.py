"""Consent of an institution to an application, on every page that shows one: who may answer, and what the forms do.

An institution answers for itself, a clerk records what one has answered on paper, a reviewer goes on without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import flash
from flask_babel import lazy_gettext as _

from scoring_service.problems import NotFound
from scoring_service.services.proposals.consent import (
    FILED,
    ConsentedKind,
    ConsentedProposal,
    consent,
    consenting_institutions,
    may_proceed,
    proceed,
    refuse_consent,
)
from scoring_service.services.registry.names import institution_names
from scoring_service.web.clinic.institution import own_code
from scoring_service.web.frame.forms import Form, version
from scoring_service.web.frame.pages import work

LONGEST_PROOF = 1000

# An act: what it reads from the form, and does with the application of that version.
Act = Callable[[Form, str, int | None], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSeen:
    """What a page tells of the consent to an application: who can give it, and what the actor may do about it."""

    able: list[str]
    places: Mapping[str, str]
    may_answer: bool
    may_proceed: bool


def consent_seen(kind: ConsentedKind[Any], application: ConsentedProposal) -> ConsentSeen:
    """Return what a page tells of the consent to an application; `places` are the names of the institutions in it."""
    able = consenting_institutions(work(), application.practitioner)
    answered_by = application.consent and application.consent.institution
    codes = {own_code(), application.filed_institution, answered_by, *able}
    waits = application.state == FILED
    return ConsentSeen(
        able=able,
        places=institution_names(work(), [code for code in codes if code]),
        may_answer=waits and own_code() in able,
        may_proceed=waits and may_proceed(work(), kind, application.id),
    )


def plain(use_case: Any) -> Act:
    """Return the act that needs nothing from its form."""
    return lambda _form, application_id, expected: use_case(work(), application_id, expected_version=expected)


def with_reason(use_case: Any) -> Act:
    """Return the act that takes a reason from its form."""

    def act(form: Form, application_id: str, expected: int | None) -> object:
        reason = form.text("reason")
        form.refuse()
        return use_case(work(), application_id, reason=reason, expected_version=expected)

    return act


def of_institution(kind: ConsentedKind[Any]) -> Mapping[str, Act]:
    """Return what an institution does about an application of this kind."""
    return {
        "consent": lambda _form, application_id, expected: consent(
            work(), kind, application_id, expected_version=expected
        ),
        "refuse-consent": _reasoned(refuse_consent, kind),
    }


def on_paper(kind: ConsentedKind[Any]) -> Mapping[str, Act]:
    """Return what a clerk records about an application of this kind."""
    return {"consent": partial(_consent_on_paper, kind), "refuse-consent": partial(_refuse_consent_on_paper, kind)}


def of_office(kind: ConsentedKind[Any]) -> Mapping[str, Act]:
    """Return what a reviewer does about the consent to an application of this kind."""
    return {"proceed": _reasoned(proceed, kind)}


def _reasoned(use_case: Any, kind: ConsentedKind[Any]) -> Act:
    return with_reason(lambda opened, application_id, **more: use_case(opened, kind, application_id, **more))


def _consent_on_paper(kind: ConsentedKind[Any], form: Form, application_id: str, expected: int | None) -> object:
    answer = _paper(form)
    form.refuse()
    return consent(work(), kind, application_id, **answer, expected_version=expected)


def _refuse_consent_on_paper(
    kind: ConsentedKind[Any], form: Form, application_id: str, expected: int | None
) -> object:
    answer = _paper(form) | {"reason": form.text("reason")}
    form.refuse()
    return refuse_consent(work(), kind, application_id, **answer, expected_version=expected)


def _paper(form: Form) -> dict[str, Any]:
    return {
        "institution": form.ref("institution", required=False, longest=12),
        "proof": form.text("proof", required=False, longest=LONGEST_PROOF),
    }


DONE: Mapping[str, Any] = {
    "consent": _("已登记同意，由医保部门继续办理。"),
    "refuse-consent": _("已登记不同意；是否继续由医保部门决定。"),
    "proceed": _("已决定不再等待机构同意，继续办理。"),
}


def act_on(acts: Mapping[str, Act], application_id: str, act: str, done: Mapping[str, Any] = DONE) -> None:
    """Do what a form asks for, and say so. Raises NotFound for what is none of `acts`."""
    if act not in acts:
        raise NotFound
    expected = version()
    acts[act](Form(), application_id, expected)
    flash(done[act])
