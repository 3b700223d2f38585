"""One question of a settlement system is one plain statement; the function that read in six goes.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP FUNCTION eligibility_question")


def downgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION eligibility_question(
            token_digest bytea, asked_ref text, asked_id uuid, asked_institution text, simulated boolean,
            OUT roles text, OUT known_at text, OUT practitioner_id uuid, OUT revision integer, OUT profile text,
            OUT kind text, OUT agreements text
        ) LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            present timestamptz;
            changed timestamptz;
        BEGIN
            SELECT array_to_string(a.roles, ',') INTO roles
            FROM tokens t JOIN accounts a ON a.id = t.account_id
            WHERE t.digest = token_digest AND t.expires_at > clock_timestamp() AND a.disabled_at IS NULL;
            IF roles IS DISTINCT FROM 'settlement' THEN
                RETURN;
            END IF;
            IF asked_institution IS NOT NULL THEN
                PERFORM pg_advisory_xact_lock_shared(7221002);
            END IF;
            IF simulated THEN
                SELECT c.now INTO present FROM clock_state c;
            ELSE
                present := clock_timestamp();
            END IF;
            IF asked_id IS NOT NULL THEN
                SELECT s.practitioner_id, s.revision, s.profile, s.recorded_at
                INTO practitioner_id, revision, profile, changed
                FROM standings s WHERE s.practitioner_id = asked_id;
            ELSE
                SELECT s.practitioner_id, s.revision, s.profile, s.recorded_at
                INTO practitioner_id, revision, profile, changed
                FROM standings s WHERE s.code = asked_ref;
            END IF;
            IF changed > present THEN
                present := changed;
            END IF;
            known_at := present::text;
            IF asked_institution IS NOT NULL THEN
                SELECT i.kind INTO kind FROM institutions i WHERE i.code = asked_institution;
                SELECT string_agg(
                    concat_ws(' ', g.span_id, g.revision, g.from_on, g.until_on), ',' ORDER BY g.revision
                ) INTO agreements
                FROM agreements g WHERE g.institution_code = asked_institution;
            END IF;
        END $$
        """
    )
