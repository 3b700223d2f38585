"""Practitioners are written: new files opened together, changed ones changed together, in the chunk's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Date, Text, bindparam, func, or_, select

from scoring_service.core.standing import Span
from scoring_service.db.ledger import lock_files
from scoring_service.db.locks import Lock, hold
from scoring_service.db.persons import PRACTICE, PersonData
from scoring_service.db.tables import practitioners, standing_affiliations
from scoring_service.problems import Invalid
from scoring_service.services.imports.kind import Counts, ImportKind, Judged, Outcome, RowFault, counted
from scoring_service.services.imports.people import people_of, read_on_record
from scoring_service.services.imports.person_judging import PERSONAL, Plan, plan_people
from scoring_service.services.imports.practitioners import COLUMNS, ONE_DAY, PractitionerRow, keys_of
from scoring_service.services.registry.changes import ChangedAffiliation, FileChange, write_changes
from scoring_service.services.registry.codes import category_named_by
from scoring_service.services.registry.opening import Opening, lay_out, open_ahead, open_files
from scoring_service.services.registry.persons import with_id_number
from scoring_service.written import as_searched

if TYPE_CHECKING:
    from scoring_service.services.imports.kind import Options, Prepared, StagedRow
    from scoring_service.services.unit_of_work.transaction import Work


def judge(work: Work, rows: Sequence[StagedRow], _options: Options) -> list[Judged]:
    """Tell what becomes of each row, with a warning where somebody else of the name is at the institution."""
    plans = plan_people(work, rows)
    namesakes = _namesakes(work, [plan for plan in plans if plan.known is None])
    judged: dict[tuple[str, int], Judged] = {}
    for plan in plans:
        for row, each in zip(plan.person.rows, plan.judged(), strict=True):
            place = as_searched(plan.person.values["name"] or ""), row.values.institution
            warnings = (_NAMESAKE,) if plan.known is None and place in namesakes else ()
            judged[row.sheet, row.number] = Judged(outcome=each.outcome, faults=each.faults, warnings=warnings)
    return [judged[row.sheet, row.number] for row in rows]


_NAMESAKE = RowFault(
    column="name", expected="该机构已有同名人员，请核对是否同一人 / somebody of this name is there: is it one person?"
)


def _namesakes(work: Work, new: Sequence[Plan]) -> set[tuple[str, str]]:
    """Return the names and institutions of new people where somebody else of the name is, on record or in the chunk."""
    wanted: dict[tuple[str, str], int] = {}
    for plan in new:
        name = as_searched(plan.person.values["name"] or "")
        for place in {row.values.institution for row in plan.person.rows if row.values.institution}:
            wanted[name, place] = wanted.get((name, place), 0) + 1
    if not wanted:
        return set()
    names, places = zip(*wanted, strict=True)
    wanted_at = {"names": list(names), "places": list(places), "today": work.today}
    on_record = {(row.name, row.place) for row in work.conn.execute(_SAME_NAMED, wanted_at)}
    return on_record | {pair for pair, number in wanted.items() if number > 1}


_PAIRS = (
    func.unnest(bindparam("names", type_=ARRAY(Text)), bindparam("places", type_=ARRAY(Text)))
    .table_valued("name", "place", name="pair")
    .render_derived()
)
_SPANS = standing_affiliations.c
# Made once: thousands of people are looked for by one statement.
_SAME_NAMED = (
    select(_PAIRS.c.name, _PAIRS.c.place)
    .join(practitioners, practitioners.c.name_searched == _PAIRS.c.name)
    .join(standing_affiliations, _SPANS.practitioner_id == practitioners.c.id)
    .where(_SPANS.institution_code == _PAIRS.c.place)
    .where(or_(_SPANS.until_on.is_(None), _SPANS.until_on > bindparam("today", type_=Date)))
)


def write(work: Work, rows: Sequence[StagedRow], _options: Options) -> Counts:
    """Write the people of these rows; nothing when one is refused. Many new ones are written ahead of their lock."""
    plans = plan_people(work, rows)
    if any(plan.known is not None and plan.change for plan in plans):
        lock_files(work.conn, [plan.known.id for plan in plans if plan.known is not None and plan.change])
        plans = plan_people(work, rows)
    counts = counted(each for plan in plans for each in plan.judged())
    if counts[Outcome.REFUSED]:
        return counts
    changes = {plan.known.id: plan.change for plan in plans if plan.known is not None and plan.change}
    openings = [_opening(work, plan) for plan in plans if plan.known is None]
    if changes:
        write_changes(work, lock_files(work.conn, changes), changes, "practitioner.changed")
    if openings and changes:
        hold(work.conn, Lock.REGISTRY)
        open_files(work, openings)
    elif openings:
        open_ahead(work, lay_out(work, openings))
    return counts


def prepare(work: Work, rows: Sequence[StagedRow]) -> Prepared | None:
    """Work out what `write` would do where all people of these rows are new; None where it is to find out itself.

    What is written then meets the codes and numbers on record by their indexes, and the institutions under the lock.
    """
    plans = plan_people(work, rows)
    counts = counted(each for plan in plans for each in plan.judged())
    if counts[Outcome.REFUSED] or any(plan.known is not None for plan in plans):
        return None
    files = lay_out(work, [_opening(work, plan) for plan in plans])

    def write_prepared(work: Work) -> Counts:
        open_ahead(work, files)
        return counts

    return write_prepared


def _opening(work: Work, plan: Plan) -> Opening:
    given = plan.person.values
    data = PersonData(
        name=given["name"],
        category=given["category"] or category_named_by(given["code"] or "") or "",
        code=given["code"],
        **{name: given[name] for name in PRACTICE},
    )
    last = given["registration_last_day"]
    return Opening(
        data=data if given["id_number"] is None else with_id_number(work, data, given["id_number"]),
        registered_on=given["registered_on"],
        registered_until=None if last is None else last + ONE_DAY,
        commitment_signed_on=given["commitment_signed_on"],
        affiliations=plan.affiliations,
        earlier=plan.earlier,
    )


def check_options(_work: Work, options: Options) -> None:
    """Refuse another word than `end` for `absent`. Raises Invalid."""
    if options.get("absent", "end") != "end":
        raise Invalid("/absent", "只能为 end / must be end")


def end_absent(work: Work, chunks: Iterator[Sequence[StagedRow]], options: Options, *, write: bool) -> Counts:
    """Count, and if asked end on today, the affiliations at the file's institution of people whom it leaves out.

    Raises Invalid for a file of no or several institutions.
    """
    counts = Counts()
    if "absent" not in options:
        return counts
    institution, present = _named(work, chunks)
    spans = standing_affiliations.c
    here = select(spans.practitioner_id, spans.span_id, spans.from_on).where(
        spans.institution_code == institution, spans.from_on <= work.today, spans.until_on.is_(None)
    )
    rows = work.conn.execute(here.order_by(spans.practitioner_id))
    absent = [row for row in rows if row.practitioner_id not in present]
    counts["ended"] = len(absent)
    if write and absent:
        files = lock_files(work.conn, [row.practitioner_id for row in absent])
        changes = {
            row.practitioner_id: FileChange(
                affiliations=[
                    ChangedAffiliation(
                        institution=institution, span=Span(row.from_on, work.today), supersedes=row.span_id
                    )
                ]
            )
            for row in absent
        }
        write_changes(work, files, changes, "affiliation.recorded")
    return counts


def _named(work: Work, chunks: Iterable[Sequence[StagedRow]]) -> tuple[str, set[str]]:
    """Return the one institution of a file, and the ids of the people in it who are on record."""
    institutions: set[str] = set()
    present: set[str] = set()
    for rows in chunks:
        institutions |= {row.values.institution for row in rows if row.values.institution is not None}
        on_record = read_on_record(work, people_of(rows, PERSONAL))
        present |= on_record.people.keys()
    if len(institutions) != 1:
        detail = "未列人员只能按单个机构的名册终止 / who is left out is ended by the file of one institution"
        raise Invalid("/absent", detail)
    return institutions.pop(), present


PRACTITIONERS = ImportKind(
    name="practitioners",
    title="人员与登记 / Practitioners with registrations",
    columns=COLUMNS,
    record=PractitionerRow,
    judge=judge,
    write=write,
    prepare=prepare,
    uploads=frozenset({"office.admin"}),
    keys=keys_of,
    options=frozenset({"absent"}),
    check_options=check_options,
    finish=end_absent,
    chunk_rows=2000,
)
