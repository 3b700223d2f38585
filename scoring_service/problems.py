"""Problems: what a caller may be told went wrong (RFC 9457). The API and the console render the same ones.

`code` is stable and snake_case; `detail` is for people, Chinese first, English beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring_service.terms import chinese, english

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a 422: `pointer` is a JSON pointer into the body, or `/query/NAME`, `/path/NAME`."""

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


class NotFound(Problem):
    """404: there is no such thing, or the caller may not know of it."""

    def __init__(self, noun: str = "资源 / resource") -> None:
        super().__init__(404, "not_found", f"没有找到该{chinese(noun)} / there is no such {english(noun)}")


class Forbidden(Problem):
    """403: the caller may know of the thing but not do this with it."""

    def __init__(
        self, code: str = "forbidden", detail: str = "您的角色无权进行此操作 / your role does not allow this"
    ) -> None:
        super().__init__(403, code, detail)


class Conflict(Problem):
    """409: the act conflicts with the present state."""

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(409, code, detail, **extra)


class WrongState(Conflict):
    """409 `<noun>_state`: the act needs another state; `terms` name the present one to people."""

    def __init__(self, noun: str, state: str, terms: Mapping[str, str]) -> None:
        super().__init__(
            f"{noun}_state",
            f"当前状态为“{chinese(terms[state])}”，不能进行此操作 / the state is “{english(terms[state])}”",
            state=state,
        )


class Invalid(Problem):
    """422: a value is wrong; `pointer` says where."""

    def __init__(self, pointer: str, detail: str, code: str = "invalid") -> None:
        super().__init__(422, code, detail, errors=(Fault(pointer, detail),))


class Stale(Problem):
    """412: the thing was changed since the version that `If-Match` names."""

    def __init__(self, version: int) -> None:
        super().__init__(
            412,
            "version_mismatch",
            "内容已被他人修改，请刷新后重试 / changed meanwhile; read it again",
            version=version,
        )
