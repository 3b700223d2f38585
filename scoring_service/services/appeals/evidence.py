"""Evidence on an appeal: attached by every side until it is decided, seen by whoever may know of the appeal.

Its experts see it for as long as they have the appeal (`reading.visible_appeals`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.procedure import Side
from scoring_service.db.appeals import OPEN_STATES
from scoring_service.problems import Forbidden, Invalid
from scoring_service.services.appeals.filing import change, record
from scoring_service.services.appeals.parties import check_touches_as_party
from scoring_service.services.appeals.reading import KIND, check_state, hold_appeal, require_appeal
from scoring_service.services.unit_of_work import attachments

if TYPE_CHECKING:
    from scoring_service.db.appeals import StoredAppeal
    from scoring_service.services.unit_of_work.attachments import AttachedFile, Attachment, StoredAttachment
    from scoring_service.services.unit_of_work.transaction import Work

ATTACHING = frozenset({"office.clerk", "office.appeals", "institution", "practitioner"})


def attach(
    work: Work,
    appeal_id: str,
    *,
    file_name: str,
    content: bytes,
    side: Side | None = None,
    expected_version: int | None = None,
) -> StoredAttachment:
    """Attach evidence to an appeal that is not yet decided; return it with the appeal's `version`.

    A clerk says by `side` whose evidence came on paper. An expert who has the appeal is asked to look again, since its
    version moves on. Raises NotFound, Conflict `appeal_state`, Stale, Invalid at `/side` where it is not the account's
    own, and what `attachments.store` raises.
    """
    appeal = hold_appeal(work, appeal_id)
    check_state(appeal, OPEN_STATES, expected_version)
    own = attachments.side_of(work.actor)
    if side not in {None, own} and not work.actor.has("office.clerk"):
        raise Invalid("/side", "仅经办人登记纸质证据时填写 / only for what came on paper, recorded by a clerk")
    file = {"file_name": file_name, "content": content, "side": side or own}
    stored = attachments.attach(work, KIND, appeal_id, version=appeal.version + 1, **file)
    change(work, appeal)
    record(work, appeal, "attached", n=stored.n, sha256=stored.sha256, side=stored.side)
    _announce_evidence(work, appeal, stored.side)
    return stored


def _announce_evidence(work: Work, appeal: StoredAppeal, side: Side) -> None:
    """Tell the other side that there is something to look at."""
    work.event("appeal_evidence", practitioner_id=appeal.practitioner_id, appeal=appeal.id, side=side)


def may_attach(work: Work, appeal: StoredAppeal) -> bool:
    """Tell whether the actor may attach evidence to an appeal by now."""
    if appeal.state not in OPEN_STATES or not work.actor.has(*ATTACHING):
        return False
    try:
        check_touches_as_party(work, appeal)
    except Forbidden:
        return False
    return True


def attachments_of(work: Work, appeal_id: str) -> tuple[Attachment, ...]:
    """Return what is attached to an appeal, without the content. Raises NotFound."""
    return attachments.attached(work, KIND, require_appeal(work, appeal_id).id)


def attachment(work: Work, appeal_id: str, n: str) -> AttachedFile:
    """Return the `n`th attachment of an appeal with its content, the look on record. Raises NotFound."""
    appeal = require_appeal(work, appeal_id)
    file = attachments.fetch(work, KIND, appeal.id, n)
    work.look(appeal.practitioner_id, "attachment", appeal.case_id)
    return file
