"""The office desk: today, people, cases, registry, imports, rulebooks, statistics, jobs, audit, clock, accounts.

A module a subject; a view parses, calls one use case and renders. Begin with `cases.py`. Not here: pages that the desks
share (a notice, an appeal, an application).
"""

from scoring_service.web.office import (
    accounts,
    assigning,
    case_editor,
    cases,
    completion,
    decisions,
    drafts,
    imports,
    institution_corrections,
    law,
    merges,
    numbers,
    operations,
    people,
    period_reports,
    periods,
    registry,
    registry_desk,
    registry_rows,
    requests,
    simulations,
    spread,
    today,
)

__all__ = [
    "accounts",
    "assigning",
    "case_editor",
    "cases",
    "completion",
    "decisions",
    "drafts",
    "imports",
    "institution_corrections",
    "law",
    "merges",
    "numbers",
    "operations",
    "people",
    "period_reports",
    "periods",
    "registry",
    "registry_desk",
    "registry_rows",
    "requests",
    "simulations",
    "spread",
    "today",
]
