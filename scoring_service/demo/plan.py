"""The plan of the demo year: who works where, and what happened when. Deterministic; nothing is recorded here."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.working_days import SATURDAY
from scoring_service.db.cases import HandlingMeasure
from scoring_service.demo import names

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 2025
REGISTRY_RECORDED_AT = datetime(2024, 12, 16, 9, tzinfo=CIVIL_ZONE)
REGION = "1504"
IN_FORCE_FROM = date(2025, 1, 1)
FIRST_DECISION = date(2025, 1, 6)
LAST_DECISION = date(2025, 12, 19)
PERSON_TIMES = 914
INSTITUTIONS_WITH_CASES = 328

# Level: how many institutions, and how many people work at one.
_LEVELS = {
    "hospital": (24, 60),
    "health_centre": (60, 14),
    "village_clinic": (136, 2),
    "pharmacy": (180, 2),
}
_CATEGORIES = {"doctor": "D", "nurse": "N", "pharmacist": "HY", "technician": "HJ"}
# The scores of the people who reached a threshold in the year, in order; the published cases among them.
_SUSPENDED = (
    (10,),
    (10,),
    (9,),
    (9,),
    (11,),
    (6, 3),
    (6, 4),
    (5, 4),
    (7, 2),
    (4, 3, 2),
    (8, 2),
    (9, 1),
    (3, 3, 3),
    (7, 4),
)
_TERMINATED = ((12,), (12,), (6, 6), (8, 4))
# The doctor of the demo accounts: suspended early in 2025; 4 points in 2026 and 4 just before the first sign-in.
_DOCTOR = ((date(2025, 2, 10), 9), (date(2026, 4, 14), 4))
# A colleague at the same hospital, suspended for half a year from the autumn of 2026.
_COLLEAGUE = (date(2026, 9, 15), 11)
# Scores of colleagues at the clinic that were appealed against: decided on, points, what came of it, points left.
_APPEALED: tuple[tuple[date, int, str, int | None], ...] = (
    (date(2025, 3, 4), 6, "upheld", None),
    (date(2025, 4, 8), 9, "reduced", 6),
    (date(2025, 5, 20), 5, "revoked", None),
    (date(2025, 6, 10), 4, "withdrawn", None),
    (date(2025, 8, 12), 3, "declined", None),
    (date(2025, 9, 9), 5, "refused", None),
    (date(2025, 10, 14), 4, "reduced", 2),
)
# A score that is revoked is no person-time, so as many more are recorded.
_REVOKED = sum(course in {"revoked", "refused"} for _, _, course, _ in _APPEALED)
_ITEMS = {
    "minor": ("agreement_handling_with_penalty", "high_priced_outside_procurement", "certificate_lent_out"),
    "moderate": (
        "overtreatment",
        "splitting_stays",
        "repeat_or_excess_charging",
        "swapping_items",
        "settling_uncovered_fees",
        "missing_records",
        "practising_outside_scope",
    ),
    "serious": ("settling_in_anothers_name",),
    "grave": ("inducing_sham_treatment", "false_proofs_or_invoices", "fictitious_services"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInstitution:
    """An institution of the demo city."""

    code: str
    name: str
    kind: str
    level: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPractitioner:
    """A person of the demo city; `code` is the national code and names the person in the plan."""

    code: str
    name: str
    category: str
    institution: str
    second_institution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFinding:
    """A finding to be recorded: who, what, how many points; None: responsible for the case's measure, not scored."""

    practitioner: str
    item: str
    degree: str
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCase:
    """A case to be recorded: decided on a day, drafted and approved on working days soon after."""

    institution: str
    kind: str
    decided_on: date
    drafted_at: datetime
    approved_at: datetime
    document_no: str
    findings: tuple[PlannedFinding, ...]
    measure: HandlingMeasure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAppeal:
    """An appeal against the only score of someone at the clinic, or the doctor's first.

    `course` is how it ends, or `refused`: without the clinic's seal, and revoked; `points` are what is left.
    """

    practitioner: str
    filed_by: str
    course: str
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole city and its cases, in the order in which they were drafted."""

    institutions: tuple[PlannedInstitution, ...]
    practitioners: tuple[PlannedPractitioner, ...]
    cases: tuple[PlannedCase, ...]
    appeals: tuple[PlannedAppeal, ...]
    clinic: str
    doctor: str


def make_plan() -> Plan:
    """Return the plan of the city's year; the same at every call."""
    random = Random(SEED)  # noqa: S311 - an invented city needs repeatable chance, not secrecy.
    institutions = tuple(_institutions(random))
    practitioners = tuple(_practitioners(random, institutions))
    clinic = next(each.code for each in institutions if each.level == "hospital")
    doctor = next(each.code for each in practitioners if each.institution == clinic and each.category == "doctor")
    year = _Year(random, institutions, practitioners, doctor)
    return Plan(
        institutions=institutions,
        practitioners=practitioners,
        cases=year.cases(),
        appeals=tuple(year.appeals),
        clinic=clinic,
        doctor=doctor,
    )


