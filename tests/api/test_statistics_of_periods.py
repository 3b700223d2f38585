"""The statistics of months and years beside a plain count of what was recorded, by the knowledge of now and of then."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from urllib.parse import quote

import pytest
from api_office import make_office, make_test_service
from eligibility_city import City

CATEGORIES = {"doctor": "D", "nurse": "N", "pharmacist": "HY"}
DEGREES = ("general", "important", "main")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A score as it was recorded; `points` is what it stands at now."""

    entry: str
    institution: str
    region: str
    person: str
    category: str
    degree: str
    decided_on: str
    points: int


class Recorded:
    """A year of scores over HTTP with a list of them beside it."""

    def __init__(self, city):
        self.city, self.facts, self.random = city, [], random.Random(7)
        self.places = {
            city.office.institution(region=region, name=f"第{number}医院"): region
            for number, region in enumerate(("150402", "150402", "150403", "210102"))
        }
        self.people = {}
        for place in self.places:
            for category, prefix in CATEGORIES.items():
                self.people[city.person(place, category=category, prefix=prefix)] = (place, category)

    def score(self, day, points, person=None):
        person = person or self.random.choice(list(self.people))
        place, category = self.people[person]
        degree = self.random.choice(DEGREES)
        case = self.city.score(person, place, points, decided_on=day, degree=degree)
        fact = Fact(
            entry=case["findings"][0]["entry"], institution=place, region=self.places[place], person=person,
            category=category, degree=degree, decided_on=day, points=points,
        )  # fmt: skip
        self.facts.append(fact)
        return fact

    def correct(self, fact, value):
        body = {"value": value, "basis": "clerical", "document_no": "更正1号", "reason": "笔误"}
        made = self.city.clerk.post(f"/entries/{fact.entry}/corrections", body)
        assert made.status_code == 201, made.json
        assert self.city.reviewer.post(f"/corrections/{made.json['id']}/approve").status_code == 200
        self.facts[self.facts.index(fact)] = replace(fact, points=value)

    def counted(self, begins, region=""):
        return [
            fact
            for fact in self.facts
            if fact.points and fact.decided_on.startswith(begins) and fact.region.startswith(region)
        ]


class OwnCity(City):
    def score(self, person, institution, points, decided_on=None, degree="main"):
        handling = {"kind": "penalty", "authority": "赤峰市医疗保障局", "document_no": person[-6:] + str(points)}
        handling["decided_on"] = decided_on
        finding = {"practitioner": person, "item": "fictitious_services", "degree": degree, "points": points, "reason": "依责任程度"}
        case = self.clerk.post(
            "/cases", {"institution": institution, "handling": handling, "summary": "检查发现", "findings": [finding]}
        )
        assert case.status_code == 201, case.json
        assert self.clerk.post(f"/cases/{case.json['id']}/submit").status_code == 200
        approved = self.reviewer.post(f"/cases/{case.json['id']}/approve", {"confirm_duplicates": True})
        assert approved.status_code == 200, approved.json
        return approved.json


@pytest.fixture(scope="module")
def recorded(module_engine):
    made = Recorded(OwnCity(make_office(make_test_service(module_engine))))
    for day in ("2025-04-09", "2025-04-30", "2025-05-01", "2025-05-20", "2025-05-31", "2025-05-31", "2025-06-01", "2025-06-02"):
        for _ in range(2):
            made.score(day, made.random.choice((1, 2, 3, 5)))
    worst = next(iter(made.people))
    made.score("2025-05-07", 9, worst)
    made.score("2025-05-08", 12, list(made.people)[3])
    made.city.move(days=1)
    return made


def asked(recorded, path, client=None, **question):
    answer = (client or recorded.city.reviewer).get(f"/statistics/{path}", query_string=question)
    assert answer.status_code == 200, answer.json
    return answer.json


def months_of(recorded, **question):
    told = asked(recorded, "changes", **question)
    return {row["figure"]: (row["this_month"], row["last_month"], row["year_before"]) for row in told["items"]}


