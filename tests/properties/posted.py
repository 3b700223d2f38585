"""Credits, corrections and re-registrations, posted as their use cases do it: lock, gate, append, refresh."""

from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import fold
from scoring_service.core.gates import check_reregistration, grant_days, grant_points
from scoring_service.db import registry
from scoring_service.db.ledger import append, lock_files, read_entries
from scoring_service.db.standing import refresh
from scoring_service.db.tables import entries
from scoring_service.problems import Conflict
from scoring_service.services.affiliations import append as append_affiliation
from scoring_service.services.affiliations import close_affiliations


@contextmanager
def opened(office, person):
    with office.work() as work:
        file = lock_files(work.conn, [person])[person]
        try:
            yield work, file, read_entries(work.conn, [person])[person]
        except RuleError as refused:
            raise Conflict(refused.code, refused.detail) from refused
        refresh(work.conn, [file])


def post(work, file, kind, **carried):
    rulebook = work.rulebooks.resolve("chifeng", work.today)
    return append(
        work.conn,
        file,
        kind=kind,
        effective_on=work.today,
        recorded_at=work.record(),
        recorded_by=work.actor.username,
        rulebook=rulebook,
        **carried,
    )


def credit(office, person, effect, asked):
    with opened(office, person) as (work, file, known):
        application = str(uuid4())
        if effect == "points":
            rulebook = work.rulebooks.resolve("chifeng", work.today)
            granted = grant_points(known, work.today, asked, rulebook)
            return granted, post(
                work, file, EntryKind.POINTS_CREDIT, points=granted, application_id=application
            )
        granted = grant_days(known, work.today, asked, work.rulebooks.resolve("chifeng", work.today))
        return granted, post(work, file, EntryKind.TERM_CREDIT, days=granted, application_id=application)


def correct(office, target, value):
    with office.service.engine.connect() as conn:
        person = conn.execute(select(entries.c.practitioner_id).where(entries.c.id == target)).scalar_one()
    with opened(office, person) as (work, file, _):
        return post(work, file, EntryKind.CORRECTION, target_id=target, value=value, basis="clerical")


def reregister(office, person, day, affiliations):
    with opened(office, person) as (work, file, known):
        check_reregistration(fold(known), day)
        entry_id = post(work, file, EntryKind.REREGISTRATION)
        spans = registry.spans_known(work.conn, [person])[person]
        common = {"category": "doctor", "commitment_signed_on": day, "recorded_by": "clerk"}
        for version in spans.registrations:
            if version.span.until is None:
                span = registry.Span(version.span.start, day)
                registry.append_registration(
                    work.conn, file, span=span, span_id=version.span_id, recorded_at=work.record(), **common
                )
        close_affiliations(work, file, spans, day)
        span = registry.Span(day, None)
        registry.append_registration(work.conn, file, span=span, recorded_at=work.record(), **common)
        for each in affiliations:
            append_affiliation(work, file, each.institution, each.span)
        return entry_id
