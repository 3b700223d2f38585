"""Who may call what: the one table of route x role x relation (contract.md, Roles). Deny by default.

A route without a row stops the start. The role opens the door; the relation says how far it sees behind it and
is kept by `unit_of_work.sight`. What depends on the thing itself (its drafter, its addressee) is told in `but` and kept
by the use case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from werkzeug.routing import Map, Rule

from scoring_service.services.desks.waiting import WAITED_FOR
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES, ROLES
from scoring_service.services.unit_of_work.sight import ROLE_RELATION, Relation

PREFIX = "/api/v1"
MEGABYTE = 1024 * 1024
JSON_LIMIT = MEGABYTE
BATCH_LIMIT = 5 * MEGABYTE
UPLOAD_LIMIT = 25 * MEGABYTE
IMPORT_LIMIT = 101 * MEGABYTE
RULEBOOK_LIMIT = 2 * MEGABYTE
CLAIMS_LIMIT = 512 * MEGABYTE

Admitted = Mapping[str, Relation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One row: the roles admitted, each with its relation; `body_limit` in bytes, `spooled` when it goes to a file."""

    method: str
    path: str
    admitted: Admitted = field(default_factory=lambda: MappingProxyType({}))
    but: str = ""
    public: bool = False
    keyed: bool = False
    body_limit: int = JSON_LIMIT
    spooled: bool = False


def _roles(*names: str) -> dict[str, Relation]:
    return {name: ROLE_RELATION[name] for name in names}


def _any_relation(names: Iterable[str]) -> dict[str, Relation]:
    return dict.fromkeys(names, Relation.ANY)


CLERK = _roles("office.clerk")
REVIEWER = _roles("office.reviewer")
APPEALS = _roles("office.appeals")
ADMIN = _roles("office.admin")
AUDITOR = _roles("office.auditor")
OFFICE = _roles(*OFFICE_ROLES)
INSTITUTION = _roles("institution")
PRACTITIONER = _roles("practitioner")
REGULATOR = _roles("regulator")
SETTLEMENT = _roles("settlement")
EXPERT = _roles("expert")
NOTIFIED = OFFICE | INSTITUTION | PRACTITIONER | REGULATOR
FINDING = NOTIFIED | EXPERT | SETTLEMENT
# Whoever prints letters; the auditor, who writes nothing, reads them one by one.
BUNDLING = CLERK | REVIEWER | APPEALS | ADMIN | INSTITUTION | PRACTITIONER | REGULATOR
SIGNED_IN = _any_relation(ROLES)
# For whom anything ever waits.
REMINDED = _any_relation(WAITED_FOR)


def _get(path: str, admitted: Admitted, but: str = "") -> Access:
    return Access(method="GET", path=path, admitted=admitted, but=but)


def _post(path: str, admitted: Admitted, but: str = "", **more: bool | int) -> Access:
    """Return the row of a POST that creates or decides: it honours Idempotency-Key."""
    return Access(method="POST", path=path, admitted=admitted, but=but, **({"keyed": True} | more))  # type: ignore[arg-type]


def _ask(path: str, admitted: Admitted, **more: bool | int) -> Access:
    """Return the row of a POST that only asks."""
    return Access(method="POST", path=path, admitted=admitted, **more)  # type: ignore[arg-type]


def _change(method: str, path: str, admitted: Admitted, but: str = "") -> Access:
    return Access(method=method, path=path, admitted=admitted, but=but)


