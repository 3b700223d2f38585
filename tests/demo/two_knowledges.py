"""What a change of knowledge pays after all or takes back, from the ledger read plainly and the model of days."""

import csv
from datetime import date, timedelta
from itertools import permutations

from model import answers, plain
from model.rulebooks import SHIPPED
from services.case_world import finding, handling
from sqlalchemy import select

from scoring_service.db.tables import entries, practitioners, registrations
from scoring_service.demo.accounts import demo_actors
from scoring_service.demo.plan import make_plan
from scoring_service.screening.screen import Run, screen
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.drafting import draft, submit

FIELDS = ("seq", "kind", "effective_on", "recorded_at", "decided_on", "points", "days", "late_days", "effect")
FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)


def ledgers(conn):
    """Every person's entries as the model reads them, by code."""
    codes = {row.id: row.code for row in conn.execute(select(practitioners.c.id, practitioners.c.code))}
    rows = conn.execute(select(entries).order_by(entries.c.practitioner_id, entries.c.seq)).mappings().all()
    seqs = {row["id"]: row["seq"] for row in rows}
    by_code = {code: [] for code in codes.values()}
    for row in rows:
        entry = {name: row[name] for name in FIELDS} | {"from": row["from_on"], "until": row["until_on"]}
        entry |= {"rulebook": row["rulebook_id"], "target": seqs.get(row["target_id"]), "value": row["value"]}
        by_code[codes[row["practitioner_id"]]].append(entry)
    return by_code


def spans_of_registration(conn, known_at):
    """The days on which a person was registered, as it was known, by code."""
    query = select(practitioners.c.code, registrations).join(practitioners, practitioners.c.id == registrations.c.practitioner_id)
    last = {}
    for row in conn.execute(query.order_by(registrations.c.recorded_at, registrations.c.revision)).mappings():
        if row["recorded_at"] <= known_at:
            last[row["code"], row["span_id"]] = row["from_on"], row["until_on"]
    by_code = {}
    for (code, _span_id), span in last.items():
        by_code.setdefault(code, []).append(span)
    return by_code


def payable_lines(conn, known_at, days):
    """The lines (code, day) that are payable by the knowledge of an instant."""
    spans = spans_of_registration(conn, known_at)
    folded = {code: plain.fold(known, SHIPPED, known_at=known_at) for code, known in ledgers(conn).items() if code in spans}
    return {
        (code, day)
        for code, file in folded.items()
        for day in days
        if answers.payable(file, spans[code], day)[0]
    }


def record_late(service):
    """9 points of 3 March 2025, recorded on 25 November 2026 for somebody at the clinic who had none; return the code."""
    actors, plan = demo_actors(service), make_plan()
    scored = {finding.practitioner for case in plan.cases for finding in case.findings}
    person = next(one.code for one in plan.practitioners if one.institution == plan.clinic and one.code not in scored)
    day = date(2025, 3, 3)
    findings = [finding(person, 9, item="fictitious_services", degree="main", reason="补录")]
    with service.work(actors["clerk"]) as work:
        case = draft(work, institution=plan.clinic, handling=handling(day), summary="补录", findings=findings)
        submit(work, case.id)
    with service.work(actors["admin"]) as work:
        approve(work, case.id, effective_on=day)
    return person


def won_appeals(service):
    """When points were taken back on appeal, and of whom."""
    appealed = (entries.c.kind == "correction") & (entries.c.basis == "appeal")
    query = select(entries.c.recorded_at, practitioners.c.code).join(practitioners, practitioners.c.id == entries.c.practitioner_id)
    with service.engine.connect() as conn:
        return conn.execute(query.where(appealed).order_by(entries.c.recorded_at)).all()


def days_between(step):
    return [FIRST + timedelta(days=number) for number in range(0, (LAST - FIRST).days + 1, step)]


def write_claims(path, conn, days):
    """A line of 1.00 for each person and day."""
    codes = conn.execute(select(practitioners.c.code).order_by(practitioners.c.code)).scalars().all()
    lines = [f"{code},{day},1.00" for code in codes for day in days]
    path.write_text("\n".join(["ref,service_date,amount", *lines]), encoding="utf-8")


def listed(path):
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["ref"], date.fromisoformat(row["service_date"])) for row in csv.DictReader(file)}


def check_both_ways(service, folder, moments, days):
    """Compare the two lists of every two moments with the model of days; return those that are paid, by the pair."""
    claims, paid = folder / "claims.csv", {}
    with service.engine.connect() as conn:
        write_claims(claims, conn, days)
        payable = {moment: payable_lines(conn, moment, days) for moment in moments}
    for before, after in permutations(moments, 2):
        run = Run(claims=[claims], out=folder / "out.csv", known_at=after, against=before)
        summary = screen(service, run)
        lists = {name: listed(run.list_file(name)) for name in ("pay", "recover")}
        assert lists == {"pay": payable[after] - payable[before], "recover": payable[before] - payable[after]}
        assert (summary.pay, summary.recover) == tuple((len(each), len(each)) for each in lists.values())
        paid[before, after] = lists["pay"]
    return paid
