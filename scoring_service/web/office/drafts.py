"""A rulebook is changed: a file proposed by one administrator, looked at and adopted by another."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Response, flash, render_template, url_for
from flask_babel import gettext as _

from scoring_service.downloads import as_file
from scoring_service.services.rulebooks import deciding, drafts
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.pages import ADMIN, get, post, see, work
from scoring_service.web.frame.uploads import about_the_file, sent_file
from scoring_service.web.office.law import READS_DRAFTS, YAML

FILE_LIMIT = 2 * drafts.LARGEST_BYTES


@get("/rulebooks/<rulebook_id>/drafts/new", ADMIN)
def new_draft(rulebook_id: str) -> str:
    """Show how a file is changed, and the form that takes it."""
    drafts.check_touches_rulebook(work(), rulebook_id)
    form = returned()
    return render_template(
        "office/draft_new.html",
        rulebook_id=rulebook_id,
        example_day=_next_month(work().today),
        errors=form.errors,
        once=form.raw("once") or new_once(),
    )


@post("/rulebooks/<rulebook_id>/drafts/new", ADMIN, page="new_draft", body_limit=FILE_LIMIT)
def propose_draft(rulebook_id: str) -> Any:
    """Check a file and propose it for adoption."""
    with about_the_file():
        sent = sent_file()
        read = drafts.propose(work(), rulebook_id, filename=sent["file_name"], content=sent["content"])
    flash(_("检查无误，已登记，等待另一位管理员采纳。"))
    return _shown(rulebook_id, str(read.draft.n))


@get("/rulebooks/<rulebook_id>/drafts/<n>", READS_DRAFTS)
def draft(rulebook_id: str, n: str) -> str:
    """Show a draft: what it changes, from when on and where, and to whoever decides what adopting it brings."""
    form = returned()
    read = drafts.read_checked(work(), rulebook_id, n)
    decides = work().actor.has(*ADMIN)
    return render_template(
        "office/draft.html",
        draft=read.draft,
        checked=read.checked,
        fault=read.fault,
        decides=decides,
        barred=deciding.refusal_to_decide(work(), read.draft) if decides else None,
        own=deciding.is_own(work(), read.draft),
        errors=form.errors,
        form=form,
    )


@get("/rulebooks/<rulebook_id>/drafts/<n>/file", READS_DRAFTS)
def draft_file(rulebook_id: str, n: str) -> Response:
    """Send the file byte for byte as it was sent."""
    draft = drafts.read(work(), rulebook_id, n)
    return as_file(BytesIO(draft.content), f"{draft.rulebook}.yaml", YAML)


@post("/rulebooks/<rulebook_id>/drafts/<n>/approve", ADMIN, page="draft")
def approve_draft(rulebook_id: str, n: str) -> Any:
    """Adopt a draft that another person proposed."""
    expected, form = version(), Form()
    begins_on = form.day("begins_on")
    form.refuse()
    deciding.approve(work(), rulebook_id, n, begins_on=begins_on, expected_version=expected)
    flash(_("已采纳，到施行日自动生效。"))
    return _shown(rulebook_id, n)


@post("/rulebooks/<rulebook_id>/drafts/<n>/reject", ADMIN, page="draft")
def reject_draft(rulebook_id: str, n: str) -> Any:
    """Reject a draft, with a reason."""
    expected, form = version(), Form()
    reason = form.text("reason")
    form.refuse()
    deciding.reject(work(), rulebook_id, n, reason=str(reason), expected_version=expected)
    flash(_("已驳回，并附上您的理由。"))
    return _shown(rulebook_id, n)


@post("/rulebooks/<rulebook_id>/drafts/<n>/withdraw", ADMIN, page="draft")
def withdraw_draft(rulebook_id: str, n: str) -> Any:
    """Take back a draft of one's own."""
    deciding.withdraw(work(), rulebook_id, n, expected_version=version())
    flash(_("已撤回。"))
    return _shown(rulebook_id, n)


def _shown(rulebook_id: str, n: str) -> Response:
    return see(url_for("web.draft", rulebook_id=rulebook_id, n=n))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
