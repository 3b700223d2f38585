"""What people ask of imports: bring a file, commit what was checked, cancel what has not begun to be written."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scoring_service.core.procedure import ImportState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import imports
from scoring_service.problems import Forbidden, Invalid, NotFound, TooLarge, WrongState
from scoring_service.services.imports import keeping
from scoring_service.services.imports.kinds import KINDS
from scoring_service.services.imports.records import Import, hold_import, read_import
from scoring_service.services.imports.sniffing import check_readable
from scoring_service.services.unit_of_work.attachments import check_file_name
from scoring_service.services.unit_of_work.four_eyes import check_other_hands
from scoring_service.terms import IMPORT_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scoring_service.services.imports.kind import ImportKind
    from scoring_service.services.unit_of_work.transaction import Work

LARGEST_BYTES = 100 * 1024 * 1024
# What is kept of an import after its end.
KEPT = timedelta(days=7)
_CANCELLED_FROM = frozenset(
    {ImportState.WAITING, ImportState.CHECKING, ImportState.CHECKED, ImportState.REFUSED}
)


def kind_named(name: str) -> ImportKind:
    """Return a kind of import. Raises NotFound."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound("导入种类 / kind of import")
    return kind


def upload(
    work: Work,
    kind_name: str,
    *,
    filename: str,
    content: bytes,
    dry_run: bool,
    options: Mapping[str, str] | None = None,
) -> Import:
    """Take a file in; it is checked, and without `dry_run` written, by the scheduler. Return the waiting import.

    Raises NotFound for an unknown kind, Forbidden for another's role, Invalid for a file name, a file or an option
    that cannot be used, TooLarge.
    """
    kind = kind_named(kind_name)
    check_may_upload(work, kind)
    check_file_name(filename)
    if len(content) > LARGEST_BYTES:
        raise TooLarge("import_too_large", "文件不得超过 100 MB / a file has at most 100 MB")
    chosen = dict(options or {})
    if unknown := sorted(chosen.keys() - kind.options):
        raise Invalid(f"/{unknown[0]}", "此种导入没有该选项 / this kind has no such option")
    kind.check_options(work, chosen)
    check_readable(filename, content)
    import_id = str(uuid.uuid4())
    row = {
        "id": import_id,
        "kind": kind.name,
        "state": ImportState.WAITING,
        "dry_run": dry_run,
        "filename": filename,
        "size_bytes": len(content),
        "options": chosen,
        "counts": {},
        "created_at": SERVERS_CLOCK,
        "uploaded_account": work.actor.account_id,
        "uploaded_by": work.actor.username,
        "uploaded_staff_no": work.actor.staff_no,
        "region": work.actor.region,
    }
    work.conn.execute(insert(imports).values(row))
    keeping.keep_file(work.conn, work.service.identity_numbers, import_id, content)
    _put_on_record(work, "import.uploaded", import_id, import_kind=kind.name, dry_run=dry_run)
    return read_import(work, import_id)


def check_may_upload(work: Work, kind: ImportKind) -> None:
    """Refuse whoever may not bring files of a kind. Raises Forbidden."""
    if not work.actor.has(*kind.uploads, "system"):
        raise Forbidden


def commit(work: Work, import_id: str) -> Import:
    """Let what was checked be written, by the scheduler; return the import.

    Raises NotFound, Forbidden for another role and `same_person` where a second person is needed, WrongState.
    """
    row = hold_import(work, import_id)
    kind = kind_named(row["kind"])
    if not work.actor.has(*(kind.commits or kind.uploads), "system"):
        raise Forbidden
    if row["state"] != ImportState.CHECKED:
        raise WrongState("import", row["state"], IMPORT_STATES)
    if kind.four_eyes and not work.actor.has("system"):
        check_other_hands(work, [(row["uploaded_account"], row["uploaded_staff_no"])])
    _set(work, row["id"], committed_by_actor(work) | begun_writing())
    _put_on_record(work, "import.committed", row["id"], import_kind=kind.name)
    return read_import(work, row["id"])


def committed_by_actor(work: Work) -> dict[str, Any]:
    """Return the columns that say who lets an import be written."""
    return {
        "committed_account": work.actor.account_id,
        "committed_by": work.actor.username,
        "committed_staff_no": work.actor.staff_no,
        "committed_at": SERVERS_CLOCK,
    }


def begun_writing() -> dict[str, Any]:
    """Return the columns of an import of which nothing is written yet."""
    return {
        "state": ImportState.WRITING,
        "cursor": 0,
        "rows_done": 0,
        "counts": {},
        "began_at": SERVERS_CLOCK,
        "finished_at": None,
    }


def cancel(work: Work, import_id: str) -> Import:
    """Give an import up, of which nothing is written yet; return it. Raises NotFound, Forbidden, WrongState."""
    row = hold_import(work, import_id)
    kind = kind_named(row["kind"])
    if not work.actor.has(*kind.uploads, *kind.commits, "system"):
        raise Forbidden
    if row["state"] not in _CANCELLED_FROM:
        raise WrongState("import", row["state"], IMPORT_STATES)
    _set(work, row["id"], {"state": ImportState.CANCELLED, "finished_at": SERVERS_CLOCK})
    _put_on_record(work, "import.cancelled", row["id"], import_kind=kind.name)
    return read_import(work, row["id"])


def clear_imports(work: Work, now: datetime) -> int:
    """Forget the contents of imports that ended KEPT ago, and give up what nobody committed; return how many."""
    over = (imports.c.finished_at < now - KEPT) & imports.c.cleared_at.is_(None)
    ids = list(work.conn.execute(select(imports.c.id).where(over)).scalars())
    if ids:
        keeping.clear(work.conn, ids, cleared_at=now)
        forgotten = imports.c.id.in_(ids) & (imports.c.state == ImportState.CHECKED)
        work.conn.execute(update(imports).where(forgotten).values(state=ImportState.CANCELLED))
    return len(ids)


def _set(work: Work, import_id: str, values: Mapping[str, Any]) -> None:
    work.conn.execute(update(imports).where(imports.c.id == import_id).values(values))


def _put_on_record(work: Work, action: str, import_id: str, **detail: Any) -> None:
    work.audit(action, object_kind="import", object_id=import_id, detail=detail)
