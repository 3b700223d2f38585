"""The tables, one module a subject. Column names are those of scheme.md and contract.md.

Lives here: table definitions, constraints and indexes. Begin with `ledger.py`. Does not live here: queries, triggers
and rights (triggers and rights are made by the migrations).
"""

from scoring_service.db.tables.accounts import (
    account_acts,
    accounts,
    idempotency_keys,
    kept_forms,
    sign_in_failures,
    sign_in_places,
    tokens,
)
from scoring_service.db.tables.appeals import appeal_experts, appeals
from scoring_service.db.tables.bundles import bundle_pieces, bundled_letters, letter_bundles
from scoring_service.db.tables.cases import attachments, case_hands, cases, findings
from scoring_service.db.tables.claims import screening_pieces, screenings
from scoring_service.db.tables.corrections import corrections
from scoring_service.db.tables.finding import case_words, institution_words, practitioner_words, searches
from scoring_service.db.tables.imports import import_chunks, import_faults, import_pieces, imports
from scoring_service.db.tables.jobs import counted_calendar, job_runs, ratio_alerts, scheduler_leader
from scoring_service.db.tables.ledger import entries, ledger_heads, rulebook_versions
from scoring_service.db.tables.letters import letter_numbers, letter_pdfs, letter_templates, letters
from scoring_service.db.tables.liftings import liftings
from scoring_service.db.tables.list_views import list_views
from scoring_service.db.tables.merges import merges
from scoring_service.db.tables.record import (
    audit_log,
    clock_state,
    eligibility_refusals,
    events,
    events_head,
    installation,
    key_fingerprints,
    notice_duties,
    notices,
    receipt_corrections,
)
from scoring_service.db.tables.registration_requests import registration_requests
from scoring_service.db.tables.registry import (
    affiliations,
    agreements,
    institutions,
    persons,
    practitioners,
    registrations,
)
from scoring_service.db.tables.registry_corrections import registry_corrections
from scoring_service.db.tables.remediation import remediation_applications
from scoring_service.db.tables.reminders import reminder_messages, reminders
from scoring_service.db.tables.reregistrations import reregistrations
from scoring_service.db.tables.resumptions import resumptions
from scoring_service.db.tables.rulebook_drafts import rulebook_drafts
from scoring_service.db.tables.schema import metadata
from scoring_service.db.tables.standing import (
    standing_affiliations,
    standing_codes,
    standing_sanctions,
    standing_totals,
    standings,
)
from scoring_service.db.tables.talks import talks

__all__ = [
    "account_acts",
    "accounts",
    "affiliations",
    "agreements",
    "appeal_experts",
    "appeals",
    "attachments",
    "audit_log",
    "bundle_pieces",
    "bundled_letters",
    "case_hands",
    "case_words",
    "cases",
    "clock_state",
    "corrections",
    "counted_calendar",
    "eligibility_refusals",
    "entries",
    "events",
    "events_head",
    "findings",
    "idempotency_keys",
    "import_chunks",
    "import_faults",
    "import_pieces",
    "imports",
    "installation",
    "institution_words",
    "institutions",
    "job_runs",
    "kept_forms",
    "key_fingerprints",
    "ledger_heads",
    "letter_bundles",
    "letter_numbers",
    "letter_pdfs",
    "letter_templates",
    "letters",
    "liftings",
    "list_views",
    "merges",
    "metadata",
    "notice_duties",
    "notices",
    "persons",
    "practitioner_words",
    "practitioners",
    "ratio_alerts",
    "receipt_corrections",
    "registration_requests",
    "registrations",
    "registry_corrections",
    "remediation_applications",
    "reminder_messages",
    "reminders",
    "reregistrations",
    "resumptions",
    "rulebook_drafts",
    "rulebook_versions",
    "scheduler_leader",
    "screening_pieces",
    "screenings",
    "searches",
    "sign_in_failures",
    "sign_in_places",
    "standing_affiliations",
    "standing_codes",
    "standing_sanctions",
    "standing_totals",
    "standings",
    "talks",
    "tokens",
]
