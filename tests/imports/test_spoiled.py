"""A spoiled workbook: every error is told at its cell, nothing is imported; mended it is, and again nothing changes."""

import io
from collections import Counter

import openpyxl
import pytest
from import_world import HOSPITALS, counts, imported, service_on
from spoiled import ERRORS_OF_A_KIND, KINDS, PEOPLE, SHEET, mended, spoil
from sqlalchemy import func, select

from scoring_service.db.tables import affiliations, practitioners, registrations
from scoring_service.services.imports.workbooks import commented_copy
from scoring_service.terms import chinese

SEED = 15


@pytest.fixture
def service(fresh_engine):
    service = service_on(fresh_engine)
    assert imported(service, "institutions", HOSPITALS).state == "done"
    return service


def on_record(service):
    with service.engine.connect() as conn:
        return [conn.execute(select(func.count()).select_from(table)).scalar_one() for table in (practitioners, registrations, affiliations)]


def test_200_errors_of_20_kinds_are_told_at_their_cells_and_mended(service):
    spoiled = spoil(SEED)
    assert Counter(spoiled.places.values()) == dict.fromkeys(KINDS, ERRORS_OF_A_KIND)
    refused = imported(service, "practitioners", spoiled.content, filename="人员.xlsx")
    found = Counter(f"{fault.column}{fault.row}" for fault in refused.errors)
    kinds = {place: spoiled.places.get(place, "?") for place in set(found) ^ set(spoiled.places)}
    assert (kinds, max(found.values())) == ({}, 1)
    assert (refused.state, refused.errors_total, {fault.sheet for fault in refused.errors}) == ("refused", 200, {SHEET})
    assert all(fault.expected for fault in refused.errors)
    assert on_record(service) == [0, 0, 0]
    with service.work() as work:
        copy = commented_copy(work, refused.id, chinese)
    sheet = openpyxl.load_workbook(io.BytesIO(copy))[SHEET]
    # A merged cell is commented on where its value stands.
    merged = {place: f"C{int(place[1:]) - 1}" for place, kind in spoiled.places.items() if kind == "merged cells"}
    commented = {cell.coordinate for row in sheet for cell in row if cell.comment}
    assert commented == {merged.get(place, place) for place in spoiled.places}

    done = imported(service, "practitioners", mended(copy), filename="人员.xlsx")
    assert (done.state, counts(done), done.errors) == ("done", (PEOPLE, 0, 0, 0), ())
    before = on_record(service)
    assert before == [PEOPLE] * 3
    again = imported(service, "practitioners", mended(copy), filename="人员.xlsx")
    assert (again.state, counts(again), on_record(service)) == ("done", (0, 0, PEOPLE, 0), before)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 11))
def test_whatever_the_seed_every_error_is_told_at_its_cell(service, seed):
    spoiled = spoil(seed)
    refused = imported(service, "practitioners", spoiled.content, filename="人员.xlsx")
    assert Counter(f"{fault.column}{fault.row}" for fault in refused.errors) == Counter(spoiled.places.keys())
