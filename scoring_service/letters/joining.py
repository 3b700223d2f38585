"""Letters joined in one PDF: each letter's pages stand in it as they were issued, behind a bookmark of their own."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pypdf import PdfWriter

if TYPE_CHECKING:
    from collections.abc import Iterable


def join(letters: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the PDFs of these letters as one, in their order, each with its bookmark."""
    with PdfWriter() as writer:
        for bookmark, pdf in letters:
            writer.append(BytesIO(pdf), outline_item=bookmark, import_outline=False)
        joined = BytesIO()
        writer.write(joined)
    return joined.getvalue()
