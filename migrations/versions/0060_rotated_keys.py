"""Keys come and go: a fingerprint has its dates, and what is sealed in an append-only row may be sealed anew.

Revision ID: 0060
Revises: 0059
"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

# A number is kept under another key by whoever owns the table, and nothing else of the row changes.
SEALED_ANEW = """
    CREATE FUNCTION refuse_all_but_sealing() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        sealed text[] := ARRAY['id_number_encrypted', 'id_number_digest'];
    BEGIN
        IF to_jsonb(NEW) - sealed IS DISTINCT FROM to_jsonb(OLD) - sealed
            OR (NEW.id_number_encrypted IS NULL) <> (OLD.id_number_encrypted IS NULL)
            OR (NEW.id_number_digest IS NULL) <> (OLD.id_number_digest IS NULL)
            OR NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')
        THEN
            RAISE EXCEPTION '% on %: this table is append-only', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""
PRESENT = "present_from IS NOT NULL AND present_until IS NULL"


def upgrade() -> None:
    for column in ("present_from", "present_until", "forgotten_at"):
        op.add_column("key_fingerprints", sa.Column(column, sa.DateTime(timezone=True)))
    op.execute("UPDATE key_fingerprints SET present_from = recorded_at")
    op.drop_constraint(op.f("pk_key_fingerprints"), "key_fingerprints")
    op.create_primary_key(op.f("pk_key_fingerprints"), "key_fingerprints", ["name", "fingerprint"])
    op.create_index(
        "uq_key_fingerprints_present", "key_fingerprints", ["name"], unique=True, postgresql_where=sa.text(PRESENT)
    )
    op.execute(SEALED_ANEW)
    op.execute("DROP TRIGGER append_only ON persons")
    op.execute(
        "CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON persons "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER sealed_anew BEFORE UPDATE ON persons FOR EACH ROW EXECUTE FUNCTION refuse_all_but_sealing()"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION refuse_all_but_sealing() CASCADE")
    op.execute("DROP TRIGGER append_only ON persons")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON persons "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"DELETE FROM key_fingerprints WHERE NOT ({PRESENT})")
    op.drop_index("uq_key_fingerprints_present", "key_fingerprints")
    op.drop_constraint(op.f("pk_key_fingerprints"), "key_fingerprints")
    op.create_primary_key(op.f("pk_key_fingerprints"), "key_fingerprints", ["name"])
    for column in ("forgotten_at", "present_until", "present_from"):
        op.drop_column("key_fingerprints", column)