ROWS: tuple[Access, ...] = (
    # Accounts and the clock.
    _ask("/auth/token", {}, public=True),
    _get("/auth/me", SIGNED_IN),
    _ask("/auth/revoke", SIGNED_IN),
    _ask("/auth/password", SIGNED_IN),
    _get("/auth/reminders", REMINDED, "one's own"),
    _change("PUT", "/auth/reminders", REMINDED, "one's own"),
    _change("DELETE", "/auth/reminders", REMINDED, "one's own"),
    _post("/auth/reminders/confirm", REMINDED, "one's own"),
    _get("/users", ADMIN | AUDITOR),
    _post("/users", ADMIN, "accounts of the admin's own region; another approves"),
    _get("/users/{name}", ADMIN | AUDITOR),
    _get("/roles", ADMIN | AUDITOR),
    _change("PATCH", "/users/{name}", ADMIN),
    _post("/users/{name}/approve", ADMIN, "another person than who asked for it, and than whose account it is"),
    _post("/users/{name}/refuse", ADMIN, "another person than who asked for it, and than whose account it is"),
    _post("/users/{name}/reset", ADMIN, "another's account"),
    _post("/users/{name}/close", ADMIN, "another's account; the last administrator stays"),
    _get("/clock", SIGNED_IN),
    _change("PUT", "/clock", ADMIN, "with the simulated clock"),
    # The registry.
    _get("/institutions", OFFICE | REGULATOR | INSTITUTION),
    _post("/institutions", ADMIN),
    _get("/institutions/{code}", OFFICE | REGULATOR | INSTITUTION),
    _change("PATCH", "/institutions/{code}", ADMIN),
    _post("/institutions/{code}/agreements", ADMIN),
    _post("/institutions/{code}/registry-corrections", ADMIN),
    _get("/practitioners", OFFICE | REGULATOR | INSTITUTION),
    _post("/practitioners", ADMIN),
    _ask("/practitioners/search", OFFICE | INSTITUTION),
    _get("/practitioners/{ref}", OFFICE | INSTITUTION | PRACTITIONER),
    _change("PATCH", "/practitioners/{ref}", ADMIN),
    _post("/practitioners/{ref}/affiliations", ADMIN),
    _post("/practitioners/{ref}/commitment", ADMIN),
    _post("/practitioners/{ref}/codes", ADMIN),
    _post("/practitioners/{ref}/registry-corrections", ADMIN),
    _get("/registry-corrections", OFFICE),
    _get("/registry-corrections/{id}", OFFICE),
    _post("/registry-corrections/{id}/approve", ADMIN | REVIEWER, "another person than who drafted it"),
    _post("/registry-corrections/{id}/reject", ADMIN | REVIEWER, "another person than who drafted it"),
    _post("/practitioners/{ref}/merge", ADMIN, "both files its own to touch"),
    _get("/merges", OFFICE),
    _get("/merges/{id}", OFFICE),
    _post("/merges/{id}/approve", ADMIN | REVIEWER, "another person than who proposed it"),
    _post("/merges/{id}/reject", ADMIN | REVIEWER, "another person than who proposed it"),
    _post("/practitioners/{ref}/deregistration", ADMIN),
    _post("/practitioners/{ref}/registrations", ADMIN),
    _get("/registration-requests", OFFICE | INSTITUTION),
    _post("/registration-requests", INSTITUTION),
    _get("/registration-requests/{id}", OFFICE | INSTITUTION),
    _post("/registration-requests/{id}/approve", ADMIN, "of the institution's region"),
    _post("/registration-requests/{id}/refuse", ADMIN, "of the institution's region"),
    _post("/registration-requests/{id}/withdraw", INSTITUTION, "one's own, before its decision"),
    # Files that are imported.
    _get("/imports", OFFICE),
    _post("/imports/{kind}", ADMIN | CLERK, "as the kind allows", body_limit=IMPORT_LIMIT),
    _get("/imports/templates/{kind}", OFFICE),
    _get("/imports/{id}", OFFICE),
    _get("/imports/{id}/workbook", OFFICE),
    _post("/imports/{id}/commit", ADMIN | CLERK | REVIEWER, "as the kind allows"),
    _post("/imports/{id}/cancel", ADMIN | CLERK | REVIEWER, "as the kind allows"),
    # One search for everything; who may see nothing of a kind finds nothing of it.
    _get("/search", FINDING),
    _ask("/search", FINDING),
    # A person's file.
    _get("/practitioners/{ref}/file", OFFICE | INSTITUTION | PRACTITIONER, "approved cases only, outside the office"),
    _get("/practitioners/{ref}/ledger", OFFICE | INSTITUTION | PRACTITIONER),
    _get("/practitioners/{ref}/standing", OFFICE | REGULATOR | INSTITUTION | PRACTITIONER),
    _get("/practitioners/{ref}/access-log", PRACTITIONER | AUDITOR, "looks for open investigations left out"),
    # Cases, four eyes.
    _get("/cases", OFFICE | INSTITUTION | PRACTITIONER, "approved cases only, outside the office"),
    _post("/cases", CLERK),
    _post("/cases/assignments", CLERK | REVIEWER | ADMIN, "a clerk takes what nobody has, and gives back their own"),
    _get("/cases/{id}", OFFICE | INSTITUTION | PRACTITIONER, "an approved case, outside the office"),
    _change("PATCH", "/cases/{id}", CLERK, "a draft"),
    _post("/cases/{id}/submit", CLERK),
    _post("/cases/{id}/return", REVIEWER, "another person than who drafted or edited it"),
    _post("/cases/{id}/approve", REVIEWER | ADMIN, "another person; a backfill office.admin only"),
    _post("/cases/{id}/withdraw", CLERK),
    _get("/cases/{id}/attachments", OFFICE),
    _post("/cases/{id}/attachments", CLERK, "before its approval", body_limit=UPLOAD_LIMIT),
    _get("/cases/{id}/attachments/{n}", OFFICE),
    # Corrections, drafted and posted.
    _post("/entries/{id}/corrections", CLERK | APPEALS),
    _get("/corrections", OFFICE),
    _get("/corrections/{id}", OFFICE),
    _post("/corrections/{id}/approve", REVIEWER, "another person than who drafted it"),
    _post("/corrections/{id}/reject", REVIEWER, "another person than who drafted it"),
    # Liftings of measures, drafted and posted.
    _post("/entries/{id}/lift", CLERK),
    _get("/liftings", OFFICE),
    _get("/liftings/{id}", OFFICE),
    _post("/liftings/{id}/approve", REVIEWER, "another person than who drafted it"),
    _post("/liftings/{id}/reject", REVIEWER, "another person than who drafted it"),
    # The way back from a suspension.
    _get("/resumptions", OFFICE | INSTITUTION | PRACTITIONER),
    _post("/resumptions", CLERK | INSTITUTION | PRACTITIONER, "a clerk on paper"),
    _get("/resumptions/{id}", OFFICE | INSTITUTION | PRACTITIONER),
    _post("/resumptions/{id}/consent", CLERK | INSTITUTION, "a present institution; a clerk on paper"),
    _post("/resumptions/{id}/refuse-consent", CLERK | INSTITUTION, "a present institution; a clerk on paper"),
    _post("/resumptions/{id}/proceed", REVIEWER, "another person than who recorded it"),
    _post("/resumptions/{id}/approve", REVIEWER, "another person than who recorded it"),
    _post("/resumptions/{id}/refuse", REVIEWER, "another person than who recorded it"),
    # Remediation, the outlook, and the way back after a ban.
    _get("/remediation/activities", SIGNED_IN),
    _get("/remediation/applications", OFFICE | INSTITUTION | PRACTITIONER),
    _post("/remediation/applications", CLERK | INSTITUTION | PRACTITIONER),
    _get("/remediation/applications/{id}", OFFICE | INSTITUTION | PRACTITIONER),
    _post("/remediation/applications/{id}/consent", CLERK | INSTITUTION, "a present institution; a clerk on paper"),
    _post(
        "/remediation/applications/{id}/refuse-consent",
        CLERK | INSTITUTION,
        "a present institution; a clerk on paper",
    ),
    _post("/remediation/applications/{id}/proceed", REVIEWER, "another person than who recorded it"),
    _post("/remediation/applications/{id}/approve", REVIEWER, "another person than who recorded it"),
    _post("/remediation/applications/{id}/reject", REVIEWER, "another person than who recorded it"),
    _get("/remediation/applications/{id}/attachments", OFFICE | INSTITUTION | PRACTITIONER),
    _post(
        "/remediation/applications/{id}/attachments",
        CLERK | INSTITUTION | PRACTITIONER,
        "before its decision",
        body_limit=UPLOAD_LIMIT,
    ),
    _get("/remediation/applications/{id}/attachments/{n}", OFFICE | INSTITUTION | PRACTITIONER),
    _get("/practitioners/{ref}/outlook", OFFICE | INSTITUTION | PRACTITIONER),
    _post("/practitioners/{ref}/reregistrations", CLERK),
    _get("/reregistrations", OFFICE),
    _get("/reregistrations/{id}", OFFICE),
    _post("/reregistrations/{id}/approve", REVIEWER, "another person than who proposed it"),
    _post("/reregistrations/{id}/reject", REVIEWER, "another person than who proposed it"),
    # Appeals: the parties, the office's desk for them, and its experts.
    _get("/appeals", OFFICE | INSTITUTION | PRACTITIONER | EXPERT),
    _post("/appeals", CLERK | INSTITUTION | PRACTITIONER, "a clerk on paper, for either party"),
    _get("/appeals/{id}", OFFICE | INSTITUTION | PRACTITIONER | EXPERT),
    _post("/appeals/{id}/countersign", CLERK | INSTITUTION | PRACTITIONER, "the other party; a clerk on paper"),
    _post(
        "/appeals/{id}/refuse-countersignature",
        CLERK | INSTITUTION | PRACTITIONER,
        "the other party; a clerk on paper",
    ),
    _post("/appeals/{id}/explain", REVIEWER | APPEALS, "not of the person's institutions; whoever scored may"),
    _post("/appeals/{id}/insist", CLERK | INSTITUTION | PRACTITIONER, "the filer; a clerk who recorded it on paper"),
    _post("/appeals/{id}/withdraw", CLERK | INSTITUTION | PRACTITIONER, "the filer; a clerk who recorded it on paper"),
    _post("/appeals/{id}/proceed", APPEALS, "no hand in the case"),
    _post("/appeals/{id}/accept", APPEALS, "no hand in the case"),
    _post("/appeals/{id}/decline", APPEALS, "no hand in the case"),
    _post("/appeals/{id}/experts", APPEALS, "no hand in the case"),
    _post("/appeals/{id}/release", APPEALS, "no hand in the case, no expert of the appeal"),
    _post("/appeals/{id}/decide", APPEALS, "no hand in the case, no expert of the appeal"),
    _post("/appeals/{id}/opinions", EXPERT, "assigned, no hand in the case, not of the person's institutions"),
    _post("/appeals/{id}/recuse", EXPERT, "assigned"),
    _get("/appeals/{id}/attachments", OFFICE | INSTITUTION | PRACTITIONER | EXPERT),
    _post(
        "/appeals/{id}/attachments",
        CLERK | APPEALS | INSTITUTION | PRACTITIONER,
        "a party or the office, before its decision; a clerk for what came on paper",
        body_limit=UPLOAD_LIMIT,
    ),
    _get("/appeals/{id}/attachments/{n}", OFFICE | INSTITUTION | PRACTITIONER | EXPERT),
    # The talk that a score asks for.
    _get("/talks", OFFICE | INSTITUTION),
    _post("/talks", INSTITUTION, "scores addressed to it"),
    # Is a claim line payable?
    _get("/eligibility", OFFICE | SETTLEMENT | INSTITUTION),
    _get("/eligibility/{ref}", OFFICE | SETTLEMENT | INSTITUTION, "a stranger is unknown to an institution"),
    _ask("/eligibility/batch", OFFICE | SETTLEMENT | INSTITUTION, body_limit=BATCH_LIMIT),
    _ask("/eligibility/claims", OFFICE | SETTLEMENT | INSTITUTION, body_limit=CLAIMS_LIMIT, spooled=True),
    _get("/eligibility/claims/{id}", OFFICE | SETTLEMENT | INSTITUTION, "one's own"),
    _get("/eligibility/claims/{id}/file", OFFICE | SETTLEMENT | INSTITUTION, "one's own"),
    _get("/eligibility/claims/{id}/rejects", OFFICE | SETTLEMENT | INSTITUTION, "one's own"),
    _get("/eligibility/claims/{id}/recover", OFFICE | SETTLEMENT | INSTITUTION, "one's own"),
    _get("/eligibility/claims/{id}/pay", OFFICE | SETTLEMENT | INSTITUTION, "one's own"),
    _get("/eligibility/decisions/{id}", OFFICE | SETTLEMENT | INSTITUTION, "one's own, outside the office"),
    # The office desk.
    _get("/rulebooks", SIGNED_IN),
    _get("/rulebooks/{id}", SIGNED_IN),
    _get("/rulebooks/{id}/drafts", ADMIN | AUDITOR),
    _post("/rulebooks/{id}/drafts", ADMIN, "a rulebook of its own region alone", body_limit=RULEBOOK_LIMIT),
    _get("/rulebooks/{id}/drafts/{n}", ADMIN | AUDITOR),
    _get("/rulebooks/{id}/drafts/{n}/file", ADMIN | AUDITOR),
    _post("/rulebooks/{id}/drafts/{n}/check", ADMIN),
    _post("/rulebooks/{id}/drafts/{n}/simulate", ADMIN | REGULATOR),
    _post("/rulebooks/{id}/drafts/{n}/approve", ADMIN, "another person than who proposed it"),
    _post("/rulebooks/{id}/drafts/{n}/reject", ADMIN, "another person than who proposed it"),
    _post("/rulebooks/{id}/drafts/{n}/withdraw", ADMIN, "one's own, before its decision"),
    _get("/audit", AUDITOR),
    _get("/statistics", OFFICE | REGULATOR),
    _get("/statistics/changes", OFFICE | REGULATOR),
    _get("/statistics/institutions", OFFICE | REGULATOR),
    _get("/statistics/breakdown", OFFICE | REGULATOR),
    _get("/statistics/timeliness", OFFICE | REGULATOR),
    _get("/statistics/reports/{kind}", OFFICE | REGULATOR, "scores one by one for the office only"),
    _get("/statistics/spread", OFFICE | REGULATOR, "offices of the region"),
    # Notices, each with a receipt of its own.
    _get("/notices", NOTIFIED, "outside the office those to oneself, for the regulator those to the authorities"),
    _get("/notices/{id}", NOTIFIED, "as in the list"),
    _get("/notices/{id}/document", NOTIFIED, "as in the list"),
    _post("/letters/bundles", BUNDLING, "letters that one may read"),
    _get("/letters/bundles/{id}", BUNDLING, "one's own"),
    _get("/letters/bundles/{id}/pdf", BUNDLING, "one's own, while one may read each letter in it"),
    _post("/notices/{id}/acknowledge", CLERK | INSTITUTION | PRACTITIONER, "the addressee; a clerk for paper"),
    _post("/notices/receipts", CLERK | INSTITUTION | PRACTITIONER, "the addressee; a clerk for paper"),
    _post("/notices/{id}/maintenance", INSTITUTION, "the addressee"),
    _get("/notices/{id}/attachments", NOTIFIED, "as in the list"),
    _post("/notices/{id}/attachments", CLERK | REVIEWER, "once it is received", body_limit=UPLOAD_LIMIT),
    _get("/notices/{id}/attachments/{n}", NOTIFIED, "as in the list"),
    _post("/notices/{id}/receipt-corrections", CLERK | REVIEWER, "another person than who recorded the receipt"),
    # What runs by itself.
    _get("/jobs", ADMIN | AUDITOR),
    _get("/jobs/{name}/runs", ADMIN | AUDITOR),
    _post("/jobs/{name}/runs", ADMIN),
    _get("/events", OFFICE | REGULATOR | INSTITUTION | PRACTITIONER),
)  # fmt: skip

