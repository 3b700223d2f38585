"""Applications for a resumption.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLE = "resumptions"
CONDITIONS = {
    "state": "state IN ('filed', 'consented', 'approved', 'refused', 'lapsed')",
    "filed_by": "filed_by IN ('practitioner', 'institution', 'office')",
    "institution": "(filed_by = 'institution') = (filed_institution IS NOT NULL)",
    "consent": "state <> 'filed' OR consent_due_on IS NOT NULL",
    "evaluation": "(consented_on IS NULL) = (evaluation_due_on IS NULL)",
    "consented": "state NOT IN ('consented', 'approved') OR consented_on IS NOT NULL",
    "posted": "(state = 'approved') = (entry_id IS NOT NULL AND resumes_on IS NOT NULL)",
    "refused": "(state = 'refused') = (rejected_because IS NOT NULL)",
    "lapsed": "(state = 'lapsed') = (lapsed_because IS NOT NULL)",
}
REFERENCES = {
    "practitioner_id": "practitioners.id",
    "recorded_by_account": "accounts.id",
    "decided_by_account": "accounts.id",
    "consent_account": "accounts.id",
    "filed_institution": "institutions.code",
    "consent_institution": "institutions.code",
    "rulebook_sha256": "rulebook_versions.sha256",
    "entry_id": "entries.id",
}


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        TABLE,
        sa.Column("id", identifier, nullable=False),
        sa.Column("practitioner_id", identifier, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", identifier),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("decided_by_account", identifier),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_staff_no", sa.Text()),
        sa.Column("decided_at", instant),
        sa.Column("rejected_because", sa.Text()),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_institution", sa.Text()),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("rulebook_sha256", sa.Text(), nullable=False),
        sa.Column("consent_due_on", sa.Date()),
        sa.Column("consent_provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("consent_institution", sa.Text()),
        sa.Column("consent_account", identifier),
        sa.Column("consent_recorded_by", sa.Text()),
        sa.Column("consent_staff_no", sa.Text()),
        sa.Column("consent_recorded_at", instant),
        sa.Column("consent_on_paper", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("consent_proof", sa.Text()),
        sa.Column("consent_refused_because", sa.Text()),
        sa.Column("proceeded_by", sa.Text()),
        sa.Column("proceeded_at", instant),
        sa.Column("proceeded_because", sa.Text()),
        sa.Column("consented_on", sa.Date()),
        sa.Column("evaluation_due_on", sa.Date()),
        sa.Column("evaluation_provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("resumes_on", sa.Date()),
        sa.Column("lapsed_because", sa.Text()),
        sa.Column("entry_id", identifier),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resumptions")),
        *(sa.CheckConstraint(words, name=op.f(f"ck_resumptions_{name}")) for name, words in CONDITIONS.items()),
        *(
            sa.ForeignKeyConstraint([column], [referred], name=op.f(f"fk_resumptions_{column}"))
            for column, referred in REFERENCES.items()
        ),
    )
    op.create_index(op.f("ix_resumptions_recorded_at_id"), TABLE, ["recorded_at", "id"])
    op.create_index(
        op.f("ix_resumptions_practitioner_id_recorded_at_id"), TABLE, ["practitioner_id", "recorded_at", "id"]
    )
    op.create_index(
        "uq_resumptions_open",
        TABLE,
        ["practitioner_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('filed', 'consented')"),
    )
    op.create_index(
        "ix_resumptions_evaluation",
        TABLE,
        ["evaluation_due_on", "id"],
        postgresql_where=sa.text("state = 'consented'"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON resumptions TO scoring_app")


def downgrade() -> None:
    op.drop_table(TABLE)
