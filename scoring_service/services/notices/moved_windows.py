"""Appeal windows that were counted again, after an amended calendar or a corrected receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.notices.receipts import Window
    from scoring_service.services.notices.records import Notice
    from scoring_service.services.unit_of_work.transaction import Work


def counted_again(work: Work, notice: Notice, window: Window) -> Columns:
    """Return the columns of a notice's window that was counted again; one that is not over by then is open.

    A last day that moved is put on record and announced.
    """
    is_over = not window.provisional and window.closes_on is not None and window.closes_on < work.today
    closed_at = notice.window_closed_at if is_over else None
    if window.closes_on != notice.window_closes_on:
        _tell_moved(work, notice, window, reopened=notice.window_closed_at is not None and closed_at is None)
    return {
        "window_closes_on": window.closes_on,
        "provisional": window.provisional,
        "window_closed_at": closed_at,
    }


def _tell_moved(work: Work, notice: Notice, window: Window, *, reopened: bool) -> None:
    before = notice.window_closes_on.isoformat() if notice.window_closes_on else None
    after = window.closes_on.isoformat() if window.closes_on else None
    work.audit(
        "notice.window_moved",
        object_kind="notice",
        object_id=notice.id,
        practitioner_id=notice.practitioner_id,
        case_id=notice.case_id,
        institution_code=notice.institution_code,
        detail={"closed_on_before": before, "closes_on": after, "reopened": reopened},
    )
    work.event(
        "appeal_window_moved",
        practitioner_id=notice.practitioner_id,
        institution_code=notice.institution_code,
        notice=notice.id,
        notice_kind=notice.kind,
        closed_on_before=before,
        closes_on=after,
        reopened=reopened,
    )
