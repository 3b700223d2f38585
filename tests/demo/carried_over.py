"""A service carried over to an empty one: exported and imported, kind by kind, and what both say of each person."""

from sqlalchemy import select

from scoring_service.db.files import read_files
from scoring_service.db.tables import practitioners
from scoring_service.services.imports import requests
from scoring_service.services.imports.exports import EXPORTS, export
from scoring_service.services.imports.records import read_import
from scoring_service.services.imports.running import run_waiting
from scoring_service.services.standing.reading import standing_from
from scoring_service.workbooks.writing import Form, chunks


def carry_over(service, other):
    """Import into `other` what `service` exports; return by kind how many rows were created, changed and left."""
    return {kind: brought(other, kind, exported(service, kind)) for kind in EXPORTS}


def exported(service, kind):
    with service.work() as work:
        return b"".join(chunks(Form.XLSX, [export(work, kind)]))


def brought(service, kind, content):
    with service.work() as work:
        import_id = requests.upload(work, kind, filename=f"{kind}.xlsx", content=content, dry_run=False).id
    run_waiting(service)
    with service.work() as work:
        done = read_import(work, import_id)
    assert done.state == "done", (kind, done.error, done.errors)
    return done.created, done.changed, done.left


def standings(service, days):
    """By each person's code, what their file says on these days: points, totals, state and every sanction."""
    with service.work() as work:
        people = dict(work.conn.execute(select(practitioners.c.id, practitioners.c.code)).all())
        files = read_files(work.conn, list(people))
        return {
            code: [said(standing_from(work.rulebooks, files[person], day)) for day in days]
            for person, code in people.items()
        }


def said(standing):
    spans = [(span.kind, span.ground, span.start, span.until, span.state_until) for span in standing.sanctions]
    state = standing.state
    return (
        standing.points, standing.totals, spans, state.status, state.until, state.may_reapply, state.may_resume_from,
        standing.next_threshold, standing.rulebook.id,
    )  # fmt: skip
