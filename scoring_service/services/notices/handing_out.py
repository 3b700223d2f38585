"""Letters handed out: the HTML as it was issued, and the PDF, made once when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.db.letters import find_letter, find_pdf
from scoring_service.db.tables import letter_pdfs
from scoring_service.letters.html import sha256
from scoring_service.letters.pdf import make_pdf, present_template
from scoring_service.problems import NotFound
from scoring_service.services.notices.backlog import write_now
from scoring_service.services.notices.issuing import require_notice

if TYPE_CHECKING:
    from scoring_service.db.letters import KeptLetter, KeptPdf
    from scoring_service.services.notices.records import Notice
    from scoring_service.services.unit_of_work.transaction import Work

HTML, PDF = "text/html", "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A letter's document: its bytes as kept and their SHA-256."""

    media_type: str
    content: bytes
    sha256: str


def read_document(work: Work, notice_id: str, *, media_type: str = HTML) -> Document:
    """Return the document of a notice's letter as `text/html` or `application/pdf`; the look is put on record.

    Raises NotFound, and Unavailable `pdf_font_missing` or `pdf_not_possible` where no PDF can be made.
    """
    notice = require_notice(work, notice_id)
    letter = _letter(work, notice)
    work.look(notice.practitioner_id, "letter", notice.case_id)
    if media_type == PDF:
        kept = _kept_pdf(work, notice, letter)
        return Document(media_type=PDF, content=bytes(kept.pdf), sha256=kept.sha256)
    return Document(media_type=HTML, content=letter.html.encode(), sha256=letter.sha256)


def keep_pdf(work: Work, notice_id: str) -> None:
    """Make the PDF of a notice's letter, if none is kept yet; nobody is told anything. Raises as `read_document`."""
    notice = require_notice(work, notice_id)
    _kept_pdf(work, notice, _letter(work, notice))


def _letter(work: Work, notice: Notice) -> KeptLetter:
    letter = find_letter(work.conn, notice.id)
    if letter is None:
        write_now(work, notice.id)
        letter = find_letter(work.conn, notice.id)
    if letter is None:
        raise NotFound("文书全文 / letter")
    return letter


def _kept_pdf(work: Work, notice: Notice, letter: KeptLetter) -> KeptPdf:
    kept = find_pdf(work.conn, notice.id)
    if kept is None:
        made = make_pdf(
            letter.content, created_at=notice.created_at, source=letter.source or present_template()
        )
        row = {"notice_id": notice.id, "pdf": made, "sha256": sha256(made), "made_at": work.now}
        work.conn.execute(upsert(letter_pdfs).on_conflict_do_nothing(), row)
        kept = find_pdf(work.conn, notice.id)
        assert kept is not None  # noqa: S101 - it was just kept, by us or by another.
    return kept
