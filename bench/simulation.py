"""A rulebook tried on a year of a million scores: seconds by two processes and by one, and the memory of each.

    python -m bench.simulation [--entries 1000000] [--people 300000]

300,000 people have three or four scores each, as the files of `bench/fold.py`, and most are suspended or terminated;
with 900,000 most have one.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, text

from bench.stage import unwind_when_stopped
from bench.world import INSTITUTIONS, analyse, populate
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import upgrade
from scoring_service.law.files import read_rulebook_file
from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY, Rulebooks
from scoring_service.runtime.embedded import DATABASE, EmbeddedServer
from scoring_service.runtime.start import application_service, keyed
from scoring_service.services.simulation.asking import Question, simulate_year
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings

YEAR = 2025
RUNS = 3


def main() -> None:
    unwind_when_stopped()
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--entries", type=int, default=1_000_000)
    asked.add_argument("--people", type=int, default=300_000)
    options = asked.parse_args()
    with year_on_record(options.people, options.entries) as service:
        question = Question(law=liaonings_table(service.rulebooks), rulebook_id="chifeng", year=YEAR)
        for processes in (2, 1):
            measure(service, replace(question, most_processes=processes))


def measure(service: Service, question: Question) -> None:
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        tried = simulate_year(service.work, question)
        seconds.append(time.perf_counter() - began)
    counted = f"{tried.entries:,} entries of {tried.persons:,} people, {tried.changed:,} treated otherwise"
    taken = ", ".join(f"{each:.1f}" for each in seconds)
    print(f"{counted}: {question.most_processes} processes {taken} s, {memory()} MB in the first")


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def liaonings_table(rulebooks: Rulebooks) -> Rulebooks:
    """The law with Liaoning's months of suspension in Chifeng's rulebook."""
    text_of = (RULEBOOKS_DIRECTORY / "liaoning.yaml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chifeng.yaml"
        path.write_text(text_of.replace("id: liaoning", "id: chifeng").replace('["21"]', '["1504"]'), encoding="utf-8")
        return rulebooks.with_file(read_rulebook_file(path))


@contextmanager
def year_on_record(people: int, entries: int) -> Iterator[Service]:
    """A service on a database of its own with so many people and scores, removed afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulation-bench-")))
        settings = Settings(data_dir=folder, demo="off")
        server = EmbeddedServer(data_dir=folder)
        server.start()
        stack.callback(server.stop)
        url = server.url(DATABASE) or ""
        upgrade(url)
        service = application_service(keyed(settings, server.addresses()), server.addresses())
        stack.callback(service.dispose)
        owner = make_owner_engine(url)
        populate(owner, people)
        score(owner, service.rulebooks, people, entries)
        owner.dispose()
        yield service


def score(owner: Engine, rulebooks: Rulebooks, people: int, entries: int) -> None:
    """Record the scores, ten findings a case; no chain is made, which nothing here reads."""
    rulebook = rulebooks.resolve("chifeng", rulebooks.versions("chifeng")[0].valid_from)
    named = {"id": rulebook.id, "sha256": rulebook.sha256}
    version = named | {"from": rulebook.valid_from, "values": rulebook.values}
    with owner.begin() as conn:
        conn.execute(text(_VERSION), version)
        conn.execute(text(_CASES), named | {"entries": entries, "places": INSTITUTIONS})
        conn.execute(text(_FINDINGS), {"entries": entries, "people": people})
        conn.execute(text(_ENTRIES), named | {"entries": entries, "people": people})
    analyse(owner)


_VERSION = """INSERT INTO rulebook_versions (sha256, id, valid_from, "values") VALUES (:sha256, :id, :from, :values)"""
# A case's number is in its id, as a person's is (bench/world.py); so is a finding's.
_CASES = """
    INSERT INTO cases (id, institution_code, region, handling_kind, authority, document_no, decided_on, received_on,
        summary, state, rulebook_id, rulebook_sha256, created_at, changed_at)
    SELECT ('00000000-0000-4000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
        'H150402' || lpad((n % :places)::text, 5, '0'), '150402', 'agreement', '医疗保障局', n || '号', '2025-01-05',
        '2025-01-05', '检查发现', 'approved', :id, :sha256, now(), now()
    FROM generate_series(0, CAST(:entries AS integer) / 10) AS n
"""
_FINDINGS = """
    INSERT INTO findings (id, case_id, position, practitioner_id, category, item, degree, points, band, flags)
    SELECT ('00000000-0000-4000-a000-' || lpad(to_hex(n), 12, '0'))::uuid,
        ('00000000-0000-4000-9000-' || lpad(to_hex(n / 10), 12, '0'))::uuid, n % 10,
        ('00000000-0000-4000-8000-' || lpad(to_hex(1 + n % :people), 12, '0'))::uuid,
        (ARRAY['doctor', 'nurse', 'pharmacist', 'technician'])[1 + n % 4], 'overtreatment', 'main', 1, 'minor', '{}'
    FROM generate_series(0, CAST(:entries AS integer) - 1) AS n
"""
# Days and points are spread by a hash: the same at every run.
_ENTRIES = """
    INSERT INTO entries (id, practitioner_id, seq, revision, kind, effective_on, recorded_at, recorded_by, rulebook_id,
        rulebook_sha256, points, decided_on, case_id, finding_id, item, degree, hash)
    SELECT gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad(to_hex(1 + n % :people), 12, '0'))::uuid,
        1 + n / :people, 3 + n / :people, 'score', day, now() + n * interval '1 microsecond', 'bench', :id, :sha256,
        (ARRAY[1, 1, 2, 2, 3, 4, 5, 6, 9])[1 + abs(hashint4(n)) % 9], day,
        ('00000000-0000-4000-9000-' || lpad(to_hex(n / 10), 12, '0'))::uuid,
        ('00000000-0000-4000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, 'overtreatment', 'main', ''
    FROM generate_series(0, CAST(:entries AS integer) - 1) AS n,
        LATERAL (SELECT date '2025-01-05' + (80 * (n / :people) + abs(hashint4(n + 7)) % 80) AS day) AS days
"""


if __name__ == "__main__":
    main()
