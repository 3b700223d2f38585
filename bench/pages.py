"""Every page of the console on the populated country: what a signed-in person waits for, and what a first visit loads.

The time is the whole round trip on one kept connection, so the server's own is a little less. The size is that of
the page and of every file that it names, as they travel (gzip where the browser asks for it).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from http import HTTPStatus
from statistics import median
from urllib.parse import urlsplit

import requests
from sqlalchemy import select
from werkzeug.routing import Map

from bench.scored_year import add_year
from bench.stage import Stage
from bench.world import code_of, institution_of
from scoring_service.app import create_app
from scoring_service.db.tables import accounts as table
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Case, Handling
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.cases.findings import Finding
from scoring_service.services.proposals import corrections
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES, Actor
from scoring_service.web.frame.pages import ACCESS

ROUNDS = 15
PERSON = 4_321
PASSWORD = "a password of the benchmark"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
LINK = re.compile(r'<a [^>]*href="(/[^"]*)"')
# Addresses that lead elsewhere, and the API's own pages.
NO_PAGES = {"web.home", "web.set_language", "web.asset", "web.demo_logins"}
FILE = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def measure(on: Stage, people: int) -> None:
    """Print each page's median and the size of a first visit, the slowest and the largest at the end."""
    add_year(on.service, people, datetime.now(UTC).year)
    visitors = {Visitor(on.port, name): seeds for name, seeds in starts(prepare(on)).items()}
    tell(visitors, create_app(on.service.settings, on.service).url_map)


def tell(visitors: Mapping[Visitor, list[str]], rules: Map) -> None:
    """Print what every page takes that these visitors reach from their seeds, and the addresses that none reached."""
    told, seen = [], set()
    for visitor, seeds in visitors.items():
        for endpoint, path in reachable(visitor, rules, seeds):
            taken, size = visitor.median_of(path), visitor.first_visit(path)
            told.append((taken, size, f"{visitor.username} {endpoint.removeprefix('web.')}"))
            seen.add(endpoint)
            print(f"page {told[-1][2]}: {taken:.0f} ms, {size / 1000:.0f} kB")
    middle = median(one[0] for one in told)
    print(f"slowest page: {max(told)[2]}, {max(told)[0]:.0f} ms; half of them under {middle:.0f} ms")
    largest = max(told, key=lambda one: one[1])
    print(f"largest first visit: {largest[2]}, {largest[1] / 1000:.0f} kB")
    pages = {rule.endpoint for rule in rules.iter_rules() if "GET" in rule.methods and rule.endpoint in ACCESS}
    print(f"addresses without a figure: {', '.join(sorted(pages - seen))}")


class Visitor:
    """A browser of one account: one connection that is kept, and its cookies."""

    def __init__(self, port: int, username: str, password: str = PASSWORD) -> None:
        self.home, self.username = f"http://127.0.0.1:{port}", username
        self.http = requests.Session()
        token = TOKEN.search(self.http.get(f"{self.home}/sign-in").text)
        form = {"csrf_token": token and token[1], "username": username, "password": password, "target": "/"}
        self.http.post(f"{self.home}/sign-in", data=form).raise_for_status()

    def median_of(self, path: str) -> float:
        """Milliseconds of a page, the median of ROUNDS."""
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            self.http.get(self.home + path).raise_for_status()
            taken.append(time.perf_counter() - began)
        return median(taken) * 1000

    def first_visit(self, path: str) -> int:
        """Bytes of a page and of every file that it names, headers left out."""
        page = self.http.get(self.home + path)
        files = [self.http.get(self.home + name) for name in set(FILE.findall(page.text))]
        return travelled(page) + sum(travelled(file) for file in files)


def travelled(answer: requests.Response) -> int:
    """Return the length of a body on the wire; it was unpacked on arrival."""
    return int(answer.headers["Content-Length"])


