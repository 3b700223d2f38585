"""A service with a few people and an office of three, and files of earlier years brought to it."""

from datetime import date

from import_world import HOSPITALS, as_csv, imported
from sqlalchemy import select

from scoring_service.core.standing import Span
from scoring_service.db.tables import accounts, practitioners
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.accounts.signing_in import actor_of_account
from scoring_service.services.imports import requests
from scoring_service.services.imports.exports import export
from scoring_service.services.imports.records import read_import
from scoring_service.services.imports.running import run_waiting
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import NewPractitioner, register_practitioners
from scoring_service.services.standing.reading import standing_of
from scoring_service.workbooks.writing import Form, chunks

HOSPITAL = "H15040200001"
CODES = tuple(f"D15040200000{number}" for number in range(1, 6))
# An invented number with a fitting check character, of somebody without a code.
NUMBER = "150402198001010010"
SINCE = Span(date(2025, 1, 1), None)
CASE = ("机构代码", "处理方式", "决定机关", "文书号", "处理决定日", "生效日", "人员代码", "姓名", "违规情形", "责任程度", "记分")


def office(service):
    """Fill the service: two hospitals, six people, a clerk, a reviewer and an administrator."""
    imported(service, "institutions", HOSPITALS)
    with service.work() as work:
        register_practitioners(work, [person(code, f"医师{code[-1]}") for code in CODES])
        register_practitioners(work, [person(None, "巴特尔·阿木古楞", id_number=NUMBER)])
        for name in ("clerk", "reviewer", "admin"):
            add_account(work, username=name, roles=[f"office.{name}"], staff_no=f"S-{name}")
    return service


def person(code, name, **other):
    places = [AskedAffiliation(institution=HOSPITAL, span=SINCE)]
    members = {"category": "doctor", "registered_on": SINCE.start, "affiliations": places}
    return NewPractitioner(code=code, name=name, **members | other)


def acting(service, name):
    with service.engine.connect() as conn:
        account_id = conn.execute(select(accounts.c.id).where(accounts.c.username == name)).scalar_one()
        return actor_of_account(conn, account_id)


def brought(service, kind, rows, by="clerk", **asked):
    """The import of these rows by an account, after the check."""
    with service.work(acting(service, by)) as work:
        given = {"filename": "file.csv", "content": as_csv(rows), "dry_run": False} | asked
        import_id = requests.upload(work, kind, **given).id
    return at_rest(service, import_id)


def committed(service, import_id, by):
    with service.work(acting(service, by)) as work:
        requests.commit(work, import_id)
    return at_rest(service, import_id)


def at_rest(service, import_id):
    run_waiting(service)
    with service.work() as work:
        return read_import(work, import_id)


def exported(service, kind, form=Form.XLSX):
    with service.work() as work:
        return b"".join(chunks(form, [export(work, kind)]))


def standings(service, *days):
    """By each person's name, what the file says on these days."""
    with service.work() as work:
        people = work.conn.execute(select(practitioners.c.id, practitioners.c.name)).all()
        return {row.name: [said(standing_of(work, row.id, as_of=day).standing) for day in days] for row in people}


def said(standing):
    spans = [(span.kind, span.ground, span.start, span.until, span.state_until) for span in standing.sanctions]
    return standing.points, standing.totals, standing.state.status, spans


def case_row(number, day, code, points, item="overtreatment", **other):
    """A row of a case as an office writes it."""
    plain = (HOSPITAL, "行政处罚", "赤峰市医疗保障局", f"赤医保罚决〔2025〕{number}号", "2025-03-10", day)
    named = dict(zip(CASE, (*plain, code, "", item, "主要责任", points), strict=True))
    return named | other


def table(rows):
    """Rows with names as a table with headings."""
    headings = list(dict.fromkeys(name for row in rows for name in row))
    return [headings, *([row.get(name, "") for name in headings] for row in rows)]
