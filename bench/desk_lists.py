"""`python -m bench.desk_lists [PEOPLE]`: the pages of lists as a clerk of all and a reviewer of a region see them.

25,000 cases of a year, 200,000 letters, and of appeals, applications and resumptions 2,000 each that are open: more at
once than any office has. Written by SQL as the database's owner, as the use cases would leave them.
"""

import sys
from datetime import date
from statistics import median

from sqlalchemy import insert, text

from bench.pages import PASSWORD, Visitor
from bench.stage import Stage, stage, unwind_when_stopped
from bench.world import analyse
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.tables import rulebook_versions
from scoring_service.services.accounts.opening import add_account

REGION = "1504"

_PERSON = "('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_CASE = "('00000000-0000-4000-9000-' || lpad(to_hex(1 + n % 25000), 12, '0'))::uuid"
_NOTICE = "('00000000-0000-4000-a000-' || lpad(to_hex(n), 12, '0'))::uuid"
_AT = "TIMESTAMPTZ '2026-01-05 02:00+00' + n * interval"
_LAW = "(SELECT sha256 FROM rulebook_versions LIMIT 1)"
_ROWS = (
    f"""INSERT INTO cases (id, institution_code, region, handling_kind, authority, document_no, decided_on, received_on,
        summary, state, rulebook_id, rulebook_sha256, notice_due_on, effective_on, created_at, changed_at)
    SELECT {_CASE}, 'H150402' || lpad((n % 20000)::text, 5, '0'), '150402',
        CASE n % 2 WHEN 0 THEN 'penalty' ELSE 'agreement' END, '局', '协' || n, DATE '2026-01-05' + n / 80,
        DATE '2026-01-05' + n / 80, '略',
        CASE WHEN n % 10 = 0 THEN 'draft' WHEN n % 10 = 1 THEN 'submitted' ELSE 'approved' END, 'chifeng', {_LAW},
        CASE WHEN n % 7 = 0 THEN NULL ELSE DATE '2026-01-15' + n / 80 END, DATE '2026-01-06' + n / 80,
        {_AT} '10 minutes', {_AT} '10 minutes'
    FROM generate_series(1, 25000) AS n""",
    f"""INSERT INTO findings (id, case_id, position, practitioner_id, category, item, degree, points, band, flags)
    SELECT gen_random_uuid(), {_CASE}, 1, {_PERSON}, 'doctor', 'x', 'main', 2, 'minor', '{{}}'
    FROM generate_series(1, 25000) AS n""",
    f"""INSERT INTO standing_totals (practitioner_id, year, points)
    SELECT {_PERSON}, 2026, 1 + n % 11 FROM generate_series(1, 25000) AS n""",
    f"""INSERT INTO notices (id, kind, practitioner_id, addressee_kind, addressee_ref, case_id, created_at, received_on,
        window_closes_on, facts)
    SELECT {_NOTICE}, CASE n % 3 WHEN 0 THEN 'warning' ELSE 'score' END, {_PERSON},
        CASE n % 2 WHEN 0 THEN 'practitioner' ELSE 'institution' END,
        CASE n % 2 WHEN 0 THEN {_PERSON}::text ELSE 'H150402' || lpad((n % 20000)::text, 5, '0') END, {_CASE},
        {_AT} '1 minute', CASE WHEN n % 5 = 0 THEN NULL ELSE DATE '2026-01-10' + n / 1500 END,
        CASE WHEN n % 5 = 0 THEN NULL ELSE DATE '2026-02-10' + n / 1500 END, '{{}}'
    FROM generate_series(1, 200000) AS n""",
    f"""INSERT INTO notice_duties (notice_id, duty, due_on, provisional, met_on)
    SELECT {_NOTICE}, 'delivery', DATE '2026-01-10' + n / 1500, false,
        CASE WHEN n % 9 = 0 THEN NULL ELSE DATE '2026-01-09' + n / 1500 END
    FROM generate_series(1, 200000) AS n WHERE n % 2 = 1""",
    f"""INSERT INTO appeals (id, practitioner_id, against, grounds, filed_by, on_paper, received_on, window_provisional,
        rulebook_sha256, state, recorded_by, recorded_staff_no, recorded_at, countersign_until, countersign_provisional,
        due_on, case_id)
    SELECT gen_random_uuid(), {_PERSON}, 'state', '略', 'practitioner', false, DATE '2026-01-10' + n / 10, false,
        {_LAW}, CASE n % 2 WHEN 0 THEN 'filed' ELSE 'complete' END, '某', '1', {_AT} '10 minutes',
        DATE '2026-01-20' + n / 10, false, DATE '2026-02-20' + n / 10, {_CASE}
    FROM generate_series(1, 2000) AS n""",
    f"""INSERT INTO resumptions (id, practitioner_id, state, recorded_by, recorded_staff_no, recorded_at, statement,
        filed_on, rulebook_sha256, filed_by, consent_asked_on, consent_working_days, consent_due_on)
    SELECT gen_random_uuid(), {_PERSON}, 'filed', '某', '1', {_AT} '10 minutes', '略', DATE '2026-01-10' + n / 10,
        {_LAW}, 'practitioner', DATE '2026-01-10' + n / 10, 5, DATE '2026-01-20' + n / 10
    FROM generate_series(1, 2000) AS n""",
    f"""INSERT INTO remediation_applications (id, practitioner_id, state, recorded_by, recorded_staff_no, recorded_at,
        activity, completed_on, effect, evidence, filed_by, consent_asked_on, consent_working_days, consent_due_on)
    SELECT gen_random_uuid(), {_PERSON}, 'filed', '某', '1', {_AT} '10 minutes', 'x', DATE '2026-01-10' + n / 10,
        'points', '略', 'practitioner', DATE '2026-01-10' + n / 10, 5, DATE '2026-01-20' + n / 10
    FROM generate_series(1, 2000) AS n""",
)
_PATHS = (
    "/cases?state=", "/cases?state=&sort=-notice_due_on", "/cases?state=&sort=institution_name",
    "/cases?state=submitted&sort=handling.document_no", "/cases?due=week&sort=due", "/cases?mine=true",
    "/cases?state=&region=1504&handling.kind=penalty&handling.decided_on_from=2026-03-01",
    "/letters", "/letters?due=week", "/letters?sort=received_on", "/letters?sort=-window_closes_on&kind=score",
    "/letters?region=1504", "/letters?institution=H15040200007", "/letters?unread=1",
    "/appeals", "/appeals?due=week&sort=due", "/appeals?region=1504&sort=-filed_at", "/appeals?mine=true",
    "/appeals?case_institution=H15040200007",
    "/resumptions", "/resumptions?due=week&sort=due", "/resumptions?region=1504",
    "/remediation", "/remediation?due=overdue&sort=due", "/remediation?institution=H15040200007",
    "/people?status=all", "/people?status=all&sort=-points", "/people?status=all&sort=name",
    "/people?status=all&category=doctor&sort=code", "/people?status=all&region=1504", "/people?status=suspended",
    "/people?status=all&institution=H15040200007",
    "/institutions", "/institutions?sort=-name", "/institutions?kind=hospital&region=1504",
)  # fmt: skip


