"""Files brought and led to their rest in a database of the module's own, as the scheduler would."""

import csv
import io
from datetime import datetime
from functools import cache
from pathlib import Path

from own_law import OWN_LAW
from sqlalchemy import insert

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.tables import clock_state
from scoring_service.runtime.assembly import make_service
from scoring_service.services.imports import requests
from scoring_service.services.imports.records import read_import
from scoring_service.services.imports.running import run_waiting
from scoring_service.settings import Settings

START = datetime(2025, 6, 2, 9, 0, tzinfo=CIVIL_ZONE)
HOSPITALS = [
    ["机构代码", "机构名称", "行政区划", "协议起始日", "协议最后一日"],
    ["H15040200001", "赤峰市医院", "150402", "2025-01-01", ""],
    ["h15040300002 ", "红山区医院", "150403", "2025年1月1日", "2025/12/31"],
    ["P15040200003", "平安药店", "150402", "", ""],
]


def opened(engine, **given):
    """The service on a database whose clock runs already."""
    clock = {"clock": "simulated", "clock_start": START} | given
    settings = Settings(
        data_dir=Path("var"), demo="off", secret_key="s" * 40, identity_key="i" * 40, rulebooks_dir=OWN_LAW, **clock
    )
    return make_service(settings, engine)


@cache
def service_on(engine):
    service = opened(engine)
    with engine.begin() as conn:
        conn.execute(insert(clock_state).values(id=1, now=START))
    return service


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def brought(service, kind, rows, **asked):
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    with service.work() as work:
        given = {"filename": "file.csv", "content": content, "dry_run": False} | asked
        return requests.upload(work, kind, **given).id


def imported(service, kind, rows, **asked):
    """The import of these rows, after the scheduler has worked on it."""
    import_id = brought(service, kind, rows, **asked)
    run_waiting(service)
    with service.work() as work:
        return read_import(work, import_id)


def counts(done):
    return done.created, done.changed, done.left, done.refused