def test_a_month_stands_beside_the_last_and_that_of_the_year_before(recorded):
    figures = months_of(recorded, month="2025-05")
    for name, count in (
        ("person_times", len),
        ("points", lambda facts: sum(fact.points for fact in facts)),
        ("persons", lambda facts: len({fact.person for fact in facts})),
        ("institutions", lambda facts: len({fact.institution for fact in facts})),
    ):
        assert figures[name] == (count(recorded.counted("2025-05")), count(recorded.counted("2025-04")), 0), name
    # Sanctions begin on the day after the approval, which was in June.
    assert figures["suspended"] == (0, 0, 0)
    june = months_of(recorded)
    assert june["person_times"][:2] == (len(recorded.counted("2025-06")), len(recorded.counted("2025-05")))
    assert (june["suspended"][0], june["terminated"][0]) >= (1, 1)
    moved = asked(recorded, "changes", month="2025-05")["moved"]
    now, before = (Counter(fact.institution for fact in recorded.counted(month)) for month in ("2025-05", "2025-04"))
    rises = {place: now[place] - before[place] for place in now if now[place] > before[place]}
    assert {row["institution"]: row["this_month"] - row["last_month"] for row in moved} == rises
    assert [rises[row["institution"]] for row in moved] == sorted(rises.values(), reverse=True)


@pytest.mark.parametrize("sort", ["points", "person_times", "persons", "sanctioned", "ratio"])
def test_institutions_are_ranked_by_each_number(recorded, sort):
    rows = asked(recorded, "institutions", period="2025", sort=f"-{sort}", total="true")
    assert rows["total"] == len(rows["items"])
    facts = recorded.counted("2025")
    for row in rows["items"]:
        own = [fact for fact in facts if fact.institution == row["institution"]]
        assert row["person_times"] == len(own)
        assert row["points"] == sum(fact.points for fact in own)
        assert row["persons"] == len({fact.person for fact in own})
        assert row["registered"] == (len(CATEGORIES) if row["sanctioned"] else None)
    assert {row["institution"] for row in rows["items"]} == {fact.institution for fact in facts}
    by = {"ratio": lambda row: row["sanctioned"] / row["registered"] if row["sanctioned"] else None}.get(sort, lambda row: row[sort])
    values = [by(row) for row in rows["items"]]
    told = [value for value in values if value is not None]
    assert told == sorted(told, reverse=True)
    assert values[len(told):] == [None] * (len(values) - len(told))
    first = asked(recorded, "institutions", period="2025", sort=f"-{sort}", limit=1)
    second = asked(recorded, "institutions", period="2025", sort=f"-{sort}", limit=200, cursor=first["next_cursor"])
    assert first["items"] + second["items"] == rows["items"]


def test_the_ratio_is_that_of_the_institution_s_page(recorded):
    rows = [row for row in asked(recorded, "institutions", sort="-ratio")["items"] if row["level"] == "alert"]
    assert {(row["sanctioned"], row["registered"]) for row in rows} == {(1, 3)}


def test_scores_are_told_apart_by_each_side(recorded):
    told = asked(recorded, "breakdown", period="2025-Q2")
    facts = recorded.counted("2025-0")
    for side, key in (("county", "region"), ("degree", "degree"), ("category", "category")):
        rows = {row["key"]: (row["person_times"], row["points"]) for row in told["items"] if row["side"] == side}
        wanted = {
            value: (len(own), sum(fact.points for fact in own))
            for value in {getattr(fact, key) for fact in facts}
            if (own := [fact for fact in facts if getattr(fact, key) == value])
        }
        assert rows == wanted
    [item] = [row for row in told["items"] if row["side"] == "item"]
    assert (item["key"], item["person_times"]) == ("fictitious_services", len(facts))
    assert told["period"] == "2025-Q2"


