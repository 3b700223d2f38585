"""What an institution's request does to the registry: the acts of the registry, chosen by what is on file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.core.procedure import RequestEffect, RequestKind
from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import NewPractitioner, register_practitioners
from scoring_service.services.registry.registrations import affiliate, end_registration, register_again

if TYPE_CHECKING:
    from scoring_service.core.registry import AffiliationVersion
    from scoring_service.db.registry import KnownSpans
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked: of whom (`practitioner`, None for somebody not on file), where, from or on which day."""

    kind: str
    institution: str
    practitioner: str | None
    person: Mapping[str, str | None]
    id_number: str | None
    on: date
    commitment_signed_on: date | None
    reason: str | None

    def about(self, practitioner: str | None) -> Wish:
        """Return the same of another person on file."""
        return replace(self, practitioner=practitioner)


def carry_out(work: Work, wish: Wish) -> tuple[str, RequestEffect]:
    """Do what is asked, with the gates of the acts; return the person's id and what was done.

    Raises Invalid, Conflict `practitioner_exists`, `affiliation_overlaps`, `sanction_running`, `terminated`,
    `already_registered`, `not_affiliated`, `not_registered`.
    """
    if wish.practitioner is None:
        return _register_new(work, wish), RequestEffect.NEW_FILE
    spans = registry.spans_known(work.conn, [wish.practitioner])[wish.practitioner]
    act = _leave if wish.kind == RequestKind.DEPARTURE else _join
    return wish.practitioner, act(work, wish.practitioner, wish, spans)


def _register_new(work: Work, wish: Wish) -> str:
    for name in ("name", "category"):
        if not wish.person[name]:
            raise Invalid(f"/{name}", "没有这位人员的档案：请填写姓名和类别 / not on file: give name and category")
    place = AskedAffiliation(institution=wish.institution, span=Span(wish.on, None))
    written = {name: value for name, value in wish.person.items() if name not in {"name", "category"}}
    person = NewPractitioner(
        name=str(wish.person["name"]),
        category=str(wish.person["category"]),
        registered_on=wish.on,
        affiliations=[place],
        id_number=wish.id_number,
        commitment_signed_on=wish.commitment_signed_on,
        **written,
    )
    return register_practitioners(work, [person])[0]


def _join(work: Work, person: str, wish: Wish, spans: KnownSpans) -> RequestEffect:
    place = AskedAffiliation(institution=wish.institution, span=Span(wish.on, None))
    if any(row.span.covers(wish.on) for row in spans.registrations):
        affiliate(work, person, institution=wish.institution, from_on=wish.on, until_on=None)
        return RequestEffect.AFFILIATED
    register_again(
        work, person, from_on=wish.on, affiliations=[place], commitment_signed_on=wish.commitment_signed_on
    )
    return RequestEffect.REGISTERED_AGAIN


def _leave(work: Work, person: str, wish: Wish, spans: KnownSpans) -> RequestEffect:
    here = [row for row in spans.affiliations if row.institution == wish.institution and _outlasts(row, wish.on)]
    if not here:
        detail = "该人员在该日之后没有在本机构执业 / the person is not affiliated here on that day or later"
        raise Conflict("not_affiliated", detail)
    if wish.on <= here[0].span.start:
        detail = f"应晚于执业起始日 {here[0].span.start} / must be later than the affiliation's first day"
        raise Invalid("/on", detail)
    elsewhere = [row for row in spans.affiliations if row not in here and _outlasts(row, wish.on)]
    registered = any(row.span.until is None or row.span.until > wish.on for row in spans.registrations)
    if registered and not elsewhere:
        end_registration(work, person, on=wish.on, reason=wish.reason or "")
        return RequestEffect.REGISTRATION_ENDED
    affiliate(
        work, person, institution=wish.institution, from_on=here[0].span.start, until_on=wish.on
    )
    return RequestEffect.AFFILIATION_ENDED


def _outlasts(row: AffiliationVersion, day: date) -> bool:
    return row.span.until is None or row.span.until > day
