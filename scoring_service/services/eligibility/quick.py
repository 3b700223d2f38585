"""The plain settlement question about the present, answered by one statement (docs/adr/0007)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from scoring_service.db.eligibility_question import Questions
from scoring_service.services.accounts.signing_in import digest
from scoring_service.services.eligibility.answer import Answer, Check, judge, on_nobody
from scoring_service.services.eligibility.checks import RECORDED
from scoring_service.telemetry.metrics import count_answer
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from scoring_service.db.eligibility_question import PresentFacts
    from scoring_service.law.layers import Layers
    from scoring_service.services.unit_of_work.transaction import Service


class QuickAnswers:
    """The answers to a settlement system's plain questions, on connections that are kept for them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._questions = Questions(service.session_engine, service.present_copy, simulated=service.clock.simulated)

    def answer(
        self, token: str, *, person: str, place: str | None, check_at: Callable[[datetime], Check]
    ) -> Answer | None:
        """Return the answer to the holder of `token`, None when it must be recorded.

        None too where there are no facts, or none of an id, which may be a merged file's, and where the law cannot be
        read: the general way then answers or refuses. `check_at` makes the check about `person` and `place`, given the
        present instant.
        """
        facts = self._questions.ask(digest(token), person, place)
        if facts is None or (facts.profile is None and is_id(person)):
            return None
        layers = self._law_of(facts)
        if layers is None:
            return None
        check, told_at = check_at(facts.known_at), facts.known_at.isoformat()
        if facts.profile is None:
            answer = on_nobody(check, told_at)
        else:
            answer = judge(
                layers.as_known(facts.known_at),
                check,
                revision=facts.revision,
                profile=facts.profile,
                institution=facts.institution,
                told_at=told_at,
            )
        if answer.reason in RECORDED:
            return None
        count_answer(answer.reason)
        return answer

    def _law_of(self, facts: PresentFacts) -> Layers | None:
        """Return the law that is whole up to the facts' instant: as remembered, else read after it.

        None when the database does not answer.
        """
        law, shipped, copy = self._service.law, self._service.rulebooks, self._service.present_copy
        marks = None if copy is None else copy.marks
        if facts.law_epoch is not None:
            layers = law.at_epoch(facts.law_epoch, shipped)
        else:
            layers = None if marks is None else law.as_marked(marks, shipped)
        if layers is not None:
            return layers
        try:
            with self._service.engine.begin() as conn:
                return law.read(conn, shipped, marks)
        except SQLAlchemyError:
            return None
