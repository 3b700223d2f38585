"""A run: claim files in, the same rows out with what is payable, and what cannot be judged in a file of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.problems import Invalid
from scoring_service.screening.ahead import ahead
from scoring_service.screening.columns import Columns, mapped_columns
from scoring_service.screening.delimited import DelimitedClaims
from scoring_service.screening.judging import Judges
from scoring_service.screening.lines import Question, askable, questions_to, verdicts_of, worst
from scoring_service.screening.pack import make_pack
from scoring_service.screening.parts import Form, ParquetClaims, Part, form_of
from scoring_service.screening.summary import Summary, amounts_of
from scoring_service.screening.unfinished import Unfinished, clear_left, pack_folder
from scoring_service.screening.writing import RejectsWriter, RowsWriter, is_same_form, rows_writer

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.screening.lines import Engine, Lines, Verdicts
    from scoring_service.screening.pack import Manifest
    from scoring_service.screening.parts import Reading, Refused
    from scoring_service.services.unit_of_work.transaction import Service, Work

Claims: TypeAlias = "DelimitedClaims | ParquetClaims"
# Told now and then: how far a run is (lines so far, the share of the present file that was read).
Progress: TypeAlias = Callable[[int, float], None]
# Returns the engine of a knowledge (None: now) with what it stands at; it is closed with the stack.
EngineAt: TypeAlias = "Callable[[datetime | None, ExitStack], tuple[Engine, Manifest]]"
LISTS = ("recover", "pay")
# So many parts are being read, or wait to be judged, while others are judged and written.
PARTS_AHEAD = 3


def no_progress(_lines: int, _share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is asked: claim files of one form with the same headings, and where the answer goes.

    `known_at` is the knowledge that judges (None: now), `against` another one to compare with. `people` names the
    columns of people who must all be payable. `verdicts`: line number, key columns and verdict alone. `most_bytes`:
    of a delimited file, unpacked.
    """

    claims: Sequence[Path]
    out: Path
    rejects: Path | None = None
    known_at: datetime | None = None
    against: datetime | None = None
    people: Sequence[str] = ()
    verdicts: bool = False
    most_bytes: int | None = None

    def rejects_file(self) -> Path:
        """Return where rejects go: beside the answer where nothing else is said."""
        return self.rejects or self.out.with_name(f"{self.out.name}.rejects.csv")

    def list_file(self, name: str) -> Path:
        """Return where one of the two lists of changed verdicts goes."""
        suffix = f".{form_of(self.out)}"
        return self.out.with_name(f"{self.out.name[: -len(suffix)]}.{name}{suffix}")

    def files(self) -> list[Path]:
        """Return all files that may be written, the answer first."""
        return [self.out, self.rejects_file(), *(self.list_file(name) for name in LISTS)]


def screen(service: Service, run: Run, progress: Progress = no_progress) -> Summary:
    """Judge the lines of all files by the rule pack. One act goes on record, no look.

    Raises as `judge_run`.
    """

    def record(summary: Summary) -> None:
        with service.work() as work:
            put_on_record(work, run, summary)

    return judge_run(run, partial(pack_engine, service, run), record, progress)


def judge_run(
    run: Run,
    engine_at: EngineAt,
    record: Callable[[Summary], None] = lambda _summary: None,
    progress: Progress = no_progress,
) -> Summary:
    """Judge the lines of all files; nothing has its name before all is written and put on `record`.

    What runs to the same answer left behind that were killed is cleared away. Raises Invalid for files, columns or an
    instant that cannot be used; OSError where there is no room.
    """
    sources, columns = opened_claims(run)
    clear_left(run.files())
    with ExitStack() as stack:
        then = None
        judges, manifest = engine_at(run.known_at, stack)
        if run.against is not None:
            then, _manifest = engine_at(run.against, stack)
        summary = begun_summary(run, manifest, columns)
        unfinished = stack.enter_context(Unfinished())
        judge_files(run, sources, (judges, then), summary, unfinished, progress)
        record(summary)
        unfinished.finish()
    return summary