def add_rows(on: Stage) -> None:
    """Write what the lists show; their references are right, so they are not checked one by one."""
    owner = make_owner_engine(on.database_url)
    with owner.begin() as conn:
        conn.execute(text("SET session_replication_role = replica"))
        law = on.service.rulebooks.resolve("chifeng", date(2026, 1, 5))
        kept = {"sha256": law.sha256, "id": law.id, "valid_from": law.valid_from, "values": law.values}
        conn.execute(insert(rulebook_versions).values(kept))
        for statement in _ROWS:
            conn.execute(text(statement))
    analyse(owner)
    owner.dispose()


def measure(on: Stage) -> None:
    """Print the median of each page for both readers, and those of 100 ms and more at the end."""
    roles = ["office.clerk", "office.reviewer", "office.appeals"]
    for username, region in (("whole", None), ("district", REGION)):
        with on.service.work() as work:
            add_account(work, username=username, staff_no=username, password=PASSWORD, roles=roles, region=region)
        visitor, taken = Visitor(on.port, username), {}
        for path in _PATHS:
            visitor.median_of(path)
            taken[path] = visitor.median_of(path)
        for path, milliseconds in sorted(taken.items(), key=lambda each: -each[1]):
            print(f"{username} {path}: {milliseconds:.0f} ms")
        print(f"{username}: median of all {median(taken.values()):.0f} ms, slowest {max(taken.values()):.0f} ms")


def main() -> None:
    unwind_when_stopped()
    with stage(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000) as on:
        add_rows(on)
        measure(on)


if __name__ == "__main__":
    main()
