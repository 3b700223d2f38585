"""The standing of a person on a day, by today's knowledge or that of a past moment (scheme.md 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.registry import Profile, known_versions, person_on
from scoring_service.core.standing import Standing, standing
from scoring_service.db.files import File, read_files
from scoring_service.db.persons import NamedPractitioner
from scoring_service.db.tables import practitioners
from scoring_service.problems import Invalid, NotFound
from scoring_service.services.standing.ways_back import may_apply_from

if TYPE_CHECKING:
    from datetime import date, datetime

    from scoring_service.core.entries import Entry
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.law.rulebooks import Rulebooks
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingAnswer:
    """A standing with the question it answers: the person, the knowledge, the revision and the entries used.

    `may_apply_from` is the first day on which a resumption or a re-registration may be asked for, None without need.
    """

    practitioner: NamedPractitioner
    known_at: datetime
    revision: int
    entries: tuple[Entry, ...]
    standing: Standing
    may_apply_from: date | None


def rulebook_on(rulebooks: Rulebooks, profile: Profile, day: date) -> Rulebook:
    """Return the rulebook of the first institution affiliated on `day`, else of the last score, else the default.

    scheme.md 2.6; a day before the first value is read under the first.
    """
    region = profile.region_on(day)
    if region is None and (scored_under := profile.last_scored_under(day)):
        return rulebooks.resolve_for_reading(scored_under, day)
    return rulebooks.for_reading(region or "", day)


def check_knowledge(work: Work, known_at: datetime | None) -> None:
    """Refuse a `known_at` later than now. Raises Invalid."""
    if known_at is not None and known_at > work.now:
        raise Invalid("/known_at", "known_at 不得晚于当前时间 / known_at may not lie in the future")


def check_revision(revision: int, known: int) -> None:
    """Refuse a `revision` above the `known` one: a client that cut its `known_at` short. Raises Invalid."""
    if revision > known:
        raise Invalid(
            "/revision",
            f"在 known_at 时该档案只有 {known} 次变更 / at known_at the file had {known} changes",
        )


def standing_of(
    work: Work,
    practitioner_id: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    revision: int | None = None,
    before: date | None = None,
) -> StandingAnswer:
    """Return the standing of a person; both clocks default to now. With `before`, from what took effect before a day.

    Raises NotFound for a person not known at `known_at`, Invalid for a `known_at` in the future or a `revision`
    above what `known_at` knows.
    """
    person = work.conn.execute(
        select(practitioners).where(practitioners.c.id == practitioner_id)
    ).one_or_none()
    if person is None:
        raise NotFound("人员 / practitioner")
    now = max(work.now, person.last_recorded_at)
    if known_at is not None and known_at > now:
        check_knowledge(work, known_at)
    known_at = known_at or now
    if person.recorded_at > known_at:
        raise NotFound("人员 / practitioner")
    whole = read_files(work.conn, [practitioner_id])[practitioner_id]
    used = whole.revision_known_at(known_at)
    if revision is not None:
        check_revision(revision, used)
        used = revision
    then, day = whole.known_at(known_at, used), as_of or now.date()
    if before is not None:
        then = then.effective_before(before)
        used = max((entry.revision for entry in then.entries), default=min(used, 1))
    named = person_on(then.persons or whole.persons[:1], day)
    return StandingAnswer(
        practitioner=NamedPractitioner(id=person.id, code=named.code, name=named.name),
        known_at=known_at,
        revision=used,
        entries=then.entries,
        standing=standing_from(work.rulebooks_known_at(known_at), then, day),
        may_apply_from=may_apply_from(work.service.calendar, then.folded(), day),
    )


def standing_from(rulebooks: Rulebooks, file: File, as_of: date) -> Standing:
    """Fold a file and return its standing on `as_of`."""
    folded = file.folded()
    rulebook = rulebook_on(rulebooks, file.profile(folded), as_of)
    spans = [version.span for version in known_versions(file.registrations)]
    return standing(as_of, folded, spans, rulebook)


def present_standing(work: Work, practitioner_ids: list[str]) -> dict[str, Standing]:
    """Return the standing of several people today, by the knowledge of this transaction."""
    files = read_files(work.conn, practitioner_ids)
    return {
        practitioner_id: standing_from(work.rulebooks, file, work.today)
        for practitioner_id, file in files.items()
    }
