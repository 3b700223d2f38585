"""A list as a file, whoever asks for it: over HTTP, on a page or on the command line."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, cast

from scoring_service.api.tables.columns import INSTITUTION, PERSON, Language, rows_of
from scoring_service.api.tables.lists import LISTS
from scoring_service.services.record.exports import Export, people_named, write_list
from scoring_service.services.registry.names import institution_names
from scoring_service.terms import chinese, english

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scoring_service.api.tables.columns import ListTable
    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.workbooks.writing import Form, Value


def list_file(
    opened: Work,
    table: ListTable | str,
    form: Form,
    pages: Iterable[Sequence[Any]],
    *,
    language: Language | str | None,
    detail: JsonObject,
) -> IO[bytes]:
    """Return the list `table` (or of that name) as a file, read page by page; it and each look are put on record.

    `language` is that of headings and words, None for headings in both and codes; `detail` is what was asked for.
    """
    table = LISTS[table] if isinstance(table, str) else table
    chosen = None if language is None else Language(language)
    if chosen is not None and table.item_key:
        table = table.with_items(_item_titles(opened))
    export = Export(
        name=table.name,
        title=(english if chosen is Language.ENGLISH else chinese)(table.title),
        headings=[column.heading(chosen) for column in table.columns],
        pages=(_page_rows(opened, table, items, chosen) for items in pages),
        detail=detail,
    )
    return write_list(opened, form, export)


def _item_titles(opened: Work) -> dict[str, str]:
    """Return the titles in both languages of the items that any rulebook has today, by key."""
    described = [
        item
        for listed in opened.rulebooks.items()
        for item in opened.rulebooks.describe(listed["id"], opened.today)["items"]
    ]
    return {item["key"]: f"{item['title']} / {item['title_en'] or item['title']}" for item in described}


def _page_rows(
    opened: Work, table: ListTable, items: Sequence[Any], language: Language | None
) -> list[list[Value]]:
    """Return the rows of a page of a list, with names beside references that have none."""
    dumped = cast("list[dict[str, Any]]", table.item.dump(items, many=True))
    if PERSON in table.referring:
        people = people_named(opened, {each[PERSON] for each in dumped if each.get(PERSON)})
        for each in dumped:
            if person := people.get(each.get(PERSON) or ""):
                each |= {f"{PERSON}.code": person.code, f"{PERSON}.name": person.name}
    if INSTITUTION in table.referring:
        names = institution_names(opened, {each[INSTITUTION] for each in dumped if each.get(INSTITUTION)})
        for each in dumped:
            each[f"{INSTITUTION}.name"] = names.get(each.get(INSTITUTION) or "")
    return rows_of(table, dumped, language)