def _institutions(random: Random) -> Iterator[PlannedInstitution]:
    taken: set[str] = set()
    divisions = list(names.DIVISIONS)
    for level, (count, _) in _LEVELS.items():
        prefix, kind = ("P", "pharmacy") if level == "pharmacy" else ("H", "hospital")
        offset = list(_LEVELS).index(level) * 1000
        for index in range(count):
            region = divisions[index % len(divisions)]
            yield PlannedInstitution(
                code=f"{prefix}{region}{offset + index + 1:05d}",
                name=names.institution(random, level, region, taken),
                kind=kind,
                level=level,
                region=region,
            )


def _practitioners(
    random: Random, institutions: tuple[PlannedInstitution, ...]
) -> Iterator[PlannedPractitioner]:
    numbers: Counter[str] = Counter()
    hospitals = [each.code for each in institutions if each.level == "hospital"]
    for institution in institutions:
        for index in range(_LEVELS[institution.level][1]):
            category = _category(random, institution, index)
            prefix = _CATEGORIES.get(category, "HY")
            issued = prefix + institution.region
            numbers[issued] += 1
            second = random.choice(hospitals) if category == "doctor" and random.random() < 0.04 else None  # noqa: PLR2004
            yield PlannedPractitioner(
                code=f"{issued}{numbers[issued]:06d}",
                name=names.person(random),
                category=category,
                institution=institution.code,
                second_institution=second if second != institution.code else None,
            )


def _category(random: Random, institution: PlannedInstitution, index: int) -> str:
    if institution.kind == "pharmacy":
        return "pharmacy_principal" if index == 0 else "pharmacist"
    if index == 0:
        return "doctor"
    return random.choices(("doctor", "nurse", "pharmacist", "technician"), (40, 38, 12, 10))[0]


