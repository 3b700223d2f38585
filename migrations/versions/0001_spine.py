"""The spine: registry, ledger, standing, cases, accounts and records.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
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
    create_institutions()
    create_practitioners()
    create_rulebook_versions()
    create_sign_in_failures()
    create_accounts()
    create_affiliations()
    create_agreements()
    create_cases()
    create_entries()
    create_ledger_heads()
    create_registrations()
    create_standing_affiliations()
    create_standing_sanctions()
    create_standing_totals()
    create_standings()
    create_case_hands()
    create_eligibility_refusals()
    create_findings()
    create_idempotency_keys()
    create_notices()
    create_tokens()
    make_append_only()
    grant_rights()
    op.execute("INSERT INTO events_head (id, number) VALUES (1, 0)")
    op.execute("INSERT INTO installation (id) VALUES (1)")


def downgrade() -> None:
    for table in (
        "tokens",
        "notices",
        "idempotency_keys",
        "findings",
        "eligibility_refusals",
        "case_hands",
        "standings",
        "standing_totals",
        "standing_sanctions",
        "standing_affiliations",
        "registrations",
        "ledger_heads",
        "entries",
        "cases",
        "agreements",
        "affiliations",
        "accounts",
        "sign_in_failures",
        "rulebook_versions",
        "practitioners",
        "institutions",
        "installation",
        "events_head",
        "events",
        "clock_state",
        "audit_log",
        "attachments",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("REVOKE ALL ON SCHEMA public FROM scoring_app")


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
    """The application acts as scoring_app, which owns nothing and may not change an append-only table."""
    op.execute(
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scoring_app') THEN
                CREATE ROLE scoring_app NOLOGIN;
            END IF;
            IF NOT pg_has_role(current_user, 'scoring_app', 'SET') THEN
                EXECUTE format('GRANT scoring_app TO %I', current_user);
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


def create_institutions() -> None:
    op.create_table(
        "institutions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("last_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('hospital', 'pharmacy')", name=op.f("ck_institutions_kind")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_institutions")),
    )
    op.create_index(
        op.f("ix_institutions_name"),
        "institutions",
        ["name"],
        unique=False,
        postgresql_ops={"name": "text_pattern_ops"},
    )
    op.create_index(
        op.f("ix_institutions_region"),
        "institutions",
        ["region"],
        unique=False,
        postgresql_ops={"region": "text_pattern_ops"},
    )


def create_practitioners() -> None:
    op.create_table(
        "practitioners",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("code_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id_number_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_digest", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_masked", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "code IS NOT NULL OR id_number_digest IS NOT NULL", name=op.f("ck_practitioners_named")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioners")),
        sa.UniqueConstraint("code", name=op.f("uq_practitioners_code")),
        sa.UniqueConstraint("id_number_digest", name=op.f("uq_practitioners_id_number_digest")),
    )
    op.create_index(
        op.f("ix_practitioners_name"),
        "practitioners",
        ["name"],
        unique=False,
        postgresql_ops={"name": "text_pattern_ops"},
    )


def create_rulebook_versions() -> None:
    op.create_table(
        "rulebook_versions",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_rulebook_versions")),
    )


def create_sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.BIGINT(), sa.Identity(always=True), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(
        op.f("ix_sign_in_failures_address_at"), "sign_in_failures", ["address", "at"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_failures_username_address_at"),
        "sign_in_failures",
        ["username", "address", "at"],
        unique=False,
    )


def create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("institution_code", sa.Text(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_accounts_created_by")),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_accounts_institution_code")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_accounts_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("username", name=op.f("uq_accounts_username")),
    )
    op.create_index(op.f("ix_accounts_staff_no"), "accounts", ["staff_no"], unique=False)


def create_affiliations() -> None:
    op.create_table(
        "affiliations",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("span_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_affiliations_institution_code")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_affiliations_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "revision", name=op.f("pk_affiliations")),
    )
    op.create_index(
        op.f("ix_affiliations_institution_code"), "affiliations", ["institution_code"], unique=False
    )


def create_agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("span_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_agreements_institution_code")
        ),
        sa.PrimaryKeyConstraint("institution_code", "revision", name=op.f("pk_agreements")),
    )


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("handling_kind", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("rulebook_id", sa.Text(), nullable=False),
        sa.Column("rulebook_sha256", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("handling_kind IN ('penalty', 'agreement')", name=op.f("ck_cases_handling_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'withdrawn')", name=op.f("ck_cases_state")
        ),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_cases_institution_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_created_at_id"), "cases", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_cases_institution_code"), "cases", ["institution_code"], unique=False)
    op.create_index(
        op.f("ix_cases_state_created_at_id"), "cases", ["state", "created_at", "id"], unique=False
    )


def create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("rulebook_id", sa.Text(), nullable=False),
        sa.Column("rulebook_sha256", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("finding_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("degree", sa.Text(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("application_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("target_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "CASE kind WHEN 'score' THEN points BETWEEN 1 AND 12 AND decided_on <= effective_on AND finding_id IS NOT NULL WHEN 'points_credit' THEN points >= 1 AND application_id IS NOT NULL WHEN 'term_credit' THEN days >= 1 AND application_id IS NOT NULL WHEN 'correction' THEN target_id IS NOT NULL AND value >= 0 AND basis IS NOT NULL WHEN 'reregistration' THEN true WHEN 'year_closed' THEN year IS NOT NULL AND total >= 0 ELSE false END",
            name=op.f("ck_entries_kind"),
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_entries_seq")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_entries_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["rulebook_sha256"], ["rulebook_versions.sha256"], name=op.f("fk_entries_rulebook_sha256")
        ),
        sa.ForeignKeyConstraint(["target_id"], ["entries.id"], name=op.f("fk_entries_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("practitioner_id", "revision", name=op.f("uq_entries_practitioner_id_revision")),
        sa.UniqueConstraint("practitioner_id", "seq", name=op.f("uq_entries_practitioner_id_seq")),
    )
    op.create_index(op.f("ix_entries_case_id"), "entries", ["case_id"], unique=False)
    op.create_index(
        "ix_entries_score_decided_on",
        "entries",
        ["decided_on"],
        unique=False,
        postgresql_where="kind = 'score'",
    )
    op.create_index(op.f("ix_entries_target_id"), "entries", ["target_id"], unique=False)


def create_ledger_heads() -> None:
    op.create_table(
        "ledger_heads",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_ledger_heads_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("pk_ledger_heads")),
    )


def create_registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("span_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("commitment_signed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_registrations_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "revision", name=op.f("pk_registrations")),
    )


def create_standing_affiliations() -> None:
    op.create_table(
        "standing_affiliations",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("span_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_code"],
            ["institutions.code"],
            name=op.f("fk_standing_affiliations_institution_code"),
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standing_affiliations_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "span_id", name=op.f("pk_standing_affiliations")),
    )
    op.create_index(
        "ix_standing_affiliations_institution",
        "standing_affiliations",
        ["institution_code", "practitioner_id"],
        unique=False,
    )


def create_standing_sanctions() -> None:
    op.create_table(
        "standing_sanctions",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standing_sanctions_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "position", name=op.f("pk_standing_sanctions")),
    )
    op.create_index("ix_standing_sanctions_from", "standing_sanctions", ["kind", "from_on"], unique=False)
    op.create_index("ix_standing_sanctions_until", "standing_sanctions", ["kind", "until_on"], unique=False)


def create_standing_totals() -> None:
    op.create_table(
        "standing_totals",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standing_totals_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "year", name=op.f("pk_standing_totals")),
    )
    op.create_index(
        "ix_standing_totals_year", "standing_totals", ["year", "points", "practitioner_id"], unique=False
    )


def create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("code_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standings_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("pk_standings")),
        sa.UniqueConstraint("code", name=op.f("uq_standings_code")),
    )


def create_case_hands() -> None:
    op.create_table(
        "case_hands",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "deed IN ('drafted', 'edited', 'submitted', 'returned', 'approved', 'withdrawn')",
            name=op.f("ck_case_hands_deed"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_case_hands_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_hands_case_id")),
        sa.PrimaryKeyConstraint("case_id", "deed", "staff_no", "account_id", name=op.f("pk_case_hands")),
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


def create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("degree", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("occurred_from", sa.Date(), nullable=True),
        sa.Column("occurred_until", sa.Date(), nullable=True),
        sa.Column("act", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("flags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("absorbed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("points BETWEEN 1 AND 12", name=op.f("ck_findings_points")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_findings_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_findings_entry_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_findings_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_findings_case_id_position")),
    )
    op.create_index(op.f("ix_findings_practitioner_id"), "findings", ["practitioner_id"], unique=False)


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


def create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tokens_account_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tokens")),
    )
    op.create_index(op.f("ix_tokens_account_id"), "tokens", ["account_id"], unique=False)
    op.create_index(op.f("ix_tokens_expires_at"), "tokens", ["expires_at"], unique=False)
