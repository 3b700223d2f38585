"""Notices: what the person, each of their institutions and of a sanction the authorities are told.

Each addressee has a notice of their own, with their own receipt and clock.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Date, and_, bindparam, false, func, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from scoring_service.core.procedure import Duty, DutyState, NoticeKind
from scoring_service.db.bulk import insert_many
from scoring_service.db.tables import notice_duties, notices, receipt_corrections, standing_affiliations
from scoring_service.db.tables.schema import one_of
from scoring_service.problems import NotFound
from scoring_service.services.notices.authorities import (
    AUTHORITY,
    authorities_over,
    concerns_authorities,
    letters_to_authorities,
)
from scoring_service.services.notices.documents import Loaded, Named, named, write_letters
from scoring_service.services.notices.duties import impose, is_in
from scoring_service.services.notices.notice_fields import NOTICE_FIELDS
from scoring_service.services.notices.records import (
    INSTITUTION,
    PRACTITIONER,
    Addressee,
    IssuedNotice,
    Notice,
    NoticeOnRecord,
    notice_of,
    notice_on_record,
)
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import practitioner_filter, require_known
from scoring_service.services.unit_of_work.touch import check_touches_notice
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scoring_service.letters.facts import Facts
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one person's notices say; `replaces` are the notices that they take the place of, by addressee.

    `case_institutions` are the codes of those where the acts happened: told even if the person has left them, and
    theirs are the last days of delivery, maintenance and talk. `also_to` are others to tell in spite of that.
    """

    kind: NoticeKind
    practitioner_id: str
    facts: Facts
    entry_id: str | None = None
    case_id: str | None = None
    replaces: Mapping[Addressee, str] | None = None
    case_institutions: Collection[str] = ()
    also_to: Collection[str] = ()

    @property
    def told_anyway(self) -> set[str]:
        """The institutions that are told although the person may have left them."""
        return {*self.case_institutions, *self.also_to}


def issue_each(
    work: Work, letters: Sequence[Letter], *, loaded: Loaded | None = None, documents_later: bool = False
) -> list[str]:
    """Issue notices: to each person, their institutions of today, and of a sanction the authorities; return the ids.

    The person's own comes first. With `documents_later` their documents are left to `backlog`.
    """
    if not letters:
        return []
    loaded = loaded or Loaded()
    places = _places(work, letters, loaded)
    if documents_later and not any(map(_concerns_authorities, letters)):
        issued = [notice for letter in letters for notice in _issued_each(work, letter, places, ())]
        _insert(work, issued)
        return [notice.id for notice in issued]
    names = named(work, places, {code for letter in letters for code in letter.told_anyway}, loaded)
    pairs = [
        (letter, notice)
        for letter in letters
        for notice in _issued_each(work, letter, places, _authorities(letter, names))
    ]
    issued = [notice for _letter, notice in pairs]
    _insert(work, issued)
    of_cases = [notice for letter, notice in pairs if notice.institution_code in letter.case_institutions]
    duties = impose(work, of_cases, loaded.files.values())
    if not documents_later:
        write_letters(work, issued, names, loaded, duties)
    return [notice.id for notice in issued]


def _places(work: Work, letters: Sequence[Letter], loaded: Loaded) -> dict[str, list[str]]:
    """Return the codes of the institutions at which each addressed person is registered today."""
    people = dict.fromkeys(letter.practitioner_id for letter in letters)
    unknown = [person for person in people if person not in loaded.files]
    read = institutions_of_each(work, unknown) if unknown else {}
    return {
        person: read[person] if person in read else loaded.files[person].institutions_on(work.today)
        for person in people
    }


def _concerns_authorities(letter: Letter) -> bool:
    return concerns_authorities(letter.kind, letter.facts)


def _authorities(letter: Letter, names: Named) -> tuple[str, ...]:
    if not _concerns_authorities(letter):
        return ()
    person = letter.practitioner_id
    kinds = {names.institutions[code].kind for code in names.places[person]}
    return authorities_over(names.people[person].category, kinds)


def _issued_each(
    work: Work, letter: Letter, places: Mapping[str, Sequence[str]], authorities: Sequence[str]
) -> Iterator[IssuedNotice]:
    yield _issued(work, letter, Addressee(PRACTITIONER, letter.practitioner_id))
    for code in sorted({*places[letter.practitioner_id], *letter.told_anyway}):
        yield _issued(work, letter, Addressee(INSTITUTION, code))
    for ref in authorities:
        yield _issued(work, letter, Addressee(AUTHORITY, ref))


def _insert(work: Work, issued: Sequence[IssuedNotice]) -> None:
    columns = [field.name for field in fields(IssuedNotice)]
    insert_many(work.conn, notices, [{name: getattr(notice, name) for name in columns} for notice in issued])


