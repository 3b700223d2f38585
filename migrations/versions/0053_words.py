"""The words by which people, institutions and cases are found, made of what is on record; and what was looked for.

Revision ID: 0053
Revises: 0050
"""

import sqlalchemy as sa
from alembic import op

from scoring_service.db.bulk import insert_many
from scoring_service.db.finding import words_of_case, words_of_institution, words_of_person
from scoring_service.db.tables import case_words, institution_words, practitioner_words

revision = "0053"
down_revision = "0050"
branch_labels = None
depends_on = None

IDENTIFIER = sa.Uuid(as_uuid=False)
TABLES = {
    "practitioner_words": ("practitioner_id", IDENTIFIER, "practitioners.id"),
    "institution_words": ("institution_code", sa.Text(), "institutions.code"),
    "case_words": ("case_id", IDENTIFIER, "cases.id"),
}
BEGUN = ("sound", "initials")
AT_ONCE = 20_000
PEOPLE = """
    SELECT practitioners.id::text, practitioners.name, called.names, known.codes
    FROM practitioners
    JOIN (
        SELECT practitioner_id, array_agg(DISTINCT name) AS names
        FROM (
            SELECT practitioner_id, name,
                first_value(until_on IS DISTINCT FROM from_on) OVER (
                    PARTITION BY practitioner_id, span_id ORDER BY revision DESC
                ) AS stands
            FROM persons
        ) AS written
        WHERE stands
        GROUP BY practitioner_id
    ) AS called ON called.practitioner_id = practitioners.id
    LEFT JOIN (
        SELECT practitioner_id, array_agg(DISTINCT code) AS codes FROM standing_codes GROUP BY practitioner_id
    ) AS known ON known.practitioner_id = practitioners.id
    WHERE practitioners.merged_into IS NULL
"""


def upgrade() -> None:
    for table, (key, kind, referred) in TABLES.items():
        op.create_table(
            table,
            sa.Column(key, kind, nullable=False),
            sa.Column("words", sa.Text(), nullable=False),
            *(sa.Column(name, sa.Text(), nullable=False) for name in BEGUN if table == "practitioner_words"),
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
            sa.ForeignKeyConstraint([key], [referred], name=op.f(f"fk_{table}_{key}")),
        )
    fill()
    for name in BEGUN:
        index = f"ix_practitioner_words_{name}"
        op.create_index(index, "practitioner_words", [name], postgresql_ops={name: "text_pattern_ops"})
    for table in TABLES:
        lexemes = sa.text("array_to_tsvector(string_to_array(words, ' '))")
        op.create_index(f"ix_{table}_words", table, [lexemes], postgresql_using="gin")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO scoring_app")
    op.create_table(
        "searches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", IDENTIFIER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_searches_account_id")),
    )
    for column in ("account_id", "kept_at"):
        op.create_index(op.f(f"ix_searches_{column}"), "searches", [column])
    op.execute("GRANT SELECT, INSERT, DELETE ON searches TO scoring_app")
    op.create_index(
        "ix_standing_codes_prefix", "standing_codes", ["code"], postgresql_ops={"code": "text_pattern_ops"}
    )


def fill() -> None:
    """Write the words of what is on record, some thousands of rows at a time."""
    connection = op.get_bind()
    # Who was registered in bulk just before has no statistics, and person by person hundreds of thousands take hours.
    connection.execute(sa.text("SET LOCAL enable_nestloop = off"))
    institutions, cases = sa.text("SELECT code AS id, name FROM institutions"), sa.text("SELECT id::text, document_no FROM cases")
    sources = (
        (practitioner_words, sa.text(PEOPLE), lambda row: words_of_person(row.name, row.names, row.codes)),
        (institution_words, institutions, lambda row: {"words": words_of_institution(row.id, row.name)}),
        (case_words, cases, lambda row: {"words": words_of_case(row.document_no)}),
    )
    for table, query, words_of in sources:
        key = TABLES[table.name][0]
        for rows in connection.execute(query, execution_options={"yield_per": AT_ONCE}).partitions():
            insert_many(connection, table, [{key: row.id, **words_of(row)} for row in rows])
    connection.execute(sa.text("SET LOCAL enable_nestloop = on"))


def downgrade() -> None:
    op.drop_index("ix_standing_codes_prefix", "standing_codes")
    op.drop_table("searches")
    for table in reversed(TABLES):
        op.drop_table(table)
