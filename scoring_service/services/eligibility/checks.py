"""Is a claim line payable? One check or ten thousand, by the same way (scheme.md 2.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.payable import Reason
from scoring_service.core.registry import principal_judged
from scoring_service.core.standing import Status, restricted_since
from scoring_service.db.eligibility import (
    KnownFile,
    KnownInstitution,
    files_apart,
    files_known_at,
    formerly_called,
    known_institutions,
    people_of,
    present_files,
)
from scoring_service.db.locks import Lock, share
from scoring_service.db.merges import merges_of
from scoring_service.db.tables import eligibility_refusals
from scoring_service.problems import Invalid, NotFound
from scoring_service.services.eligibility.answer import Answer, Check, judge, on_nobody
from scoring_service.services.standing.reading import check_knowledge, check_revision
from scoring_service.services.unit_of_work.sight import days_known, merged_filter
from scoring_service.telemetry.metrics import count_answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from scoring_service.core.merging import Merge
    from scoring_service.core.standing import Span
    from scoring_service.services.unit_of_work.transaction import Work

RECORDED = frozenset({Reason.SUSPENDED, Reason.TERMINATED})


# The days on which the asker may ask about a person, by id; None when about everybody on every day.
Days: TypeAlias = "dict[str, tuple[Span, ...]] | None"


class Explained(NamedTuple):
    """An answer, and since when the person was suspended or terminated on the day that was asked about, if so."""

    answer: Answer
    since: date | None


class NobodyNamed(Invalid):
    """The check at a `position` names neither a person nor a pharmacy."""

    def __init__(self, position: int) -> None:
        detail = "没有人员时只能询问药店 / without a person only a pharmacy can be asked about"
        super().__init__(f"/checks/{position}/ref", detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Knowledge:
    """What all checks of one call are judged by: `files` by ref, people by pharmacy.

    `unnamed` are the files that a ref names by a code which did not, or no longer, hold at `known_at`; `days` those on
    which the asker may ask about a person, by id, None for everybody on every day; `merges` what made the files what
    they are, for a question about the past.
    """

    days: Days
    merges: Mapping[str, Sequence[Merge]]
    known_at: datetime
    files: dict[str, KnownFile]
    pharmacy_people: dict[str, list[KnownFile]]
    unnamed: list[KnownFile]
    institutions: dict[str, KnownInstitution]


def check_lines(
    work: Work,
    checks: Sequence[Check],
    *,
    known_at: datetime | None = None,
    revision: int | None = None,
) -> list[Answer]:
    """Answer the checks in their order; refusals to settlement and institutions are recorded.

    Raises Invalid for a `known_at` in the future, a `revision` (of one check alone) above what `known_at` knows of
    the file, NobodyNamed for a check that names neither a person nor a pharmacy.
    """
    return _checked(work, checks, known_at, revision)[0]


def explain_lines(
    work: Work,
    checks: Sequence[Check],
    *,
    known_at: datetime | None = None,
    revision: int | None = None,
) -> list[Explained]:
    """Answer the checks as `check_lines` does, each with the day on which a restriction that it tells of began."""
    answers, knowledge = _checked(work, checks, known_at, revision)
    return [
        Explained(answer, _restricted_since(check, answer, knowledge))
        for check, answer in zip(checks, answers, strict=True)
    ]


def _restricted_since(check: Check, answer: Answer, knowledge: _Knowledge) -> date | None:
    if answer.status not in {Status.SUSPENDED, Status.TERMINATED}:
        return None
    file = _file(check, knowledge)
    return None if file is None else restricted_since(check.service_on, file.profile().sanctions)


def _checked(
    work: Work, checks: Sequence[Check], known_at: datetime | None, revision: int | None
) -> tuple[list[Answer], _Knowledge]:
    if any(check.place is not None for check in checks):
        share(work.conn, Lock.REGISTRY)
        work.read_clock_again()
    past = known_at is not None or revision is not None
    knowledge = _gather(work, checks, known_at, past=past)
    _check_pharmacies(checks, knowledge)
    if revision is not None:
        knowledge = _as_of_revision(work, checks[0], knowledge, revision)
    answers = list(_answers(work, checks, knowledge))
    _record_refusals(work, checks, answers, knowledge)
    _record_looks(work, checks, answers, knowledge)
    count_answers(answer.reason for answer in answers)
    return answers, knowledge


def _gather(work: Work, checks: Sequence[Check], known_at: datetime | None, *, past: bool) -> _Knowledge:
    codes = {check.place for check in checks if check.place is not None}
    people = people_of(
        work.conn, {check.place for check in checks if check.place is not None and check.person is None}
    )
    refs = {check.person for check in checks if check.person is not None}
    instant = work.now if known_at is None else min(known_at, work.now)
    present = present_files(work.conn, refs.union(*people.values()), instant, work.service.present_copy)
    former = formerly_called(work.conn, refs, instant) if past else []
    days = _days_known(work, [*present.values(), *(file for _, file in former)])
    dated = _spoken_of(checks, present, people, days)
    changes = [file.changed_after for file in dated if file.changed_after is not None]
    now = max(work.now, *changes) if changes else work.now
    if known_at is not None and known_at > now:
        check_knowledge(work, known_at)
    people_now = {file.practitioner_id for _ref, file in (*present.items(), *former)}
    merges = merges_of(work.conn, people_now) if past else {}
    if merges:
        present = dict(files_apart(work.conn, present.items(), merges, known_at or now, None))
        former = files_apart(work.conn, former, merges, known_at or now, None)
    files, unnamed = _as_known(work, present, former, _all_of(merges), known_at or now)
    return _Knowledge(
        days=_days_of_merged(days, merges),
        merges=merges,
        known_at=known_at or now,
        files={ref: file for ref, file in files.items() if ref in refs} if people else files,
        pharmacy_people={code: [files[ref] for ref in ids if ref in files] for code, ids in people.items()},
        unnamed=unnamed,
        institutions=(
            work.service.institutions.read(work.conn, codes)
            if known_at is None
            else known_institutions(work.conn, codes, known_at)
        ),
    )


def _all_of(merges: Mapping[str, Sequence[Merge]]) -> list[Merge]:
    return [merge for made in merges.values() for merge in made]


def _days_of_merged(days: Days, merges: Mapping[str, Sequence[Merge]]) -> Days:
    """Return the days with those of merged files, about which one may ask as about the file that answers for them."""
    if days is None:
        return None
    of_merged = {merge.merged: days[person] for person, made in merges.items() if person in days for merge in made}
    return days | of_merged


def _days_known(work: Work, files: Sequence[KnownFile]) -> Days:
    if work.actor.has("settlement") or (work.actor.is_office and work.actor.region is None):
        return None
    return days_known(work, {file.practitioner_id for file in files})


def _is_known(days: Days, file: KnownFile, day: date) -> bool:
    """Tell whether the asker may know of the person on a day of service.

    A stranger answers an institution exactly like an unknown person (contract.md, Eligibility).
    """
    return days is None or any(span.covers(day) for span in days.get(file.practitioner_id, ()))


def _spoken_of(
    checks: Sequence[Check], present: dict[str, KnownFile], people: dict[str, list[str]], days: Days
) -> Iterable[KnownFile]:
    """Return the files that one of the checks may speak of: nothing of a stranger's shows in an answer."""
    if days is None:
        return present.values()
    refs = (
        (present.get(ref), check.service_on)
        for check in checks
        for ref in ([check.person] if check.person is not None else people.get(check.place or "", []))
    )
    return [file for file, day in refs if file is not None and _is_known(days, file, day)]


