"""Files on their way into the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping


def sent_file() -> Mapping[str, Any]:
    """Return `file_name` and `content` of the file that was sent. Raises Invalid when none was chosen."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("/file", "请选择文件 / choose a file")
    return {"file_name": sent.filename, "content": sent.read()}
