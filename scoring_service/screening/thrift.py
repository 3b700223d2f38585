"""Thrift's compact encoding, in which a Parquet file describes itself: read to plain values and written again.

A structure is a dictionary from the number of a field to its type and value, a list the type of its items and they
themselves; what a field means is nothing to do with it. Written again it is what was read.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any, TypeAlias

Struct: TypeAlias = "dict[int, tuple[int, Any]]"
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
_LONG_LIST = 15


def read_struct(content: BytesIO) -> Struct:
    """Return the structure that begins where `content` stands. Raises ValueError for what is none."""
    fields: Struct = {}
    number = 0
    while header := _byte(content):
        number = number + (header >> 4) if header >> 4 else _signed(content)
        kind = header & 15
        fields[number] = kind, kind == TRUE if kind in {TRUE, FALSE} else _read(content, kind)
    return fields


def write_struct(fields: Struct) -> bytes:
    """Return a structure as it is written; fields go out in the order of their numbers."""
    written, before = bytearray(), 0
    for number in sorted(fields):
        kind, value = fields[number]
        step = number - before
        written += bytes([step << 4 | kind]) if 0 < step <= 15 else bytes([kind]) + _zigzag(number)  # noqa: PLR2004
        written += b"" if kind in {TRUE, FALSE} else _written(kind, value)
        before = number
    return bytes(written + b"\0")


def _read(content: BytesIO, kind: int) -> Any:
    if kind in {I16, I32, I64}:
        return _signed(content)
    if kind == BINARY:
        return _exactly(content, _unsigned(content))
    if kind == STRUCT:
        return read_struct(content)
    if kind in {LIST, SET}:
        header = _byte(content)
        count = _unsigned(content) if header >> 4 == _LONG_LIST else header >> 4
        return header & 15, [_read(content, header & 15) for _ in range(count)]
    if kind in {TRUE, FALSE, BYTE}:
        return _byte(content)
    if kind == DOUBLE:
        return struct.unpack("<d", _exactly(content, 8))[0]
    raise ValueError(f"type {kind} is not read")


def _written(kind: int, value: Any) -> bytes:
    if kind in {I16, I32, I64}:
        return _zigzag(value)
    if kind == BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == STRUCT:
        return write_struct(value)
    if kind in {LIST, SET}:
        of, items = value
        short = len(items) < _LONG_LIST
        header = bytes([len(items) << 4 | of]) if short else bytes([_LONG_LIST << 4 | of]) + _varint(len(items))
        return header + b"".join(_written(of, item) for item in items)
    if kind == DOUBLE:
        return struct.pack("<d", value)
    return bytes([value])


def _exactly(content: BytesIO, count: int) -> bytes:
    piece = content.read(count)
    if len(piece) != count:
        raise ValueError("the description is cut short")
    return piece


def _byte(content: BytesIO) -> int:
    return _exactly(content, 1)[0]


def _unsigned(content: BytesIO) -> int:
    number = shift = 0
    while (byte := _byte(content)) & 128:
        number |= (byte & 127) << shift
        shift += 7
    return number | byte << shift


def _signed(content: BytesIO) -> int:
    number = _unsigned(content)
    return number >> 1 ^ -(number & 1)


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 127:  # noqa: PLR2004 -- seven bits a byte.
        written.append(number & 127 | 128)
        number >>= 7
    return bytes([*written, number])


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 ^ number >> 63)
