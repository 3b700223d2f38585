"""A register of random profiles, written as the cache keeps them: what all three ways of answering read."""

import uuid
from datetime import datetime

from screening.random_profiles import random_institutions, random_profile
from sqlalchemy import insert

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.registry import PRINCIPAL
from scoring_service.db.standing import stored_profile
from scoring_service.db.tables import (
    affiliations,
    agreements,
    institutions,
    practitioners,
    standing_codes,
    standings,
)

RECORDED = datetime(2025, 1, 1, tzinfo=CIVIL_ZONE)


def in_time(span, revision, **owner):
    named = {"span_id": str(uuid.uuid4()), "recorded_at": RECORDED, "recorded_by": "test", "revision": revision}
    return owner | named | {"from_on": span.start, "until_on": span.until}


def write_institutions(conn, rng):
    known = random_institutions(rng)
    for code, institution in known.items():
        row = {"code": code, "name": code, "kind": institution.kind, "region": code[1:7], "revision": 1}
        conn.execute(insert(institutions), row | {"recorded_at": RECORDED, "last_recorded_at": RECORDED})
        for number, span in enumerate(institution.agreements, start=1):
            conn.execute(insert(agreements), in_time(span, number, institution_code=code))
    return set(known)


def write_people(conn, rng, how_many):
    """Write people with one code, with two, or with none; return every ref with the days on which something turns."""
    known = write_institutions(conn, rng)
    refs, rows, cached, codes, worked = {}, [], [], [], []
    for number in range(how_many):
        person, profile = str(uuid.UUID(int=rng.getrandbits(128))), random_profile(rng)
        # Nobody is affiliated to an institution that is not on record.
        profile = profile._replace(affiliations=tuple(row for row in profile.affiliations if row.institution in known))
        named = [f"D1504{number:08d}", f"N1504{number:08d}"][: rng.choice([0, 1, 1, 1, 2])]
        refs |= dict.fromkeys((person, *named), profile)
        recorded = {"recorded_at": RECORDED, "last_recorded_at": RECORDED}
        code = named[0] if named else f"X{number}"
        rows.append({"id": person, "code": code, "name": "王一", "category": PRINCIPAL, "revision": 1} | recorded)
        cached.append({"practitioner_id": person, "seq": 0, "revision": 1, "recorded_at": RECORDED, "profile": stored_profile(profile)})
        codes += [{"code": code, "practitioner_id": person} for code in named]
        worked += [
            in_time(row.span, number, practitioner_id=person, institution_code=row.institution)
            for number, row in enumerate(profile.affiliations, start=1)
        ]
    for table, made in ((practitioners, rows), (standings, cached), (standing_codes, codes), (affiliations, worked)):
        conn.execute(insert(table), made)
    return refs
