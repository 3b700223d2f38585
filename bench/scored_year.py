"""A year of decisions on the populated country, so that pages have something to count, to list and to leave out.

The ledger's own functions write the scores (their chain must verify); cases, findings and notices are inserted.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from bench.world import analyse, code_of, institution_of
from scoring_service.core.entries import EntryKind
from scoring_service.core.rulebook import Rulebook
from scoring_service.db.bulk import insert_many
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.ledger import Draft, append_many, lock_files
from scoring_service.db.standing import refresh_heads, write_standings
from scoring_service.db.tables import cases, findings, notice_duties, notices
from scoring_service.runtime.embedded import SUPERUSER
from scoring_service.services.unit_of_work.transaction import Service

CASES = 25_000
CASES_A_DAY = 250
FIRST_PERSON = 10_001
# Out of a hundred scores: most are light, two suspend, one in two hundred terminates.
POINTS = [1, 2, 3] * 20 + [4, 5, 6] * 12 + [7, 8, 10, 9]


def add_year(service: Service, people: int, year: int) -> None:
    """Decide CASES cases of one finding each on people of their own, spread over the year up to now."""
    days = max((datetime.now(UTC).date() - date(year, 1, 5)).days, 1)
    for first in range(0, CASES, CASES_A_DAY):
        day = date(year, 1, 5) + timedelta(days=days * first // CASES)
        with service.work() as work:
            chosen = [FIRST_PERSON + (first + n) * max((people - FIRST_PERSON) // CASES, 1) for n in range(CASES_A_DAY)]
            rulebook = service.rulebooks.resolve("chifeng", day)
            _decide(work.conn, [number for number in chosen if number <= people], day, rulebook)
    owner = service.engine.url.set(username=SUPERUSER)
    analyse(make_owner_engine(owner.render_as_string(hide_password=False)))


def _decide(conn: Connection, numbers: list[int], day: date, rulebook: Rulebook) -> None:
    at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    rows = [_case(number, day, at, rulebook) for number in numbers]
    found = [_finding(row, number) for row, number in zip(rows, numbers, strict=True)]
    insert_many(conn, cases, rows)
    insert_many(conn, findings, found)
    files = lock_files(conn, [one["practitioner_id"] for one in found])
    entries = append_many(
        conn,
        [_draft(one, files[one["practitioner_id"]], day, rulebook) for one in found],
        kind=EntryKind.SCORE,
        effective_on=day,
        recorded_at=at,
        recorded_by="bench",
    )
    refresh_heads(conn, list(files.values()))
    write_standings(conn, list(files))
    told = [_notices(one, number, entry, at) for one, number, entry in zip(found, numbers, entries, strict=True)]
    conn.execute(insert(notices), [notice for pair in told for notice in pair])
    insert_many(conn, notice_duties, [_delivery(addressed) for _person, addressed in told])


def _case(number: int, day: date, at: datetime, rulebook: Rulebook) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "institution_code": institution_of(number),
        "region": "150402",
        "handling_kind": "agreement",
        "authority": "医疗保障局",
        "document_no": f"协〔{day.year}〕{number}号",
        "decided_on": day,
        "received_on": day,
        "notice_due_on": day + timedelta(days=7),
        "summary": "检查发现",
        "state": "approved",
        "rulebook_id": rulebook.id,
        "rulebook_sha256": rulebook.sha256,
        "effective_on": day,
        "created_at": at,
        "changed_at": at,
    }


def _finding(case: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "case_id": case["id"],
        "position": 0,
        "practitioner_id": f"00000000-0000-4000-8000-{number:012x}",
        "category": "doctor",
        "item": "overtreatment",
        "degree": "main",
        "points": POINTS[number % len(POINTS)],
        "band": "moderate",
        "flags": [],
    }


def _draft(finding: dict[str, Any], file: Any, day: date, rulebook: Rulebook) -> Draft:
    carried = {name: finding[name] for name in ("points", "case_id", "item", "degree")}
    return Draft(file=file, rulebook=rulebook, carried=carried | {"decided_on": day, "finding_id": finding["id"]})


def _delivery(notice: dict[str, Any]) -> dict[str, Any]:
    """Return the delivery of a notice to an institution, due in three working days or so."""
    due_on = notice["created_at"].date() + timedelta(days=5)
    return {"notice_id": notice["id"], "duty": "delivery", "due_on": due_on, "met_on": notice["received_on"]}


def _notices(finding: dict[str, Any], number: int, entry: str, at: datetime) -> list[dict[str, Any]]:
    """Return the notices to the person and the institution; one in twenty waits for its receipt."""
    addressees = (("practitioner", finding["practitioner_id"]), ("institution", institution_of(number)))
    return [
        {
            "id": str(uuid.uuid4()),
            "kind": "score",
            "practitioner_id": finding["practitioner_id"],
            "addressee_kind": kind,
            "addressee_ref": ref,
            "entry_id": entry,
            "case_id": finding["case_id"],
            "created_at": at,
            "received_on": None if number % 20 == 0 else at.date(),
            "facts": {"code": code_of(number)},
        }
        for kind, ref in addressees
    ]
