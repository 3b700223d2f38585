"""Screened files: rows as they came in with what is added, key columns alone, and the lines that were refused."""

from __future__ import annotations

import csv
import gzip
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scoring_service.screening.delimited import DelimitedClaims
from scoring_service.screening.lines import plain
from scoring_service.screening.parts import Form, ParquetClaims, StoredRows, form_of
from scoring_service.screening.splicing import Column, Described, Splice, as_parquet, is_laid_out_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from scoring_service.screening.parts import Part, Refused

_NOTHING = pa.scalar(b"", pa.binary())


class RowsWriter(Protocol):
    """Takes rows with what is added to them."""

    def write(self, part: Part, added: Mapping[str, pa.Array]) -> None:
        """Write the rows of a part, each with the added columns behind it."""

    def close(self) -> None:
        """End the file."""


class DelimitedWriter:
    """Rows go out as the bytes that they came in as, what is added behind them; or key columns alone."""

    def __init__(self, path: Path, source: DelimitedClaims, keys: Sequence[str] | None, added: Sequence[str]) -> None:
        self._file: IO[bytes] = (
            gzip.open(path, "wb", compresslevel=1) if ".csv.gz" in path.name else path.open("wb")  # type: ignore[assignment] # noqa: SIM115
        )
        self._end, self._keys = source.line_end, keys
        named = [name.encode(source.encoding) for name in keys or ()]
        headings = source.heading_line if keys is None else b",".join(named)
        self._file.write(source.mark + headings + b"," + ",".join(added).encode() + self._end)

    def write(self, part: Part, added: Mapping[str, pa.Array]) -> None:
        if not len(part.numbers):
            return
        rows = [part.rows] if self._keys is None else [_quoted(_as_bytes(part.cells[name])) for name in self._keys]
        lines = pc.binary_join_element_wise(*rows, _endings(added, self._end), pa.scalar(b",", pa.binary()))
        begins, content = lines.buffers()[1:]
        self._file.write(memoryview(content)[: np.frombuffer(begins, np.int32)[len(lines)]])

    def close(self) -> None:
        self._file.close()


def _endings(added: Mapping[str, pa.Array], end: bytes) -> pa.Array:
    """Return the added cells of each line, with the end of the line; the few different ones are written out once."""
    kinds: NDArray[np.int64] = np.zeros(len(next(iter(added.values()))), np.int64)
    for column in added.values():
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        empty = len(encoded.dictionary)
        kinds = kinds * (empty + 1) + pc.fill_null(encoded.indices.cast(pa.int32()), empty).to_numpy()
    kind = pa.array(kinds).dictionary_encode()
    example = np.zeros(len(kind.dictionary), np.int64)
    example[kind.indices.to_numpy()] = np.arange(len(kinds))
    cells = [_as_bytes(column.take(pa.array(example))) for column in added.values()]
    texts = pc.binary_join_element_wise(*cells, pa.scalar(b",", pa.binary()))
    return pc.binary_join_element_wise(texts, pa.scalar(end, pa.binary()), _NOTHING).take(kind.indices)


def _as_bytes(column: pa.Array) -> pa.Array:
    column = plain(column)
    if pa.types.is_boolean(column.type):
        text = pc.if_else(column, "true", "false")
    else:
        text = column if pa.types.is_binary(column.type) else column.cast(pa.string())
    return pc.fill_null(text.cast(pa.binary()), _NOTHING)


