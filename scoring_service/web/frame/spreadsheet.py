"""Tables as CSV for a spreadsheet: Chinese that opens as Chinese, and no cell that is taken for a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from flask import Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A spreadsheet takes the full-width ones for the others.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def as_csv(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """Return the rows as a download called `name`.csv; `name` is ASCII."""
    written = io.StringIO()
    csv.writer(written).writerows([_cell(cell) for cell in row] for row in rows)
    # A byte order mark, so that a spreadsheet reads the Chinese as UTF-8.
    response = Response("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.lstrip(" \u3000\u00a0\ufeff").startswith(_FORMULA) else value
