"""A whole list as a file: read page by page in one transaction, each person looked at on record, the export too.

The file is written to disk before anything of it is told, so that what goes out is complete and on record, and however
long the list is, no more than a page of it is in memory.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import select

from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.tables import practitioners
from scoring_service.problems import Unavailable
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.listing import Listing, every_page
from scoring_service.workbooks.writing import Form, Table, chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.workbooks.writing import Value

# How many rows are read at a time.
PAGE_ROWS = 1000
EXPORTED = "export"
# Exports take a thread and the processor for long; what is asked for meanwhile must still be answered.
AT_ONCE = 2
WAIT_SECONDS = 1
_places = threading.BoundedSemaphore(AT_ONCE)


# A list; or a use case that reads `limit` rows of one after a place, and tells the place to go on from (None at the
# end); or all there is.
ReadPage: TypeAlias = Callable[..., tuple[Sequence[Any], Any]]
Listed: TypeAlias = Listing[Any] | ReadPage | Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is to be exported: `name` is that of the list, `detail` what was asked for, such as its filters."""

    name: str
    title: str
    headings: Sequence[str]
    pages: Iterable[Sequence[Sequence[Value]]]
    detail: JsonObject


def write_list(work: Work, form: Form, export: Export) -> IO[bytes]:
    """Write a list to a temporary file, at its beginning when it is returned; it is gone when it is closed.

    Raises Unavailable while others are exporting.
    """
    rows = _CountedRows(work, export.pages)
    file = write_tables(form, [Table(name=export.title, headings=export.headings, rows=rows)])
    put_on_record(work, export.name, form, rows=rows.count, detail=export.detail)
    return file


def write_tables(form: Form, tables: Sequence[Table], created_at: datetime | None = None) -> IO[bytes]:
    """Write tables to a temporary file, as `write_list` does. Their rows may be read from the database meanwhile.

    `created_at` as of `chunks`.
    """
    file = tempfile.TemporaryFile(prefix="export-")  # noqa: SIM115 -- whoever sends it closes it.
    try:
        with _place():
            for chunk in chunks(form, tables, created_at):
                file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def put_on_record(work: Work, name: str, form: str, *, rows: int, detail: JsonObject | None = None) -> None:
    """Put an export on record: of which list, in which form, how many rows."""
    work.audit(EXPORTED, object_kind=name, detail={**(detail or {}), "form": str(form), "rows": rows})


def people_named(work: Work, ids: Iterable[str]) -> dict[str, NamedPractitioner]:
    """Return codes and names by id of those whom the actor may know of; each is a look at the person, on record."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(practitioners.c.id, practitioners.c.code, practitioners.c.name).where(
        practitioners.c.id.in_(wanted), sight.known_filter(work)
    )
    people = {row["id"]: NamedPractitioner(**row) for row in work.conn.execute(query).mappings()}
    for practitioner_id in people:
        work.look(practitioner_id, EXPORTED)
    return people


def pages_of(work: Work, listed: Listed) -> Iterator[Sequence[Any]]:
    """Return the whole of a list, page by page."""
    if isinstance(listed, Listing):
        yield from every_page(work, listed, rows=PAGE_ROWS)
    elif isinstance(listed, Sequence):
        yield listed
    else:
        items, further = listed(limit=PAGE_ROWS, after=None)
        yield items
        while further is not None:
            items, further = listed(limit=PAGE_ROWS, after=further)
            yield items


class _CountedRows:
    """The rows of all pages; the looks of a page are written before the next one is read."""

    def __init__(self, work: Work, pages: Iterable[Sequence[Sequence[Value]]]) -> None:
        self._work, self._pages = work, pages
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Value]]:
        for page in self._pages:
            self._work.write_looks()
            self.count += len(page)
            yield from page


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_SECONDS):
        detail = "正在导出的人较多，请稍后再试 / others are exporting just now; try again in a minute"
        raise Unavailable("exports_busy", detail, retry_after=60)
    try:
        yield
    finally:
        _places.release()