def _issued(work: Work, letter: Letter, addressee: Addressee) -> IssuedNotice:
    return IssuedNotice(
        id=str(uuid.uuid4()),
        kind=letter.kind,
        practitioner_id=letter.practitioner_id,
        addressee_kind=addressee.kind,
        addressee_ref=addressee.ref,
        entry_id=letter.entry_id,
        case_id=letter.case_id,
        created_at=work.now,
        replaces=(letter.replaces or {}).get(addressee),
        facts=letter.facts,
    )


def institutions_of(work: Work, practitioner_id: str) -> list[str]:
    """Return the codes of the institutions that a person is registered at today."""
    return institutions_of_each(work, [practitioner_id])[practitioner_id]


def institutions_of_each(work: Work, practitioner_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the codes of the institutions that each person is registered at today, in their order."""
    codes: dict[str, list[str]] = {practitioner_id: [] for practitioner_id in practitioner_ids}
    rows = work.conn.execute(_AFFILIATED, {"people": list(practitioner_ids), "today": work.today})
    for practitioner_id, code in rows:
        codes[practitioner_id].append(code)
    return codes


_SPANS = standing_affiliations.c
_TODAY = bindparam("today", type_=Date)
_AFFILIATED = (
    select(_SPANS.practitioner_id, _SPANS.institution_code)
    .where(one_of(_SPANS.practitioner_id, "people"), _SPANS.from_on <= _TODAY)
    .where(or_(_SPANS.until_on.is_(None), _SPANS.until_on > _TODAY))
    .distinct()
    .order_by(_SPANS.practitioner_id, _SPANS.institution_code)
)


def visible_notices(work: Work) -> ColumnElement[bool]:
    """Return the condition on `notices` that the actor may know of one.

    The office knows its region's, the regulator those to the authorities of its region, others their own.
    """
    actor = work.actor
    own: list[ColumnElement[bool]] = []
    if actor.is_office or actor.has("system"):
        own.append(practitioner_filter(work, notices.c.practitioner_id))
    if actor.has("regulator"):
        own.append(letters_to_authorities(work))
    if actor.has("institution") and actor.institution_code is not None:
        own.append(_addressed_to(Addressee(INSTITUTION, actor.institution_code)))
    if actor.has("practitioner") and actor.practitioner_id is not None:
        own.append(_addressed_to(Addressee(PRACTITIONER, actor.practitioner_id)))
    return or_(*own) if own else false()


def _addressed_to(addressee: Addressee) -> ColumnElement[bool]:
    return and_(notices.c.addressee_kind == addressee.kind, notices.c.addressee_ref == addressee.ref)


def require_notice(work: Work, notice_id: str) -> Notice:
    """Return a notice. Raises NotFound."""
    return _visible(work, notice_id, lock=False)


def hold_notice(work: Work, notice_id: str) -> Notice:
    """Return a notice, locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says."""
    notice = _visible(work, notice_id, lock=True)
    check_touches_notice(work, notice.practitioner_id, notice.case_id)
    return notice


def hold_notices(work: Work, notice_ids: Collection[str]) -> dict[str, NoticeOnRecord]:
    """Return notices by id, locked for an act of the actor's. Raises as `hold_notice` does for one of them."""
    query = on_record.where(one_of(notices.c.id, "held"), visible_notices(work)).order_by(notices.c.id)
    held = {"held": [notice_id for notice_id in notice_ids if is_id(notice_id)]}
    rows = work.conn.execute(query.with_for_update(key_share=True, of=notices), held).mappings().all()
    by_id = {row["id"]: notice_on_record(row) for row in rows}
    if by_id.keys() != set(notice_ids):
        raise NotFound("文书 / notice")
    for practitioner_id, case_id in {(each.practitioner_id, each.case_id) for each in by_id.values()}:
        check_touches_notice(work, practitioner_id, case_id)
    return by_id


def _visible(work: Work, notice_id: str, *, lock: bool) -> Notice:
    query = select(notices).where(notices.c.id == notice_id, visible_notices(work))
    if lock:
        query = query.with_for_update(key_share=True)
    row = work.conn.execute(query).mappings().one_or_none() if is_id(notice_id) else None
    if row is None:
        raise NotFound("文书 / notice")
    return notice_of(row)


_CORRECTED = receipt_corrections.c
# What was corrected about a notice's receipt, the oldest first.
_RECEIPT_HISTORY = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object(
                        *("received_on_before", _CORRECTED.received_before),
                        *("deemed_before", _CORRECTED.deemed_before),
                        *("proof_before", _CORRECTED.proof_before),
                        *("recorded_by_before", _CORRECTED.by_before),
                        *("window_closes_on_before", _CORRECTED.window_before),
                        *("received_on", _CORRECTED.received_on),
                        *("window_closes_on", _CORRECTED.window_closes_on),
                        *("proof", _CORRECTED.proof),
                        *("reason", _CORRECTED.reason),
                        *("recorded_by", _CORRECTED.recorded_by),
                        *("recorded_at", _CORRECTED.recorded_at),
                    ),
                    _CORRECTED.recorded_at,
                )
            ),
            text("'[]'::jsonb"),
        )
    )
    .where(_CORRECTED.notice_id == notices.c.id)
    .scalar_subquery()
    .label("receipt_corrections")
)