def judge_files(  # noqa: PLR0917 -- one run in its parts.
    run: Run,
    sources: Sequence[Claims],
    engines: tuple[Engine, Engine | None],
    summary: Summary,
    unfinished: Unfinished,
    progress: Progress,
) -> None:
    """Judge the lines of all files by the engine of the knowledge, and by that of another one to compare with."""
    outputs = Outputs(run, summary.columns, sources, unfinished)
    asking_of = partial(ask, columns=summary.columns, engines=engines)
    with closing(outputs), ThreadPoolExecutor(engines[0].at_once) as pool:
        for path, source in zip(run.claims, sources, strict=True):
            with closing(ahead(source.parts(summary.columns.every(), whole=not run.verdicts))) as parts:
                together = _together(pool, asking_of, parts, engines[0].together)
                judged = chain.from_iterable(judged_parts(some, engines) for some in together)
                with closing(ahead(count(judged_part, summary) for judged_part in judged)) as counted_parts:
                    for counted in counted_parts:
                        write(counted, outputs, summary, (path, source))
                        progress(summary.lines, source.share_read)
    if summary.judged + summary.rejected != summary.lines:
        raise RuntimeError(f"{summary.lines} lines became {summary.judged} rows and {summary.rejected} rejects")


def _together(
    pool: ThreadPoolExecutor, asking_of: Callable[[Reading], Asking], parts: Iterator[Reading], together: int
) -> Iterator[list[Asking]]:
    """Give what is asked of parts, in their order, of so many together, while the next are worked on."""
    waiting, some = deque[Future[Asking]](), list[Asking]()
    for part in parts:
        waiting.append(pool.submit(asking_of, part))
        if len(waiting) > PARTS_AHEAD:
            some.append(waiting.popleft().result())
            if len(some) == together:
                yield some
                some = []
    while waiting:
        some.append(waiting.popleft().result())
    if some:
        yield some


def put_on_record(work: Work, run: Run, summary: Summary) -> None:
    """Put the run on record: one act, and what it was about."""
    work.audit("screen", object_kind="claims", detail=_detail(run, summary))


def opened_claims(run: Run) -> tuple[Sequence[Claims], Columns]:
    """Return the claim files of a run and the columns that are read in each. Raises Invalid where they do not fit."""
    sources = [opened(path, run.most_bytes) for path in run.claims]
    _check_forms(run, sources)
    return sources, mapped_columns(sources[0].headings, run.people)


def opened(path: Path, most_bytes: int | None = None) -> Claims:
    """Return a claim file by the form that its name tells. Raises Invalid for one that cannot be read."""
    return ParquetClaims(path) if form_of(path) is Form.PARQUET else DelimitedClaims(path, most_bytes=most_bytes)


def _check_forms(run: Run, sources: Sequence[Claims]) -> None:
    written = {run.out.resolve(), run.rejects_file().resolve()}
    for path, source in zip(run.claims, sources, strict=True):
        if path.resolve() in written:
            raise Invalid("/out", f"{path}: 结果不能写在原文件上 / the answer cannot go over the claims")
        if not is_same_form(path, run.out):
            detail = "结果须与明细同为 CSV 或同为 Parquet / the answer has the form of the claims: CSV or Parquet"
            raise Invalid("/out", f"{run.out.name}: {detail}")
        if source.headings != sources[0].headings or not is_same_form(path, run.claims[0]):
            raise Invalid("/columns", f"{path.name}: 列与第一个文件不同 / other columns than the first file")


def pack_engine(service: Service, run: Run, known_at: datetime | None, stack: ExitStack) -> tuple[Judges, Manifest]:
    """Return the engine of a pack that is made for this run, beside its answer, and cleared away with `stack`."""
    folder = stack.enter_context(pack_folder(run.out))
    pack = make_pack(service, folder, known_at)
    return stack.enter_context(Judges(pack)), pack.manifest


def begun_summary(run: Run, manifest: Manifest, columns: Columns) -> Summary:
    """Return the summary of a run that has judged nothing yet."""
    return Summary(
        known_at=manifest.known_at,
        last_change=manifest.last_change,
        digest=manifest.digest,
        against=None if run.against is None else run.against.isoformat(),
        columns=columns,
    )


def _detail(run: Run, summary: Summary) -> dict[str, str | int | list[str] | None]:
    return {
        "files": [path.name for path in run.claims],
        "lines": summary.lines,
        "rejects": summary.rejected,
        "known_at": summary.known_at,
        "against": summary.against,
        "digest": summary.digest,
    }


