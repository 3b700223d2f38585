"""`python -m bench.search [PEOPLE]`: one search for everything among a country's people, as a clerk of no region.

What people type is tried in turn, the common and the rare; told are the median and the 95th percentile of each and of
all, beside a plain look-up by primary key in the same process.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from bench.names import name_by
from bench.stage import unwind_when_stopped
from bench.world import analyse, code_of, populate
from scoring_service.db.bulk import insert_many
from scoring_service.db.engine import make_engine, make_owner_engine
from scoring_service.db.finding import words_of_institution, words_of_person
from scoring_service.db.migrate import upgrade
from scoring_service.db.tables import institution_words, practitioner_words
from scoring_service.runtime.assembly import make_service
from scoring_service.runtime.embedded import DATABASE, EmbeddedServer
from scoring_service.runtime.start import keyed
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.finding import answer
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings

ROUNDS, AT_ONCE, SHOWN = 20, 50_000, 20
TYPED = {
    "a whole name": "张建国",
    "a surname": "张",
    "a part of a name": "建国",
    "one character within": "明",
    "pinyin": "zhangjianguo",
    "a part of pinyin": "jianguo",
    "a syllable": "jian",
    "initials": "zjg",
    "two letters": "zs",
    "one letter": "z",
    "a code": code_of(4_321),
    "the end of a code": "4321",
    "the beginning of a code": "D150",
    "a division": "150000",
    "nobody": "无此人",
    "letters of nobody": "qzxw",
    "an institution": "第77医院",
    "an institution by pinyin": "yiyuan",
}


def name_everybody(owner: Engine, people: int) -> None:
    """Give everybody a name as they are spread among people, and the words by which they are found."""
    chance = random.Random(1)
    for first in range(1, people + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, people + 1))
        names = {n: name_by(chance) for n in numbers}
        with owner.begin() as conn:
            rows = [
                {"practitioner_id": _id(n), **words_of_person(name, [name], [code_of(n)])} for n, name in names.items()
            ]
            insert_many(conn, practitioner_words, rows)
            renamed = {"ids": [_id(n) for n in numbers], "names": list(names.values())}
            conn.execute(text(_RENAME), renamed)
    with owner.begin() as conn:
        rows = [
            {"institution_code": row.code, "words": words_of_institution(row.code, row.name)}
            for row in conn.execute(text("SELECT code, name FROM institutions"))
        ]
        insert_many(conn, institution_words, rows)
    analyse(owner)


_RENAME = """
    UPDATE practitioners SET name = made.name, name_searched = made.name
    FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[])) AS made (id, name) WHERE practitioners.id = made.id
"""


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure(service: Service, actor: Actor) -> None:
    every = []
    for what, typed in TYPED.items():
        times = sorted(timed(lambda: _search(service, actor, typed)) for _ in range(ROUNDS))  # noqa: B023 -- at once
        every += times
        found = _search(service, actor, typed)
        sys.stdout.write(f"{what}: {median(times) * 1000:.0f} ms, at most {times[-1] * 1000:.0f}; {found} found\n")
    key = sorted(timed(lambda: _look_up(service)) for _ in range(ROUNDS * 10))
    every.sort()
    sys.stdout.write(
        f"all: median {median(every) * 1000:.0f} ms, 95th percentile {every[int(0.95 * len(every))] * 1000:.0f} ms; "
        f"a look-up by primary key: {median(key) * 1000:.2f} ms, 95th {key[int(0.95 * len(key))] * 1000:.2f} ms\n"
    )


def _search(service: Service, actor: Actor, typed: str) -> str:
    with service.work(actor) as work:
        found = answer.find(work, typed, limit=SHOWN)
    return f"{found.total}{'+' if found.more and found.total >= SHOWN else ''}"


def _look_up(service: Service) -> None:
    with service.engine.connect() as conn:
        conn.execute(text("SELECT name FROM practitioners WHERE id = CAST(:id AS uuid)"), {"id": _id(4_321)}).one()


def run(people: int) -> None:
    """Make a country, name its people, and search in it."""
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder:
        settings, server = Settings(data_dir=Path(folder), demo="off"), EmbeddedServer(data_dir=Path(folder))
        server.start()
        try:
            url = server.url(DATABASE) or ""
            upgrade(url)
            owner = make_owner_engine(url)
            populate(owner, people)
            sys.stdout.write(f"{people:,} people named in {timed(lambda: name_everybody(owner, people)):.0f} s\n")
            addresses = server.addresses()
            service = make_service(keyed(settings, addresses), make_engine(addresses.application))
            with service.work() as work:
                account = add_account(work, username="clerk", roles=["office.clerk"], staff_no="B1")
            actor = Actor(account_id=account, username="clerk", staff_no="B1", roles=frozenset({"office.clerk"}))
            measure(service, actor)
            service.engine.dispose()
        finally:
            server.stop()


def main() -> None:
    unwind_when_stopped()
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)


if __name__ == "__main__":
    main()