def reachable(visitor: Visitor, rules: Map, seeds: list[str]) -> Iterator[tuple[str, str]]:
    """Return (endpoint, path) of the seeds, and of one page of each other kind that links lead to from them."""
    match = rules.bind("127.0.0.1").match
    waiting, seen = list(seeds), set()
    while waiting:
        path = waiting.pop(0)
        answer = visitor.http.get(visitor.home + path)
        if answer.status_code != HTTPStatus.OK or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        path = urlsplit(answer.url)._replace(scheme="", netloc="").geturl()
        endpoint = match(urlsplit(path).path)[0]
        seen.add(endpoint)
        yield endpoint, path
        for link in LINK.findall(answer.text):
            found = match(urlsplit(unescape(link)).path, return_rule=True)[0].endpoint
            if found not in seen and found not in NO_PAGES:
                seen.add(found)
                waiting.append(unescape(link))


def prepare(on: Stage) -> dict[str, str]:
    """Make the accounts, and one matter of each kind on one person; return its addresses."""
    bound = {"institution": institution_of(PERSON), "practitioner": code_of(PERSON)}
    staff = {
        "office": {"roles": OFFICE_ROLES},
        "district": {"roles": OFFICE_ROLES, "region": "1504"},
        "clinic": {"roles": ["institution"], "institution": bound["institution"]},
        "doctor": {"roles": ["practitioner"], "practitioner": bound["practitioner"]},
    }
    for username, given in staff.items():
        with on.service.work() as work:
            add_account(work, username=username, staff_no=f"P-{username}", password=PASSWORD, **given)
    case = decided(on, points=5)
    entry = case.findings[0].entry
    waiting, written = decided(on, points=10, up_to="submitted"), decided(on, points=4, up_to="draft")
    with on.service.work(actor(on, "clerk")) as work:
        correction = corrections.draft(
            work, entry, value=3, basis="clerical", document_no="更〔2026〕1号", reason="笔误"
        )
    return bound | {
        "entry": entry,
        "case": case.id,
        "waiting": waiting.id,
        "draft": written.id,
        "correction": correction.id,
        "person": case.findings[0].practitioner.id,
    }


def actor(on: Stage, username: str) -> Actor:
    """Return one of the accounts that the stage made."""
    with on.service.engine.connect() as conn:
        row = conn.execute(select(table).where(table.c.username == username)).one()
    return Actor(account_id=row.id, username=username, staff_no=row.staff_no, roles=frozenset(row.roles))


def decided(on: Stage, *, points: int, up_to: str = "approved") -> Case:
    """A case on the person, drafted, submitted or approved."""
    day = datetime.now(UTC).date() - timedelta(days=3)
    handling = Handling(kind="penalty", authority="医疗保障局", document_no=f"罚〔2026〕{points}号", decided_on=day)
    finding = Finding(practitioner=code_of(PERSON), item="overtreatment", degree="main", points=points, reason="核实")
    with on.service.work(actor(on, "clerk")) as work:
        case = draft(work, institution=institution_of(PERSON), handling=handling, summary="检查", findings=[finding])
        if up_to != "draft":
            submit(work, case.id)
    if up_to != "approved":
        return case
    with on.service.work(actor(on, "reviewer")) as work:
        return approve(work, case.id)


def starts(matter: dict[str, str]) -> dict[str, list[str]]:
    """Where each account begins; links lead to the rest."""
    person = f"/people/{matter['person']}"
    lists = ["/", "/people", "/people?status=suspended", "/people?near_threshold=3", person]
    lists += ["/cases?state=approved", "/cases?state=submitted", "/statistics"]
    office = [
        *(f"/cases/{matter['waiting']}", f"/cases/{matter['draft']}/edit", f"/entries/{matter['entry']}/correction"),
        *(f"/decisions/corrections/{matter['correction']}", f"/registrations/{matter['person']}"),
    ]
    return {
        "office": lists + office,
        "district": lists,
        "clinic": ["/", person],
        "doctor": ["/"],
    }
