"""Files on their way out: downloads that no browser shows, guesses about or keeps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import SEEK_END, BytesIO
from typing import IO, Protocol

from flask import Response, send_file

# The first ending of each kind is the one that a name without any gets.
_ENDINGS = {"application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg", ".jpe")}

PIECE_BYTES = 64 * 1024


class AttachedFile(Protocol):
    """A file as it was attached."""

    @property
    def file_name(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...


def as_download(attachment: AttachedFile) -> Response:
    """Return an attachment as a download, its name with the ending of what it was found to be."""
    response = send_file(
        BytesIO(attachment.content),
        mimetype=attachment.media_type,
        as_attachment=True,
        download_name=_named(attachment.file_name, attachment.media_type),
        etag=False,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _named(file_name: str, media_type: str) -> str:
    endings = _ENDINGS[media_type]
    return file_name if file_name.lower().endswith(endings) else file_name + endings[0]


def as_file(file: IO[bytes], name: str, media_type: str) -> Response:
    """Return an open file as a download called `name`; it is sent in pieces and closed at the end."""
    size = file.seek(0, SEEK_END)
    response = Response(_pieces(file), mimetype=media_type)
    response.call_on_close(file.close)
    response.content_length = size
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        yield from iter(partial(file.read, PIECE_BYTES), b"")


def as_pdf(content: bytes, name: str) -> Response:
    """Return a PDF as a download called `name`."""
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