def _as_of_revision(work: Work, check: Check, knowledge: _Knowledge, revision: int) -> _Knowledge:
    """Return the knowledge with the one file that is judged as it was after `revision` changes.

    Raises Invalid above what is known; to whoever may not know of the person, nothing is, as of an unknown one.
    """
    file = _file(check, knowledge)
    if file is not None and check.person is not None:
        spoken_of = [(check.person, file)]
        [(_, file)] = files_apart(work.conn, spoken_of, knowledge.merges, knowledge.known_at, revision)
    meant = knowledge.unnamed if file is None else [file]
    meant = [each for each in meant if _is_known(knowledge.days, each, check.service_on)]
    check_revision(revision, max((each.revision for each in meant), default=0))
    if file is not None and file.revision == revision and file.stored:
        return knowledge
    merges = _all_of(knowledge.merges)
    then = files_known_at(work.conn, meant, knowledge.known_at, revision, merges).values()
    if check.person is None:
        return replace(knowledge, pharmacy_people={check.place or "": [each.file for each in then]})
    named = [each.file for each in then if each.answers_to(check.person)]
    return replace(knowledge, files={check.person: named[0]} if named else {})


def _as_known(
    work: Work,
    present: dict[str, KnownFile],
    former: Sequence[tuple[str, KnownFile]],
    merges: Sequence[Merge],
    known_at: datetime,
) -> tuple[dict[str, KnownFile], list[KnownFile]]:
    """Return the files as they were known, by those refs which named them then, and those asked for by another."""
    candidates = [*present.items(), *former]
    earlier = {
        file.practitioner_id: file
        for _, file in candidates
        if file.changed_after is not None and file.changed_after > known_at
    }
    if not earlier:
        return present, [file for _, file in former]
    then = files_known_at(work.conn, earlier.values(), known_at, None, merges)
    known = {ref: file for ref, file in present.items() if file.practitioner_id not in earlier}
    unnamed = [file for _, file in former if file.practitioner_id not in earlier]
    for ref, file in candidates:
        judged = then.get(file.practitioner_id)
        if judged and judged.answers_to(ref):
            known[ref] = judged.file
        elif judged:
            unnamed.append(judged.file)
    return known, unnamed


