"""Two files of one person become one: the proposal, what closes the one file, and where each copy comes from.

A merged file keeps its code and identity number, so that both are unique among the files that stand.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLE = "merges"
ONCE = "uq_remediation_applications_once"
CONDITIONS = {
    "state": "state IN ('drafted', 'approved', 'rejected')",
    "two_files": "into_id <> practitioner_id",
    "written": "(state = 'approved') = (revision IS NOT NULL)",
}
REFERENCES = {
    "practitioner_id": "practitioners.id",
    "into_id": "practitioners.id",
    "recorded_by_account": "accounts.id",
    "decided_by_account": "accounts.id",
}
IDENTIFIER, INSTANT = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)


def upgrade() -> None:
    create_merges()
    op.add_column("practitioners", sa.Column("merged_into", IDENTIFIER))
    op.add_column("practitioners", sa.Column("merged_at", INSTANT))
    op.create_foreign_key(op.f("fk_practitioners_merged_into"), "practitioners", "practitioners", ["merged_into"], ["id"])
    op.create_check_constraint(
        op.f("ck_practitioners_merged"), "practitioners", "(merged_into IS NULL) = (merged_at IS NULL)"
    )
    op.create_index(
        "ix_practitioners_merged", "practitioners", ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL")
    )
    for column in ("code", "id_number_digest"):
        name = f"uq_practitioners_{column}"
        op.drop_constraint(name, "practitioners", type_="unique")
        op.create_index(
            name, "practitioners", [column], unique=True, postgresql_where=sa.text("merged_into IS NULL")
        )
    op.add_column("persons", sa.Column("merged_from", IDENTIFIER))
    op.create_foreign_key(op.f("fk_persons_merged_from"), "persons", "practitioners", ["merged_from"], ["id"])
    op.add_column("entries", sa.Column("copied_from", IDENTIFIER))
    op.create_foreign_key(op.f("fk_entries_copied_from"), "entries", "entries", ["copied_from"], ["id"])
    op.create_index(
        "ix_entries_copied", "entries", ["copied_from"], postgresql_where=sa.text("copied_from IS NOT NULL")
    )
    op.add_column("remediation_applications", sa.Column("merged_from", IDENTIFIER))
    op.create_foreign_key(
        op.f("fk_remediation_applications_merged_from"),
        "remediation_applications",
        "practitioners",
        ["merged_from"],
        ["id"],
    )
    rewrite_once("state = 'approved' AND merged_from IS NULL")
    op.execute("GRANT UPDATE (practitioner_id) ON talks TO scoring_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (practitioner_id) ON talks FROM scoring_app")
    rewrite_once("state = 'approved'")
    op.drop_column("remediation_applications", "merged_from")
    op.drop_column("entries", "copied_from")
    op.drop_column("persons", "merged_from")
    for column in ("code", "id_number_digest"):
        name = f"uq_practitioners_{column}"
        op.drop_index(name, "practitioners")
        op.create_unique_constraint(name, "practitioners", [column])
    op.drop_column("practitioners", "merged_at")
    op.drop_column("practitioners", "merged_into")
    op.drop_table(TABLE)


def rewrite_once(condition: str) -> None:
    """One completed activity serves once in one file; what a merge brought along is left as it is."""
    columns = ["practitioner_id", "activity", "completed_on"]
    op.drop_index(ONCE, "remediation_applications")
    op.create_index(ONCE, "remediation_applications", columns, unique=True, postgresql_where=sa.text(condition))


def create_merges() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("practitioner_id", IDENTIFIER, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", IDENTIFIER),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("decided_by_account", IDENTIFIER),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_staff_no", sa.Text()),
        sa.Column("decided_at", INSTANT),
        sa.Column("rejected_because", sa.Text()),
        sa.Column("into_id", IDENTIFIER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        *(sa.CheckConstraint(words, name=op.f(f"ck_merges_{name}")) for name, words in CONDITIONS.items()),
        *(
            sa.ForeignKeyConstraint([column], [referred], name=op.f(f"fk_merges_{column}"))
            for column, referred in REFERENCES.items()
        ),
    )
    op.create_index(op.f("ix_merges_recorded_at_id"), TABLE, ["recorded_at", "id"])
    op.create_index(op.f("ix_merges_practitioner_id_recorded_at_id"), TABLE, ["practitioner_id", "recorded_at", "id"])
    op.create_index(op.f("ix_merges_into_id"), TABLE, ["into_id"])
    op.create_index(
        "uq_merges_once",
        TABLE,
        ["practitioner_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('drafted', 'approved')"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON merges TO scoring_app")
