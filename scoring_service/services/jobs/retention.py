"""What is kept no longer: tokens, keys, forms after a day, searches after a month, sign-in failures, files, answers.

Files that were attached before attachments were sealed are sealed here, some at a time.

All of them live on the real clock, whatever day the scheme's clock shows (contract.md, Commands).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from scoring_service.db.clock_mark import server_now
from scoring_service.db.tables import idempotency_keys, kept_forms, sign_in_failures, sign_in_places, tokens
from scoring_service.services.accounts import sign_in_limits
from scoring_service.services.bundles.asking import clear_bundles
from scoring_service.services.claims.asking import clear_screenings
from scoring_service.services.finding import kept_searches
from scoring_service.services.imports.requests import clear_imports
from scoring_service.services.reminders.outbox import clear_messages
from scoring_service.services.unit_of_work import attachments, kept_answers
from scoring_service.services.unit_of_work.step import Step

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work

FORMS_KEPT = timedelta(hours=24)
SEALED_AT_ONCE = 20


def clear(work: Work, period: str, cursor: str | None) -> Step:  # noqa: ARG001 - the real clock's, in one chunk.
    """Delete what is kept no longer; seal what lies open, in one transaction after the other."""
    now = server_now(work.conn)
    gone = {
        "tokens": delete(tokens).where(tokens.c.expires_at <= now),
        "idempotency_keys": delete(idempotency_keys).where(idempotency_keys.c.created_at < now - kept_answers.KEPT),
        "sign_in_places": delete(sign_in_places).where(sign_in_places.c.at < now - sign_in_limits.PLACES_KEPT),
        "kept_forms": delete(kept_forms).where(~kept_forms.c.unfinished, kept_forms.c.kept_at < now - FORMS_KEPT),
        "searches": kept_searches.outdated(now),
        "sign_in_failures": delete(sign_in_failures).where(sign_in_failures.c.at < now - sign_in_limits.KEPT),
    }
    counts = {name: work.conn.execute(statement).rowcount for name, statement in gone.items()}
    counts |= {"imports": clear_imports(work, now), "letter_bundles": clear_bundles(work, now)}
    counts |= {"screenings": clear_screenings(work, now), "reminders": clear_messages(work, now)}
    counts |= {"sealed": attachments.seal_left(work, SEALED_AT_ONCE)}
    return Step(cursor="more" if counts["sealed"] == SEALED_AT_ONCE else None, counts=counts)
