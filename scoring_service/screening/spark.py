"""A run on Spark: the pack and the statement of `judging.py` on a cluster, reading and writing in `chunks.py`.

Every machine must see the claims and the folder of the answer under the same path, and have this package and its
dependencies installed. The answer is a folder of parts; it has its name when all of them are whole.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import scoring_service
from scoring_service.problems import Invalid
from scoring_service.screening.cells import CIVIL_ZONE_NAME
from scoring_service.screening.chunks import (
    CHUNK_BITS,
    LINES,
    MOST_PEOPLE_COLUMNS,
    SUMS,
    Chunked,
    add_sums,
    chunks_of,
    emptied,
    questions,
    sums_of,
    write_chunks,
)
from scoring_service.screening.judging import JUDGED_BY, JUDGEMENT
from scoring_service.screening.pack import SCHEMAS, make_pack, reduced
from scoring_service.screening.proven import proofs_of
from scoring_service.screening.screen import LISTS, begun_summary, opened_claims, put_on_record
from scoring_service.screening.unfinished import Unfinished, clear_left, pack_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from scoring_service.screening.pack import Pack
    from scoring_service.screening.screen import Progress, Run
    from scoring_service.screening.summary import Summary
    from scoring_service.services.unit_of_work.transaction import Service

NO_PYSPARK = (
    "未安装 Spark 引擎，请先运行 pip install --require-hashes -r requirements-spark.txt，或改用 --engine duckdb"
    " / the engine Spark is not installed: pip install --require-hashes -r requirements-spark.txt,"
    " or take --engine duckdb"
)
NO_JAVA = (
    "Spark 需要 Java 17 或更新版本：apt-get install default-jre-headless，或设置 JAVA_HOME"
    " / Spark needs Java 17 or newer: apt-get install default-jre-headless, or set JAVA_HOME"
)
NOT_STARTED = (
    "Spark 未能在 {master} 启动，请检查 --master，并确认 Java 为 17 或更新版本"
    " / Spark did not start at {master}: look at --master, and whether Java is 17 or newer"
)
# Packs of more rows are joined by shuffling; smaller ones are sent to every machine whole.
MOST_ROWS_SENT = 4_000_000
_SETTINGS = {
    "spark.sql.session.timeZone": CIVIL_ZONE_NAME,
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.ui.showConsoleProgress": "false",
    # One file for all that a task sorts, in place of one for each that it sorts it into.
    "spark.shuffle.sort.bypassMergeThreshold": "1",
}
_SECONDS = 2.0


class EngineMissing(Exception):
    """An engine is not installed; the text says how it is had."""


def check_installed() -> None:
    """Raise EngineMissing where Spark cannot be started on this machine."""
    if find_spec("pyspark") is None:
        raise EngineMissing(NO_PYSPARK)
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        raise EngineMissing(NO_JAVA)


def screen_on_spark(
    service: Service,
    run: Run,
    start: Callable[[], AbstractContextManager[Any]],
    progress: Progress = lambda _lines, _share: None,
) -> Summary:
    """Judge the lines of all files on a session that is started; `out` becomes a folder. One act goes on record.

    Raises Invalid as `screen` does and where `out` exists, RuntimeError where a line was judged twice or never.
    """
    run = replace(run, claims=[path.absolute() for path in run.claims], out=run.out.absolute())
    sources, columns = opened_claims(run)
    _check(run, len(columns.people))
    clear_left(run.files())
    with ExitStack() as stack:
        folder = stack.enter_context(pack_folder(run.out))
        packs = [_pack(service, folder / "pack", run.known_at)]
        packs += [] if run.against is None else [_pack(service, folder / "pack-then", run.against)]
        summary = begun_summary(run, packs[0].manifest, columns)
        session = stack.enter_context(start())
        parts = folder / "parts"
        parts.mkdir()
        chunked = Chunked(
            run=replace(run, out=parts / run.out.name),
            columns=columns,
            pharmacies=packs[0].pharmacies(),
            proofs=[pack.folder for pack in packs],
            chunks=list(chunks_of(zip(run.claims, sources, strict=True))),
            empty=emptied(summary),
        )
        add_sums(summary, _Cluster(session, chunked, packs).sums(progress))
        if summary.judged + summary.rejected != summary.lines:
            raise RuntimeError(f"{summary.lines} lines became {summary.judged} rows and {summary.rejected} rejects")
        with service.work() as work:
            put_on_record(work, run, summary)
        finish(run, parts)
    return summary


def _check(run: Run, people: int) -> None:
    if people > MOST_PEOPLE_COLUMNS:
        most = MOST_PEOPLE_COLUMNS
        raise Invalid("/people", f"Spark 至多支持 {most} 个人员列 / at most {most} columns of people on Spark")
    for path in (run.out, *([] if run.against is None else map(run.list_file, LISTS))):
        if path.exists():
            detail = "已存在；Spark 的结果是文件夹，请先删去 / exists; Spark answers with a folder: take it away first"
            raise Invalid("/out", f"{path.name} {detail}")


def _pack(service: Service, folder: Path, known_at: Any) -> Pack:
    folder.mkdir()
    pack = make_pack(service, folder, known_at)
    proofs_of(pack).keep(folder)
    return pack


@contextmanager
def started(master: str) -> Iterator[Any]:
    """Start a session at `master`, whose workers run the Python of this process and find this package where it is here.

    Raises EngineMissing.
    """
    check_installed()
    from py4j.protocol import Py4JError  # noqa: PLC0415 -- an optional engine.
    from pyspark.errors import PySparkException  # noqa: PLC0415 -- an optional engine.
    from pyspark.sql import SparkSession  # noqa: PLC0415

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    home = str(Path(scoring_service.__file__).parent.parent)
    builder = SparkSession.builder.appName("scoring-service screen").master(master)
    for name, value in (_SETTINGS | {"spark.executorEnv.PYTHONPATH": home}).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        raise EngineMissing(NOT_STARTED.format(master=master)) from error
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


class _Counters(NamedTuple):
    """What the workers add to: chunks that were read for what they ask, lines and chunks that were written."""

    read: Any
    lines: Any
    written: Any


class _Cluster:
    """One run on a session: lines are asked by the chunk, judged by the statement, and written by the chunk.

    Few lines are asked about, and of the packs only what names somebody in them is sent.
    """

    def __init__(self, session: Any, chunked: Chunked, packs: list[Pack]) -> None:
        self._session, self._chunked, self._packs = session, chunked, packs
        zero = session.sparkContext.accumulator
        self._counters = _Counters(zero(0), zero(0), zero(0))

    def sums(self, progress: Progress) -> pa.Table:
        """Carry the run out; return what it counted as rows of `SUMS`. Raises what a worker raised."""
        from pyspark.errors import PySparkException  # noqa: PLC0415 -- an optional engine.

        with ThreadPoolExecutor(1) as waiting:
            rows = waiting.submit(self._sums)
            while not wait_for([rows], _SECONDS).done:
                read, lines, written = (counter.value for counter in self._counters)
                progress(lines, (read + written) / (2 * len(self._chunked.chunks)))
            try:
                return rows.result()
            except PySparkException as error:
                raise _of_worker(str(error)) or error from error

    def _sums(self) -> pa.Table:
        from pyspark.sql import functions  # noqa: PLC0415 -- an optional engine.

        # As many as it takes by default would open more files than there are codes to be sorted into them.
        sorted_into = max(len(self._chunked.chunks), self._session.sparkContext.defaultParallelism)
        self._session.conf.set("spark.sql.shuffle.partitions", sorted_into)
        lines = self._lines().persist()
        try:
            lines.createOrReplaceTempView("lines")
            sums = [functions.sum(name).alias(name) for name in ("lines", "amount")]
            return self._written(self._verdicts(lines)).groupBy("kind", "key").agg(*sums).toArrow()
        finally:
            lines.unpersist()

    def _lines(self) -> Any:
        """Return what all chunks ask, each in a partition of its own."""
        chunked, count, read = self._chunked, len(self._chunked.chunks), self._counters.read

        def ask(batches: Iterable[Any]) -> Iterator[Any]:
            for batch in batches:
                for number in batch.column("id").to_pylist():
                    yield from questions(chunked, number)
                    read.add(1)

        return self._session.range(0, count, 1, count).mapInArrow(ask, _ddl(LINES))

    def _verdicts(self, lines: Any) -> Any:
        """Return `line`, `reason`, `until`, `then`; those of a chunk stand in one partition, in their order."""
        from pyspark.sql import functions  # noqa: PLC0415 -- an optional engine.

        named = lines.select("person").distinct().toArrow().column("person").combine_chunks()
        packs = [reduced(pack, named) for pack in self._packs]
        is_sent_whole = sum(sum(pack.manifest.rows.values()) for pack in packs) <= MOST_ROWS_SENT
        judged = []
        for then, pack in zip((False, True), packs, strict=False):
            self._show(pack, is_sent_whole=is_sent_whole)
            judged.append(self._session.sql(JUDGEMENT).withColumn("then", functions.lit(then)))
        verdicts = reduce(lambda some, others: some.unionAll(others), judged)
        if is_sent_whole and len(packs) == 1:
            return verdicts
        chunk = functions.shiftright("line", CHUNK_BITS)
        return verdicts.repartition(len(self._chunked.chunks), chunk).sortWithinPartitions("line")

    def _show(self, pack: Pack, *, is_sent_whole: bool) -> None:
        """Make the tables of a pack those that the statement names."""
        from pyspark.sql import functions  # noqa: PLC0415 -- an optional engine.

        for name in JUDGED_BY:
            table = self._session.read.schema(_ddl(SCHEMAS[name])).parquet(_as_path(pack.table(name)))
            shown = functions.broadcast(table) if is_sent_whole else table
            shown.createOrReplaceTempView(name)

    def _written(self, verdicts: Any) -> Any:
        """Return the sums of the chunks; working them out writes their parts."""
        chunked, counters = self._chunked, self._counters

        def write(batches: Iterable[Any]) -> Iterator[Any]:
            for _number, summary in write_chunks(chunked, batches):
                counters.lines.add(summary.lines)
                counters.written.add(1)
                yield sums_of(summary)

        return verdicts.mapInArrow(write, _ddl(SUMS))


def _of_worker(text: str) -> Exception | None:
    """Return what a worker raised, out of the text that came back of it; None where that is nothing expected."""
    if f"[Errno {errno.ENOSPC}]" in text:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    wrong = re.search(r"^scoring_service\.problems\.Invalid: (.*)$", text, re.MULTILINE)
    return Invalid("/file", wrong[1]) if wrong else None


def _as_path(file: Path) -> str:
    """Return the name of a file as Spark reads it: no sign in it stands for others."""
    return "file://" + re.sub(r"([\[\]{}*?\\])", r"\\\1", str(file))


_TYPES = {"int64": "bigint", "int32": "int", "string": "string", "date32[day]": "date", "bool": "boolean"}


def _ddl(schema: Any) -> str:
    """Return a schema as Spark writes it."""
    kinds = (_TYPES.get(str(field.type), "decimal(38,4)") for field in schema)
    return ", ".join(f"`{name}` {kind}" for name, kind in zip(schema.names, kinds, strict=True))


def finish(run: Run, parts: Path) -> None:
    """Give the rejects, the two lists and at last the answer their names."""
    rejects = sorted(parts.glob("*.rejects.csv"))
    if rejects:
        _join(rejects, run.rejects_file())
    for name in () if run.against is None else LISTS:
        final = run.list_file(name)
        folder = parts.with_name(name)
        folder.mkdir()
        for part in parts.glob(f"part-*.{name}.*"):
            part.rename(folder / part.name)
        folder.rename(final)
    parts.rename(run.out)


def _join(files: list[Path], final: Path) -> None:
    """Write the rejects of the chunks as one file, the headings once."""
    with Unfinished() as unfinished:
        with unfinished.opened(final).open("wb") as whole:
            for number, path in enumerate(files):
                with path.open("rb") as part:
                    if number:
                        part.readline()
                    shutil.copyfileobj(part, whole)
                path.unlink()
        unfinished.finish()