def _answers(work: Work, checks: Sequence[Check], knowledge: _Knowledge) -> Iterator[Answer]:
    told_at, rulebooks = knowledge.known_at.isoformat(), work.rulebooks_known_at(knowledge.known_at)
    days, files, institution_of = knowledge.days, knowledge.files, knowledge.institutions.get
    for check in checks:
        _, _, day, _, _, person, place = check
        file = _principals_file(check, knowledge) if person is None else files.get(person)
        if file is None or (days is not None and not _is_known(days, file, day)):
            yield on_nobody(check, told_at)
        else:
            yield judge(
                rulebooks,
                check,
                revision=file.revision,
                profile=file.profile(),
                institution=institution_of(place or ""),
                told_at=told_at,
            )


def _file(check: Check, knowledge: _Knowledge) -> KnownFile | None:
    """Return the file that a check is judged by: the person's, or that of the pharmacy's principal of the day."""
    return _principals_file(check, knowledge) if check.person is None else knowledge.files.get(check.person)


def _principals_file(check: Check, knowledge: _Knowledge) -> KnownFile | None:
    place, day = check.place or "", check.service_on
    people = {file.practitioner_id: file for file in knowledge.pharmacy_people.get(place, [])}
    profiles = ((person, file.profile()) for person, file in people.items())
    principals = {person: profile for person, profile in profiles if profile.is_principal_of(place, day)}
    judged = principal_judged(place, day, principals)
    return None if judged is None else people[judged]


def _check_pharmacies(checks: Sequence[Check], knowledge: _Knowledge) -> None:
    """Refuse a check that names neither a person nor a pharmacy. Raises NobodyNamed."""
    for position, check in enumerate(checks):
        if check.person is not None or (check.place or "").startswith("P"):
            continue
        institution = knowledge.institutions.get(check.place or "")
        if institution is None or institution.kind != "pharmacy":
            raise NobodyNamed(position)


def _record_refusals(
    work: Work, checks: Sequence[Check], answers: Sequence[Answer], knowledge: _Knowledge
) -> None:
    if not work.actor.has("settlement", "institution"):
        return
    rows = [
        {
            "decision_id": answer.decision_id,
            "account_id": work.actor.account_id,
            "practitioner_id": file.practitioner_id,
            "service_on": check.service_on,
            "institution_code": check.place or "",
            "reason": answer.reason.value,
            "recorded_at": work.now,
            "answer": msgspec.to_builtins(answer),
        }
        for check, answer in zip(checks, answers, strict=True)
        if answer.reason in RECORDED and (file := _file(check, knowledge)) is not None
    ]
    if rows:
        work.record_of_answer(upsert(eligibility_refusals).on_conflict_do_nothing(), rows)


def _record_looks(
    work: Work, checks: Sequence[Check], answers: Sequence[Answer], knowledge: _Knowledge
) -> None:
    if work.actor.has("settlement"):
        return
    known = [check for check, answer in zip(checks, answers, strict=True) if answer.revision]
    files = (_file(check, knowledge) for check in known)
    for practitioner_id in dict.fromkeys(file.practitioner_id for file in files if file is not None):
        work.look(practitioner_id, "eligibility")


def recorded_decision(work: Work, decision_id: str) -> Answer:
    """Return a recorded refusal as it was answered: to its asker, or to the office of its region. Raises NotFound."""
    refusals = eligibility_refusals.c
    query = select(refusals.answer, refusals.practitioner_id).where(refusals.decision_id == decision_id)
    if work.actor.is_office:
        query = query.where(merged_filter(work, refusals.practitioner_id))
    else:
        query = query.where(refusals.account_id == work.actor.account_id)
    refusal = work.conn.execute(query.limit(1)).one_or_none()
    if refusal is None:
        raise NotFound("决定 / decision")
    if not work.actor.has("settlement"):
        work.look(refusal.practitioner_id, "eligibility")
    # Refusals of before terms and states were apart tell no day from which to resume.
    return msgspec.convert({"may_resume_from": None} | refusal.answer, Answer)
