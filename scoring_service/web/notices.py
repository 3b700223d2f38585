"""A notice and its letter, for whoever may know of it; the receipt."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from scoring_service.core.procedure import Duty, NoticeKind
from scoring_service.downloads import as_download
from scoring_service.letters.html import CONTENT_SECURITY_POLICY
from scoring_service.letters.resuming import is_to_be_applied_for
from scoring_service.services.bundles.records import recent_bundles
from scoring_service.services.notices import proofs
from scoring_service.services.notices.handing_out import HTML, PDF, read_document
from scoring_service.services.notices.issuing import listing, read_notice
from scoring_service.services.notices.maintenance import confirm_maintenance
from scoring_service.services.notices.notice_fields import NOTICE_FIELDS
from scoring_service.services.notices.receipt_corrections import correct_receipt, who_corrects
from scoring_service.services.notices.receipts import acknowledge, opens_window
from scoring_service.services.notices.records import INSTITUTION, Notice, NoticeOnRecord
from scoring_service.services.registry.names import institution_names, practitioner_names
from scoring_service.web.entrance import own_address
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.lists import asked_list, shown_list
from scoring_service.web.frame.pages import (
    CLERK,
    CLINIC,
    OFFICE,
    PRACTITIONER,
    REVIEWER,
    UPLOAD_LIMIT,
    get,
    post,
    see,
    work,
)
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.frame.uploads import about_the_file, sent_file
from scoring_service.web.wording.list_words import ADDRESSEE_WORDS, DOCUMENT_WORDS

READERS = OFFICE | CLINIC | PRACTITIONER
BUNDLES_SHOWN = 3


LETTERS = ListFace(
    name="notices",
    endpoint="web.letters",
    fields=NOTICE_FIELDS,
    labels={
        "kind": lazy_gettext("文书名称"),
        "addressee.kind": lazy_gettext("收件人"),
        "institution": lazy_gettext("收件机构"),
        "region": lazy_gettext("行政区划"),
        "due": lazy_gettext("送达、维护与谈话"),
        "created_at": lazy_gettext("出具"),
        "received_on": lazy_gettext("送达"),
        "window_closes_on": lazy_gettext("申诉截止"),
    },
    words={"kind": DOCUMENT_WORDS, "addressee.kind": ADDRESSEE_WORDS},
    views={"due=week": lazy_gettext("本周到期"), "due=overdue": lazy_gettext("已逾期")},
    own=frozenset({"unread"}),
)


@get("/letters", READERS)
def letters() -> Any:
    """List the letters that one may know of, the newest first; with `?unread=1` those without a receipt."""
    unread = request.args.get("unread") == "1"
    listed = listing(work(), unacknowledged=unread)
    question = question_of(LETTERS)
    if kind := download_asked():
        return list_download(kind, "notices", asked_list(listed, question))
    form, shown = returned(), shown_list(LETTERS, listed, question)
    people = {letter.practitioner_id for letter in shown.items}
    places = {letter.addressee.ref for letter in shown.items if letter.addressee.kind == INSTITUTION}
    return render_template(
        "letters.html",
        shown=shown,
        unread=unread,
        is_own=work().actor.has("practitioner"),
        bundles=recent_bundles(work(), BUNDLES_SHOWN),
        errors=form.errors,
        form=form,
        people=practitioner_names(work(), people, "notices"),
        places=institution_names(work(), places),
    )


@get("/notices/<notice_id>", READERS)
def notice(notice_id: str) -> str:
    """Show a notice: what it is, its receipt, and the letter."""
    form = returned()
    shown = read_notice(work(), notice_id)
    addressee, person = shown.addressee.ref, shown.practitioner_id
    return render_template(
        "notice.html",
        notice=shown,
        person_name=practitioner_names(work(), [person], "notice", shown.case_id).get(person, "—"),
        addressee_name=institution_names(work(), [addressee]).get(addressee, ""),
        duties=sorted(shown.duties, key=lambda duty: list(Duty).index(duty.duty)),
        may_acknowledge=_may_acknowledge(shown),
        may_maintain=_has_open(shown, Duty.MAINTENANCE),
        asks_talk=_has_open(shown, Duty.TALK),
        may_appeal=_may_appeal(shown),
        opens_window=opens_window(shown),
        to_apply=is_to_be_applied_for(shown.facts) and work().actor.has("institution", "practitioner"),
        corrector=_corrector(notice_id),
        proofs=proofs.proofs_beside(work(), shown),
        may_prove=shown.received_on is not None and work().actor.has(*(CLERK | REVIEWER)),
        today=work().today,
        errors=form.errors,
        form=form,
    )


def _may_acknowledge(shown: Notice) -> bool:
    actor = work().actor
    own = shown.addressee in {("practitioner", actor.practitioner_id), ("institution", actor.institution_code)}
    return shown.received_on is None and (own or actor.has("office.clerk"))


def _has_open(shown: NoticeOnRecord, duty: Duty) -> bool:
    """Tell whether the institution that looks at its notice has this still to do."""
    following = shown.following(duty)
    return work().actor.has("institution") and following is not None and following.met_on is None


def _corrector(notice_id: str) -> str | None:
    return who_corrects(work(), notice_id) if work().actor.has(*(CLERK | REVIEWER)) else None


def _may_appeal(shown: Notice) -> bool:
    if shown.kind != NoticeKind.SCORE or not work().actor.has("institution", "practitioner"):
        return False
    closes_on = shown.window_closes_on
    return closes_on is None or shown.provisional or work().today <= closes_on


@get("/notices/<notice_id>/letter", READERS)
def notice_letter(notice_id: str) -> Response:
    """Show the letter as it was issued, below a bar that leads back and prints; `?format=pdf` gives the PDF."""
    media_type = PDF if request.args.get("format") == "pdf" else HTML
    document = read_document(work(), notice_id, media_type=media_type)
    if media_type == PDF:
        return Response(document.content, content_type=PDF)
    bar = render_template("letter_bar.html", notice_id=notice_id, back=_came_from(notice_id))
    page = document.content.decode().replace("<body>", f"<body>\n{bar}", 1)
    response = Response(page, content_type=f"{HTML}; charset=utf-8")
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; script-src 'self'"
    return response


def _came_from(notice_id: str) -> str:
    """Return the page of this site that led to a letter; the notice's own page where none did."""
    sent_from = urlsplit(request.headers.get("Referer", ""))
    if sent_from.netloc != request.host or sent_from.path in {request.path, url_for("web.sign_in")}:
        return url_for("web.notice", notice_id=notice_id)
    return own_address(sent_from.path + (f"?{sent_from.query}" if sent_from.query else ""))


