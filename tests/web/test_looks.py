"""Every answer that shows a person is on record as a look at them: of the API, of the console, whatever route it is.

The answers are judged by what stands in them. A route that is new comes under this test by itself; one whose address
has a variable that no object of this world fills fails it.
"""

import re

import pytest
from looks_world import make_world

from scoring_service.api.pipeline.access import ROWS
from scoring_service.services.registry.practitioners import GAPS
from scoring_service.web.frame.pages import ACCESS

# The answer to whether a line is payable tells the state alone, which everybody may know, and repeats the question;
# refusals are on a record of their own. A settlement system asks nothing else.
STATE_ALONE = {"/eligibility", "/eligibility/{ref}", "/eligibility/batch", "/eligibility/claims"}
STATE_ALONE |= {f"/eligibility/claims/{{id}}{file}" for file in ("", "/file", "/rejects", "/recover", "/pay")}
STATES_ONLY = "settlement"
# What is read again and again is on record once a person and day.
ONCE_A_DAY = {"/audit": "audit", "/events": "events"}
ACCOUNTS = {
    "office.clerk": "clerk",
    "office.reviewer": "reviewer",
    "office.appeals": "appeals",
    "office.admin": "admin",
    "office.auditor": "auditor",
    "expert": "expert",
    "institution": "clinic",
    "practitioner": "doctor",
    "settlement": "settlement",
    "regulator": "regulator",
}
# What fills a variable, by the part of the address before it; of several each is asked for.
FILLED = {
    "practitioners": ["person", "banned"],
    "people": ["person", "banned"],
    "registrations": ["person"],
    "institutions": ["institution"],
    "cases": ["case", "draft"],
    "corrections": ["correction"],
    "liftings": ["lifting"],
    "merges": ["merge"],
    "registry-corrections": ["registry_correction"],
    "registration-requests": ["request"],
    "requests": ["request"],
    "applications": ["application"],
    "remediation": ["application"],
    "reregistrations": ["reregistration"],
    "resumptions": ["resumption"],
    "appeals": ["appeal", "heard"],
    "notices": ["notice", "own_notice"],
    "talks": ["talk"],
    "entries": ["entry"],
    "eligibility/decisions": ["decision"],
    "users": ["account"],
    "accounts": ["account"],
    "imports": ["import"],
    "find": ["search"],
    "bundles": ["bundle"],
}
NAMED = {
    "jobs": "deadlines",
    "imports/new": "institutions",
    "imports/templates": "institutions",
    "institutions.": "xlsx",
    "rulebooks": "chifeng",
    "drafts": "1",
    "reports": "periodic",
    "attachments": "1",
    "static": "console.css",
    "language": "zh",
}
DECISIONS = {
    "remediation": "application",
    "corrections": "correction",
    "liftings": "lifting",
    "reregistrations": "reregistration",
    "registry": "registry_correction",
    "merges": "merge",
}
VARIABLE = re.compile(r"\{[^{}]+\}|<[^<>]+>")


@pytest.fixture(scope="module")
def world(module_engine):
    return make_world(module_engine)


def filled(world, path):
    """The addresses of a route, its variables filled with every fitting object of the world."""
    if "/correction/<kind>/<number>" in path:
        return [f"/registrations/{world.ids['person']}/correction/registration/1"]
    if "/agreements/<first_day>" in path:
        return [f"/institutions/{world.ids['institution']}/agreements/2025-01-01/correction"]
    if "/decisions/<kind>" in path:
        return [f"/decisions/{kind}/{world.ids[name]}" for kind, name in DECISIONS.items()]
    found = VARIABLE.search(path)
    if found is None:
        return [path]
    before = path[: found.start()].strip("/")
    last = before.rsplit("/", 1)[-1]
    values = [world.ids[name] for name in FILLED.get("/".join(before.split("/")[-2:]), FILLED.get(last, []))]
    values += [NAMED[name] for name in ("/".join(before.split("/")[-2:]), last) if name in NAMED][:1]
    assert values, f"nothing in this world fills {path}"
    return [
        address
        for value in values
        for address in filled(world, path[: found.start()] + value + path[found.end() :])
    ]


def unrecorded(world, username, path, ask):
    """Whom the answer to `ask` shows beside the asker without a look on record."""
    since = world.last_look()
    answer = ask()
    assert answer.status_code < 500, answer.text
    # A refusal repeats what was asked for, at most.
    shown = world.shown_in(answer) - {world.own(username)} if answer.status_code == 200 else set()
    return answer, shown - world.looked_at(
        username, since, {kind for start, kind in ONCE_A_DAY.items() if path.startswith(start)}
    )


def test_every_answer_of_the_api_that_shows_a_person_is_on_record(world):
    silent, shown = [], 0
    for row in ROWS:
        if row.method != "GET" or row.path in STATE_ALONE:
            continue
        for path in filled(world, row.path):
            for user in {ACCOUNTS[role] for role in row.admitted} - {STATES_ONLY}:
                answer, missing = unrecorded(world, user, path, lambda: world.call(user, "GET", path))  # noqa: B023 -- asked at once
                shown += bool(world.shown_in(answer))
                if missing:
                    silent.append(f"GET {row.path} to {user}")
    assert not silent, "\n".join(sorted(set(silent)))
    assert shown > 60


ASKED = [
    ("clerk", "/practitioners/search", {"name": "阿如娜"}),
    ("clinic", "/practitioners/search", {"name": "阿如娜"}),
    ("clerk", "/search", {"q": "如娜"}),
    ("clinic", "/search", {"q": "arnqmg"}),
]


