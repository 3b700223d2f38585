"""An application over HTTP with its accounts: what the fixtures of this folder hand out."""


import itertools
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from database_addresses import session_engine
from flask import Flask
from flask.testing import FlaskClient
from own_law import OWN_LAW
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from scoring_service.app import create_app
from scoring_service.clock import start_clock
from scoring_service.core.standing import Span
from scoring_service.runtime.assembly import make_service
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.accounts.signing_in import issue_token
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings

CLOCK_START = datetime.fromisoformat("2025-06-02T09:00:00+08:00")
API = "/api/v1"
# Above the numbers that other tests write into their codes by hand.
_numbers = itertools.count(50_001)


def settings_for_tests(**more: Any) -> Settings:
    return Settings(
        demo="off",
        clock="simulated",
        clock_start=CLOCK_START,
        secret_key="secret-of-the-tests-" * 2,
        identity_key="identity-of-the-tests-" * 2,
        **{"rulebooks_dir": OWN_LAW} | more,
    )


def make_test_service(engine: Engine, **more: Any) -> Service:
    settings = settings_for_tests(**more)
    with engine.begin() as conn:
        start_clock(conn, settings)
    return replace(make_service(settings, engine), sessions=session_engine(engine))


def fresh_number() -> int:
    return next(_numbers)


def fresh_code(kind: str = "D", division: str = "150402") -> str:
    """A national code not used before: D, N, HY, HJ with division, H and P with eleven digits."""
    if kind in {"H", "P"}:
        return f"{kind}{division}{fresh_number():05d}"
    return f"{kind}{division}{fresh_number():06d}"


def fresh_staff_no() -> str:
    return f"S{fresh_number():06d}"


def new_user(**other: Any) -> dict[str, Any]:
    """The body that asks for a clerk's account."""
    body = {"username": f"new{fresh_number()}", "real_name": "王一", "password": "long enough"}
    return body | {"staff_no": fresh_staff_no(), "roles": ["office.clerk"]} | other


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A signed-in caller: paths below /api/v1, the token in every request."""

    flask: FlaskClient
    token: str | None
    account_id: str | None = None
    staff_no: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def open(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = dict(kwargs.pop("headers", None) or {}) | self.headers
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return self.flask.open(API + path, method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.open("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self.open("POST", path, **({"json": json} if json is not None else {}), **kwargs)

    def put(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self.open("PUT", path, json=json, **kwargs)

    def patch(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self.open("PATCH", path, json=json, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An application and its accounts: `client_for(role)` is the way in."""

    app: Flask
    service: Service

    def add_account(self, *roles: str, password: str | None = None, **bound: Any) -> dict[str, Any]:
        """A new account; `bound`: username, staff_no, region, institution (code), practitioner (id or code)."""
        number = fresh_number()
        row = {"username": f"user{number}", "staff_no": f"S{number:06d}"} | bound
        with self.service.work() as work:
            account_id = add_account(work, roles=roles, password=password, **row)
        return {"id": account_id} | row

    def client_for(self, *roles: str, **bound: Any) -> Client:
        """A client signed in under a new account with these roles."""
        account = self.add_account(*roles, **bound)
        with self.service.engine.begin() as conn:
            issued = issue_token(conn, account["id"], hours=12)
        return Client(
            flask=self.app.test_client(), token=issued.token, account_id=account["id"], staff_no=account["staff_no"]
        )

    def institution(self, kind: str = "hospital", **more: Any) -> str:
        """The code of a new institution with an agreement from 2020 on."""
        code = fresh_code("P" if kind == "pharmacy" else "H")
        row = {"code": code, "name": f"{kind} {code}", "kind": kind, "region": "150402"} | more
        with self.service.work() as work:
            register_institution(work, agreement=row.pop("agreement", Span(date(2020, 1, 1), None)), **row)
        return code

    def practitioner(self, *institutions: str, since: date = date(2020, 1, 1), **more: Any) -> dict[str, Any]:
        """A new doctor registered and affiliated since 2020: the person as the registry answers."""
        row = {"code": fresh_code(), "name": "王一", "category": "doctor", "registered_on": since} | more
        asked = [AskedAffiliation(institution=code, span=Span(since, None)) for code in institutions]
        with self.service.work() as work:
            return asdict(register_practitioner(work, affiliations=asked, **row))

    def bound_client(self, role: str, **bound: Any) -> Client:
        """A client of any one role, bound to a new institution or person where the role asks for it."""
        if role == "institution":
            bound.setdefault("institution", self.institution())
        if role == "practitioner" and "practitioner" not in bound:
            bound["practitioner"] = self.practitioner(self.institution())["id"]
        return self.client_for(role, **bound)

    def stranger(self) -> Client:
        """A client without a token."""
        return Client(flask=self.app.test_client(), token=None)


def make_office(service: Service) -> Office:
    return Office(app=create_app(service.settings, service), service=service)


