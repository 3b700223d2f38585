"""Institutions ask the registry for registrations and departures.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

TABLE = "registration_requests"
EFFECTS = "'new_file', 'registered_again', 'affiliated', 'affiliation_ended', 'registration_ended'"
CONDITIONS = {
    "kind": "kind IN ('registration', 'departure')",
    "state": "state IN ('requested', 'approved', 'refused', 'withdrawn')",
    "effect": f"effect IN ({EFFECTS})",
    "done": "(state = 'approved') = (effect IS NOT NULL)",
    "refused": "(state = 'refused') = (rejected_because IS NOT NULL)",
    "departed": "kind = 'registration' OR practitioner_id IS NOT NULL",
}
REFERENCES = {
    "institution_code": "institutions.code",
    "practitioner_id": "practitioners.id",
    "recorded_by_account": "accounts.id",
    "decided_by_account": "accounts.id",
}


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        TABLE,
        sa.Column("id", identifier, nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("practitioner_id", identifier),
        sa.Column("kind", sa.Text(), nullable=False),
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
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("person", postgresql.JSONB(), nullable=False),
        sa.Column("id_number_encrypted", sa.LargeBinary()),
        sa.Column("id_number_digest", sa.LargeBinary()),
        sa.Column("id_number_masked", sa.Text()),
        sa.Column("commitment_signed_on", sa.Date()),
        sa.Column("reason", sa.Text()),
        sa.Column("effect", sa.Text()),
        *(sa.CheckConstraint(words, name=op.f(f"ck_{TABLE}_{name}")) for name, words in CONDITIONS.items()),
        *(
            sa.ForeignKeyConstraint([column], [referred], name=op.f(f"fk_{TABLE}_{column}"))
            for column, referred in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(
        op.f(f"ix_{TABLE}_institution_code_recorded_at_id"), TABLE, ["institution_code", "recorded_at", "id"]
    )
    op.create_index(
        f"ix_{TABLE}_waiting", TABLE, ["recorded_at"], postgresql_where=sa.text("state = 'requested'")
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {TABLE} TO scoring_app")


def downgrade() -> None:
    op.drop_table(TABLE)
