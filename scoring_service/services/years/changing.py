"""The one way to write entries: files locked in one order, loaded once, and settled before the transaction goes on.

Lock first, then read the clock again, then load: whoever waited for another writer judges by what that one left.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scoring_service.core.entries import Correction, Entry, scoring_year
from scoring_service.db.files import File, read_files
from scoring_service.db.ledger import LockedFile, append, lock_files
from scoring_service.db.locks import Lock, share
from scoring_service.db.standing import ChangedFile, refresh, refresh_folds
from scoring_service.services.years.closing import restate, restate_history
from scoring_service.services.years.sanctions_due import settle, settle_history

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from scoring_service.core.entries import EntryKind
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(slots=True, kw_only=True)
class ChangingFile:
    """A file under its lock: its head, what it was `before`, and the entries that are appended to it.

    `merged` are the files of the person that this change merges into it.
    """

    work: Work
    head: LockedFile
    before: File
    _first_revision: int
    merged: tuple[File, ...] = ()
    _posted: list[Entry] = field(default_factory=list)
    _after: File | None = None

    @property
    def practitioner_id(self) -> str:
        """Whose file it is."""
        return self.head.practitioner_id

    @property
    def after(self) -> File:
        """The file with its new entries. What was written of the registry meanwhile is not in it."""
        if self._after is None:
            self._after = replace(self.before, entries=(*self.before.entries, *self._posted))
        return self._after

    @property
    def is_changed(self) -> bool:
        """Whether anything was written to the file."""
        return self.head.revision != self._first_revision

    @property
    def is_registry_changed(self) -> bool:
        """Whether more was written than entries: registrations, affiliations or person data."""
        return self.head.revision - self._first_revision != len(self._posted)

    def post(self, kind: EntryKind, *, effective_on: date, rulebook: Rulebook, **carried: Any) -> str:
        """Append an entry of the actor's and return its id; `carried` are the columns of its kind."""
        entry = append(
            self.work.conn,
            self.head,
            kind=kind,
            effective_on=effective_on,
            recorded_at=self.work.record(),
            recorded_by=self.work.actor.username,
            rulebook=rulebook,
            **carried,
        )
        self._posted.append(entry)
        self._after = None
        return entry.id

    def years_posted(self) -> list[int]:
        """Return the scoring years that the new entries move, in order."""
        by_id = {entry.id: entry for entry in self.after.entries}
        moved = (by_id[entry.target] if isinstance(entry, Correction) else entry for entry in self._posted)
        return sorted({scoring_year(entry) for entry in moved})


@contextmanager
def changing(
    work: Work, practitioner_ids: Collection[str], *, served_on_paper: bool = False
) -> Iterator[Mapping[str, ChangingFile]]:
    """Lock these people's files and hand them out by id, to be written to; then settle what was written.

    Settled is: the statement of a closed year again, heads and standing cache, and what begins or ends on a day that
    the jobs have passed. Rows that hang on a file (a case, an appeal, a proposal) are locked inside, after the files.
    `served_on_paper`: what is written is history that people were told of long ago; no letter goes out, and only the
    sanctions that run today are announced.
    """
    share(work.conn, Lock.FILES)
    heads = lock_files(work.conn, practitioner_ids)
    work.read_clock_again()
    loaded = read_files(work.conn, sorted(heads))
    files = {
        person: ChangingFile(work=work, head=head, before=loaded[person], _first_revision=head.revision)
        for person, head in heads.items()
    }
    yield files
    _settle(work, [file for file in files.values() if file.is_changed], served_on_paper=served_on_paper)


def _settle(work: Work, files: Collection[ChangingFile], *, served_on_paper: bool) -> None:
    restated, settled = (restate_history, settle_history) if served_on_paper else (restate, settle)
    past = [(file, year) for file in files for year in file.years_posted() if year < work.today.year]
    # A statement goes to the institutions of today, those that the change itself has brought too.
    refresh(work.conn, [file.head for file in files if file.is_registry_changed] if past else [])
    for file, year in past:
        restated(work, file, year)
    anew = refresh(work.conn, [file.head for file in files if file.is_registry_changed])
    changed = [
        ChangedFile(
            head=file.head,
            before=file.before,
            after=anew.get(file.practitioner_id) or file.after,
            merged=file.merged,
        )
        for file in files
    ]
    refresh_folds(work.conn, [each for each in changed if each.head.practitioner_id not in anew])
    settled(work, changed)
