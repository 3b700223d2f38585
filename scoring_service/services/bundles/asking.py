"""What people ask of bundles: the letters that they ticked, or all of a case."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from scoring_service.core.procedure import BundleState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import bundle_pieces, bundled_letters, letter_bundles
from scoring_service.problems import Invalid
from scoring_service.services.bundles.records import Bundle, read_bundle
from scoring_service.services.cases.reading import require_case
from scoring_service.services.imports.requests import KEPT
from scoring_service.services.notices.issuing import notices_of_case, require_visible
from scoring_service.services.unit_of_work.many import check_ticked
from scoring_service.services.unit_of_work.touch import people_in_case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scoring_service.services.unit_of_work.transaction import Work


def bundle_notices(work: Work, notice_ids: Sequence[str]) -> Bundle:
    """Have the letters of these notices joined in their order, by the scheduler; return the waiting bundle.

    Raises Invalid for none, too many or one of them twice, and NotFound when one is unknown or out of sight.
    """
    check_ticked("notices", notice_ids)
    require_visible(work, notice_ids)
    return _ask(work, notice_ids, None)


def bundle_case(work: Work, case_id: str) -> Bundle:
    """Have all letters of a case that the actor may know of joined, person by person; return the waiting bundle.

    Raises NotFound for the case, and Invalid while it has no letters or when it has too many.
    """
    case = require_case(work, case_id)
    issued = notices_of_case(work, case.id, people_in_case(work, case.id))
    notice_ids = [notice.id for notice in sorted(issued, key=lambda notice: notice.practitioner_id)]
    if not notice_ids:
        raise Invalid("/case", "没有文书可以合并：本案尚未出具文书 / the case has no letters yet")
    check_ticked("case", notice_ids)
    return _ask(work, notice_ids, case.id)


def _ask(work: Work, notice_ids: Sequence[str], case_id: str | None) -> Bundle:
    bundle_id = str(uuid.uuid4())
    bundle = {"id": bundle_id, "state": BundleState.WAITING, "case_id": case_id, "created_at": SERVERS_CLOCK}
    work.conn.execute(insert(letter_bundles).values(bundle | {"account_id": work.actor.account_id}))
    rows = [
        {"bundle_id": bundle_id, "position": position, "notice_id": notice_id}
        for position, notice_id in enumerate(notice_ids)
    ]
    work.conn.execute(insert(bundled_letters), rows)
    detail = {"letters": len(rows)}
    work.audit("bundle.asked", object_kind="bundle", object_id=bundle_id, case_id=case_id, detail=detail)
    return read_bundle(work, bundle_id)


def clear_bundles(work: Work, now: datetime) -> int:
    """Forget the PDFs of bundles that ended KEPT ago; return how many."""
    over = (letter_bundles.c.finished_at < now - KEPT) & letter_bundles.c.cleared_at.is_(None)
    ids = list(work.conn.execute(select(letter_bundles.c.id).where(over)).scalars())
    if ids:
        work.conn.execute(delete(bundle_pieces).where(bundle_pieces.c.bundle_id.in_(ids)))
        work.conn.execute(update(letter_bundles).where(letter_bundles.c.id.in_(ids)).values(cleared_at=now))
    return len(ids)