class _Year:
    """Deals out the person-times of the year: thresholds first, then single and repeated small scores."""

    def __init__(
        self,
        random: Random,
        institutions: tuple[PlannedInstitution, ...],
        practitioners: tuple[PlannedPractitioner, ...],
        doctor: str,
    ) -> None:
        self.random = random
        self.doctor = doctor
        self.by_institution: dict[str, list[PlannedPractitioner]] = defaultdict(list)
        for each in practitioners:
            self.by_institution[each.institution].append(each)
        self.regions = {each.code: each.region for each in institutions}
        self.chosen = self._choose(institutions)
        self.free = {
            code: [each for each in self.by_institution[code] if each.code != doctor] for code in self.chosen
        }
        self.scores: list[tuple[str, str, date, int]] = []
        self.appeals: list[PlannedAppeal] = []
        self.documents: Counter[tuple[str, int]] = Counter()

    def _choose(self, institutions: tuple[PlannedInstitution, ...]) -> list[str]:
        first = [each.code for each in institutions if each.level in {"hospital", "health_centre"}]
        rest = [each.code for each in institutions if each.level not in {"hospital", "health_centre"}]
        return first + self.random.sample(rest, INSTITUTIONS_WITH_CASES - len(first))

    def cases(self) -> tuple[PlannedCase, ...]:
        self._score_doctor()
        self._score_the_appealed()
        for points in (*_SUSPENDED, *_TERMINATED):
            self._score_person(self._someone(self._grave_place(points)), points)
        for code in self.chosen:
            if not any(institution == code for institution, *_ in self.scores):
                self._score_person(self._someone(code), (self._small(),))
        while self._of_the_year() < PERSON_TIMES + _REVOKED:
            self._score_another()
        groups = sorted(self._grouped(), key=lambda group: (group[1], group[0]))
        return tuple(sorted((self._case(*group) for group in groups), key=lambda case: case.drafted_at))

    def _of_the_year(self) -> int:
        return sum(decided_on.year == FIRST_DECISION.year for _, _, decided_on, _ in self.scores)

    def _score_doctor(self) -> None:
        clinic = self.chosen[0]
        self.scores += [(clinic, self.doctor, decided_on, points) for decided_on, points in _DOCTOR]
        colleague = next(each for each in self.free[clinic] if each.category == "doctor")
        self.free[clinic].remove(colleague)
        self.scores.append((clinic, colleague.code, *_COLLEAGUE))

    def _score_the_appealed(self) -> None:
        """The doctor's suspension was upheld on the clinic's appeal; colleagues filed theirs on paper."""
        clinic = self.chosen[0]
        self._plan_appeal(self.doctor, "institution", "upheld", None)
        for decided_on, points, course, left in _APPEALED:
            colleague = next(each for each in self.free[clinic] if each.category != "technician")
            self.free[clinic].remove(colleague)
            self.scores.append((clinic, colleague.code, decided_on, points))
            filed_by = "institution" if course == "withdrawn" else "practitioner"
            self._plan_appeal(colleague.code, filed_by, course, left)

    def _plan_appeal(self, practitioner: str, filed_by: str, course: str, points: int | None) -> None:
        self.appeals.append(
            PlannedAppeal(practitioner=practitioner, filed_by=filed_by, course=course, points=points)
        )

    def _grave_place(self, points: tuple[int, ...]) -> str:
        if points == (10,):
            return next(code for code in self.chosen if self.regions[code] == "150422")
        return self.random.choice([code for code in self.chosen if len(self.free[code]) > 1])

    def _someone(self, institution: str) -> PlannedPractitioner:
        people = self.free[institution]
        return people.pop(self.random.randrange(len(people)))

    def _score_person(self, person: PlannedPractitioner, points: tuple[int, ...]) -> None:
        span = (LAST_DECISION - FIRST_DECISION).days
        days = sorted(self.random.sample(range(span), len(points)))
        for offset, value in zip(days, points, strict=True):
            decided_on = _weekday(FIRST_DECISION + timedelta(days=offset))
            self.scores.append((person.institution, person.code, decided_on, value))

    def _score_another(self) -> None:
        left = PERSON_TIMES + _REVOKED - self._of_the_year()
        code = self.random.choice([code for code in self.chosen if self.free[code]])
        points = [self._small() for _ in range(min(left, 2 if self.random.random() < 0.15 else 1))]  # noqa: PLR2004
        if sum(points) > 8:  # noqa: PLR2004 - who is dealt small scores stays below the first threshold.
            points = points[:1]
        self._score_person(self._someone(code), tuple(points))

    def _small(self) -> int:
        return self.random.choices((1, 2, 3, 4, 5, 6, 7), (30, 26, 16, 12, 8, 6, 2))[0]

    def _grouped(self) -> Iterator[tuple[str, date, list[tuple[str, int]]]]:
        """Join scores of one institution decided within a fortnight into one case, one finding a person."""
        by_place: dict[str, list[tuple[date, str, int]]] = defaultdict(list)
        for institution, person, decided_on, points in self.scores:
            by_place[institution].append((decided_on, person, points))
        for institution, scored in by_place.items():
            group: list[tuple[date, str, int]] = []
            for each in sorted(scored):
                if group and not self._joins(group, each):
                    yield institution, group[0][0], [(person, points) for _, person, points in group]
                    group = []
                group.append(each)
            yield institution, group[0][0], [(person, points) for _, person, points in group]

    @staticmethod
    def _joins(group: list[tuple[date, str, int]], other: tuple[date, str, int]) -> bool:
        near = other[0] - group[0][0] <= timedelta(days=14)
        return near and len(group) < 4 and all(other[1] != person for _, person, _ in group)  # noqa: PLR2004

    def _case(self, institution: str, decided_on: date, scored: list[tuple[str, int]]) -> PlannedCase:
        region = self.regions[institution]
        self.documents[region, decided_on.year] += 1
        number = self.documents[region, decided_on.year]
        drafted = _weekday(decided_on + timedelta(days=self.random.randrange(3)))
        approved = _weekday(drafted + timedelta(days=self.random.randrange(1, 4)))
        kind = "agreement" if max(points for _, points in scored) <= 3 else "penalty"  # noqa: PLR2004
        word = "协处" if kind == "agreement" else "罚决"
        return PlannedCase(
            institution=institution,
            kind=kind,
            decided_on=decided_on,
            drafted_at=self._at(drafted, 9, 11),
            approved_at=self._at(approved, 14, 16),
            document_no=f"{names.DIVISIONS[region]}医保{word}〔{decided_on.year}〕{number}号",
            findings=tuple(self._finding(person, points) for person, points in scored),
        )

    def _at(self, day: date, first: int, last: int) -> datetime:
        hour, minute = self.random.randint(first, last), self.random.randrange(60)
        return datetime.combine(day, time(hour, minute, self.random.randrange(60)), CIVIL_ZONE)

    def _finding(self, person: str, points: int) -> PlannedFinding:
        band = next(
            band
            for band, highest in (("minor", 3), ("moderate", 6), ("serious", 9), ("grave", 12))
            if points <= highest
        )
        degree = ("general", "important", "main")[(points - 1) % 3]
        return PlannedFinding(
            practitioner=person, item=self.random.choice(_ITEMS[band]), degree=degree, points=points
        )


def _weekday(day: date) -> date:
    """Return `day`, or the Monday after it on a weekend."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else 0)