@pytest.mark.parametrize(("user", "path", "body"), ASKED)
def test_every_post_that_asks_is_on_record(world, user, path, body):
    answer, missing = unrecorded(world, user, path, lambda: world.call(user, "POST", path, body))
    assert world.shown_in(answer)
    assert missing == set()


def test_those_are_all_the_posts_that_ask_about_people():
    asking = {
        row.path
        for row in ROWS
        if row.method == "POST" and not row.keyed and not row.path.startswith("/auth")
    }
    assert asking - STATE_ALONE == {path for _user, path, _body in ASKED}


def filtered(ids):
    """Further addresses of the API and of the console, whose lists depend on what is asked for."""
    person, institution = ids["person"], ids["institution"]
    return [
        ("clerk", f"/practitioners?institution={institution}"),
        ("clerk", "/practitioners?status=terminated"),
        ("clerk", "/search?q=如娜"),
        ("clerk", "/cases?state=submitted"),
        ("clerk", "/practitioners?sort=-name&region=15&total=true"),
        ("clerk", "/notices?sort=received_on&kind=score"),
        ("expert", "/appeals?sort=-due&mine=true"),
        ("clinic", f"/resumptions?institution={institution}&sort=filed_on"),
        ("clerk", f"/notices?institution={institution}"),
        ("clerk", f"/notices?practitioner={person}"),
        ("clerk", "/notices?maintenance=open"),
        ("auditor", f"/audit?practitioner={person}"),
        ("auditor", "/audit?action=look&limit=200"),
        ("clerk", "/events?limit=200"),
    ], [
        *(("clerk", f"/people?status={status}") for status in ("suspended", "terminated", "near", "coming")),
        ("auditor", f"/audit?practitioner={person}"),
        ("auditor", "/audit?action=look"),
        *(("clerk", f"/cases?state={state}") for state in ("draft", "submitted", "approved")),
        *(("clerk", f"/decisions?kind={kind}") for kind in DECISIONS),
        ("clerk", f"/cases/new?person={person}"),
        *(("admin", f"/registrations?lacking={gap}") for gap in GAPS),
        *(
            ("clinic", f"/clinic/people?status={status}")
            for status in ("suspended", "terminated", "near", "coming")
        ),
        *(("clinic", f"/clinic/talks?held={held}") for held in ("0", "1")),
        *((desk, f"/duties?duty={duty}") for desk in ("clerk", "clinic") for duty in ("delivery", "maintenance", "talk")),
        ("clerk", "/cases?state=due"),
        ("clinic", f"/clinic/check?person={person}"),
        ("clinic", "/letters?unread=1"),
        ("clinic", "/appeals?state=filed"),
        ("appeals", "/appeals?state=accepted"),
    ]


def test_every_list_of_the_api_whatever_is_asked_for_is_on_record(world):
    silent = [
        f"{path} to {user}"
        for user, path in filtered(world.ids)[0]
        if unrecorded(world, user, path, lambda: world.call(user, "GET", path))[1]  # noqa: B023 -- asked at once
    ]
    assert not silent, "\n".join(silent)


@pytest.fixture(scope="module")
def browsers(world):
    return {user: world.console.browser(user) for user in ACCOUNTS.values()}


def pages_of(world):
    rules = [
        rule
        for rule in world.console.app.url_map.iter_rules()
        if rule.endpoint.startswith("web.") and "GET" in rule.methods
    ]
    for rule in rules:
        roles = ACCESS[rule.endpoint]
        for path in filled(world, rule.rule) if roles else ():
            for role in sorted(roles):
                yield ACCOUNTS[role], path, rule.rule


def test_every_page_that_shows_a_person_is_on_record(world, browsers):
    silent, shown = [], 0
    asked = [*pages_of(world), *((user, path, path) for user, path in filtered(world.ids)[1])]
    for user, path, rule in asked:
        answer, missing = unrecorded(world, user, path, lambda: browsers[user].get(path))  # noqa: B023 -- asked at once
        shown += bool(world.shown_in(answer))
        if missing:
            silent.append(f"{rule} to {user}")
    assert not silent, "\n".join(sorted(set(silent)))
    assert shown > 60


def test_every_form_that_asks_about_people_is_on_record(world, browsers):
    code = world.people[world.ids["person"]][1]
    asked = [
        ("clerk", "/find", {"q": "如娜"}),
        ("clinic", "/find", {"q": "arn"}),
        ("clinic", "/clinic/check", {"ref": code, "day": "2026-06-09"}),
        ("clinic", "/clinic/check-list", {"list": code, "day": "2026-06-09"}),
    ]
    for user, path, form in asked:
        browsers[user].page(path)
        answer, missing = unrecorded(world, user, path, lambda: browsers[user].asked(path, **form))  # noqa: B023 -- asked at once
        assert world.ids["person"] in world.shown_in(answer), path
        assert missing == set(), path


def test_a_look_for_a_case_that_is_not_drafted_yet_stays_hidden_from_the_person(world, browsers):
    own = world.own("doctor")
    log = f"/practitioners/{own}/access-log?limit=200"
    before = world.call("doctor", "GET", log).json["items"]
    since = world.last_look()
    browsers["clerk"].page(f"/cases/new?person={own}")
    assert own in world.looked_at("clerk", since)
    assert world.call("doctor", "GET", log).json["items"] == before
    assert len(world.call("auditor", "GET", log).json["items"]) > len(before)


def test_what_is_read_again_and_again_is_on_record_once_a_day(world):
    for path in ("/events?limit=200", "/audit?limit=200"):
        world.call("auditor", "GET", path)
        since = world.last_look()
        assert world.shown_in(world.call("auditor", "GET", path))
        assert world.looked_at("auditor", since) == set()
