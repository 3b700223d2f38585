"""Who may touch what, beside `sight`, which says who may know of it (contract.md, Roles).

What is out of sight is NotFound; what is in sight and not one's own to touch is refused here as Forbidden:
`outside_region` for an office of another region, `not_party` for an institution or a person that has no part in it,
`conflict_of_interest` for whoever would act on their own file.

A case, and what hangs on its entries, is its region's. A registry act is that of a region in which the person is
registered at present; of somebody registered nowhere, that of the office that is bound to no region. An application
or a new start is that of a present region too, else that of the last case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from scoring_service.db import regions
from scoring_service.db.practitioner_lists import has_code
from scoring_service.db.tables import accounts, findings, practitioners
from scoring_service.problems import Forbidden
from scoring_service.services.unit_of_work.staff_numbers import recorded_for, same_person, staff_number

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoring_service.db.appeals import StoredAppeal
    from scoring_service.services.unit_of_work.transaction import Work


def check_touches_case(work: Work, region: str, practitioner_ids: Collection[str]) -> None:
    """Refuse an act on a case of a division, that charges these people, by another region or one of them."""
    _check_region(work, {region})
    check_not_own_file(work, practitioner_ids)


def people_in_case(work: Work, case_id: str) -> set[str]:
    """Return the ids of the people whom a case charges."""
    charged = select(findings.c.practitioner_id).where(findings.c.case_id == case_id)
    return set(work.conn.execute(charged).scalars())


def check_touches_entry(work: Work, practitioner_id: str, entry_id: str) -> None:
    """Refuse a correction of an entry by another region than its case's, or on one's own file."""
    region = regions.region_of_entry(work.conn, entry_id)
    _check_region(work, _home(work, practitioner_id) if region is None else {region})
    check_not_own_file(work, [practitioner_id])


def check_touches_appeal(work: Work, appeal: StoredAppeal) -> None:
    """Refuse an office's act on an appeal by another region than its case's, or on one's own file.

    An appeal against the state of a file is that of the case behind the latest sanction.
    """
    if work.actor.is_office:
        _check_region(work, _regions_of_appeal(work, appeal.practitioner_id, appeal.entry_id))
    if is_own_file(work, [appeal.practitioner_id]):
        if same_person(appeal.recorded_staff_no, work.actor.staff_no):
            raise Forbidden("same_person", "不得办理本人提出的申诉 / you filed this yourself")
        raise _own_file()


def check_touches_new_appeal(work: Work, practitioner_id: str, entry_id: str | None) -> None:
    """Refuse an appeal recorded on paper, as `check_touches_appeal` would once it is on record."""
    if work.actor.is_office:
        _check_region(work, _regions_of_appeal(work, practitioner_id, entry_id))
    check_not_own_file(work, [practitioner_id])


def _regions_of_appeal(work: Work, practitioner_id: str, entry_id: str | None) -> set[str]:
    conn = work.conn
    region = regions.region_of_entry(conn, entry_id) if entry_id else regions.region_behind_state(conn, practitioner_id)
    return _home(work, practitioner_id) if region is None else {region}


def check_touches_matter(work: Work, practitioner_id: str) -> None:
    """Refuse an act on an application or a new start by an office of another region, or on one's own file."""
    if work.actor.is_office:
        _check_region(work, _home(work, practitioner_id))
    check_not_own_file(work, [practitioner_id])


def check_touches_registry(work: Work, practitioner_id: str) -> None:
    """Refuse a registry act by a region in which the person is not registered at present, or on one's own file."""
    _check_region(work, regions.present_regions(work.conn, practitioner_id, work.today))
    check_not_own_file(work, [practitioner_id])


def check_touches_new_file(work: Work, held_by: Collection[str]) -> None:
    """Refuse the registration of a person in none of the actor's divisions, or in none at all by a regional office."""
    _check_region(work, held_by)


def check_touches_notice(work: Work, practitioner_id: str, case_id: str | None) -> None:
    """Refuse what an office records on a notice of another region, or on its clerk's own file.

    A notice is that of its case's region, else that of the file.
    """
    if work.actor.is_office:
        of_case = case_id and {regions.region_of_case(work.conn, case_id)}
        _check_region(work, of_case or _home(work, practitioner_id))
        check_not_own_file(work, [practitioner_id])


def check_touches_everything(work: Work) -> None:
    """Refuse what concerns every region at once, jobs and the clock, to an account that is bound to one."""
    if work.actor.region is not None:
        detail = "此事涉及所有区划，由不限区划的管理员办理 / it concerns every division, your account is bound to one"
        raise Forbidden("outside_region", detail)


def check_not_own_file(work: Work, practitioner_ids: Collection[str]) -> None:
    """Refuse an act on the actor's own file. Raises Forbidden `conflict_of_interest`."""
    if is_own_file(work, practitioner_ids):
        raise _own_file()


def _own_file() -> Forbidden:
    return Forbidden("conflict_of_interest", "不得办理本人的档案、案件、申诉或申请 / this is your own file")


def is_own_file(work: Work, practitioner_ids: Collection[str]) -> bool:
    """Tell whether one of the people is who acts, in whatever role: by staff number, code or account.

    The person themselves, as the party that they are, acts on nobody's file.
    """
    actor = work.actor
    if actor.has("system") or not practitioner_ids:
        return False
    if actor.has("practitioner") and not actor.is_office and {actor.practitioner_id} == set(practitioner_ids):
        return False
    return actor.practitioner_id in practitioner_ids or _is_tied(work, practitioner_ids)


def own_files(work: Work, practitioner_ids: Collection[str]) -> set[str]:
    """Return those of the people who are who acts, as `is_own_file` tells it of one."""
    if not is_own_file(work, practitioner_ids):
        return set()
    return {each for each in practitioner_ids if is_own_file(work, [each])}


def _is_tied(work: Work, practitioner_ids: Collection[str]) -> bool:
    staff_no = staff_number(work.actor.staff_no)
    of_account = select(accounts.c.id).where(
        accounts.c.practitioner_id == practitioners.c.id, recorded_for(accounts.c.staff_no, staff_no)
    )
    query = select(practitioners.c.id).where(
        practitioners.c.id.in_(practitioner_ids), or_(has_code(staff_no), of_account.exists())
    )
    return work.conn.execute(query.limit(1)).first() is not None


def _home(work: Work, practitioner_id: str) -> set[str]:
    """Return the divisions that a file is at home in: those of today, else that of the last case."""
    present = regions.present_regions(work.conn, practitioner_id, work.today)
    last = None if present else regions.region_of_last_case(work.conn, practitioner_id)
    return present or ({last} if last is not None else set())


def _check_region(work: Work, held_by: Collection[str]) -> None:
    actor = work.actor
    if actor.has("system") or any(map(actor.sees_region, held_by)) or actor.region is None:
        return
    whose = "、".join(sorted(held_by))
    if whose:
        detail = f"此事由 {whose} 区划的经办机构办理，您的账号仅限 {actor.region} / it is for the office of {whose}"
    else:
        detail = "此档案目前不属任何区划，由不限区划的经办机构办理 / no division holds this file at present"
    raise Forbidden("outside_region", detail)


def not_party() -> Forbidden:
    """Return the refusal to an institution or a person that has no part in the thing."""
    return Forbidden("not_party", "您不是当事方，不能办理 / you are no party to this")
