"""What is read of plain profiles by their form is what the core says of them one by one (screening/plain_people.py)."""

import json
import uuid
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from own_law import RULEBOOKS
from screening.random_profiles import random_profile, random_span

from scoring_service.core.registry import PRINCIPAL, Affiliation, Registration
from scoring_service.core.screening import united
from scoring_service.core.standing import Span
from scoring_service.db.eligibility import KnownInstitution
from scoring_service.db.screening import KnownPerson
from scoring_service.db.standing import decode_profile, stored_profile
from scoring_service.screening.agreed import Agreed
from scoring_service.screening.pack import SCHEMAS, Filling, Tables
from scoring_service.screening.plain_people import plain_people

PEOPLE = 3_000


def nearly_plain(rng):
    """A profile of one registration and one affiliation, of which now and then one thing is otherwise."""
    profile = random_profile(rng)._replace(sanctions=(), scored_under=(), without_commitment=())
    span = random_span(rng) if rng.random() < 0.9 else Span(random_span(rng).start, None)
    span = Span(span.start, span.start) if rng.random() < 0.05 else span
    place = rng.choice(["H15040200001", "P15040200001", "医院", 'H"1', "H\\1"])
    registrations = (Registration(rng.choice(["doctor", "nurse", "doctor", PRINCIPAL]), random_span(rng)),)
    plain = profile._replace(registrations=registrations, affiliations=(Affiliation(place, "150402", span),))
    others = random_profile(rng)
    if rng.random() < 0.7:
        return plain
    name = rng.choice(plain._fields)
    return plain._replace(**{name: getattr(others, name)})


def read_pack(folder):
    """The tables with the person's id in place of the number."""
    tables = {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in ("people", "words", "affiliations")}
    ids = {row["person"]: row["ref"] for row in tables["people"] if len(row["ref"]) == 36 and row["ref"][0] != "f"}
    known = {name: [row | {"person": ids[row["person"]]} for row in rows] for name, rows in tables.items()}
    known["proofs"] = pq.read_table(folder / "proofs.parquet").to_pylist()
    return {name: sorted(map(repr, rows)) for name, rows in known.items()}


# Where the days of a word, of an affiliation and of an agreement meet, said by another language.
MEETING = """
    SELECT p.ref, f.institution, greatest(w.start, f.start, g.start), least(w.until, f.until, g.until)
    FROM read_parquet('people.parquet') p
        JOIN read_parquet('words.parquet') w ON w.person = p.person AND w.word = 'eligible' AND w.resumes_on IS NULL
        JOIN read_parquet('affiliations.parquet') f ON f.person = p.person
        JOIN read_parquet('agreements.parquet') g ON g.institution = f.institution
    WHERE length(p.ref) < 36 AND greatest(w.start, f.start, g.start) < least(w.until, f.until, g.until)
"""


def check_proofs(folder, least):
    with duckdb.connect(config={"file_search_path": str(folder)}) as engine:
        meeting = engine.sql(MEETING).fetchall()
        assert sorted(meeting) == sorted(engine.sql("FROM read_parquet('proofs.parquet')").fetchall())
    assert len(meeting) > least


def random_institutions(rng):
    """Under agreements of no span, of one, or of several with gaps; one is in no table at all."""
    for code in ("H15040200001", "P15040200001", "医院", "H\\1"):
        spans = (random_span(rng) for _ in range(rng.randrange(5)))
        kind = "pharmacy" if code[0] == "P" else "hospital"
        yield KnownInstitution(code=code, kind=kind, agreements=tuple(spans))


def open_days(name):
    return [field.name for field in SCHEMAS[name] if pa.types.is_date32(field.type)]


def as_numbers(folder):
    """Python has no date for an open end."""
    for name in SCHEMAS:
        table = pq.read_table(folder / f"{name}.parquet")
        for day in open_days(name):
            table = table.set_column(table.schema.get_field_index(day), day, table.column(day).cast(pa.int32()))
        pq.write_table(table, folder / f"{name}.parquet")


def test_plain_profiles_say_what_the_core_says(tmp_path):
    rng = Random("plain")
    institutions = list(random_institutions(rng))
    assert max(len(united(each.agreements)) for each in institutions) > 1
    ids = [f"0{str(uuid.UUID(int=rng.getrandbits(128)))[1:]}" for _ in range(PEOPLE)]
    profiles = [nearly_plain(rng) for _ in ids]
    codes = [[f"D1504{number:08d}", f"N{number}", '"D"', "医"][: rng.choice([0, 1, 1, 1, 1, 2, 4])] for number in range(PEOPLE)]
    former = {each: [f"f{each[1:]}"] for each in ids if rng.random() < 0.05}
    stored = [stored_profile(profile) for profile in profiles]
    named = [json.dumps(each, ensure_ascii=False) if each else None for each in codes]
    some = pa.table({"id": ids, "profile": stored, "codes": pa.array(named, pa.string())})
    for folder in ("columns", "singly"):
        (tmp_path / folder).mkdir()
    with Tables(tmp_path / "columns") as tables:
        filling = Filling(tables, RULEBOOKS, institutions)
        for start in range(0, PEOPLE, 1_000):
            filling.add_unchanged(some.slice(start, 1_000), former)
    known = zip(ids, codes, map(decode_profile, stored), strict=True)
    with Tables(tmp_path / "singly") as tables:
        Filling(tables, RULEBOOKS, institutions).add_people(KnownPerson(each, (each, *names, *former.get(each, ())), profile) for each, names, profile in known)
    for folder in ("columns", "singly"):
        as_numbers(tmp_path / folder)
    assert read_pack(tmp_path / "columns") == read_pack(tmp_path / "singly")
    check_proofs(tmp_path / "columns", PEOPLE // 6)
    plain = plain_people(some, Agreed([]), exceptions=list(former), first=0)
    assert PEOPLE // 6 < plain.many < PEOPLE // 2
