"""The same decision of an institution scored in a second case: the other cases, whichever way its number was typed.

A number is compared folded: full width as half width, one kind of bracket and dash, no blanks, no case.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.procedure import CaseState
from scoring_service.db.tables import cases, findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

WITHDRAWN = CaseState.WITHDRAWN
# The flags of what looks scored twice: in another case of this decision, or in this case.
SAME_DECISION, SAME_FINDING = "same_decision", "same_finding"
DUPLICATES = frozenset({SAME_DECISION, SAME_FINDING})
# Whom a finding is on, and its item.
Charge = tuple[str, str]

_BRACKETS = dict.fromkeys("〔[【〖{<《〈「『", "(") | dict.fromkeys("〕]】〗}>》〉」』", ")")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
_ONE_FORM = str.maketrans(_BRACKETS | _DASHES)


def folded_number(document_no: str) -> str:
    """Return a decision's number in the one form by which it is compared."""
    plain = unicodedata.normalize("NFKC", document_no).translate(_ONE_FORM).casefold()
    return "".join(char for char in plain if not char.isspace() and unicodedata.category(char) not in {"Cc", "Cf"})


def same_decisions(
    conn: Connection,
    charges: Iterable[Charge],
    *,
    institution: str,
    document_no: str,
    but: str | None,
    visible: ColumnElement[bool] | None = None,
) -> dict[Charge, str]:
    """Return for each of the `charges` that another case of this decision makes too, the oldest such case's id.

    Withdrawn cases and the case `but` itself do not count; with `visible` only those for which it holds.
    """
    wanted = set(charges)
    query = (
        select(findings.c.practitioner_id, findings.c.item, cases.c.id, cases.c.document_no)
        .join(cases, cases.c.id == findings.c.case_id)
        .where(
            findings.c.practitioner_id.in_({person for person, _item in wanted}),
            cases.c.institution_code == institution,
            cases.c.state != WITHDRAWN,
        )
        .order_by(cases.c.created_at, cases.c.id)
    )
    query = query if but is None else query.where(cases.c.id != but)
    query = query if visible is None else query.where(visible)
    number = folded_number(document_no)
    elsewhere: dict[Charge, list[str]] = defaultdict(list)
    for row in conn.execute(query):
        if folded_number(row.document_no) == number:
            elsewhere[row.practitioner_id, row.item].append(row.id)
    return {charge: ids[0] for charge, ids in elsewhere.items() if charge in wanted}
