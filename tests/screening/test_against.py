"""Two knowledges: what a won appeal pays after all and what a late score takes back, worked out by hand (P48)."""

import csv
from datetime import date, timedelta

from properties.served_histories import PLACES, ServedFile, morning, open_office
from sqlalchemy import select

from scoring_service.db.tables import standing_codes
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.screening.screen import Run, screen

HOME = "chifeng"
SETTLED = date(2025, 7, 1)


def opened_file(office):
    office.at(date(2025, 1, 1))
    file = ServedFile(office, HOME)
    file.register()
    return file


def scored(file, seq, points, **days):
    operation = {"kind": "score", "rulebook": HOME, "points": points, "seq": seq, "backfill": False} | days
    assert file.do(operation | {"day": days.get("day", days["effective_on"])}) is None


def code_of(office, file):
    with office.work() as work:
        named = select(standing_codes.c.code).where(standing_codes.c.practitioner_id == file.person)
        return work.conn.execute(named).scalar_one()


def listed(path):
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["ref"], row["service_date"][:10]) for row in csv.DictReader(file)]


def test_the_lists_are_those_worked_out_by_hand(fresh_engine, tmp_path):
    """A: 12 points on 1 June, voided on 10 July. B: 10 points backfilled on 15 July to 20 June: suspended from the 21st."""
    office = open_office(fresh_engine, rulebooks=Rulebooks.load())
    won, late, untouched = (opened_file(office) for _ in range(3))
    day = date(2025, 6, 1)
    scored(won, 1, 12, decided_on=day, effective_on=day)
    office.at(date(2025, 7, 10))
    assert won.do({"kind": "correction", "day": date(2025, 7, 10), "target": 1, "value": 0, "seq": 2}) is None
    scored(late, 1, 10, decided_on=date(2025, 6, 20), effective_on=date(2025, 6, 20), day=date(2025, 7, 15), backfill=True)
    office.at(date(2025, 8, 1))
    codes = {name: code_of(office, file) for name, file in (("won", won), ("late", late), ("untouched", untouched))}
    june = [date(2025, 5, 30) + timedelta(days=number) for number in range(32)]
    place = PLACES[HOME][0]
    lines = [f"{code},{place},{each} 09:00:00,{emergency},10" for each in june for code in codes.values() for emergency in (0, 1)]
    (tmp_path / "claims.csv").write_text("\n".join(["ref,institution,service_date,emergency,amount", *lines]), encoding="utf-8")
    run = Run(claims=[tmp_path / "claims.csv"], out=tmp_path / "out.csv", against=morning(SETTLED))
    summary = screen(office.service, run)
    # The termination began on 2 June, the suspension begins on 21 June; emergencies were and are paid all the same.
    assert listed(tmp_path / "out.pay.csv") == [(codes["won"], str(each)) for each in june if each >= date(2025, 6, 2)]
    assert listed(tmp_path / "out.recover.csv") == [(codes["late"], str(each)) for each in june if each >= date(2025, 6, 21)]
    assert (summary.pay, summary.recover) == ((29, 290), (10, 100))