def _quoted(column: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(column, '[",\r\n]')
    if not pc.any(special).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    mark = pa.scalar(b'"', pa.binary())
    return pc.if_else(special, pc.binary_join_element_wise(mark, doubled, mark, _NOTHING), column)


class ParquetWriter:
    """Rows go out in the types that they came in, with the added columns behind them; or key columns alone."""

    def __init__(self, path: Path, source: ParquetClaims, keys: Sequence[str] | None, added: pa.Schema) -> None:
        self._keys, self._schema = keys, _schema(source, keys, added)
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", compression_level=1)

    def write(self, part: Part, added: Mapping[str, pa.Array]) -> None:
        if self._keys is None and not isinstance(part.rows, pa.Array):
            rows = part.rows
            rows = rows.table(self._schema.names[: -len(added)]) if isinstance(rows, StoredRows) else rows
            own = [] if rows is None else rows.columns
        else:
            own = [plain(part.cells[name]) for name in self._keys or ()]
        columns = [*own, *(plain(each) for each in added.values())]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


class SplicedWriter:
    """Writes what `ParquetWriter` does, of files whose columns can go over as the bytes that they stand in."""

    def __init__(
        self, path: Path, sources: Sequence[ParquetClaims], keys: Sequence[str] | None, added: pa.Schema
    ) -> None:
        self._copied = [name for name in keys or sources[0].schema.names if keys is None or name not in _KEYS]
        self._schema = _schema(sources[0], keys, added)
        with ExitStack() as opened:
            files = [opened.enter_context(source.path.open("rb")) for source in sources]
            self._sources = {source.path: Described(file) for source, file in zip(sources, files, strict=True)}
            self._splice = Splice(path, self._schema, self._columns())
            self._opened = opened.pop_all()

    def _columns(self) -> dict[str, Column]:
        first, *others = [described.columns for described in self._sources.values()]
        for name in self._copied:
            if not all(is_laid_out_as(first[name], other[name]) for other in others):
                raise ValueError(f"{name} is held in another way in another file")
        return {name: first[name] for name in self._copied}

    def write(self, part: Part, added: Mapping[str, pa.Array]) -> None:
        rows = part.rows
        if not isinstance(rows, StoredRows) or not len(part.numbers):
            return
        own = [(name, part.cells[name]) for name in self._schema.names if name in _KEYS and name not in self._copied]
        fresh = pa.table(dict(own) | dict(added))
        if rows.kept is None:
            self._copy(rows, fresh)
        else:
            self._write(rows.table(self._copied), fresh)

    def _copy(self, rows: StoredRows, fresh: pa.Table) -> None:
        sizes = rows.claims.rows_of_groups()
        counts = [sizes[group] for group in rows.groups]
        made, source = Described(as_parquet(fresh, counts)), self._sources[rows.claims.path]
        for place, (group, count) in enumerate(zip(rows.groups, counts, strict=True)):
            copied = dict.fromkeys(self._copied, (source, group))
            self._splice.add(count, copied | dict.fromkeys(fresh.column_names, (made, place)))

    def _write(self, kept: pa.Table, fresh: pa.Table) -> None:
        """Write rows some of whose neighbours stay out: they cannot go over as they stand."""
        columns = [(fresh if name in fresh.column_names else kept).column(name) for name in self._schema.names]
        made = Described(as_parquet(pa.table(columns, names=self._schema.names), [len(fresh)]))
        self._splice.add(len(fresh), dict.fromkeys(self._schema.names, (made, 0)))

    def close(self) -> None:
        with self._opened:
            self._splice.close()


_KEYS = {"line": pa.int64(), "file": pa.string()}
_ADDED_TYPES = {"until": pa.date32(), "payable": pa.bool_(), "payable_then": pa.bool_()}


def _schema(source: ParquetClaims, keys: Sequence[str] | None, added: pa.Schema) -> pa.Schema:
    types = dict(zip(source.schema.names, source.schema.types, strict=True)) | (_KEYS if keys else {})
    return pa.schema([*(source.schema if keys is None else [(name, types[name]) for name in keys]), *added])


def rows_writer(
    path: Path,
    sources: Sequence[DelimitedClaims | ParquetClaims],
    keys: Sequence[str] | None,
    added: Sequence[str],
) -> RowsWriter:
    """Return the writer of rows in the form of the sources, or of their `keys` alone, with these columns added."""
    if isinstance(sources[0], DelimitedClaims):
        return DelimitedWriter(path, sources[0], keys, added)
    types = pa.schema([(name, _ADDED_TYPES.get(name, pa.string())) for name in added])
    tables = [source for source in sources if isinstance(source, ParquetClaims)]
    if all(source.has_small_groups() for source in tables):
        with suppress(ValueError):
            return SplicedWriter(path, tables, keys, types)
    return ParquetWriter(path, tables[0], keys, types)


class RejectsWriter:
    """The lines that could not be judged, in UTF-8: file, line, what is wrong, the line as it stands."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(["file", "line", "reason", "row"])

    def write(self, file: str, encoding: str, refused: Iterable[Refused]) -> None:
        """Write refused lines of a file in an encoding."""
        rows = sorted(refused, key=lambda each: each.line)
        self._rows.writerows([file, each.line, each.why, each.row.decode(encoding, "replace")] for each in rows)

    def close(self) -> None:
        """End the file."""
        self._file.close()


def is_same_form(some: Path, other: Path) -> bool:
    """Tell whether two files are both delimited or both Parquet."""
    return (form_of(some) is Form.PARQUET) is (form_of(other) is Form.PARQUET)
