"""An institution consents to an application for remediation, as to one for a resumption (P38).

An application that an institution had filed is one that it agrees to. Of every other that waits no institution has been
asked so far: it is `filed`, and the institutions have their five working days from the day of the upgrade, since from
the filing they would be over for most before anybody was asked. The last day is provisional: the job of the deadlines
counts it by the calendar, and it is never earlier than a week from now.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

APPLICATIONS, RESUMPTIONS = "remediation_applications", "resumptions"
STATES = "state IN ('filed', 'consented', 'approved', 'rejected', 'lapsed')"
STATES_BEFORE = "state IN ('filed', 'approved', 'rejected')"
ASKED = "num_nulls(consent_asked_on, consent_working_days, consent_due_on) IN (0, 3)"
CONDITIONS = {
    "institution": "(filed_by = 'institution') = (filed_institution IS NOT NULL)",
    "consent": "state <> 'filed' OR consent_due_on IS NOT NULL",
    "consented": "state NOT IN ('consented') OR consented_on IS NOT NULL",
    "lapsed": "(state = 'lapsed') = (lapsed_because IS NOT NULL)",
    "asked": ASKED,
}
REFERENCES = {
    "filed_institution": "institutions.code",
    "consent_institution": "institutions.code",
    "consent_account": "accounts.id",
}
_TODAY = "(COALESCE((SELECT now FROM clock_state), now()) AT TIME ZONE 'Asia/Shanghai')::date"
_FILED_BY_AN_INSTITUTION = f"""
    UPDATE {APPLICATIONS} a SET filed_institution = c.institution_code
    FROM accounts c WHERE c.id = a.recorded_by_account AND a.filed_by = 'institution'
"""
_AGREED_BY_FILING = f"""
    UPDATE {APPLICATIONS} SET state = 'consented', consent_institution = filed_institution,
        consent_account = recorded_by_account, consent_recorded_by = recorded_by, consent_staff_no = recorded_staff_no,
        consent_recorded_at = recorded_at, consented_on = (recorded_at AT TIME ZONE 'Asia/Shanghai')::date
    WHERE state = 'filed' AND filed_institution IS NOT NULL
"""
_ASKED_NOW = f"""
    UPDATE {APPLICATIONS} SET consent_asked_on = {_TODAY}, consent_working_days = 5, consent_due_on = {_TODAY} + 7,
        consent_provisional = true
    WHERE state = 'filed'
"""
# The working days are those of the rulebook that the application was filed under; five where it says none.
_ASKED_AT_FILING = f"""
    UPDATE {RESUMPTIONS} r SET consent_asked_on = r.filed_on,
        consent_working_days = COALESCE((v."values"::jsonb ->> 'consent.working_days')::int, 5)
    FROM rulebook_versions v WHERE v.sha256 = r.rulebook_sha256 AND r.consent_due_on IS NOT NULL
"""


def upgrade() -> None:
    for column in _new_everywhere():
        op.add_column(RESUMPTIONS, column)
    op.execute(_ASKED_AT_FILING)
    op.create_check_constraint(op.f("ck_resumptions_asked"), RESUMPTIONS, ASKED)
    for column in (*_new_everywhere(), *_new_of_applications()):
        op.add_column(APPLICATIONS, column)
    for column, referred in REFERENCES.items():
        table, key = referred.split(".")
        op.create_foreign_key(op.f(f"fk_{APPLICATIONS}_{column}"), APPLICATIONS, table, [column], [key])
    op.drop_constraint(op.f(f"ck_{APPLICATIONS}_state"), APPLICATIONS)
    for statement in (_FILED_BY_AN_INSTITUTION, _AGREED_BY_FILING, _ASKED_NOW):
        op.execute(statement)
    op.create_check_constraint(op.f(f"ck_{APPLICATIONS}_state"), APPLICATIONS, STATES)
    for name, words in CONDITIONS.items():
        op.create_check_constraint(op.f(f"ck_{APPLICATIONS}_{name}"), APPLICATIONS, words)


def downgrade() -> None:
    for name in (*CONDITIONS, "state"):
        op.drop_constraint(op.f(f"ck_{APPLICATIONS}_{name}"), APPLICATIONS)
    # What has lapsed was not granted.
    op.execute(f"UPDATE {APPLICATIONS} SET state = 'rejected', rejected_because = lapsed_because WHERE state = 'lapsed'")
    op.execute(f"UPDATE {APPLICATIONS} SET state = 'filed' WHERE state = 'consented'")
    op.create_check_constraint(op.f(f"ck_{APPLICATIONS}_state"), APPLICATIONS, STATES_BEFORE)
    for column in (*_new_everywhere(), *_new_of_applications()):
        op.drop_column(APPLICATIONS, column.name)
    op.drop_constraint(op.f("ck_resumptions_asked"), RESUMPTIONS)
    for column in _new_everywhere():
        op.drop_column(RESUMPTIONS, column.name)


def _new_everywhere() -> list[sa.Column]:
    instant = sa.DateTime(timezone=True)
    return [
        sa.Column("consent_asked_on", sa.Date()),
        sa.Column("consent_working_days", sa.Integer()),
        sa.Column("consent_due_soon_told_at", instant),
        sa.Column("consent_overdue_told_at", instant),
    ]


def _new_of_applications() -> list[sa.Column]:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    return [
        sa.Column("filed_institution", sa.Text()),
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
        sa.Column("lapsed_because", sa.Text()),
    ]
