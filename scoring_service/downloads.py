"""Attachments on their way out: downloads that no browser shows, guesses about or keeps."""

from __future__ import annotations

from io import BytesIO
from typing import Protocol

from flask import Response, send_file

# The first ending of each kind is the one that a name without any gets.
_ENDINGS = {"application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg", ".jpe")}


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
