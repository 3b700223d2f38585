"""Files of entries for the tests of the core: a rulebook made by hand and one line an entry."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from scoring_service.core.entries import (
    Basis,
    Correction,
    Entry,
    Measure,
    MeasureLifted,
    PointsCredit,
    Reregistration,
    Resumption,
    Score,
    TermCredit,
    YearClosed,
)
from scoring_service.core.rulebook import (
    Activity,
    AdjustmentGround,
    Band,
    Degree,
    Ground,
    Item,
    ResumptionMode,
    Rulebook,
    SanctionStart,
    WarningTier,
)
from scoring_service.core.sanctions import SanctionKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENED = datetime(2025, 1, 1, 9, tzinfo=SHANGHAI)

RULEBOOK = Rulebook(
    id="by hand",
    valid_from=date(2025, 1, 1),
    sha256="0" * 64,
    values="{}",
    suspend_at=9,
    terminate_at=12,
    bands=(Band(key="light", lowest=1, highest=6), Band(key="heavy", lowest=7, highest=12)),
    degree_points={
        "light": {Degree.GENERAL: 1, Degree.IMPORTANT: 3, Degree.MAIN: 6},
        "heavy": {Degree.GENERAL: 7, Degree.IMPORTANT: 9, Degree.MAIN: 12},
    },
    lighter_grounds=(AdjustmentGround(key="owned_up", title="Owned up"),),
    heavier_grounds=(AdjustmentGround(key="intent", title="Intent"),),
    suspension_months={Ground.ACCUMULATED: {9: 1, 10: 2, 11: 3}, Ground.SINGLE: {9: 3, 10: 4, 11: 6}},
    ban_years={Ground.ACCUMULATED: 1, Ground.SINGLE: 3, Ground.MEASURE: 1},
    resumption_mode=ResumptionMode.AUTOMATIC,
    resumption_apply_working_days=15,
    resumption_evaluation_working_days=10,
    resumption_pays_after_term=False,
    consent_working_days=5,
    commitment_unpaid_without=False,
    sanction_start=SanctionStart.NEXT_DAY,
    emergency_covers_termination=True,
    talk_working_days=10,
    warnings=(WarningTier(points=3, measure="talk"), WarningTier(points=6, measure="study")),
    points_cap_per_year=4,
    remediation=(Activity(key="course", title="Course", points=1, days=10),),
    floor_share=Fraction(1, 2),
    appeal_window_working_days=10,
    appeal_countersign_working_days=10,
    appeal_explanation_working_days=5,
    appeal_insistence_working_days=5,
    appeal_decision_working_days=20,
    notice_issue_working_days=5,
    notice_deliver_working_days=3,
    notice_maintain_working_days=3,
    notice_deemed_received_working_days=5,
    institution_alert_percent=20,
    institution_severe_percent=50,
    items=(Item(key="act", band="light", title="Act", legal_basis="law", degrees=tuple(Degree)),),
)

# Under it a suspension's state outlasts its term until it is resumed.
WAITS = replace(RULEBOOK, id="waits", resumption_mode=ResumptionMode.ON_APPLICATION)
# Under it a sanction can be pending for weeks.
NEXT_MONTH = replace(RULEBOOK, id="next month", sanction_start=SanctionStart.FIRST_OF_NEXT_MONTH)

# Other thresholds than the scheme's default: a literal 9 or 12 in the core would show.
LOW = replace(
    RULEBOOK,
    suspend_at=5,
    terminate_at=8,
    suspension_months={ground: {5: 1, 6: 2, 7: 3} for ground in Ground},
    warnings=(WarningTier(points=2, measure="talk"),),
)


def day(text: str) -> date:
    """Return the date written `MM-DD` (of 2025) or `YYYY-MM-DD`."""
    return date.fromisoformat(text if len(text) > 5 else f"2025-{text}")


class File:
    """Collects the entries of one file; each takes the next seq, and a recorded_at one hour later.

    `recorded` is the day of recording where that is the point: at noon of it.
    """

    def __init__(self, rulebook: Rulebook = RULEBOOK) -> None:
        self.rulebook = rulebook
        self.entries: list[Entry] = []

    def under(self, rulebook: Rulebook) -> "File":
        self.rulebook = rulebook
        return self

    def _common(self, on: str, recorded: str | None = None) -> dict:
        seq = len(self.entries) + 1
        recorded_at = OPENED + timedelta(hours=seq)
        if recorded:
            recorded_at = datetime.combine(day(recorded), time(12), SHANGHAI) + timedelta(microseconds=seq)
        return {
            "id": f"e{seq}",
            "seq": seq,
            "revision": seq + 1,
            "effective_on": day(on),
            "recorded_at": recorded_at,
            "rulebook": self.rulebook,
        }

    def _add(self, entry: Entry) -> "File":
        self.entries.append(entry)
        return self

    def score(
        self, points: int, on: str, decided: str | None = None, *, recorded: str | None = None
    ) -> "File":
        own = {"decided_on": day(decided or on), "finding": "f", "item": "act", "degree": Degree.MAIN}
        return self._add(Score(**self._common(on, recorded), points=points, **own))

    def points_credit(self, points: int, on: str) -> "File":
        return self._add(PointsCredit(**self._common(on), points=points, application="a"))

    def term_credit(self, days: int, on: str) -> "File":
        return self._add(TermCredit(**self._common(on), days=days, application="a"))

    def resume(self, on: str, late_days: int = 0) -> "File":
        return self._add(Resumption(**self._common(on), application="a", late_days=late_days))

    def measure(self, effect: str, on: str, start: str | None = None, until: str | None = None) -> "File":
        span = {"start": day(start or on), "until": day(until) if until else None}
        return self._add(Measure(**self._common(on), effect=SanctionKind(effect), case="c", **span))

    def lift(self, seq: int, on: str) -> "File":
        return self._add(MeasureLifted(**self._common(on, on), target=f"e{seq}"))

    def correct(self, seq: int, value: int, on: str, *, recorded: str | None = None) -> "File":
        own = {"target": f"e{seq}", "value": value, "basis": Basis.CLERICAL}
        return self._add(Correction(**self._common(on, recorded), **own))

    def reregister(self, on: str) -> "File":
        return self._add(Reregistration(**self._common(on)))

    def close_year(self, year: int, total: int) -> "File":
        return self._add(YearClosed(**self._common(f"{year}-12-31"), year=year, total=total))
