"""Appeals of the demo year at the clinic's desk, in every state that an appeal can end in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_service.demo import duties
from scoring_service.demo.acts import Act, appeal_of, at, letters_of, score_of
from scoring_service.services.appeals import decisions, experts, explaining, filing
from scoring_service.services.notices import receipts, talks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from scoring_service.core.working_days import WorkingCalendar
    from scoring_service.demo.plan import PlannedAppeal, PlannedCase
    from scoring_service.services.unit_of_work.transaction import Work

# Who reads the clinic's post, files, countersigns, hears and decides; each step on a working day after approval.
_GROUNDS = "当事人认为处理决定认定的事实与责任程度有误，请求复核。"
_EXPLANATION = "记分依据处理决定和现场检查笔录，档次与责任程度见告知书；对此仍有异议的，请在期限内答复。"
_REASONS = {
    "upheld": "经复核，事实清楚、证据充分、责任程度认定适当，维持原记分。",
    "reduced": "经复核，当事人在该行为中起次要作用，责任程度认定偏重，予以减轻。",
    "revoked": "经复核，当事人未参与该行为，撤销原记分。",
}
_OPINIONS = {"upheld": "uphold", "reduced": "reduce", "revoked": "revoke"}


class Course:
    """The acts about one person's score of one case, dated by working days after its approval."""

    def __init__(
        self, case: PlannedCase, practitioner: str, calendar: WorkingCalendar, filer: str = "clerk"
    ) -> None:
        self.case = case
        self.practitioner = practitioner
        self.filer = filer
        self._calendar = calendar

    def on(self, working_day: int, by: str, perform: Callable[[Work, str], object], hour: int = 10) -> Act:
        """Return an act about the appeal on a working day after approval; `perform` is told the appeal's id."""
        return Act(
            self.at(working_day, hour),
            by,
            lambda work: perform(work, appeal_of(work, self.case, self.practitioner)),
        )

    def at(self, working_day: int, hour: int) -> datetime:
        """Return an instant of the day that lies so many working days after approval."""
        day: date = self._calendar.deadline(self.case.approved_at.date(), working_day).last_day
        return at(day, hour, 12 + working_day)

    def received(self, *, person: str = "clerk") -> Iterator[Act]:
        """Yield the receipts: the clinic's own, and the person's, on paper when a clerk records it."""
        proof = "送达回证已由本人签收" if person == "clerk" else None

        def receive(addressee: str, proof: str | None) -> Callable[[Work], object]:
            return lambda work: [
                receipts.acknowledge(work, notice, proof=proof)
                for notice in letters_of(work, self.case, self.practitioner, addressee)
            ]

        yield Act(self.at(1, 9), "clinic", receive("institution", None))
        yield Act(self.at(2, 9), person, receive("practitioner", proof))

    def talked(self) -> Act:
        """Return the talk that the clinic holds after the score (P36)."""

        def hold(work: Work) -> None:
            for notice in letters_of(work, self.case, self.practitioner, "institution", "score"):
                summary = "已谈话提醒并组织学习医保支付资格管理规定。"
                talks.record_talk(work, notice=notice, held_on=work.today, summary=summary)

        return Act(self.at(5, 16), "clinic", hold)

    def filed(self, working_day: int = 6) -> Act:
        """Return the filing: on paper for the person by the clerk, or by the clinic for itself."""

        def file(work: Work) -> None:
            filing.file_appeal(
                work,
                practitioner=self.practitioner,
                entry=score_of(work, self.case, self.practitioner),
                against="points",
                grounds=_GROUNDS,
                filed_by="practitioner" if self.filer == "clerk" else "institution",
            )

        return Act(self.at(working_day, 10), self.filer, file)

    def insisted(self, working_day: int = 9) -> Iterator[Act]:
        """Yield the explanation by the reviewer, who scored, and the day after it that the filer still objects."""
        yield self.on(
            working_day, "reviewer", lambda work, appeal: explaining.explain(work, appeal, text=_EXPLANATION), hour=15
        )
        yield self.on(working_day + 1, self.filer, explaining.insist, hour=9)

    def heard(self, outcome: str, points: int | None, first: int = 10) -> Iterator[Act]:
        """Yield explanation, acceptance on day `first`, the drawing of two experts and their opinions."""
        yield from self.insisted(first - 1)
        yield self.on(first, "appeals", filing.accept)
        yield self.on(first + 1, "appeals", lambda work, appeal: experts.assign(work, appeal, draw=2))
        yield self.opinion(first + 5, "expert2", outcome, points)
        yield self.opinion(first + 6, "expert", outcome, points)

    def opinion(self, working_day: int, expert: str, outcome: str, points: int | None) -> Act:
        """Return an expert's opinion for an outcome."""
        given: dict[str, Any] = {"opinion": _OPINIONS[outcome], "points": points, "text": _REASONS[outcome]}
        return self.on(
            working_day, expert, lambda work, appeal: experts.give_opinion(work, appeal, **given)
        )

    def set_again(self) -> Act:
        """Return the act of the clinic that sets the state after a decision; none that changed nothing is left."""
        return Act(self.at(28, 16), "clinic", duties.state_set(self.practitioner, self.case.institution))

    def decided(self, working_day: int, outcome: str, points: int | None) -> Act:
        """Return the decision."""
        decision: dict[str, Any] = {"outcome": outcome, "points": points, "reasons": _REASONS[outcome]}
        return self.on(
            working_day,
            "appeals",
            lambda work, appeal: decisions.decide(work, appeal, **decision),
            hour=15,
        )


def acts_of(
    planned: PlannedAppeal, case: PlannedCase, calendar: WorkingCalendar, doctor: str
) -> Iterator[Act]:
    """Yield everything about an appeal from the receipt of the letters on; the `doctor` reads their own post."""
    by_clinic = planned.filed_by == "institution"
    course = Course(case, planned.practitioner, calendar, "clinic" if by_clinic else "clerk")
    yield from course.received(person="doctor" if planned.practitioner == doctor else "clerk")
    yield course.talked()
    yield course.filed()
    if planned.course == "withdrawn":
        yield course.on(7, "clinic", explaining.withdraw)
        return
    if planned.course == "refused":
        yield from _without_countersignature(course, planned)
        return
    yield course.on(8, "doctor" if by_clinic else "clinic", filing.countersign)
    if planned.course == "declined":
        yield from course.insisted()
        yield course.on(
            10,
            "appeals",
            lambda work, appeal: decisions.decline(
                work, appeal, reason="申诉材料未附证据，补正期满仍未补交。"
            ),
        )
        return
    yield from course.heard(planned.course, planned.points)
    yield course.decided(20, planned.course, planned.points)
    yield course.set_again()


def _without_countersignature(course: Course, planned: PlannedAppeal) -> Iterator[Act]:
    """The clinic refuses its seal, an expert recuses themself, the score is revoked."""
    refused = "本机构不认可申诉理由。"
    yield course.on(
        8, "clinic", lambda work, appeal: filing.refuse_countersignature(work, appeal, reason=refused)
    )
    yield course.on(9, "appeals", lambda work, appeal: filing.proceed(work, appeal, reason=refused))
    yield from course.insisted()
    yield course.on(10, "appeals", filing.accept)
    yield course.on(11, "appeals", lambda work, appeal: experts.assign(work, appeal, draw=2))
    yield course.on(
        13, "expert", lambda work, appeal: experts.recuse(work, appeal, reason="与当事人曾为同事。")
    )
    yield course.opinion(18, "expert2", "revoked", planned.points)
    yield course.decided(25, "revoked", planned.points)
    yield course.set_again()
