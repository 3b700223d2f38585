"""Conditional requests (RFC 9110 13): `If-Match` by the version of a thing, `If-None-Match` by what is shown of it.

An ETag is the version; on what is read, with a hash of the answer behind it, because what is shown of one version
changes too: with the day, and with who looks. `If-Match` takes both.
"""

from __future__ import annotations

import hashlib
import re

from flask import Response, request

from scoring_service.problems import Problem, Stale

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')
_VERSION = re.compile(r'"?([0-9]{1,9})(?:-[0-9a-f]+)?"?')
HASH_DIGITS = 16


def expected_version(*, required: bool = False) -> int | None:
    """Return the version that If-Match names, None when it names none (absent, or `*`).

    Of several the highest: versions go up only, so that no earlier one can be present. Raises Problem 428
    `precondition_required` when it is required and absent, 400 when it is empty, 412 when it can match no version.
    """
    header = request.headers.get("If-Match")
    if header is None:
        if required:
            detail = (
                "需要 If-Match 头，值为读到的 ETag / If-Match is required: send the ETag that you have read"
            )
            raise Problem(428, "precondition_required", detail)
        return None
    if not header.strip():
        raise Problem(400, "malformed", "If-Match 不能为空 / If-Match must not be empty")
    if header.strip() == "*":
        return None
    strong = [tag for weak, tag in _TAG.findall(header) if not weak]
    named = [_VERSION.fullmatch(tag) for tag in strong or [header.strip()]]
    versions = [int(match.group(1)) for match in named if match]
    if not versions:
        raise Stale(0)
    return max(versions)


def require_version(version: int, *, required: bool = False) -> None:
    """Compare If-Match with the present version. Raises as `expected_version`, and Stale when they differ."""
    expected = expected_version(required=required)
    if expected is not None and expected != version:
        raise Stale(version)


def answered(response: Response) -> Response:
    """Return what was read with its full ETag; 304 without a body when `If-None-Match` names it."""
    version = response.headers.get("ETag")
    if request.method not in {"GET", "HEAD"} or response.status_code != 200 or version is None:  # noqa: PLR2004
        return response
    shown = hashlib.sha256(response.get_data()).hexdigest()[:HASH_DIGITS]
    tag = f"{version.strip(chr(34))}-{shown}"
    response.headers["ETag"] = f'"{tag}"'
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        response.set_data(b"")
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)
    return response