@post("/notices/<notice_id>/acknowledge", CLERK | CLINIC | PRACTITIONER, page="notice", body_limit=UPLOAD_LIMIT)
def acknowledge_notice(notice_id: str) -> Any:
    """Record the receipt; a clerk gives the day and the proof of the paper, with its scan if there is one."""
    form = Form()
    paper = work().actor.has("office.clerk")
    received_on = form.day("received_on") if paper else None
    proof = form.text("proof", longest=500) if paper else None
    form.refuse()
    receipt = acknowledge(work(), notice_id, received_on=received_on, proof=proof)
    if paper:
        _attach_sent(notice_id)
    flash(_("已登记送达。申诉期自次日起按工作日计算。") if receipt.window_closes_on else _("已登记送达。"))
    done: AnyResponse = see(url_for("web.notice", notice_id=notice_id))
    return done


@post("/notices/<notice_id>/attachments", CLERK | REVIEWER, page="notice", body_limit=UPLOAD_LIMIT)
def attach_proof(notice_id: str) -> Any:
    """Keep a scan of the receipt on record."""
    with about_the_file():
        proofs.attach(work(), notice_id, **sent_file())
    flash(_("凭证已上传。"))
    done: AnyResponse = see(url_for("web.notice", notice_id=notice_id))
    return done


@get("/notices/<notice_id>/attachments/<n>", READERS)
def proof_of_receipt(notice_id: str, n: str) -> Response:
    """Send a scan of a receipt as a download."""
    return as_download(proofs.proof(work(), notice_id, n))


def _attach_sent(notice_id: str) -> None:
    """Keep the scan that came with a form, if one did."""
    if request.files.get("file"):
        with about_the_file():
            proofs.attach(work(), notice_id, **sent_file())


@post("/notices/<notice_id>/maintenance", CLINIC, page="notice")
def maintain_notice(notice_id: str) -> Any:
    """Confirm that the institution's own systems show the state."""
    form = Form()
    values: dict[str, Any] = {"on": form.day("on")}
    form.refuse()
    confirm_maintenance(work(), notice_id, **values)
    flash(_("已登记状态维护。"))
    done: AnyResponse = see(url_for("web.notice", notice_id=notice_id))
    return done


@post("/notices/<notice_id>/receipt-corrections", CLERK | REVIEWER, page="notice", body_limit=UPLOAD_LIMIT)
def correct_notice_receipt(notice_id: str) -> Any:
    """Correct a receipt that another person recorded, with the scan of what proves the right one if there is one."""
    form = Form()
    correction: dict[str, Any] = {
        "received_on": form.day("received_on"),
        "proof": form.text("proof", longest=500),
        "reason": form.text("reason", longest=500),
    }
    form.refuse()
    correct_receipt(work(), notice_id, **correction)
    _attach_sent(notice_id)
    flash(_("已更正送达登记。申诉期已重新计算，不会缩短。"))
    done: AnyResponse = see(url_for("web.notice", notice_id=notice_id))
    return done
