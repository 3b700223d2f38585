"""What becomes of a draft: adopted by another person than who proposed it, rejected, or taken back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scoring_service.core.procedure import DraftState
from scoring_service.db.locks import Lock, hold, hold_within
from scoring_service.law.adopting import digest_of
from scoring_service.problems import Conflict, Forbidden, Invalid, Unavailable
from scoring_service.services.proposals import proposal
from scoring_service.services.rulebooks.checking import Checked, check_file
from scoring_service.services.rulebooks.drafts import (
    DRAFT,
    Draft,
    ReadDraft,
    check_alone,
    check_touches_rulebook,
    require,
)
from scoring_service.services.unit_of_work.four_eyes import check_other_hands, decided_by_actor
from scoring_service.services.unit_of_work.staff_numbers import same_person
from scoring_service.services.unit_of_work.touch import not_party

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import RowMapping

    from scoring_service.services.unit_of_work.transaction import Work

# One adoption at a time: two that share the law's lock would wait for each other to hold it alone.
ADOPTION = "adoption"
SPELLS, SPELL_MILLISECONDS, PAUSE_SECONDS, RETRY_SECONDS = 10, 1000, 0.5, 30


def approve(
    work: Work,
    rulebook_id: str,
    n: str,
    *,
    begins_on: date | None = None,
    expected_version: int | None = None,
) -> ReadDraft:
    """Adopt a draft: known from now on, in force from its first day on, which is later than today; return it.

    `begins_on`, if given, is the day that the approver has in mind. While this transaction lasts nobody answers by the
    law: whoever asks afterwards knows of the adoption, and no answer of before it did (docs/adr/0018).
    Raises NotFound, Forbidden as `check_other_hands` and `outside_region`, Stale, Invalid as `check_file`, Conflict
    `rulebook_draft_state`, `draft_exists`, `law_moved` where it no longer changes what its proposer was shown,
    Unavailable `law_in_use`.
    """
    hold(work.conn, Lock.LAW, ADOPTION)
    known = require(work, rulebook_id, n)
    row = proposal.hold_for_decision(work, DRAFT, known["id"], expected_version)
    if begins_on is not None and begins_on != row["begins_on"]:
        detail = f"该草案自 {row['begins_on']} 起施行 / the draft begins on {row['begins_on']}"
        raise Invalid("/begins_on", detail)
    _hold_law(work)
    checked = _still(work, row)
    work.record()
    adopted = proposal.approved(work, DRAFT, row, {"sha256": row["sha256"]})
    return ReadDraft(draft=adopted, checked=checked, fault=None)


def refusal_to_decide(work: Work, draft: Draft) -> Forbidden | None:
    """Return why the actor may not decide on a draft, None where they may."""
    try:
        check_touches_rulebook(work, draft.rulebook)
        check_other_hands(work, [(draft.recorded_by_account, draft.recorded_staff_no)])
    except Forbidden as refused:
        return refused
    return None


def is_own(work: Work, draft: Draft) -> bool:
    """Tell whether the actor proposed a draft, by whatever account."""
    return same_person(draft.recorded_staff_no, work.actor.staff_no)


def _hold_law(work: Work) -> None:
    """Wait until nobody answers by the law, and let nobody begin to; in short spells, for others wait behind.

    Raises Unavailable while somebody takes longer, over an export perhaps.
    """
    for _ in range(SPELLS):
        if hold_within(work.conn, Lock.LAW, SPELL_MILLISECONDS):
            work.read_clock_again()
            work.read_law_again()
            return
        time.sleep(PAUSE_SECONDS)
    detail = "有较长的查询或导出正在按现行规则进行，请稍后再试 / a long answer is being given: try again later"
    raise Unavailable("law_in_use", detail, retry_after=RETRY_SECONDS)


def _still(work: Work, row: RowMapping) -> Checked:
    """Return what a draft changes, which is what was shown when it was proposed. Raises as `approve`."""
    checked = check_file(work, row["rulebook_id"], row["content"].encode())
    check_alone(work, row["rulebook_id"], row["begins_on"], but=row["id"])
    if digest_of(checked.differences) != row["shown_sha256"]:
        raise Conflict(
            "law_moved",
            "提出之后现行规则已有变化，该草案的改动与提出时不同，请撤回后重新提出 / the law in force has changed since:"
            " the draft no longer changes what was shown when it was proposed. Propose it anew",
        )
    return checked


def reject(
    work: Work, rulebook_id: str, n: str, *, reason: str, expected_version: int | None = None
) -> Draft:
    """Reject a draft that waits; return it.

    Raises NotFound, Forbidden as `approve`, Stale, Conflict `rulebook_draft_state`.
    """
    known = require(work, rulebook_id, n)
    return proposal.reject(work, DRAFT, known["id"], reason=reason, expected_version=expected_version)


def withdraw(work: Work, rulebook_id: str, n: str, *, expected_version: int | None = None) -> Draft:
    """Take back a draft of one's own that waits; return it.

    Raises NotFound, Forbidden `not_party` for another person's, Stale, Conflict `rulebook_draft_state`.
    """
    known = require(work, rulebook_id, n)
    if not same_person(known["recorded_staff_no"], work.actor.staff_no):
        raise not_party()
    row = proposal.hold_waiting(work, DRAFT, known["id"], expected_version)
    decided = proposal.change(work, DRAFT, row, state=DraftState.WITHDRAWN, **decided_by_actor(work))
    proposal.record_deed(work, DRAFT, decided, "withdrawn")
    return DRAFT.show(work, decided)
