"""`/notices`: what people and institutions are told, and their receipts."""

from __future__ import annotations

from typing import Any

from flask import Response

from scoring_service.api.attachments import BINARY, FILE_BODY, sent_file
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.notices import (
    MaintainedState,
    ManyReceipts,
    Notice,
    NoticePage,
    NoticeQuery,
    ProofAnswer,
    ProofList,
    Receipt,
    ReceiptCorrection,
    RecordedReceipts,
)
from scoring_service.core.procedure import Duty
from scoring_service.downloads import as_download
from scoring_service.services.notices import issuing, maintenance, proofs, receipt_corrections, receipts
from scoring_service.services.notices.many_receipts import AskedReceipt, acknowledge_each
from scoring_service.services.notices.proofs import Proof
from scoring_service.services.notices.records import NoticeOnRecord

blueprint = Blueprint("notices", __name__, description="文书 / notices")


@blueprint.get("/notices")
@blueprint.arguments(NoticeQuery, location="query")
@blueprint.response(200, NoticePage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the notices that the caller may know of, the newest first."""
    filters = {name: query[name] for name in ("practitioner", "unacknowledged", *Duty)}
    return page_of(issuing.listing(work(), **filters), query)


@blueprint.get("/notices/<notice_id>")
@blueprint.response(200, Notice)
def shown(notice_id: str) -> NoticeOnRecord:
    """Show a notice."""
    return issuing.read_notice(work(), notice_id)


@blueprint.post("/notices/<notice_id>/acknowledge")
@blueprint.arguments(Receipt)
@blueprint.response(200, Notice)
def acknowledge(receipt: dict[str, Any], notice_id: str) -> NoticeOnRecord:
    """Record the receipt of a notice; its appeal window runs from that day."""
    return receipts.acknowledge(work(), notice_id, **receipt)


@blueprint.post("/notices/receipts")
@blueprint.arguments(ManyReceipts)
@blueprint.response(200, RecordedReceipts)
def acknowledge_many(receipts_of: dict[str, Any]) -> dict[str, list[NoticeOnRecord]]:
    """Record the receipts of many notices: all of them, or none when one cannot be, every faulty row told."""
    items = [AskedReceipt(**item) for item in receipts_of["items"]]
    return {"recorded": acknowledge_each(work(), items)}


@blueprint.post("/notices/<notice_id>/maintenance")
@blueprint.arguments(MaintainedState)
@blueprint.response(200, Notice)
def maintain(maintained: dict[str, Any], notice_id: str) -> NoticeOnRecord:
    """Confirm that the institution's own systems show the state of a notice to it."""
    return maintenance.confirm_maintenance(work(), notice_id, **maintained)


@blueprint.post("/notices/<notice_id>/receipt-corrections")
@blueprint.arguments(ReceiptCorrection)
@blueprint.response(200, Notice)
def correct_receipt(correction: dict[str, Any], notice_id: str) -> NoticeOnRecord:
    """Correct a receipt that another person recorded; its window is counted again and never shorter."""
    return receipt_corrections.correct_receipt(work(), notice_id, **correction)


@blueprint.post("/notices/<notice_id>/attachments")
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.response(201, ProofAnswer)
def attach_proof(notice_id: str) -> Proof:
    """Keep a scan, PDF, PNG or JPEG of at most 20 MB, of the receipt that is on record."""
    file = sent_file()
    return proofs.attach(work(), notice_id, file_name=file.filename or "", content=file.read())


@blueprint.get("/notices/<notice_id>/attachments")
@blueprint.response(200, ProofList)
def listed_proofs(notice_id: str) -> dict[str, Any]:
    """List the scans of a notice's receipts."""
    return {"items": proofs.proofs_of(work(), notice_id)}


@blueprint.get("/notices/<notice_id>/attachments/<n>")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def download_proof(notice_id: str, n: str) -> Response:
    """Download a scan as it was sent."""
    return as_download(proofs.proof(work(), notice_id, n))
