"""What a merge would make of two files, seen before it is decided on: it cannot be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.merging import new_spans
from scoring_service.core.registry import known_versions
from scoring_service.db.files import read_files
from scoring_service.db.merges import as_merged
from scoring_service.db.persons import NamedPractitioner, present_data, read_persons
from scoring_service.services.proposals.merge_writing import filled
from scoring_service.services.proposals.merged_matters import OpenMatter, open_matters
from scoring_service.services.registry.practitioner_answers import practitioner_on_record
from scoring_service.services.registry.practitioners import search_practitioners
from scoring_service.services.standing.reading import standing_from
from scoring_service.written import as_searched

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scoring_service.core.merging import Version
    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.standing import Standing
    from scoring_service.db.files import File
    from scoring_service.db.persons import PersonData
    from scoring_service.services.registry.records import ListedPractitioner
    from scoring_service.services.unit_of_work.transaction import Work


MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSeen:
    """A half-open span of the registry: of a registration its category and commitment, of an affiliation its place."""

    start: date
    until: date | None
    category: str | None = None
    commitment_signed_on: date | None = None
    institution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """A file as a merge looks at it: who, its codes, how many entries, its standing today, and the registry's spans."""

    practitioner: NamedPractitioner
    category: str
    id_number: str | None
    codes: tuple[str, ...]
    entries: int
    standing: Standing
    registrations: tuple[SpanSeen, ...]
    affiliations: tuple[SpanSeen, ...]


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
    data = {person: present_data(rows) for person, rows in read_persons(work.conn, [merged, into]).items()}
    after = as_merged(files[into], files[merged], work.now)
    before = [files[person].folded().sanctions for person in (merged, into)]
    codes = files[merged].codes() | files[into].codes()
    return MergePreview(
        merged=_seen(work, merged, data[merged], files[merged], files[merged].codes()),
        into=_seen(work, into, data[into], files[into], files[into].codes()),
        after=_seen(work, into, filled(data[into], data[merged]), after, codes),
        new_spans=tuple(new_spans(after.folded().sanctions, *before)),
        open_matters=tuple(open_matters(work.conn, merged, into)),
    )


def _seen(work: Work, practitioner_id: str, data: PersonData, file: File, codes: frozenset[str]) -> FileSeen:
    return FileSeen(
        practitioner=NamedPractitioner(id=practitioner_id, code=data.code, name=data.name),
        category=data.category,
        id_number=data.id_number_masked,
        codes=tuple(sorted(codes)),
        entries=len(file.entries),
        standing=standing_from(work.rulebooks, file, work.today),
        registrations=tuple(
            SpanSeen(
                start=row.span.start,
                until=row.span.until,
                category=row.category,
                commitment_signed_on=row.commitment_signed_on,
            )
            for row in _in_order(file.registrations)
        ),
        affiliations=tuple(
            SpanSeen(start=row.span.start, until=row.span.until, institution=row.institution)
            for row in _in_order(file.affiliations)
        ),
    )


def _in_order(versions: Iterable[Version]) -> list[Version]:
    return sorted(known_versions(versions), key=lambda version: version.span.start)


def candidates(work: Work, practitioner_id: str) -> list[ListedPractitioner]:
    """Return whom the actor may know of by the same name: perhaps the same person. Who shares a place stands first."""
    person = practitioner_on_record(work, practitioner_id)
    alike, _further = search_practitioners(work, name=person.name, limit=MOST, after=None)
    near = {other for warning in person.warnings for other in warning.practitioners}
    named = as_searched(person.name)
    others = [each for each in alike if each.id != practitioner_id and as_searched(each.name) == named]
    return sorted(others, key=lambda each: each.id not in near)
