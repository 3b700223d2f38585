"""The office desk: today, people, cases, registry, rulebooks, statistics, jobs, audit, clock.

A module a subject; a view parses, calls one use case and renders.
"""

from scoring_service.web.office import (
    case_editor,
    cases,
    decisions,
    law,
    numbers,
    operations,
    people,
    registry,
    registry_rows,
    today,
)

__all__ = [
    "case_editor",
    "cases",
    "decisions",
    "law",
    "numbers",
    "operations",
    "people",
    "registry",
    "registry_rows",
    "today",
]
