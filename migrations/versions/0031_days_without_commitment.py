"""A cached profile tells the days on which somebody is registered and has not signed the commitment letter (P21).

Only the profiles of people who have such days are written; every other stands as it was.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# The cached profile is the text that the service would write: the last row of each span, by start.
_DAYS = """
    WITH present AS (
        SELECT DISTINCT ON (practitioner_id, span_id) practitioner_id, from_on, until_on, commitment_signed_on
        FROM registrations ORDER BY practitioner_id, span_id, revision DESC
    ), lacking AS (
        SELECT practitioner_id, to_char(from_on, 'YYYY-MM-DD') AS start,
            to_char(least(until_on, commitment_signed_on), 'YYYY-MM-DD') AS until
        FROM present
        WHERE until_on IS DISTINCT FROM from_on AND (commitment_signed_on IS NULL OR commitment_signed_on > from_on)
    ), days AS (
        SELECT practitioner_id, string_agg(
            format('["%s",%s]', start, coalesce('"' || until || '"', 'null')), ',' ORDER BY start) AS spans
        FROM lacking GROUP BY practitioner_id
    )
    UPDATE standings SET profile = left(profile, -1) || ',[' || spans || ']]'
    FROM days WHERE days.practitioner_id = standings.practitioner_id
        AND json_array_length(CAST(profile AS json)) = 4
"""
_BEFORE = """
    UPDATE standings SET profile = '[' || concat_ws(',', kept -> 0, kept -> 1, kept -> 2, kept -> 3) || ']'
    FROM (SELECT practitioner_id AS person, CAST(profile AS json) AS kept FROM standings) profiles
    WHERE person = practitioner_id AND json_array_length(kept) = 5
"""


def upgrade() -> None:
    op.execute(sa.text(_DAYS))


def downgrade() -> None:
    op.execute(sa.text(_BEFORE))
