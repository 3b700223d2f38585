"""The year-close of a million files, of which a hundred thousand have points, while approvals go on.

`python -m bench.year_close [FILES SCORED]`: builds the files on an embedded PostgreSQL of its own, takes the
latency of approvals in an idle hour and beside the year-close, and times the naive reset in the same run.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from bench.stage import unwind_when_stopped
from bench.world import analyse
from scoring_service.core.entries import EntryKind
from scoring_service.core.registry import Affiliation, Profile, Registration
from scoring_service.core.standing import Span
from scoring_service.db.engine import make_engine, make_owner_engine
from scoring_service.db.ledger import Draft, append_many, lock_files
from scoring_service.db.migrate import upgrade
from scoring_service.db.standing import refresh_heads, stored_profile, write_standings
from scoring_service.db.tables import accounts, practitioners
from scoring_service.runtime.addresses import Addresses
from scoring_service.runtime.assembly import make_service
from scoring_service.runtime.embedded import embedded_database
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Handling
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.cases.findings import Finding
from scoring_service.services.jobs.runs import run_named
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.services.unit_of_work.transaction import Service

INSTITUTIONS = 400
SCORED_ON = date(2025, 6, 2)
RECORDED_AT = datetime(2025, 1, 2, tzinfo=UTC)
CHUNK = 2000
IDLE_SECONDS = 20
SETTINGS = Settings(demo="off", secret_key="s" * 40, identity_key="i" * 40, statement_timeout_seconds=3600)


def main() -> None:
    unwind_when_stopped()
    files, scored = (int(value) for value in sys.argv[1:3]) if len(sys.argv) > 2 else (1_000_000, 100_000)
    with (
        tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder,
        embedded_database(Path(folder)) as addresses,
    ):
        upgrade(addresses.owner)
        print(
            f"building {files:,} files, {scored:,} with a score in 2025: {timed(build, addresses, files, scored):.0f} s"
        )
        measure(addresses, files, scored)


def measure(addresses: Addresses, files: int, scored: int) -> None:
    idle = approvals_beside(addresses, None)
    done: dict[str, float] = {}
    busy = approvals_beside(addresses, done)
    seconds = done["seconds"]
    print(
        f"year-close of {files:,} files, {scored:,} with points: {seconds:.1f} s, peak {done['megabytes']:.0f} MB"
    )
    print(f"  {scored / seconds:,.0f} files closed a second; {done['files']:,.0f} closed")
    print(f"  rows written: {rows_written(addresses)}")
    print(f"approvals, idle:   {told(idle)}")
    print(f"approvals, beside: {told(busy)}")
    took, rows = naive(addresses)
    print(f"naive UPDATE ... SET points = 0 over all files: {rows:,} rows written, {took:.1f} s")


@contextmanager
def service_on(addresses: Addresses) -> Iterator[Service]:
    engine = make_engine(addresses.application, statement_timeout_seconds=3600)
    try:
        yield make_service(SETTINGS, engine)
    finally:
        engine.dispose()


def timed(act: object, *arguments: object) -> float:
    started = time.perf_counter()
    act(*arguments)  # type: ignore[operator]
    return time.perf_counter() - started


def build(addresses: Addresses, files: int, scored: int) -> None:
    """Make the registry by statements, the scores by the ledger's own functions (their chain must verify)."""
    owner = make_owner_engine(addresses.owner)
    with owner.begin() as conn:
        conn.execute(text("CREATE TABLE profiles (code text PRIMARY KEY, profile text)"))
        conn.execute(
            text("INSERT INTO profiles VALUES (:code, :profile)"), [profile(n) for n in range(INSTITUTIONS)]
        )
        for statement in REGISTRY:
            conn.execute(text(statement), {"files": files, "institutions": INSTITUTIONS, "at": RECORDED_AT})
        conn.execute(text("DROP TABLE profiles"))
    owner.dispose()
    with service_on(addresses) as service:
        with service.work() as work:
            for name in ("clerk", "reviewer"):
                add_account(work, username=name, roles=[f"office.{name}"], staff_no=f"S-{name}")
        with service.engine.connect() as conn:
            spread = text("SELECT id FROM practitioners ORDER BY id")
            ids = [str(row.id) for row in conn.execution_options(stream_results=True).execute(spread)]
        step = max(1, files // scored)
        chosen = ids[::step][:scored]
        for first in range(0, len(chosen), CHUNK):
            add_scores(service, chosen[first : first + CHUNK])
    analyse(make_owner_engine(addresses.owner))


def code_of(number: int) -> str:
    return f"H150402{number:05d}"


def profile(number: int) -> dict[str, str]:
    span = Span(date(2025, 1, 1), None)
    made = Profile(
        registrations=(Registration(category="doctor", span=span),),
        affiliations=(Affiliation(institution=code_of(number), region="150402", span=span),),
        sanctions=(),
    )
    return {"code": code_of(number), "profile": stored_profile(made)}


REGISTRY = (
    """INSERT INTO institutions (code, name, kind, region, recorded_at, revision, last_recorded_at)
    SELECT code, code, 'hospital', '150402', :at, 1, :at FROM profiles""",
    """INSERT INTO agreements (institution_code, revision, span_id, recorded_at, from_on, recorded_by)
    SELECT code, 1, gen_random_uuid(), :at, '2025-01-01', 'bench' FROM profiles""",
    """INSERT INTO practitioners (id, code, name, name_searched, category, recorded_at, revision, last_recorded_at)
    SELECT gen_random_uuid(), 'D15040' || 2 + n / 900000 || lpad((n % 900000)::text, 6, '0'), '医师' || n, '医师' || n,
        'doctor',
        :at, 2, :at FROM generate_series(1, :files) n""",
    """INSERT INTO persons (practitioner_id, revision, span_id, recorded_at, from_on, name, category, code, recorded_by)
    SELECT id, 1, gen_random_uuid(), :at, '2025-01-01', name, category, code, 'bench' FROM practitioners""",
    """INSERT INTO standing_codes (code, practitioner_id) SELECT code, id FROM practitioners""",
    """INSERT INTO registrations (practitioner_id, revision, span_id, recorded_at, from_on, category, recorded_by)
    SELECT id, 1, gen_random_uuid(), :at, '2025-01-01', 'doctor', 'bench' FROM practitioners""",
    """INSERT INTO affiliations
        (practitioner_id, revision, span_id, recorded_at, institution_code, from_on, recorded_by)
    SELECT id, 2, gen_random_uuid(), :at,
        'H150402' || lpad((hashtext(id::text) & 1023) % :institutions || '', 5, '0'), '2025-01-01', 'bench'
    FROM practitioners""",
    """INSERT INTO standing_affiliations (practitioner_id, span_id, institution_code, from_on, category)
    SELECT practitioner_id, span_id, institution_code, from_on, 'doctor' FROM affiliations""",
    """INSERT INTO standings (practitioner_id, seq, revision, recorded_at, profile)
    SELECT p.id, 0, 2, :at, profiles.profile
    FROM practitioners p
    JOIN affiliations a ON a.practitioner_id = p.id JOIN profiles ON profiles.code = a.institution_code""",
)


def add_scores(service: Service, people: list[str]) -> None:
    rulebook = service.rulebooks.resolve("chifeng", SCORED_ON)
    with service.work() as work:
        files = lock_files(work.conn, people)
        drafts = [
            Draft(
                file=files[person],
                rulebook=rulebook,
                carried={
                    "points": 1 + index % 6,
                    "decided_on": SCORED_ON,
                    "finding_id": person,
                    "item": "overtreatment",
                    "degree": "main",
                },
            )
            for index, person in enumerate(people)
        ]
        append_many(
            work.conn,
            drafts,
            kind=EntryKind.SCORE,
            effective_on=SCORED_ON,
            recorded_at=RECORDED_AT + timedelta(days=200),
            recorded_by="bench",
        )
        refresh_heads(work.conn, list(files.values()))
        write_standings(work.conn, people)


def approvals_beside(addresses: Addresses, done: dict[str, float] | None) -> list[float]:
    """Return the seconds of each approval while the year is closed, or alone when `done` is None."""
    context = multiprocessing.get_context("spawn")
    ended = context.Event()
    answers = context.Queue()
    approver = context.Process(target=approve_on, args=(addresses, ended, answers))
    approver.start()
    answers.get()
    if done is None:
        time.sleep(IDLE_SECONDS)
    else:
        closer = context.Process(target=close, args=(addresses, answers))
        closer.start()
        done |= answers.get()
        closer.join()
    ended.set()
    found: list[float] = answers.get()
    approver.join()
    return found


def close(addresses: Addresses, answers: multiprocessing.Queue) -> None:
    with service_on(addresses) as service:
        started = time.perf_counter()
        run = run_named(service, "year-close", "2025")
        seconds = time.perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.put({"seconds": seconds, "megabytes": megabytes, "files": run.counts["files"]})


def approve_on(addresses: Addresses, ended: object, answers: multiprocessing.Queue) -> None:
    """Approve one-finding cases, one after another, some of them on files that are being closed."""
    with service_on(addresses) as service:
        with service.engine.connect() as conn:
            people = (
                conn.execute(select(practitioners.c.id).order_by(practitioners.c.code).limit(20_000))
                .scalars()
                .all()
            )
            actors = {row.username: actor(row) for row in conn.execute(select(accounts))}
        taken: list[float] = []
        answers.put("ready")
        for person in people:
            if ended.is_set():  # type: ignore[attr-defined]
                break
            case = submitted(service, actors["clerk"], person)
            started = time.perf_counter()
            with service.work(actors["reviewer"]) as work:
                approve(work, case)
            taken.append(time.perf_counter() - started)
        answers.put(taken)


def actor(row: object) -> Actor:
    return Actor(
        account_id=row.id,  # type: ignore[attr-defined]
        username=row.username,  # type: ignore[attr-defined]
        staff_no=row.staff_no,  # type: ignore[attr-defined]
        roles=frozenset(row.roles),  # type: ignore[attr-defined]
    )


def submitted(service: Service, clerk: Actor, person: str) -> str:
    day = datetime.now(UTC).date() - timedelta(days=2)
    handling = Handling(
        kind="penalty", authority="赤峰市医疗保障局", document_no="基准〔2026〕1号", decided_on=day
    )
    finding = Finding(practitioner=person, item="overtreatment", degree="main", points=5, reason="基准测试")
    with service.work(clerk) as work:
        case = draft(
            work, institution=code_of(1), handling=handling, summary="基准测试", findings=[finding]
        ).id
    with service.work(clerk) as work:
        submit(work, case)
    return case


def told(taken: list[float]) -> str:
    ordered = sorted(taken)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"{len(ordered):,} approvals, median {middle * 1000:.1f} ms, p99 {late * 1000:.1f} ms"


def rows_written(addresses: Addresses) -> str:
    counted = {
        "entries": "SELECT count(*) FROM entries WHERE kind = 'year_closed'",
        "notices": "SELECT count(*) FROM notices WHERE kind = 'year_statement'",
        "events": "SELECT count(*) FROM events WHERE kind = 'year_closed'",
    }
    engine = make_engine(addresses.application)
    with engine.connect() as conn:
        found = {name: conn.execute(text(query)).scalar_one() for name, query in counted.items()}
    engine.dispose()
    heads = found["entries"]
    return json.dumps(
        found | {"heads and standings updated": 2 * heads, "all": sum(found.values()) + 2 * heads}
    )


def naive(addresses: Addresses) -> tuple[float, int]:
    """Reset a counter of every file, as a service would that kept points in a column."""
    owner = make_owner_engine(addresses.owner)
    with owner.begin() as conn:
        conn.execute(
            text("CREATE TABLE naive AS SELECT id, code, name, category, 0 AS points FROM practitioners")
        )
        conn.execute(text("ALTER TABLE naive ADD PRIMARY KEY (id)"))
        conn.execute(text("CREATE INDEX ON naive (points)"))
    started = time.perf_counter()
    with owner.begin() as conn:
        rows = conn.execute(text("UPDATE naive SET points = 0")).rowcount
    took = time.perf_counter() - started
    owner.dispose()
    return took, rows


if __name__ == "__main__":
    main()
