"""A file laid over the law: what it changes and where, what it may not, and that the past stays as it was."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import own_law
import pytest
from own_law import text_of, with_value

from scoring_service.core.errors import RuleError
from scoring_service.law.adopting import as_told, compared, digest_of, examined, named_file
from scoring_service.law.layers import Adoption, Layers
from scoring_service.law.rulebooks import RulebookError, Rulebooks

TODAY = date(2025, 6, 2)
LAW = own_law.RULEBOOKS
IDS = ("national", "chifeng", "hunan", "liaoning", "on_application", "tianjin")
CAP = "credits.points_cap_per_year"
FIVE = "2025-07-01: {value: 5, source: S, verified: true}"


def look_into(rulebook, text, law=LAW, today=TODAY):
    return examined(law, named_file(rulebook, text.encode()), today)


def hashes(law, until=date(2099, 1, 1)):
    return {each: [(one.valid_from, one.sha256) for one in law.versions(each) if one.valid_from < until] for each in IDS}


def test_a_value_of_the_base_reaches_all_that_inherit_it():
    found = look_into("national", with_value(text_of("national"), CAP, FIVE))
    assert found.begins_on == date(2025, 7, 1)
    [difference] = found.differences
    assert (difference.key, difference.before.value, difference.after.value) == (CAP, 4, 5)
    assert (difference.applies_to, difference.otherwise) == (IDS, ())
    assert found.law.resolve("chifeng", date(2025, 6, 30)) == LAW.resolve("chifeng", date(2025, 6, 30))
    assert found.law.resolve("chifeng", date(2025, 7, 1)).points_cap_per_year == 5


def test_a_value_of_the_base_does_not_reach_who_has_its_own():
    dated = "2025-07-01: {value: 5, source: S, verified: true}"
    text = with_value(text_of("national"), "suspension_months.single.10", dated)
    [difference] = look_into("national", text).differences
    assert "chifeng" in difference.otherwise
    assert "national" in difference.applies_to


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (lambda text: text.replace("{value: 9, source: A B", "{value: 0, source: A B"), "a whole number from 1 to 12"),
        (lambda text: with_value(text, "bands.minor", "2025-07-01: {value: {lowest: 1, highest: 2}, source: S, verified: true}"), "2025-07-01"),
        (lambda text: text.replace("suspend_at:", "suspended_at:"), "suspended_at"),
        (lambda text: text.replace("in_force_from: 2025-01-01", "in_force_from: 2024-01-01"), "in_force_from"),
        (lambda text: text.replace("id: national", "id: chifeng"), "national"),
        (lambda text: text.replace("    points_cap_per_year", "    points_cap_per_week"), "points_cap_per_week"),
        (lambda text: text[: text.index("  credits:")] + text[text.index("  remediation:") :], CAP),
        (lambda _text: "", "national.yaml:1: "),
        (lambda _text: "id: [", "national.yaml:1: "),
    ],
    ids=["a threshold of 0", "a hole", "unknown", "another start", "another id", "unknown row", "left out", "empty", "no YAML"],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(spoiled, says):
    with pytest.raises(RulebookError, match=r"national\.yaml:\d+: .* / ") as raised:
        look_into("national", spoiled(text_of("national")))
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("key", "dated"),
    [
        (CAP, "2025-06-02: {value: 5, source: S, verified: true}"),
        (CAP, "2025-03-01: {value: 5, source: S, verified: true}"),
        ("items.overtreatment", "2025-06-01: {value: null, source: S, verified: true}"),
    ],
)
def test_a_day_up_to_today_is_refused(key, dated):
    with pytest.raises(RuleError) as raised:
        look_into("national", with_value(text_of("national"), key, dated))
    assert raised.value.code == "not_from_the_future"
    assert key in raised.value.detail


@pytest.mark.parametrize("mark", ["verified: true", "verified: false, basis: otherwise"])
def test_what_is_in_force_keeps_its_source_and_mark_too(mark):
    text = text_of("national")
    spoiled = text.replace("{value: 9, source: A B, verified: true}", f"{{value: 9, source: A, {mark}}}")
    with pytest.raises(RuleError, match="suspend_at"):
        look_into("national", spoiled)


def test_what_changes_nothing_is_refused():
    for text in (text_of("national"), text_of("national") + "\n# 注\n", text_of("national").replace("\n", "\r\n")):
        with pytest.raises(RuleError) as raised:
            look_into("national", text)
        assert raised.value.code == "changes_nothing"


def test_an_item_is_dropped_by_an_end_in_the_future():
    dated = "2025-07-01: {value: null, source: S, verified: true}"
    found = look_into("national", with_value(text_of("national"), "items.overtreatment", dated))
    [difference] = found.differences
    assert difference.ends_item
    assert as_told(difference)["after"] is None
    assert "overtreatment" in {item.key for item in found.law.resolve("national", TODAY).items}
    assert "overtreatment" not in {item.key for item in found.law.resolve("national", found.begins_on).items}


def adoption(rulebook, text, begins_on, hour):
    known_from = datetime(2025, 6, 2, hour, tzinfo=UTC)
    return Adoption(rulebook=rulebook, content=text.encode(), begins_on=begins_on, known_from=known_from)


def test_a_moment_before_the_adoption_knows_the_law_of_then():
    text = with_value(text_of("national"), CAP, FIVE)
    layers = Layers(shipped=LAW, adoptions=[adoption("national", text, date(2025, 7, 1), 9)])
    at = datetime(2025, 6, 2, 9, tzinfo=UTC)
    assert layers.as_known(at - timedelta(microseconds=1)) is LAW
    assert layers.as_known(at) is layers.latest() is layers.as_known(at)
    assert hashes(layers.latest(), date(2025, 7, 1)) == hashes(LAW)
    assert hashes(layers.latest()) != hashes(LAW)


def test_the_adopted_file_wins_over_what_a_later_release_ships(tmp_path):
    """From its first day on, whatever the release says of that day or a later one; before it the release decides."""
    adopted = with_value(text_of("national"), CAP, FIVE)
    released = text_of("national")
    for dated in ("2025-06-15: {value: 2, source: S, verified: true}", "2025-08-01: {value: 3, source: S, verified: true}"):
        released = with_value(released, CAP, dated)
    released = with_value(released, "talk.working_days", "2025-06-20: {value: 30, source: S, verified: true}")
    for rulebook in IDS:
        (tmp_path / f"{rulebook}.yaml").write_text(released if rulebook == "national" else text_of(rulebook), encoding="utf-8")
    law = Layers(
        shipped=Rulebooks.load(tmp_path), adoptions=[adoption("national", adopted, date(2025, 7, 1), 9)]
    ).latest()
    days = [date(2025, 6, 1), date(2025, 6, 15), date(2025, 7, 1), date(2025, 8, 1), date(2030, 1, 1)]
    assert [law.resolve("chifeng", day).points_cap_per_year for day in days] == [4, 2, 5, 5, 5]
    talks = [law.resolve("national", day).talk_working_days for day in (date(2025, 6, 20), date(2025, 7, 1))]
    assert talks == [30, LAW.resolve("national", TODAY).talk_working_days]


def test_an_adopted_overlay_lies_over_an_adopted_base():
    base = with_value(text_of("national"), CAP, FIVE)
    own = text_of("chifeng") + f"  credits:\n    points_cap_per_year:\n      values:\n        {FIVE.replace('5,', '6,').replace(' S,', ' D-IM,')}\n"
    layers = Layers(
        shipped=LAW,
        adoptions=[adoption("national", base, date(2025, 7, 1), 9), adoption("chifeng", own, date(2025, 7, 1), 10)],
    )
    first, law = layers.as_known(datetime(2025, 6, 2, 9, 30, tzinfo=UTC)), layers.latest()
    day = date(2025, 7, 1)
    assert [each.resolve("chifeng", day).points_cap_per_year for each in (LAW, first, law)] == [4, 5, 6]
    assert law.resolve("tianjin", day).points_cap_per_year == 5
    assert [each.key for each in compared(law, "chifeng", TODAY, day)] == [CAP]
    assert compared(law, "chifeng", TODAY, date(2025, 6, 30)) == ()


def test_a_release_that_does_not_fit_under_an_adopted_file_is_told(tmp_path):
    """Without the file that one was adopted for, or with one over which more points bring fewer months."""
    own = with_value(text_of("chifeng"), "suspension_months.single.10", "2025-07-01: {value: 6, source: D-IM, verified: true}")
    adopted = [adoption("chifeng", own, date(2025, 7, 1), 9)]
    for rulebook in IDS:
        (tmp_path / f"{rulebook}.yaml").write_text(text_of(rulebook), encoding="utf-8")
    assert Layers(shipped=Rulebooks.load(tmp_path), adoptions=adopted).latest()
    (tmp_path / "chifeng.yaml").unlink()
    with pytest.raises(RulebookError, match=r"chifeng.*keep its file"):
        Layers(shipped=Rulebooks.load(tmp_path), adoptions=adopted).latest()
    (tmp_path / "chifeng.yaml").write_text(text_of("chifeng"), encoding="utf-8")
    milder = with_value(text_of("national"), "suspension_months.single.11", "2025-06-20: {value: 5, source: S, verified: true}")
    milder = with_value(milder, "suspension_months.accumulated.11", "2025-06-20: {value: 5, source: S, verified: true}")
    (tmp_path / "national.yaml").write_text(milder, encoding="utf-8")
    with pytest.raises(RulebookError, match="fewer months"):
        Layers(shipped=Rulebooks.load(tmp_path), adoptions=adopted).latest()


NUMBERS = ("talk.working_days", CAP, "appeal.window_working_days", "notice.issue_working_days")


def test_any_run_of_adoptions_leaves_every_earlier_day_and_moment_as_it_was():
    """Random files one after another, each made of the text adopted last; each law is kept by who knew it."""
    rng, today, texts = Random("adoptions"), TODAY, {each: text_of(each) for each in IDS}
    adoptions, known = [], [(datetime(2025, 6, 2, tzinfo=UTC), hashes(LAW))]
    for hour in range(1, 14):
        law = Layers(shipped=LAW, adoptions=tuple(adoptions)).latest()
        begins_on = today + timedelta(days=rng.randrange(1, 60))
        dated = f"{begins_on}: {{value: {rng.randrange(3, 12)}, source: S, verified: true}}"
        key = rng.choice(NUMBERS)
        stated = law.file("national").parameters[key].values
        if any(value.start >= begins_on or f"value: {value.value}," in dated for value in stated):
            continue
        text = with_value(texts["national"], key, dated)
        found = look_into("national", text, law, today)
        before = hashes(law, found.begins_on)
        assert hashes(found.law, found.begins_on) == before
        texts["national"] = text
        at = datetime(2025, 6, 2, tzinfo=UTC) + timedelta(days=(today - TODAY).days, hours=hour)
        adoptions.append(Adoption(rulebook="national", content=text.encode(), begins_on=found.begins_on, known_from=at))
        layers = Layers(shipped=LAW, adoptions=tuple(adoptions))
        assert hashes(layers.latest()) == hashes(found.law)
        assert digest_of(found.differences) == digest_of(look_into("national", text, law, today).differences)
        known.append((at, hashes(layers.latest())))
        today += timedelta(days=rng.randrange(40))
    assert len(adoptions) >= 5
    layers = Layers(shipped=LAW, adoptions=tuple(adoptions))
    assert [hashes(layers.as_known(at)) for at, _told in known] == [told_then for _at, told_then in known]
