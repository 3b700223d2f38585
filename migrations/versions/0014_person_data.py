"""Person data are rows in time, and every code a person ever had names them.

Names that were overwritten before are not known any more: the first row holds what was there.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_persons()
    create_standing_codes()
    write_first_rows()
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON persons "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("GRANT SELECT, INSERT ON persons TO scoring_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON standing_codes TO scoring_app")
    op.drop_column("practitioners", "code_recorded_at")
    op.drop_column("standings", "code_recorded_at")
    op.drop_column("standings", "code")


def downgrade() -> None:
    op.add_column("standings", sa.Column("code", sa.Text()))
    op.create_unique_constraint(op.f("uq_standings_code"), "standings", ["code"])
    for table in ("standings", "practitioners"):
        op.add_column(table, sa.Column("code_recorded_at", sa.DateTime(timezone=True)))
    op.execute(
        """
        UPDATE practitioners d SET code_recorded_at =
            (SELECT min(p.recorded_at) FROM persons p WHERE p.practitioner_id = d.id AND p.code = d.code)
        """
    )
    op.execute(
        """
        UPDATE standings s SET code = d.code, code_recorded_at = d.code_recorded_at
        FROM practitioners d WHERE d.id = s.practitioner_id
        """
    )
    op.drop_table("standing_codes")
    op.drop_table("persons")


def create_persons() -> None:
    op.create_table(
        "persons",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("span_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("id_number_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_digest", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_masked", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("code IS NOT NULL OR id_number_digest IS NOT NULL", name=op.f("ck_persons_named")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_persons_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "revision", name=op.f("pk_persons")),
    )
    op.create_index(op.f("ix_persons_code"), "persons", ["code"], unique=False)


def create_standing_codes() -> None:
    op.create_table(
        "standing_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standing_codes_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_standing_codes")),
    )
    op.create_index(
        op.f("ix_standing_codes_practitioner_id"), "standing_codes", ["practitioner_id"], unique=False
    )
    op.execute("INSERT INTO standing_codes SELECT code, id FROM practitioners WHERE code IS NOT NULL")


def write_first_rows() -> None:
    """The first row is one change with the registration that opened the file; a code that came later follows it."""
    op.execute(
        """
        WITH opened AS (
            SELECT d.*, gen_random_uuid() AS span_id, d.code_recorded_at > d.recorded_at AS named_later,
                coalesce(
                    (SELECT min(r.from_on) FROM registrations r WHERE r.practitioner_id = d.id),
                    (d.recorded_at AT TIME ZONE 'Asia/Shanghai')::date
                ) AS from_on,
                coalesce(
                    (SELECT r.recorded_by FROM registrations r WHERE r.practitioner_id = d.id
                        ORDER BY r.revision LIMIT 1),
                    'system'
                ) AS recorded_by
            FROM practitioners d
        ), rows AS (
            SELECT o.*, 1 AS number, coalesce(o.code_recorded_at, o.recorded_at) AS known_from, o.code AS known_code
            FROM opened o
            UNION ALL
            SELECT o.*, 0, o.recorded_at, NULL FROM opened o WHERE named_later
        )
        INSERT INTO persons (practitioner_id, revision, span_id, recorded_at, from_on, name, category, code,
            id_number_encrypted, id_number_digest, id_number_masked, recorded_by)
        SELECT id, number, span_id, known_from, from_on, name, category, known_code,
            id_number_encrypted, id_number_digest, id_number_masked, recorded_by
        FROM rows
        """
    )
    op.execute(
        """
        UPDATE practitioners SET last_recorded_at = greatest(last_recorded_at, code_recorded_at)
        WHERE code_recorded_at > last_recorded_at
        """
    )
    op.execute(
        """
        UPDATE standings s SET recorded_at = d.last_recorded_at FROM practitioners d
        WHERE d.id = s.practitioner_id AND s.recorded_at <> d.last_recorded_at
        """
    )
