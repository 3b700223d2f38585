"""Files on their way out of the console and into it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Response, request, send_file

from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row


def as_download(attachment: Row[Any]) -> Response:
    """Return an attachment as a download that no browser runs."""
    response = send_file(
        BytesIO(attachment.content),
        mimetype=attachment.media_type,
        as_attachment=True,
        download_name=attachment.file_name,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def sent_file() -> Mapping[str, Any]:
    """Return `file_name` and `content` of the file that was sent. Raises Invalid when none was chosen."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("/file", "请选择文件 / choose a file")
    return {"file_name": sent.filename, "content": sent.read()}
