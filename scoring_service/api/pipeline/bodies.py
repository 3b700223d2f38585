"""What a request carries, read strictly: its body, the coding of it, its JSON, and its address (RFC 9110, RFC 8259)."""

from __future__ import annotations

import gzip
import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import IO, Any, NoReturn

from flask import Request, request
from webargs import core
from werkzeug.exceptions import RequestEntityTooLarge

from scoring_service.api.pipeline.access import MEGABYTE
from scoring_service.problems import Fault, Faulty, Problem, TooLarge

MAX_FAULTS = 100
DEEPEST = 64
CODINGS = "gzip, identity"

_SPOOLED_AT_ONCE = MEGABYTE
_TOO_LARGE = (
    "请求内容最多 {megabytes} MB；更大的明细请用命令 scoring-service screen"
    " / the body has at most {megabytes} MB; for larger claim files use the command scoring-service screen"
)
_DROPPED_AT_ONCE = 64 * 1024
_DROPPED_AT_MOST = 128 * MEGABYTE
_GZIP = frozenset({"gzip", "x-gzip"})
_GZIP_WINDOW = 31
_UNSTORABLE = "不能包含空字符或不成对的代理字符 / must not contain NUL or half of a surrogate pair"


def read_body(limit: int) -> bytes:
    """Return the body, of at most `limit` bytes before and after its coding is undone.

    Raises RequestEntityTooLarge, Problem 415 for a coding that is not gzip, 400 for one that is not what it says.
    What is too much is taken off the wire and dropped: many a client reads no answer before it has sent all.
    """
    coded, in_parts = _is_coded(), request.mimetype == "multipart/form-data"
    try:
        body = request.get_data(cache=not (coded or in_parts))
    except RequestEntityTooLarge:
        _drop_rest()
        raise
    # Werkzeug cuts a body of unannounced length at the limit without a word.
    if request.content_length is None and len(body) >= limit:
        _drop_rest()
        raise RequestEntityTooLarge
    if coded:
        body = _decompressed(body, limit)
    if in_parts:
        body = _with_readable_names(body)
    return _put(body) if coded or in_parts else body


@contextmanager
def spooled_body(limit: int) -> Iterator[None]:
    """Let the request read a large body on from where the server keeps it; one in a coding from a file of its own.

    Raises TooLarge above `limit` bytes, before and after its coding is undone; Problem 415 and 400 as `read_body`.
    """
    try:
        stream = request.stream
    except RequestEntityTooLarge:
        raise _above(limit) from None
    if not _is_coded():
        yield
        return
    with tempfile.TemporaryFile(prefix="body-") as body:
        for piece in _unpacked(stream):
            if body.tell() + len(piece) > limit:
                raise _above(limit)
            body.write(piece)
        size = body.tell()
        body.seek(0)
        _read_from(body, size)
        yield


