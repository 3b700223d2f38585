"""What a merge would make of two files, seen before it is decided on: it cannot be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.merging import new_spans
from scoring_service.core.registry import known_versions
from scoring_service.db.files import read_files
from scoring_service.db.merges import as_merged
from scoring_service.db.persons import NamedPractitioner
from scoring_service.services.proposals.merged_matters import OpenMatter, open_matters
from scoring_service.services.standing.reading import standing_from

if TYPE_CHECKING:
    from scoring_service.core.registry import AffiliationVersion, RegistrationVersion
    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.standing import Standing
    from scoring_service.db.files import File
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """A file as a merge looks at it: who, its codes, how many entries, its standing today, and the registry's spans."""

    practitioner: NamedPractitioner
    codes: tuple[str, ...]
    entries: int
    standing: Standing
    registrations: tuple[RegistrationVersion, ...]
    affiliations: tuple[AffiliationVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """Both files, the one that they would be, the spans that neither had, and what stands in the way."""

    merged: FileSeen
    into: FileSeen
    after: FileSeen
    new_spans: tuple[Sanction, ...]
    open_matters: tuple[OpenMatter, ...]


def preview(work: Work, merged: str, into: str) -> MergePreview:
    """Return what merging a file into another one would make of them, by the knowledge of this transaction."""
    files = read_files(work.conn, [merged, into])
    after = as_merged(files[into], files[merged], work.now)
    before = [files[person].folded().sanctions for person in (merged, into)]
    codes = files[merged].codes() | files[into].codes()
    return MergePreview(
        merged=_seen(work, merged, files[merged], files[merged].codes()),
        into=_seen(work, into, files[into], files[into].codes()),
        after=_seen(work, into, after, codes),
        new_spans=tuple(new_spans(after.folded().sanctions, *before)),
        open_matters=tuple(open_matters(work.conn, merged, into)),
    )


def _seen(work: Work, practitioner_id: str, file: File, codes: frozenset[str]) -> FileSeen:
    named = file.present_person()
    return FileSeen(
        practitioner=NamedPractitioner(id=practitioner_id, code=named.code, name=named.name),
        codes=tuple(sorted(codes)),
        entries=len(file.entries),
        standing=standing_from(work.rulebooks, file, work.today),
        registrations=tuple(sorted(known_versions(file.registrations), key=lambda row: row.span.start)),
        affiliations=tuple(sorted(known_versions(file.affiliations), key=lambda row: row.span.start)),
    )
