"""A country to measure against: people, institutions and standings made in bulk, as the use cases would leave them.

Written by SQL as the database's owner, because registering a million people one by one is not what is measured.
"""

from sqlalchemy import Connection, Engine, text

INSTITUTIONS = 20_000
PEOPLE_A_STATEMENT = 100_000
SINCE = "2025-01-01"
RECORDED_AT = "2024-12-16 09:00:00+08"


def populate(engine: Engine, people: int) -> None:
    """Make `people` doctors at INSTITUTIONS hospitals, registered and under contract since 2025-01-01."""
    with engine.begin() as conn:
        conn.execute(text(_INSTITUTIONS), {"count": INSTITUTIONS, "at": RECORDED_AT})
        conn.execute(text(_AGREEMENTS), {"at": RECORDED_AT, "since": SINCE})
    for first in range(1, people + 1, PEOPLE_A_STATEMENT):
        with engine.begin() as conn:
            _people(conn, first, min(first + PEOPLE_A_STATEMENT - 1, people))
    analyse(engine)


def analyse(owner: Engine) -> None:
    """Bring the planner's statistics up to date; only the tables' owner may."""
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))


def code_of(number: int) -> str:
    """The national code of the person with this number."""
    return f"D15{number // 1_000_000:04d}{number % 1_000_000:06d}"


def institution_of(number: int) -> str:
    """The code of the institution where the person with this number works."""
    return f"H150402{number % INSTITUTIONS:05d}"


def _people(conn: Connection, first: int, last: int) -> None:
    bounds = {"first": first, "last": last, "at": RECORDED_AT, "since": SINCE, "places": INSTITUTIONS}
    rows = (_PRACTITIONERS, _PERSONS, _REGISTRATIONS, _AFFILIATIONS)
    for statement in (*rows, _STANDINGS, _STANDING_CODES, _STANDING_AFFILIATIONS):
        conn.execute(text(statement), bounds)


_NUMBERS = """
    SELECT n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
        'D15' || lpad((n / 1000000)::text, 4, '0') || lpad((n % 1000000)::text, 6, '0') AS code,
        'H150402' || lpad((n % :places)::text, 5, '0') AS place
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
"""
_INSTITUTIONS = """
    INSERT INTO institutions (code, name, kind, region, recorded_at, revision, last_recorded_at)
    SELECT 'H150402' || lpad((n - 1)::text, 5, '0'), '第' || n || '医院', 'hospital', '150402',
        CAST(:at AS timestamptz), 1, CAST(:at AS timestamptz)
    FROM generate_series(1, CAST(:count AS integer)) AS n
"""
_AGREEMENTS = """
    INSERT INTO agreements (institution_code, revision, span_id, recorded_at, from_on, until_on, recorded_by)
    SELECT code, 1, gen_random_uuid(), CAST(:at AS timestamptz), CAST(:since AS date), NULL, 'bench' FROM institutions
"""
_PRACTITIONERS = f"""
    INSERT INTO practitioners (id, code, name, name_searched, category, recorded_at, revision, last_recorded_at)
    SELECT id, code, '医师' || n, '医师' || n, 'doctor', CAST(:at AS timestamptz), 2,
        CAST(:at AS timestamptz) + interval '1 microsecond'
    FROM ({_NUMBERS}) AS numbers
"""
_PERSONS = f"""
    INSERT INTO persons (practitioner_id, revision, span_id, recorded_at, from_on, name, category, code, recorded_by)
    SELECT id, 1, id, CAST(:at AS timestamptz), CAST(:since AS date), '医师' || n, 'doctor', code, 'bench'
    FROM ({_NUMBERS}) AS numbers
"""
_REGISTRATIONS = f"""
    INSERT INTO registrations (practitioner_id, revision, span_id, recorded_at, from_on, category, recorded_by)
    SELECT id, 1, id, CAST(:at AS timestamptz), CAST(:since AS date), 'doctor', 'bench' FROM ({_NUMBERS}) AS numbers
"""
_AFFILIATIONS = f"""
    INSERT INTO affiliations
        (practitioner_id, revision, span_id, recorded_at, institution_code, from_on, recorded_by)
    SELECT id, 2, id, CAST(:at AS timestamptz) + interval '1 microsecond', place, CAST(:since AS date), 'bench'
    FROM ({_NUMBERS}) AS numbers
"""
_STANDINGS = f"""
    INSERT INTO standings (practitioner_id, seq, revision, recorded_at, profile)
    SELECT id, 0, 2, CAST(:at AS timestamptz) + interval '1 microsecond',
        json_build_array(
            json_build_array(json_build_array('doctor', json_build_array(CAST(:since AS date), null))),
            json_build_array(json_build_array(place, '150402', json_build_array(CAST(:since AS date), null))),
            json_build_array(),
            json_build_array()
        )::text
    FROM ({_NUMBERS}) AS numbers
"""
_STANDING_CODES = f"INSERT INTO standing_codes (code, practitioner_id) SELECT code, id FROM ({_NUMBERS}) AS numbers"
_STANDING_AFFILIATIONS = f"""
    INSERT INTO standing_affiliations (practitioner_id, span_id, institution_code, from_on, category)
    SELECT id, id, place, CAST(:since AS date), 'doctor' FROM ({_NUMBERS}) AS numbers
"""
