"""Suspensions of two years that begin and end together stand in one order, by ground and year, not by that of entries.

So the cache of files recorded before is what their ledger gives, and the nightly check has nothing to tell.

Revision ID: 0030
Revises: 0029
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_SEVERAL = """
    SELECT practitioner_id, profile FROM standings WHERE profile ~ '"kind"\\:"suspension".*"kind"\\:"suspension"'
"""
_PROFILE = "UPDATE standings SET profile = :profile WHERE practitioner_id = :person"
# Only these differ among spans that begin and end together.
_SANCTION = """
    UPDATE standing_sanctions SET ground = :ground, state_until_on = CAST(:state_until AS date)
    WHERE practitioner_id = :person AND position = :position
"""


def upgrade() -> None:
    connection = op.get_bind()
    for person, text in connection.execute(sa.text(_SEVERAL)).all():
        registrations, affiliations, sanctions, scored_under = json.loads(text)
        ordered = sorted(sanctions, key=_place)
        if ordered == sanctions:
            continue
        profile = json.dumps(
            [registrations, affiliations, ordered, scored_under], ensure_ascii=False, separators=(",", ":")
        )
        connection.execute(sa.text(_PROFILE), {"person": person, "profile": profile})
        for position, span in enumerate(ordered, start=1):
            place = {"person": person, "position": position}
            state = {"ground": span["ground"], "state_until": span["state_until"]}
            connection.execute(sa.text(_SANCTION), place | state)


def _place(span: dict) -> tuple:
    state_until, until = (span[name] or "9999-12-31" for name in ("state_until", "until"))
    return span["start"], span["kind"], until, span["ground"], state_until, span["year"] or 0


def downgrade() -> None:
    """Leave the order: the release before read the same from either."""
