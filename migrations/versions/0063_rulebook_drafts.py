"""Rulebooks that are adopted while the service runs: a file proposed, approved by another person, and then kept as it is.

The epoch moves with each adoption, so that a process may remember the law.

Revision ID: 0063
Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

TABLE = "rulebook_drafts"
CONDITIONS = {
    "state": "state IN ('proposed', 'approved', 'rejected', 'withdrawn')",
    "from_the_future": "state <> 'approved' OR begins_on > (decided_at AT TIME ZONE 'Asia/Shanghai')::date",
    "decided": "(state = 'proposed') = (decided_at IS NULL)",
}
REFERENCES = {
    "practitioner_id": "practitioners.id",
    "recorded_by_account": "accounts.id",
    "decided_by_account": "accounts.id",
}
IDENTIFIER, INSTANT = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
# What is decided stays as it was decided, and the file as it was proposed.
STAYS = """
    CREATE FUNCTION draft_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state <> 'proposed' OR (OLD.rulebook_id, OLD.n, OLD.begins_on, OLD.content, OLD.sha256)
            IS DISTINCT FROM (NEW.rulebook_id, NEW.n, NEW.begins_on, NEW.content, NEW.sha256)
        THEN
            RAISE EXCEPTION 'a draft of a rulebook does not change once it is decided, nor ever its file'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""
MOVES = """
    CREATE FUNCTION move_law_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM nextval('law_epoch');
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    create_drafts()
    op.execute("CREATE SEQUENCE law_epoch")
    op.execute("SELECT nextval('law_epoch')")
    op.execute("GRANT SELECT, USAGE ON SEQUENCE law_epoch TO scoring_app")
    op.execute(STAYS)
    op.execute(MOVES)
    op.execute(
        "CREATE TRIGGER draft_stays BEFORE UPDATE ON rulebook_drafts FOR EACH ROW EXECUTE FUNCTION draft_stays()"
    )
    op.execute(
        "CREATE TRIGGER law_epoch AFTER UPDATE ON rulebook_drafts FOR EACH ROW "
        "WHEN (NEW.state = 'approved') EXECUTE FUNCTION move_law_epoch()"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON rulebook_drafts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    op.execute("DROP FUNCTION draft_stays")
    op.execute("DROP FUNCTION move_law_epoch")
    op.execute("DROP SEQUENCE law_epoch")


def create_drafts() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("practitioner_id", IDENTIFIER),
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
        sa.Column("rulebook_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("shown_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("rulebook_id", "n", name=op.f(f"uq_{TABLE}_rulebook_id_n")),
        *(sa.CheckConstraint(words, name=op.f(f"ck_{TABLE}_{name}")) for name, words in CONDITIONS.items()),
        *(
            sa.ForeignKeyConstraint([column], [referred], name=op.f(f"fk_{TABLE}_{column}"))
            for column, referred in REFERENCES.items()
        ),
    )
    op.create_index(op.f(f"ix_{TABLE}_recorded_at_id"), TABLE, ["recorded_at", "id"])
    columns = ["practitioner_id", "recorded_at", "id"]
    op.create_index(op.f(f"ix_{TABLE}_practitioner_id_recorded_at_id"), TABLE, columns)
    op.create_index(
        f"uq_{TABLE}_once",
        TABLE,
        ["rulebook_id", "begins_on"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {TABLE} TO scoring_app")