def test_what_was_in_time(recorded):
    told = {row["what"]: row for row in asked(recorded, "timeliness", period="2025")["items"]}
    # Approved on 2 June; five working days before it was 26 May: of 31 May was Monday a holiday (Dragon Boat).
    late = [fact for fact in recorded.facts if fact.decided_on < "2025-05-23"]
    assert told["issue"]["total"] == len(recorded.facts)
    assert told["issue"]["late"] == len(late)
    assert told["issue"]["in_time"] == len(recorded.facts) - len(late)
    assert told["delivery"]["waiting"] == told["delivery"]["total"] >= len(recorded.facts)


def test_a_region_counts_its_own(recorded):
    bound = recorded.city.office.client_for("regulator", region="150403")
    own = recorded.counted("2025", "150403")
    rows = asked(recorded, "institutions", client=bound)["items"]
    assert {row["institution"] for row in rows} == {fact.institution for fact in own}
    told = asked(recorded, "breakdown", client=bound)["items"]
    assert [(row["key"], row["person_times"]) for row in told if row["side"] == "county"] == [("150403", len(own))]
    for path in ("changes", "institutions", "breakdown", "timeliness"):
        assert bound.get(f"/statistics/{path}?region=1504").status_code == 200
        assert bound.get(f"/statistics/{path}?region=21").status_code == 403
        assert recorded.city.settlement.get(f"/statistics/{path}").status_code == 403


@pytest.mark.parametrize("path", ["changes", "institutions", "breakdown", "timeliness"])
def test_what_cannot_be_asked_is_refused_where_it_is_wrong(recorded, path):
    name = "month" if path == "changes" else "period"
    for wrong in ("2025-13", "25", "2025-Q5", "2025-1", "", "1999", *(["2025"] if path == "changes" else [])):
        answer = recorded.city.reviewer.get(f"/statistics/{path}", query_string={name: wrong})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/query/{name}"), wrong
    future = recorded.city.now().replace(year=2026).isoformat()
    answer = recorded.city.reviewer.get(f"/statistics/{path}?known_at={quote(future)}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/query/known_at")
    early = asked(recorded, path, known_at="2024-01-01T00:00:00+08:00")
    counted = {name for row in early["items"] for name, value in row.items() if isinstance(value, int) and value}
    assert not counted


def test_a_past_moment_answers_as_it_did(recorded):
    """Corrections, a new name and a receipt that come later change nothing of what was known."""
    paths = {"changes": {"month": "2025-05"}, "institutions": {"period": "2025"}, "breakdown": {}, "timeliness": {}}
    then = recorded.city.now().isoformat()
    present = {path: asked(recorded, path, **question)["items"] for path, question in paths.items()}
    known = {path: asked(recorded, path, known_at=then, **question) for path, question in paths.items()}
    assert {path: told["items"] for path, told in known.items()} == present
    recorded.city.move(minutes=1)
    gravest = max(recorded.facts, key=lambda fact: fact.points)
    recorded.correct(gravest, 0)
    recorded.correct(next(fact for fact in recorded.facts if fact.points == 9), 3)
    code = gravest.institution
    version = recorded.city.admin.get(f"/institutions/{code}")
    changed = recorded.city.admin.patch(f"/institutions/{code}", {"name": "改名医院"}, headers={"If-Match": version.headers["ETag"]})
    assert changed.status_code == 200, changed.json
    notice = recorded.city.clerk.get(f"/notices?institution={code}").json["items"][0]["id"]
    received = recorded.city.clerk.post(f"/notices/{notice}/acknowledge", {"received_on": "2025-06-03", "proof": "EMS 1"})
    assert received.status_code == 200, received.json
    for path, question in paths.items():
        assert asked(recorded, path, known_at=then, **question) == known[path], path
        assert asked(recorded, path, **question)["items"] != present[path], path
    now = recorded.city.now().isoformat()
    for path, question in paths.items():
        assert asked(recorded, path, known_at=now, **question)["items"] == asked(recorded, path, **question)["items"], path