def _above(limit: int) -> TooLarge:
    return TooLarge("too_large", _TOO_LARGE.format(megabytes=limit // MEGABYTE))


def _pieces(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    return iter(partial(stream.read, _SPOOLED_AT_ONCE), b"")


def _unpacked(stream: IO[bytes]) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield from _pieces(unpacked)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise _not_gzip() from None


def _drop_rest() -> None:
    stream, left = request.environ["wsgi.input"], _DROPPED_AT_MOST
    while left > 0 and (dropped := stream.read(_DROPPED_AT_ONCE)):
        left -= len(dropped)


def _is_coded() -> bool:
    named = (coding.strip().lower() for coding in request.headers.get("Content-Encoding", "").split(","))
    codings = [coding for coding in named if coding not in {"", "identity"}]
    if len(codings) > 1 or not _GZIP.issuperset(codings):
        detail = "内容编码只支持 gzip / the only content coding taken is gzip"
        raise Problem(415, "unsupported_content_coding", detail, accept_encoding=CODINGS)
    return bool(codings)


def _decompressed(coded: bytes, limit: int) -> bytes:
    body = b""
    while coded:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            body += member.decompress(coded, limit + 1 - len(body))
        except zlib.error:
            raise _not_gzip() from None
        if len(body) > limit:
            raise RequestEntityTooLarge
        if not member.eof:
            raise _not_gzip()
        coded = member.unused_data
    return body


def _not_gzip() -> Problem:
    return Problem(400, "malformed", "内容不是完整的 gzip / the body is not a whole gzip stream")


def _put(body: bytes) -> bytes:
    """Let everybody who reads the request's body from here on read `body`."""
    _read_from(BytesIO(body), len(body))
    return request.get_data(cache=True)


def _read_from(body: IO[bytes], size: int) -> None:
    request.environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
    for coding in ("HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING"):
        request.environ.pop(coding, None)
    del request.stream


def _with_readable_names(body: bytes) -> bytes:
    """Return a multipart body with its file names in UTF-8, which clients of hospitals' systems write in GB18030.

    Raises Problem 400 for names that are neither.
    """
    between = b"--" + request.mimetype_params.get("boundary", "").encode("utf-8", "replace")
    if between == b"--":
        return body
    return between.join(_with_readable_head(part) for part in body.split(between))


def _with_readable_head(part: bytes) -> bytes:
    head, end, content = part.partition(b"\r\n\r\n")
    if not end or head.isascii():
        return part
    for charset in ("utf-8", "gb18030"):
        try:
            return head.decode(charset).encode("utf-8") + end + content
        except UnicodeDecodeError:
            continue
    raise Problem(400, "malformed", "文件名的编码无法识别 / the file name is neither UTF-8 nor GB18030")


def check_address() -> None:
    """Refuse an unclear address. Raises Faulty for a NUL in it and for a parameter given twice."""
    places = [(f"/path/{name}", str(value)) for name, value in (request.view_args or {}).items()]
    places += [(f"/query/{name}", value) for name, value in request.args.items(multi=True)]
    faults = [Fault(pointer, _UNSTORABLE) for pointer, value in places if _is_unstorable(value)]
    faults += [Fault(f"/query/{name}", _TWICE) for name, values in request.args.lists() if len(values) > 1]
    if faults:
        raise Faulty(faults)


_TWICE = "只能给出一次 / may be given once only"


def read_json(req: Request) -> Any:
    """Return the body as JSON; webargs' `missing` when there is none.

    Raises Problem 400 `malformed_json` (a member named twice, and what is nested deeper than `DEEPEST`, too), 415, or
    422 for text that cannot be stored.
    """
    raw = req.get_data(cache=True)
    if not raw:
        return core.missing
    if not core.is_json(req.mimetype):
        detail = "请求内容须为 application/json / the body must be application/json"
        raise Problem(415, "unsupported_media_type", detail)
    value = parse_json(raw)
    if b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _check_values(value)
    return value


def parse_json(raw: bytes) -> Any:
    """Return the value of a JSON text. Raises Problem 400 `malformed_json`."""
    try:
        return json.loads(
            raw.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=_members
        )
    except UnicodeDecodeError as error:
        raise _malformed(f"不是 UTF-8 / not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"不是有效的 JSON / not JSON: line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise _malformed("不是可读的 JSON / not readable as JSON") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed(f"同一对象中有重复的成员 / a member named twice in one object: {twice[:100]}")
    return members


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed_json", detail)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_values(value: Any) -> None:
    faults = tuple(Fault(pointer, _UNSTORABLE) for pointer in _unstorable(value))
    if faults:
        raise Problem(422, "invalid", _UNSTORABLE, errors=faults[:MAX_FAULTS])


def _unstorable(value: Any) -> Iterator[str]:
    """Go through a value, level by level and without recursion, and give the pointers to what cannot be stored."""
    level, depth = [("", value)], 0
    while level:
        if depth > DEEPEST:
            raise _malformed(f"嵌套不得超过 {DEEPEST} 层 / nested deeper than {DEEPEST} levels")
        below: list[tuple[str, Any]] = []
        for pointer, held in level:
            if isinstance(held, str) and _is_unstorable(held):
                yield pointer
            elif isinstance(held, dict):
                named = [(pointer + "/" + name.replace("~", "~0").replace("/", "~1"), name) for name in held]
                yield from (place for place, name in named if _is_unstorable(name))
                below += [(place, held[name]) for place, name in named if not _is_unstorable(name)]
            elif isinstance(held, list):
                below += [(f"{pointer}/{index}", item) for index, item in enumerate(held)]
        level, depth = below, depth + 1


def _is_unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
