"""Files on their way into the console."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import request

from scoring_service.problems import Fault, Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def about_the_file() -> Iterator[None]:
    """Tell what is wrong with a file beside its field."""
    try:
        yield
    except Problem as problem:
        if problem.status not in {413, 415, 422}:
            raise
        raise Problem(
            problem.status, problem.code, problem.detail, errors=(Fault("/file", problem.detail),)
        ) from problem


def sent_file() -> Mapping[str, Any]:
    """Return `file_name` and `content` of the file that was sent. Raises Invalid when none was chosen."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("/file", "请选择文件 / choose a file")
    return {"file_name": sent.filename, "content": sent.read()}
