"""Due process: remediation applications, drafted corrections, re-registrations, and the talks that warnings ask for.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("remediation_applications", "corrections", "reregistrations", "talks")


def upgrade() -> None:
    create_remediation_applications()
    create_corrections()
    create_reregistrations()
    create_talks()
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {', '.join(TABLES)} TO scoring_app")
    op.execute("REVOKE UPDATE ON talks FROM scoring_app")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def create_remediation_applications() -> None:
    op.create_table(
        "remediation_applications",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_staff_no", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("granted", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        *rules_of_remediation_applications(),
        *references_of_remediation_applications(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediation_applications")),
    )
    index_remediation_applications()


def rules_of_remediation_applications() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(
            "(state = 'approved') = (entry_id IS NOT NULL AND granted >= 1)",
            name=op.f("ck_remediation_applications_granted"),
        ),
        sa.CheckConstraint("effect IN ('points', 'term')", name=op.f("ck_remediation_applications_effect")),
        sa.CheckConstraint(
            "filed_by IN ('practitioner', 'institution', 'office')",
            name=op.f("ck_remediation_applications_filed_by"),
        ),
        sa.CheckConstraint(
            "state IN ('filed', 'approved', 'rejected')", name=op.f("ck_remediation_applications_state")
        ),
    ]


def references_of_remediation_applications() -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["decided_by_account"],
            ["accounts.id"],
            name=op.f("fk_remediation_applications_decided_by_account"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_remediation_applications_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_remediation_applications_practitioner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_account"],
            ["accounts.id"],
            name=op.f("fk_remediation_applications_recorded_by_account"),
        ),
    ]


def index_remediation_applications() -> None:
    op.create_index(
        op.f("ix_remediation_applications_practitioner_id_recorded_at_id"),
        "remediation_applications",
        ["practitioner_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_remediation_applications_recorded_at_id"),
        "remediation_applications",
        ["recorded_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_remediation_applications_once",
        "remediation_applications",
        ["practitioner_id", "activity", "completed_on"],
        unique=True,
        postgresql_where=sa.text("state = 'approved'"),
    )


def create_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("target_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_staff_no", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (entry_id IS NOT NULL)", name=op.f("ck_corrections_posted")
        ),
        sa.CheckConstraint(
            "basis IN ('clerical', 'reconsideration', 'court')", name=op.f("ck_corrections_basis")
        ),
        sa.CheckConstraint("state IN ('drafted', 'approved', 'rejected')", name=op.f("ck_corrections_state")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_corrections_value")),
        sa.ForeignKeyConstraint(
            ["decided_by_account"], ["accounts.id"], name=op.f("fk_corrections_decided_by_account")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_corrections_entry_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_corrections_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_account"], ["accounts.id"], name=op.f("fk_corrections_recorded_by_account")
        ),
        sa.ForeignKeyConstraint(["target_id"], ["entries.id"], name=op.f("fk_corrections_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(
        op.f("ix_corrections_practitioner_id_recorded_at_id"),
        "corrections",
        ["practitioner_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_corrections_recorded_at_id"), "corrections", ["recorded_at", "id"], unique=False)


def create_reregistrations() -> None:
    op.create_table(
        "reregistrations",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("affiliations", postgresql.JSONB(), nullable=False),
        sa.Column("commitment_signed_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_staff_no", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (entry_id IS NOT NULL)", name=op.f("ck_reregistrations_posted")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected')", name=op.f("ck_reregistrations_state")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_account"], ["accounts.id"], name=op.f("fk_reregistrations_decided_by_account")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_reregistrations_entry_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_reregistrations_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_account"], ["accounts.id"], name=op.f("fk_reregistrations_recorded_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reregistrations")),
    )
    op.create_index(
        op.f("ix_reregistrations_practitioner_id_recorded_at_id"),
        "reregistrations",
        ["practitioner_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reregistrations_recorded_at_id"), "reregistrations", ["recorded_at", "id"], unique=False
    )
    op.create_index(
        "uq_reregistrations_proposed",
        "reregistrations",
        ["practitioner_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )


def create_talks() -> None:
    op.create_table(
        "talks",
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_talks_institution_code")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_talks_notice_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_talks_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_talks")),
    )
    op.create_index(
        op.f("ix_talks_institution_code_recorded_at"),
        "talks",
        ["institution_code", "recorded_at"],
        unique=False,
    )
    op.create_index(op.f("ix_talks_practitioner_id"), "talks", ["practitioner_id"], unique=False)