class Outputs:
    """The files of a run while they are written; rejects have one only where there are any."""

    def __init__(self, run: Run, columns: Columns, sources: Sequence[Claims], unfinished: Unfinished) -> None:
        self._run, self._unfinished = run, unfinished
        self._keys = (*(["file"] if len(run.claims) > 1 else []), "line", *columns.keys()) if run.verdicts else None
        compares, several = run.against is not None, len(columns.people) > 1
        self.added = ["payable", "reason", "until"]
        self.added += ["reason_column"] if several else []
        self.added += ["payable_then"] if compares else []
        self._writers: dict[str, RowsWriter] = {"out": self._writer(run.out, sources)}
        if compares:
            self._writers |= {name: self._writer(run.list_file(name), sources) for name in LISTS}
        self._rejects: RejectsWriter | None = None

    def _writer(self, path: Path, sources: Sequence[Claims]) -> RowsWriter:
        return rows_writer(self._unfinished.opened(path), sources, self._keys, self.added)

    def write(self, name: str, part: Part, file: Path, added: dict[str, pa.Array]) -> None:
        """Write rows to one of the files."""
        if self._keys is not None:
            names = pa.repeat(pa.scalar(file.name), len(part.numbers))
            part.cells.update({"line": part.numbers, "file": names})
        self._writers[name].write(part, {name: added[name] for name in self.added})

    def reject(self, file: Path, source: Claims, part: Part, refused: list[Refused]) -> int:
        """Write what a part could not be judged of; return how many lines that is."""
        refused = [*part.refused, *refused]
        if refused and self._rejects is None:
            self._rejects = RejectsWriter(self._unfinished.opened(self._run.rejects_file()))
        if refused and self._rejects is not None:
            encoding = source.encoding if isinstance(source, DelimitedClaims) else "utf-8"
            self._rejects.write(file.name, encoding, refused)
        return len(refused)

    def close(self) -> None:
        """End all files."""
        for writer in self._writers.values():
            writer.close()
        if self._rejects is not None:
            self._rejects.close()


class Asking(NamedTuple):
    """A part, the lines in it that can be judged, what is wrong with the others, and what each engine is asked."""

    part: Part
    lines: Lines
    refused: list[Refused]
    amounts: pa.Array
    questions: Sequence[list[Question]]


class JudgedPart(NamedTuple):
    """What was asked of a part, and the verdicts."""

    asking: Asking
    verdicts: Verdicts
    before: pa.Array | None


def ask(reading: Reading, *, columns: Columns, engines: tuple[Engine, Engine | None]) -> Asking:
    """Read a part and return what is asked of it; nothing is judged yet."""
    part = reading()
    lines, refused = askable(part, columns, engines[0].pharmacies)
    questions = [questions_to(engine, lines) for engine in engines if engine is not None]
    return Asking(part, lines, refused, amounts_of(lines, columns), questions)


def judged_parts(some: list[Asking], engines: tuple[Engine, Engine | None]) -> Iterator[JudgedPart]:
    """Give what is judged of some parts, which are let go; nothing is written or counted yet."""
    verdicts = [
        verdicts_of(engine, [each for asking in some for each in asking.questions[number]])
        for number, engine in enumerate(each for each in engines if each is not None)
    ]
    some.reverse()
    while some:
        asking = some.pop()
        pairs = zip(asking.questions, verdicts, strict=True)
        now, *then = (worst(questions, islice(tables, len(questions))) for questions, tables in pairs)
        yield JudgedPart(asking, now, then[0].payable if then else None)


class Counted(NamedTuple):
    """Rows that are counted and have yet to be written: what is added to each, and which of them a list gets."""

    asking: Asking
    added: dict[str, pa.Array]
    changed: dict[str, pa.Array]


def count(judged_part: JudgedPart, summary: Summary) -> Counted:
    """Count a part."""
    asking, verdicts, before = judged_part
    summary.lines += asking.part.lines
    added: dict[str, pa.Array] = verdicts._asdict()
    if len(summary.columns.people) > 1:
        added["reason_column"] = pa.array(summary.columns.people, pa.string()).take(verdicts.column)
    changed: dict[str, pa.Array] = {}
    if before is not None:
        added["payable_then"] = before
        changed = {
            "recover": pc.and_not(before, verdicts.payable),
            "pay": pc.and_not(verdicts.payable, before),
        }
    summary.add(asking.lines, asking.amounts, verdicts, changed)
    return Counted(asking, added, changed)


def write(counted: Counted, outputs: Outputs, summary: Summary, place: tuple[Path, Claims]) -> None:
    """Write a part, and count what it could not be judged of."""
    (file, source), (asking, added, changed) = place, counted
    summary.rejected += outputs.reject(file, source, asking.part, asking.refused)
    part = asking.lines.part
    outputs.write("out", part, file, added)
    for name, mask in changed.items():
        outputs.write(name, part.chosen(mask), file, {key: each.filter(mask) for key, each in added.items()})