# Outside `/api/v1`: no token is asked for, and no person is spoken of.
OPEN = frozenset({"/healthz", "/readyz", "/metrics", "/api/openapi.json", "/api/docs", "/api/docs/{filename}"})

_VARIABLE = re.compile(r"<(?:[^<>:]+:)?[^<>]+>|\{[^{}]+\}")


def template(path: str) -> str:
    """Return a route's shape, in which a variable has no name."""
    return _VARIABLE.sub("{}", path)


_TABLE = {(row.method, template(PREFIX + row.path)): row for row in ROWS}
_OPEN = frozenset(map(template, OPEN))


def access_of(method: str, rule: Rule) -> Access | None:
    """Return the row of a method on a route; HEAD is a GET."""
    return _TABLE.get(("GET" if method == "HEAD" else method, template(rule.rule)))


def is_open(rule: Rule) -> bool:
    """Tell whether a route stands outside the table on purpose."""
    return template(rule.rule) in _OPEN


def unlisted(routes: Map) -> list[str]:
    """Return the routes under `/api` without a row, and those of nobody's (neither open nor the console's)."""
    missing = []
    for rule in routes.iter_rules():
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if is_open(rule) or rule.endpoint.startswith("web."):
            continue
        missing += [f"{method} {rule.rule}" for method in methods if access_of(method, rule) is None]
    return missing
