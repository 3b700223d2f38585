"""What every proposal is kept with: whose file it is about, its state, who made it and who decided on it.

An application that an institution consents to is kept with its consent too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Text

from scoring_service.db.tables.schema import (
    AwareDateTime,
    decided_columns,
    identifier,
    recorded_columns,
    words_of,
)

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem


def proposal_columns(waiting: str, *others: str, of_person: bool = True) -> list[SchemaItem]:
    """Return the columns, constraints and indexes of a kind of proposal.

    It begins in the state `waiting` and goes on to the `others`, which are `approved` and `rejected` if none are named.
    `of_person` is whether each is about a person's file.
    """
    return [
        identifier(primary_key=True),
        identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=not of_person),
        Column("state", Text, nullable=False),
        Column("version", Integer, nullable=False, server_default="1"),
        *recorded_columns(),
        *decided_columns(),
        Column("rejected_because", Text),
        words_of("state", (waiting, *(others or ("approved", "rejected")))),
        Index(None, "recorded_at", "id"),
        Index(None, "practitioner_id", "recorded_at", "id"),
    ]


def consent_columns(*consented: str) -> list[SchemaItem]:
    """Return the columns and constraints of an application that an institution of the person's consents to (P38, P39).

    `consented_on` is set in the states `consented`. The institutions were asked on `consent_asked_on`, from which
    their working days count; of an application that needed nobody's consent all three are empty. From
    `consent_institution` on the columns tell of the last answer: an agreement, or a refusal with its reason.
    """
    listed = ", ".join(f"'{state}'" for state in consented)
    return [
        Column("filed_by", Text, nullable=False),
        Column("filed_institution", Text, ForeignKey("institutions.code")),
        Column("consent_asked_on", Date),
        Column("consent_working_days", Integer),
        Column("consent_due_on", Date),
        Column("consent_provisional", Boolean, nullable=False, server_default="false"),
        Column("consent_due_soon_told_at", AwareDateTime),
        Column("consent_overdue_told_at", AwareDateTime),
        Column("consent_institution", Text, ForeignKey("institutions.code")),
        identifier("consent_account", ForeignKey("accounts.id")),
        Column("consent_recorded_by", Text),
        Column("consent_staff_no", Text),
        Column("consent_recorded_at", AwareDateTime),
        Column("consent_on_paper", Boolean, nullable=False, server_default="false"),
        Column("consent_proof", Text),
        Column("consent_refused_because", Text),
        Column("proceeded_by", Text),
        Column("proceeded_at", AwareDateTime),
        Column("proceeded_because", Text),
        Column("consented_on", Date),
        CheckConstraint("filed_by IN ('practitioner', 'institution', 'office')", name="filed_by"),
        CheckConstraint("(filed_by = 'institution') = (filed_institution IS NOT NULL)", name="institution"),
        CheckConstraint("state <> 'filed' OR consent_due_on IS NOT NULL", name="consent"),
        CheckConstraint("num_nulls(consent_asked_on, consent_working_days, consent_due_on) IN (0, 3)", name="asked"),
        CheckConstraint(f"state NOT IN ({listed}) OR consented_on IS NOT NULL", name="consented"),
    ]
