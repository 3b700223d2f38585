"""A host's own clock decides about nothing that is kept or shared: what asks for it is listed here, with why it may."""

from pathlib import Path

import scoring_service

PACKAGE = Path(scoring_service.__file__).parent
OWN_CLOCK = ("real_now()", "datetime.now(", "time.time()")
MAY = {
    "clock.py": "defines it",
    "jobs.py": "the pace of the scheduler's jobs",
    "telemetry/requests.py": "the log",
    "runtime/backups_restore.py": "a moment that has not come yet, on the machine that restores",
    "runtime/backups_manifest.py": "when a backup began and ended, on the machine that made it",
    "services/reminders/carriers.py": "the stamp on a call to the gateway, which the gateway compares with its clock",
    "services/bundles/records.py": "the seconds left, as shown",
    "services/claims/records.py": "the seconds left, as shown",
    "services/imports/records.py": "the seconds left, as shown",
}


def test_the_clock_of_a_host_is_asked_for_where_it_may_be():
    asking = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if any(call in path.read_text(encoding="utf-8") for call in OWN_CLOCK)
    }
    assert asking == set(MAY)
