"""Applications for a resumption: filed for a person, agreed to by an institution of theirs, evaluated by the office."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Table, Text, text

from scoring_service.core.procedure import ResumptionState
from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

# The columns `consent_*` tell of the last answer of an institution: an agreement, or a refusal with its reason.
# `rulebook_sha256` is that of the last term at filing, whose working days hold.
resumptions = Table(
    "resumptions",
    metadata,
    *proposal_columns(*ResumptionState),
    Column("statement", Text, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("filed_institution", Text, ForeignKey("institutions.code")),
    Column("filed_on", Date, nullable=False),
    Column("rulebook_sha256", Text, ForeignKey("rulebook_versions.sha256"), nullable=False),
    Column("consent_due_on", Date),
    Column("consent_provisional", Boolean, nullable=False, server_default="false"),
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
    Column("evaluation_due_on", Date),
    Column("evaluation_provisional", Boolean, nullable=False, server_default="false"),
    Column("resumes_on", Date),
    Column("lapsed_because", Text),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("filed_by IN ('practitioner', 'institution', 'office')", name="filed_by"),
    CheckConstraint("(filed_by = 'institution') = (filed_institution IS NOT NULL)", name="institution"),
    CheckConstraint("state <> 'filed' OR consent_due_on IS NOT NULL", name="consent"),
    CheckConstraint("(consented_on IS NULL) = (evaluation_due_on IS NULL)", name="evaluation"),
    CheckConstraint("state NOT IN ('consented', 'approved') OR consented_on IS NOT NULL", name="consented"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL AND resumes_on IS NOT NULL)", name="posted"),
    CheckConstraint("(state = 'refused') = (rejected_because IS NOT NULL)", name="refused"),
    CheckConstraint("(state = 'lapsed') = (lapsed_because IS NOT NULL)", name="lapsed"),
    Index(
        "uq_resumptions_open",
        "practitioner_id",
        unique=True,
        postgresql_where=text("state IN ('filed', 'consented')"),
    ),
    Index(
        "ix_resumptions_evaluation",
        "evaluation_due_on",
        "id",
        postgresql_where=text("state = 'consented'"),
    ),
)
