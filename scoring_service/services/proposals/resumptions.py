"""Filing of applications for a resumption, which an institution of the person's then consents to (P39)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.files import read_files
from scoring_service.db.ledger import lock_files
from scoring_service.db.tables import resumptions as table
from scoring_service.problems import Conflict
from scoring_service.services.proposals.consent import OPEN, file_for_consent
from scoring_service.services.proposals.resumption_reading import RESUMPTION
from scoring_service.services.standing.ways_back import open_window
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_matter

if TYPE_CHECKING:
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.proposals.resumption_reading import ResumptionApplication
    from scoring_service.services.unit_of_work.transaction import Work


def file_resumption(work: Work, *, practitioner: str, statement: str) -> ResumptionApplication:
    """File an application for a person; return it, `filed` or `consented` as `file_for_consent` says.

    Raises NotFound, Forbidden, Conflict as `open_window`, `resumption_exists` while another waits.
    """
    person = require_practitioner(work, practitioner).id
    check_touches_matter(work, person)
    lock_files(work.conn, [person])
    file = read_files(work.conn, [person])[person]
    rulebook = open_window(work.service.calendar, file.folded(), work.today).rulebook
    _check_none_open(work, person)
    columns: Columns = {"statement": statement, "filed_on": work.today, "rulebook_sha256": rulebook.sha256}
    return file_for_consent(work, RESUMPTION, person, rulebook.consent_working_days, columns)


def _check_none_open(work: Work, person: str) -> None:
    waiting = select(table.c.id).where(table.c.practitioner_id == person, table.c.state.in_(OPEN))
    other = work.conn.execute(waiting).scalar_one_or_none()
    if other is not None:
        detail = "已有恢复申请尚未办结 / another application waits for its decision"
        raise Conflict("resumption_exists", detail, resumption=other)