_FOLLOWING = notice_duties.c
# What follows a notice to the institution of its case.
_FOLLOWING_DUTIES = (
    select(
        func.coalesce(
            func.jsonb_agg(
                func.jsonb_build_object(
                    *("duty", _FOLLOWING.duty),
                    *("due_on", _FOLLOWING.due_on),
                    *("provisional", _FOLLOWING.provisional),
                    *("met_on", _FOLLOWING.met_on),
                    *("recorded_by", _FOLLOWING.recorded_by),
                )
            ),
            text("'[]'::jsonb"),
        )
    )
    .where(_FOLLOWING.notice_id == notices.c.id)
    .scalar_subquery()
    .label("duties")
)
# Notices with all of their receipts and what follows them: rows of `notice_on_record`.
on_record = select(notices, _RECEIPT_HISTORY, _FOLLOWING_DUTIES)


def read_notice(work: Work, notice_id: str) -> NoticeOnRecord:
    """Return a notice with all of its receipts, and put the look at the person on record. Raises NotFound."""
    notice = require_notice(work, notice_id)
    work.look(notice.practitioner_id, "notice", notice.case_id)
    return notice_with_receipts(work, notice_id)


def notices_of_case(work: Work, case_id: str, practitioner_ids: Collection[str]) -> list[Notice]:
    """Return the notices of a case on these people that the actor may know of, the first issued first."""
    # By their people: notices have an index on these.
    of_case = (notices.c.practitioner_id.in_(practitioner_ids), notices.c.case_id == case_id)
    query = select(notices).where(*of_case, visible_notices(work))
    order = (notices.c.created_at, notices.c.addressee_kind.desc(), notices.c.addressee_ref, notices.c.id)
    return [notice_of(row) for row in work.conn.execute(query.order_by(*order)).mappings()]


def require_visible(work: Work, notice_ids: Collection[str]) -> None:
    """Refuse all when one is unknown or out of sight, without telling which. Raises NotFound."""
    query = select(notices.c.id).where(one_of(notices.c.id, "ids"), visible_notices(work))
    seen = work.conn.execute(query, {"ids": list(filter(is_id, notice_ids))}).scalars().all()
    if set(seen) != set(notice_ids):
        raise NotFound("文书 / notice")


def read_notices(work: Work, notice_ids: Sequence[str]) -> list[NoticeOnRecord]:
    """Return notices in this order, each as `read_notice` does. Raises NotFound when one is out of sight."""
    require_visible(work, notice_ids)
    read = notices_with_receipts(work, notice_ids)
    for notice in read:
        work.look(notice.practitioner_id, "notice", notice.case_id)
    return read


def notice_with_receipts(work: Work, notice_id: str) -> NoticeOnRecord:
    """Return a notice that is there with all of its receipts."""
    query = on_record.where(notices.c.id == notice_id)
    return notice_on_record(work.conn.execute(query).mappings().one())


def notices_with_receipts(work: Work, notice_ids: Sequence[str]) -> list[NoticeOnRecord]:
    """Return notices that are there with all of their receipts, in this order."""
    rows = work.conn.execute(on_record.where(one_of(notices.c.id, "ids")), {"ids": list(notice_ids)}).mappings()
    by_id = {row["id"]: notice_on_record(row) for row in rows}
    return [by_id[notice_id] for notice_id in notice_ids]


def listing(
    work: Work,
    *,
    practitioner: str | None = None,
    unacknowledged: bool = False,
    delivery: DutyState | None = None,
    maintenance: DutyState | None = None,
    talk: DutyState | None = None,
) -> Listing[NoticeOnRecord]:
    """Return the list of the notices that the actor may know of: of a person, not yet received.

    `delivery`, `maintenance` and `talk` leave those after which that is still open, or overdue. Asking for a person is
    a look at them, and goes on record. Raises NotFound for a person out of sight.
    """
    query = on_record.where(visible_notices(work))
    if practitioner is not None:
        person = require_known(work, practitioner)
        work.look(person.id, "notices")
        query = query.where(notices.c.practitioner_id == person.id)
    if unacknowledged:
        query = query.where(notices.c.received_on.is_(None))
    for duty, state in ((Duty.DELIVERY, delivery), (Duty.MAINTENANCE, maintenance), (Duty.TALK, talk)):
        if state is not None:
            query = query.where(_is_followed_by(work, duty, state))
    keys = (notices.c.created_at, notices.c.id)
    return Listing(
        query=query, keys=keys, show=notice_on_record, looked_at="notices", fields=NOTICE_FIELDS
    )


def _is_followed_by(work: Work, duty: Duty, state: DutyState) -> ColumnElement[bool]:
    """Return the condition on `notices` that this duty is open after one, or overdue."""
    condition = is_in(work.today, state)
    return select(_FOLLOWING.notice_id).where(
        _FOLLOWING.notice_id == notices.c.id, _FOLLOWING.duty == duty, condition
    ).exists()
