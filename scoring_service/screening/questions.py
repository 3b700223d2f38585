"""Lines judged for an account as the batch of the single questions does: in its sight, refusals and looks recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.db.screening import pharmacies_known
from scoring_service.screening.pack import Manifest
from scoring_service.screening.screen import pack_engine
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import RECORDED, check_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager, ExitStack
    from datetime import date, datetime

    from numpy.typing import NDArray

    from scoring_service.screening.lines import Engine
    from scoring_service.screening.screen import Run
    from scoring_service.services.eligibility.answer import Answer, Check
    from scoring_service.services.unit_of_work.transaction import Service, Work

# Opens the transaction in which some lines are asked about.
Working: TypeAlias = "Callable[[], AbstractContextManager[Work]]"
LINES_AT_ONCE = 10_000


class SingleQuestions:
    """Judges each line by a check of its own. `working` opens the transaction of some of them."""

    at_once = together = 1

    def __init__(self, working: Working, known_at: datetime) -> None:
        self._working, self._known_at = working, known_at
        with working() as work:
            self.pharmacies = pharmacies_known(work.conn)

    def unproven(self, lines: pa.Table) -> NDArray[np.intp]:
        """Return the places of all lines that name somebody."""
        person, pharmacy = (lines.column(name) for name in ("person", "pharmacy"))
        return np.flatnonzero(pc.or_(pc.is_valid(person), pc.is_valid(pharmacy)).to_numpy())

    def judge(self, lines: pa.Table) -> pa.Table:
        """Return `line`, `reason`, `until` of each line."""
        answers = [answer for _row, answer in self.answers(lines.to_pylist())]
        return pa.table(
            {
                "line": lines.column("line"),
                "reason": pa.array([answer.reason.value for answer in answers], pa.string()),
                "until": pa.array([answer.until for answer in answers], pa.date32()),
            }
        )

    def answers(self, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Answer]]:
        """Give rows, each with its answer; what is to be recorded of it is."""
        for start in range(0, len(rows), LINES_AT_ONCE):
            some = rows[start : start + LINES_AT_ONCE]
            with self._working() as work:
                answers = check_lines(work, [_check(row) for row in some], known_at=self._known_at)
            yield from zip(some, answers, strict=True)


def _check(row: dict[str, Any]) -> Check:
    day: date = row["day"]
    return make_check(row["person"], day.isoformat(), day, row["institution"], emergency=row["emergency"])


class RecordedQuestions:
    """Judges by a pack what an account that may ask about everybody asks; what must be recorded is asked once more."""

    def __init__(self, pack: Engine, questions: SingleQuestions) -> None:
        self._pack, self._questions = pack, questions
        self.at_once, self.together, self.pharmacies = pack.at_once, pack.together, pack.pharmacies

    def unproven(self, lines: pa.Table) -> NDArray[np.intp]:
        """Return the places of the lines that the pack must be asked about; no refusal is among the others."""
        return self._pack.unproven(lines)

    def judge(self, lines: pa.Table) -> pa.Table:
        """Return `line`, `reason`, `until` of each line.

        Raises RuntimeError where the single question would say something else.
        """
        verdicts = self._pack.judge(lines)
        refused = pc.is_in(verdicts.column("reason"), pa.array([reason.value for reason in RECORDED]))
        reasons = verdicts.filter(refused).column("reason").to_pylist()
        rows = lines.filter(refused).to_pylist()
        expected = dict(zip((row["line"] for row in rows), reasons, strict=True))
        for row, answer in self._questions.answers(rows):
            if answer.reason != expected[row["line"]]:
                raise RuntimeError(f"the pack says {expected[row['line']]}, the single question {answer.reason}")
        return verdicts


def questions_engine(
    working: Working, known_at: datetime | None, _stack: ExitStack
) -> tuple[SingleQuestions, Manifest]:
    """Return the engine of single questions by the knowledge of `known_at`, which is no pack's."""
    if known_at is None:
        raise ValueError("an account's file is judged by the knowledge of an instant")
    return SingleQuestions(working, known_at), Manifest(
        known_at=known_at.isoformat(), last_change=0, digest="", rows={}
    )


def recorded_engine(
    service: Service, run: Run, working: Working, known_at: datetime | None, stack: ExitStack
) -> tuple[RecordedQuestions, Manifest]:
    """Return the engine of a pack that records, for an account that may ask about everybody."""
    questions, _none = questions_engine(working, known_at, stack)
    judges, manifest = pack_engine(service, run, known_at, stack)
    return RecordedQuestions(judges, questions), manifest
