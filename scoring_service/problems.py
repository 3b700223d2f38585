"""Problems: what a caller may be told went wrong (RFC 9457). The API and the console render the same ones.

`code` is stable and snake_case; `detail` is for people, Chinese first, English beside it. Use cases raise the refusals
that have a name here; what is wrong with a request as such is a plain `Problem` of the face that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring_service.terms import chinese, english

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of what was sent: `pointer` is a JSON pointer to the field, "" for the whole."""

    pointer: str
    detail: str


class Problem(Exception):
    """A refusal with an HTTP `status`, a stable `code`, a `detail` and members of its own (`extra`)."""

    def __init__(
        self, status: int, code: str, detail: str, *, errors: tuple[Fault, ...] = (), **extra: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.extra = extra


class Refusal(Problem):
    """A refusal of a use case: its class says which `status` the API gives it."""

    status = 400

    def __init__(self, code: str, detail: str, *, errors: tuple[Fault, ...] = (), **extra: Any) -> None:
        super().__init__(self.status, code, detail, errors=errors, **extra)


class Unauthenticated(Refusal):
    """Nobody is signed in, or not by this."""

    status = 401


class Forbidden(Refusal):
    """The caller may know of the thing but not do this with it."""

    status = 403

    def __init__(
        self, code: str = "forbidden", detail: str = "您的角色无权进行此操作 / your role does not allow this"
    ) -> None:
        super().__init__(code, detail)


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it."""

    status = 404

    def __init__(self, noun: str = "资源 / resource") -> None:
        super().__init__("not_found", f"没有找到该{chinese(noun)} / there is no such {english(noun)}")


class Conflict(Refusal):
    """The act conflicts with the present state."""

    status = 409


class Settled(Conflict):
    """A conflict that ends the thing it is about: what was written of that before stays (`Service.work`)."""


class WrongState(Conflict):
    """`<noun>_state`: the act needs another state; `terms` name the present one to people."""

    def __init__(self, noun: str, state: str, terms: Mapping[str, str]) -> None:
        super().__init__(
            f"{noun}_state",
            f"当前状态为“{chinese(terms[state])}”，不能进行此操作 / the state is “{english(terms[state])}”",
            state=state,
        )


class Stale(Refusal):
    """The thing was changed since the version that `If-Match` names."""

    status = 412

    def __init__(self, version: int) -> None:
        detail = "内容已被他人修改，请刷新后重试 / changed meanwhile; read it again"
        super().__init__("version_mismatch", detail, version=version)


class TooLarge(Refusal):
    """There is more of it than is taken."""

    status = 413


class WrongMediaType(Refusal):
    """It is of a kind that is not taken."""

    status = 415


class Faulty(Refusal):
    """Values are wrong; `errors` say where, and the detail is the first one's."""

    status = 422

    def __init__(self, faults: Sequence[Fault], code: str = "invalid") -> None:
        super().__init__(code, faults[0].detail, errors=tuple(faults))


class Invalid(Faulty):
    """A value is wrong; `pointer` says where."""

    def __init__(self, pointer: str, detail: str, code: str = "invalid") -> None:
        super().__init__((Fault(pointer, detail),), code)


class TooManyAttempts(Refusal):
    """It was tried too often; `retry_after` seconds from now it may be tried again."""

    status = 429


class Unavailable(Refusal):
    """It cannot be done just now; `retry_after` seconds from now it may be."""

    status = 503
