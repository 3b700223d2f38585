"""People as the rows of a file name them: by national code, identity number or the service's id, and by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from scoring_service import written
from scoring_service.core.registry import known_versions
from scoring_service.db.persons import read_persons
from scoring_service.db.tables import practitioners, standing_codes
from scoring_service.problems import Invalid
from scoring_service.services.imports import cells
from scoring_service.services.imports.cells import CellFault
from scoring_service.services.imports.columns import Column
from scoring_service.services.imports.kind import RowFault
from scoring_service.services.registry.codes import is_practitioner_code
from scoring_service.services.registry.persons import checked_id_number
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.terms import chinese, english
from scoring_service.written import LONGEST_NAME, as_searched, is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.workbooks.sheets import Value


def person_ref(value: Value) -> str:
    """Return a code, an identity number or an id in its normal form. Raises CellFault for what is none of them."""
    ref = written.as_ref(cells.code(value))
    if is_id(ref) or is_practitioner_code(ref):
        return ref
    try:
        return checked_id_number(ref)
    except Invalid as refused:
        sentence = f"人员代码、证件号或编号；{chinese(refused.detail)} / a national code, an identity number or an id; "
        raise CellFault(sentence + english(refused.detail)) from None


PERSON_COLUMNS = (
    Column(
        name="practitioner",
        heading="人员代码",
        aliases=("prac_psn_code", "国家医保编码", "医保医师代码", "certno", "证件号", "身份证号", "code", "id_number"),
        reading=person_ref,
        required=True,
        example="D150402000123",
        explanation="国家代码；没有代码的写证件号 / the national code, or the identity number of who has none",
    ),
    Column(
        name="name",
        heading="姓名",
        aliases=("prac_psn_name", "人员姓名"),
        reading=cells.line(LONGEST_NAME),
        example="张三",
        explanation="核对用：与档案中的姓名不符时拒绝 / compared with the file, and refused where it differs",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """A person on record: the category of the present, and every name they have or had, as names are searched."""

    id: str
    category: str
    names: frozenset[str]


def people_named(work: Work, refs: Collection[str]) -> dict[str, NamedPerson]:
    """Return by their references those people whom the actor may know of; a fixed number of statements."""
    numbers = {ref for ref in refs if not is_id(ref) and not is_practitioner_code(ref)}
    digests = {digest: ref for ref in numbers for digest in work.service.identity_numbers.digests(ref)}
    codes = {ref for ref in refs if is_practitioner_code(ref)}
    coded = select(standing_codes.c.code, standing_codes.c.practitioner_id).where(standing_codes.c.code.in_(codes))
    codes_of: dict[str, list[str]] = {}
    for code, practitioner_id in work.conn.execute(coded):
        codes_of.setdefault(practitioner_id, []).append(code)
    ids = {ref for ref in refs if is_id(ref)}
    refs_of = _refs_of(work, {*ids, *codes_of}, digests)
    query = select(practitioners.c.id, practitioners.c.category).where(
        practitioners.c.id.in_(refs_of), practitioner_filter(work)
    )
    rows = work.conn.execute(query).all()
    names = read_persons(work.conn, [row.id for row in rows])
    named: dict[str, NamedPerson] = {}
    for row in rows:
        person = NamedPerson(
            id=row.id,
            category=row.category,
            names=frozenset(as_searched(version.name) for version in known_versions(names[row.id])),
        )
        for ref in {*refs_of[row.id], *codes_of.get(row.id, ())}:
            if ref is not None and ref in refs:
                named[ref] = person
    return named


def _refs_of(work: Work, ids: Collection[str], digests: Mapping[bytes, str]) -> dict[str, set[str | None]]:
    """Return by person the ids and numbers among these that name them, of files merged into theirs too."""
    columns = (practitioners.c.id, practitioners.c.merged_into, practitioners.c.id_number_digest)
    either = or_(practitioners.c.id.in_(ids), practitioners.c.id_number_digest.in_(digests))
    refs_of: dict[str, set[str | None]] = {}
    for row in work.conn.execute(select(*columns).where(either)):
        person = refs_of.setdefault(row.merged_into or row.id, set())
        person.update((row.id, digests.get(row.id_number_digest)))
    return refs_of


def person_faults(ref: str | None, name: str | None, people: Mapping[str, NamedPerson]) -> list[RowFault]:
    """Return what is wrong with how a row names its person."""
    if ref is None:
        return []
    person = people.get(ref)
    if person is None:
        return [RowFault(column="practitioner", expected="已登记的人员 / a person on record")]
    if name is not None and as_searched(name) not in person.names:
        return [RowFault(column="name", expected="与档案一致的姓名 / the name that the file has")]
    return []
