"""What a case says, checked whole: its institution, the decision and every finding, with all faults told at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scoring_service.core.errors import RuleError
from scoring_service.core.procedure import HandlingKind
from scoring_service.db.cases import Handling, KnownFinding
from scoring_service.db.files import File, read_files
from scoring_service.db.registry import agreements_known
from scoring_service.problems import Fault, Invalid, NotFound
from scoring_service.services.cases.findings import (
    MOST_FINDINGS,
    Basis,
    Finding,
    JudgedFinding,
    charge_of,
    faults_of,
    judged,
    refuse,
    resolved,
)
from scoring_service.services.cases.measures import measure_faults, unscored_faults
from scoring_service.services.cases.same_decisions import same_decisions
from scoring_service.services.cases.similar_cases import similar_cases
from scoring_service.services.unit_of_work.faults import Faults
from scoring_service.services.unit_of_work.sight import require_institution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scoring_service.core.registry import SpanVersion
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.spread import Similar
    from scoring_service.db.like_cases import Kind
    from scoring_service.services.unit_of_work.transaction import Work

_DECIDED_ON = "/handling/decided_on"
_RECEIVED_ON = "/handling/received_on"
_ONE_OF_THESE = f"须为 {', '.join(HandlingKind)} 之一 / must be one of {', '.join(HandlingKind)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the case lies: its institution and that one's division."""

    institution: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A case without a fault: where it lies, what was decided, under which rulebook, and the judged findings."""

    place: Place
    handling: Handling
    rulebook: Rulebook
    findings: list[JudgedFinding]


def check_case(
    work: Work,
    *,
    case_id: str | None,
    institution: str,
    handling: Handling,
    findings: Sequence[Finding | KnownFinding],
) -> Checked:
    """Return the case as it is stored, its `findings` (drafted, or stored) judged; a new one has no `case_id`.

    Raises one Faulty with every fault: an unknown institution, item or person, points outside 1–12, or none without
    a measure, a wrong measure, a decision in the future or before the first rulebook (`no_rulebook`), a person or an
    institution not there by its day.
    """
    faults = Faults()
    place = faults.of(partial(_place, work, institution))
    faults.of(partial(check_handling, handling, work.today))
    rulebook = faults.of(partial(rulebook_of, work, place, handling)) if place else None
    if place:
        concluded = agreements_known(work.conn, [place.institution])[place.institution]
        faults.of(partial(check_agreement, concluded, handling))
    faults.of(partial(check_number, findings))
    if handling.measure is None:
        faults.of(partial(refuse, unscored_faults(findings)))
    resolvable = [faults.of(partial(resolved, work, finding, index)) for index, finding in enumerate(findings)]
    known = [finding for finding in resolvable if finding is not None]
    files = files_of(work, known)
    faults.of(partial(refuse, faults_of(resolvable, handling.decided_on, rulebook)))
    faults.refuse()
    assert place is not None  # noqa: S101 -- refused otherwise
    assert rulebook is not None  # noqa: S101 -- the same
    basis = basis_of(work, place, handling, rulebook, known, case_id=case_id)
    return Checked(
        place=place, handling=handling, rulebook=rulebook, findings=judged(basis, known, files)
    )


def basis_of(
    work: Work,
    place: Place,
    handling: Handling,
    rulebook: Rulebook,
    known: Sequence[KnownFinding],
    *,
    case_id: str | None,
    similar: Mapping[Kind, Similar] | None = None,
) -> Basis:
    """Return what these findings of a case are judged by; a new one has no `case_id`.

    `similar` is what like cases got as it was seen before; None: as it is now.
    """
    elsewhere = same_decisions(
        work.conn,
        [charge_of(finding) for finding in known],
        institution=place.institution,
        document_no=handling.document_no,
        but=case_id,
    )
    return Basis(
        institution=place.institution,
        decided_on=handling.decided_on,
        rulebook=rulebook,
        elsewhere=frozenset(elsewhere),
        similar=similar_cases(work, known, division=place.region, decided_on=handling.decided_on, but=case_id)
        if similar is None
        else similar,
    )


def files_of(work: Work, known: Sequence[KnownFinding]) -> dict[str, File]:
    """Return the files of the people in these findings."""
    return read_files(work.conn, sorted({finding.practitioner_id for finding in known}))


def _place(work: Work, institution: str) -> Place:
    try:
        place = require_institution(work, institution)
    except NotFound:
        raise Invalid("/institution", "没有该定点医药机构 / no such institution") from None
    return Place(institution=place.code, region=place.region)


def check_handling(handling: Handling, today: date) -> None:
    """Refuse a decision of an unknown kind, of the future or received before it, a wrong measure. Raises Faulty."""
    faults = []
    if handling.kind not in set(HandlingKind):
        faults.append(Fault("/handling/kind", _ONE_OF_THESE))
    if handling.decided_on > today:
        faults.append(Fault(_DECIDED_ON, "处理决定日不得晚于今日 / the decision may not lie in the future"))
    if handling.reached_on < handling.decided_on:
        faults.append(Fault(_RECEIVED_ON, "收到日不得早于处理决定日 / received_on may not precede decided_on"))
    elif handling.received_on is not None and handling.received_on > today:
        faults.append(Fault(_RECEIVED_ON, "收到日不得晚于今日 / received_on may not lie in the future"))
    if handling.measure is not None:
        faults += measure_faults(handling.measure)
    refuse(faults)


def rulebook_of(work: Work, place: Place, handling: Handling) -> Rulebook:
    """Return the rulebook under which a case is judged. Raises Invalid `no_rulebook` before the first."""
    try:
        return work.rulebooks.for_division(place.region, handling.decided_on)
    except RuleError as error:
        raise Invalid(_DECIDED_ON, error.detail, error.code) from error


def check_agreement(concluded: Iterable[SpanVersion], handling: Handling) -> None:
    """Refuse an institution that had `concluded` no agreement up to the day of the decision. Raises Invalid."""
    if not any(agreement.span.start <= handling.decided_on for agreement in concluded):
        raise Invalid(
            "/institution",
            f"该机构在 {handling.decided_on} 及以前没有医保服务协议 / no agreement up to {handling.decided_on}",
        )


def check_number(findings: Sequence[object]) -> None:
    """Refuse a case without findings, or with more than MOST_FINDINGS. Raises Invalid."""
    if not 1 <= len(findings) <= MOST_FINDINGS:
        raise Invalid("/findings", f"须有 1 至 {MOST_FINDINGS} 项认定 / 1 to {MOST_FINDINGS} findings")
