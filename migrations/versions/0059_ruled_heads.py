"""What a head of the ledger may become is a rule of the database: it only moves on, along the chain that it names.

Revision ID: 0059
Revises: 0058
"""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

# The entries up to a head are counted, so that a chain with a hole has no head behind the hole. One question a row: the
# nightly check stores the heads of everybody.
MOVES_ON = """
    CREATE FUNCTION head_moves_on() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        before integer;
        is_named boolean;
        was_named boolean;
    BEGIN
        IF TG_OP = 'UPDATE' AND (NEW.practitioner_id <> OLD.practitioner_id OR NEW.seq < OLD.seq) THEN
            RAISE EXCEPTION 'ledger_heads: the head of a file only moves on' USING ERRCODE = 'restrict_violation';
        END IF;
        SELECT count(*), bool_or(e.seq = NEW.seq AND e.hash = NEW.hash),
            bool_or(TG_OP = 'INSERT' OR e.seq = OLD.seq AND e.hash = OLD.hash)
        INTO before, is_named, was_named
        FROM entries e WHERE e.practitioner_id = NEW.practitioner_id AND e.seq <= NEW.seq;
        IF is_named IS NOT TRUE THEN
            RAISE EXCEPTION 'ledger_heads: a head has the hash of the entry that it names'
                USING ERRCODE = 'restrict_violation';
        ELSIF was_named IS NOT TRUE THEN
            RAISE EXCEPTION 'ledger_heads: the chain no longer holds the head that was stored'
                USING ERRCODE = 'restrict_violation';
        ELSIF before <> NEW.seq THEN
            RAISE EXCEPTION 'ledger_heads: entries are missing before the head'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    op.execute(MOVES_ON)
    op.execute(
        "CREATE TRIGGER moves_on BEFORE INSERT OR UPDATE ON ledger_heads "
        "FOR EACH ROW EXECUTE FUNCTION head_moves_on()"
    )
    op.execute(
        "CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON ledger_heads "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("REVOKE DELETE, TRUNCATE ON ledger_heads FROM scoring_app")


def downgrade() -> None:
    op.execute("GRANT DELETE ON ledger_heads TO scoring_app")
    op.execute("DROP TRIGGER stays ON ledger_heads")
    op.execute("DROP FUNCTION head_moves_on() CASCADE")
