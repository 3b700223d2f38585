"""Records, notices and the service's own state; what is append-only, and what the application may do.

Until it was parted, this revision made what 0001a and 0001b make too: a database that stands at it has all of it.

Revision ID: 0001
Revises: 0001b
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = "0001b"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "entries",
    "rulebook_versions",
    "registrations",
    "affiliations",
    "agreements",
    "audit_log",
    "events",
    "eligibility_refusals",
    "case_hands",
)


def upgrade() -> None:
    create_attachments()
    create_audit_log()
    create_clock_state()
    create_events()
    create_events_head()
    create_installation()
    create_eligibility_refusals()
    create_idempotency_keys()
    create_notices()
    make_append_only()
    grant_rights()
    op.execute("INSERT INTO events_head (id, number) VALUES (1, 0)")
    op.execute("INSERT INTO installation (id) VALUES (1)")


def downgrade() -> None:
    op.execute("DROP FUNCTION refuse_change() CASCADE")
    op.execute("REVOKE ALL ON SCHEMA public FROM scoring_app")
    for table in (
        "notices",
        "idempotency_keys",
        "eligibility_refusals",
        "installation",
        "events_head",
        "events",
        "clock_state",
        "audit_log",
        "attachments",
    ):
        op.drop_table(table)


def make_append_only() -> None:
    """A statement that would change or take away a row of these tables is refused, whoever gives it."""
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% on %: this table is append-only', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def grant_rights() -> None:
    """The application signs in as scoring_app or a member of it, which owns nothing and changes no append-only table."""
    op.execute(
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scoring_app') THEN
                CREATE ROLE scoring_app NOLOGIN;
            END IF;
        END $$
        """
    )
    op.execute("GRANT USAGE ON SCHEMA public TO scoring_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO scoring_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO scoring_app")
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(APPEND_ONLY)} FROM scoring_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM scoring_app")


def create_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "owner_kind IN ('case', 'appeal', 'application')", name=op.f("ck_attachments_owner_kind")
        ),
        sa.PrimaryKeyConstraint("owner_kind", "owner_id", "n", name=op.f("pk_attachments")),
    )


def create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BIGINT(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("institution_code", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(
        op.f("ix_audit_log_object_kind_object_id_id"),
        "audit_log",
        ["object_kind", "object_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_log_practitioner_id_id"),
        "audit_log",
        ["practitioner_id", "id"],
        unique=False,
        postgresql_where=sa.text("practitioner_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_audit_log_username_id"), "audit_log", ["username", "id"], unique=False)


def create_clock_state() -> None:
    op.create_table(
        "clock_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("now", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_state")),
    )


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("number", sa.BIGINT(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("institution_code", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_practitioner_id_number"),
        "events",
        ["practitioner_id", "number"],
        unique=False,
        postgresql_where=sa.text("practitioner_id IS NOT NULL"),
    )


def create_events_head() -> None:
    op.create_table(
        "events_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BIGINT(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_events_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_head")),
    )


def create_installation() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seeded", sa.Text(), nullable=True),
        sa.Column("seeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )


def create_eligibility_refusals() -> None:
    op.create_table(
        "eligibility_refusals",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("institution_code", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_eligibility_refusals_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_eligibility_refusals_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", "account_id", name=op.f("pk_eligibility_refusals")),
    )
    op.create_index(
        op.f("ix_eligibility_refusals_practitioner_id_service_on"),
        "eligibility_refusals",
        ["practitioner_id", "service_on"],
        unique=False,
    )
    op.create_index(
        "uq_eligibility_refusals_once",
        "eligibility_refusals",
        ["account_id", "practitioner_id", "service_on", "institution_code"],
        unique=True,
    )


def create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_idempotency_keys_account_id")),
        sa.PrimaryKeyConstraint("account_id", "method", "path", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)


def create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("addressee_kind", sa.Text(), nullable=False),
        sa.Column("addressee_ref", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("deemed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("receipt_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_recorded_by", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("window_closes_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("replaces", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "addressee_kind IN ('practitioner', 'institution', 'authority')",
            name=op.f("ck_notices_addressee_kind"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notices_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_notices_entry_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_notices_practitioner_id")
        ),
        sa.ForeignKeyConstraint(["replaces"], ["notices.id"], name=op.f("fk_notices_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        op.f("ix_notices_addressee_kind_addressee_ref_created_at_id"),
        "notices",
        ["addressee_kind", "addressee_ref", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_notices_created_at_id"), "notices", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_notices_practitioner_id_created_at_id"),
        "notices",
        ["practitioner_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_notices_unreceived",
        "notices",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("received_on IS NULL"),
    )
