"""What the values of one day must be together: no hole in the bands or months, thresholds in order.

Every check raises RulebookError at the line that states the value, whichever file that line stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from scoring_service.core.rulebook import SCORE_GROUNDS, Degree, Ground
from scoring_service.law.files import BAND_KEYS, REQUIRED, DatedValue, RulebookFile, is_row
from scoring_service.law.values import READINGS
from scoring_service.law.yaml_files import Located

Held = Mapping[str, DatedValue]


def check_dates(file: RulebookFile, in_force_from: date) -> None:
    """Check that no value is dated before the rulebook's first day and that a whole one starts complete."""
    for parameter in file.parameters.values():
        first = parameter.values[0]
        if first.start < in_force_from:
            first.place.fail(
                f"{first.start} 早于规则生效日 {in_force_from}",
                f"{first.start} is before the rulebook's first day {in_force_from}; correct the date",
            )
        if file.based_on is None and not is_row(parameter.key) and first.start > in_force_from:
            first.place.fail(
                f"{parameter.key} 在 {in_force_from} 尚无取值",
                f"{parameter.key} has no value on {in_force_from}; add one for that day",
            )
    missing = [key for key in REQUIRED if key not in file.parameters and not _read_otherwise(file, key)]
    if file.based_on is None and missing:
        file.place.fail(
            f"缺少参数 {'、'.join(missing)}", f"parameters are missing: {', '.join(missing)}; add them"
        )


def _read_otherwise(file: RulebookFile, key: str) -> bool:
    """Tell whether a superseded file may leave the parameter out: it has a reading, or decides nothing."""
    return file.superseded and (key in READINGS or key.startswith("interpretations."))


def check_together(file: RulebookFile, day: date, held: Held) -> None:
    """Check the values `held` on `day` against each other."""
    _check_thresholds(held)
    _check_bands(file, day, held)
    for ground in SCORE_GROUNDS:
        _check_months(file, day, held, ground)
    _check_columns(held)
    _check_warnings(held)
    _check_items(held)
    if not file.superseded:
        _check_degree_points(day, held)
        _check_adjustment_grounds(file, day, held)
    _check_ratio(held)


def _check_thresholds(held: Held) -> None:
    suspend_at = held["suspend_at"]
    if suspend_at.value >= held["terminate_at"].value:
        suspend_at.place.fail(
            "suspend_at 须小于 terminate_at", "suspend_at must be below terminate_at; correct one of them"
        )


def _check_bands(file: RulebookFile, day: date, held: Held) -> None:
    expected = 1
    for key in BAND_KEYS:
        band = held.get(f"bands.{key}")
        if band is None:
            continue
        if band.value["lowest"] != expected:
            _hole(
                band.place,
                day,
                f"档次 {key} 应自 {expected} 分起",
                f"band {key} must begin at {expected}: bands may neither overlap nor leave a hole",
            )
        expected = band.value["highest"] + 1
    terminate_at = held["terminate_at"].value
    if expected != terminate_at + 1:
        place = next(
            (held[f"bands.{key}"].place for key in reversed(BAND_KEYS) if f"bands.{key}" in held), file.place
        )
        _hole(
            place,
            day,
            f"各档次须恰好到 {terminate_at} 分为止",
            f"the bands must end exactly at {terminate_at} points (terminate_at)",
        )


def _hole(place: Located, day: date, chinese: str, english: str) -> None:
    place.fail(f"{day} 起，{chinese}", f"from {day} on {english}")


def _column(held: Held, ground: Ground) -> dict[int, DatedValue]:
    prefix = f"suspension_months.{ground}."
    rows = {int(key.removeprefix(prefix)): value for key, value in held.items() if key.startswith(prefix)}
    return dict(sorted(rows.items()))


def _check_months(file: RulebookFile, day: date, held: Held, ground: Ground) -> None:
    column = _column(held, ground)
    totals = range(held["suspend_at"].value, held["terminate_at"].value)
    for points, row in column.items():
        if points not in totals:
            _hole(
                row.place,
                day,
                f"suspension_months.{ground}.{points} 不在 {totals[0]} 至 {totals[-1]} 分之内，请以 null 终止",
                f"suspension_months.{ground}.{points} is outside {totals[0]}-{totals[-1]}; end it with null",
            )
    for points in totals:
        if points not in column:
            _hole(
                next((row.place for row in column.values()), file.place),
                day,
                f"suspension_months.{ground} 缺少 {points} 分一行，请补上",
                f"suspension_months.{ground} has no row for {points} points; add it",
            )
    for (lower, less), (higher, more) in pairwise(column.items()):
        if less.value > more.value:
            _hole(
                more.place,
                day,
                f"{higher} 分的月数少于 {lower} 分",
                f"{higher} points bring fewer months than {lower}; more points may never bring less",
            )


def _check_columns(held: Held) -> None:
    accumulated, single = _column(held, Ground.ACCUMULATED), _column(held, Ground.SINGLE)
    pairs = [(single[points], accumulated[points]) for points in single]
    pairs.append((held["ban_years.single"], held["ban_years.accumulated"]))
    for once, summed in pairs:
        if once.value < summed.value:
            once.place.fail("一次性记分的后果轻于累计记分", "single is milder than accumulated; it may never be")


def _check_warnings(held: Held) -> None:
    terminate_at = held["terminate_at"].value
    for key, tier in held.items():
        if key.startswith("warnings.") and not 1 <= int(key.removeprefix("warnings.")) < terminate_at:
            tier.place.fail(
                f"预警分值须在 1 至 {terminate_at - 1} 之间",
                f"a warning stands at 1 to {terminate_at - 1} points",
            )


def _check_items(held: Held) -> None:
    for key, item in held.items():
        if key.startswith("items.") and f"bands.{item.value['band']}" not in held:
            item.place.fail(
                f"{key} 的档次 {item.value['band']} 不存在",
                f"the band {item.value['band']} of {key} is not in force",
            )


def _check_degree_points(day: date, held: Held) -> None:
    """Each band suggests points for every degree: inside the band, more for a greater degree never less (P25)."""
    for key in BAND_KEYS:
        band, points = held.get(f"bands.{key}"), held.get(f"degree_points.{key}")
        alone = points if band is None else band if points is None else None
        if alone is not None:
            _hole(
                alone.place,
                day,
                f"档次 {key} 与 degree_points.{key} 须同时施行",
                f"band {key} and degree_points.{key} must be in force together",
            )
        if band is None or points is None:
            continue
        rising = [band.value["lowest"], *(points.value[degree] for degree in Degree), band.value["highest"]]
        if rising != sorted(rising):
            _hole(
                points.place,
                day,
                f"degree_points.{key} 须在该档次内，且责任较重的不少于较轻的",
                f"degree_points.{key} must lie in the band, a greater degree never below a lesser",
            )


def _check_adjustment_grounds(file: RulebookFile, day: date, held: Held) -> None:
    for kind in ("lighter", "heavier"):
        if not any(key.startswith(f"adjustment_grounds.{kind}.") for key in held):
            _hole(
                file.place,
                day,
                f"adjustment_grounds.{kind} 没有任何情形，请补上",
                f"adjustment_grounds.{kind} names no ground; add one",
            )


def _check_ratio(held: Held) -> None:
    alert = held["institution_ratio.alert_percent"]
    if alert.value >= held["institution_ratio.severe_percent"].value:
        alert.place.fail("预警比例须低于严重比例", "alert_percent must be below severe_percent")
