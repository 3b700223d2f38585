"""Reading a form: text, numbers and dates, with every fault told beside its field."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import g, request
from werkzeug.datastructures import MultiDict

from scoring_service.problems import Fault, Faulty, Problem
from scoring_service.services.desks import kept_forms
from scoring_service.web.frame.pages import UNPROCESSABLE, work
from scoring_service.written import BYTE_ORDER_MARK, as_code, as_line, as_ref, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST_TEXT = 2000


class Form:
    """The sent fields. Each read returns a value or None and notes its fault; `refuse` raises them all.

    `errors` are, by field, those with which the form came back; `unfinished` is whether it waits as half a draft.
    """

    unfinished = False

    def __init__(
        self, fields: MultiDict[str, str] | None = None, errors: Mapping[str, str] | None = None
    ) -> None:
        self.fields = request.form if fields is None else fields
        self.errors = dict(errors or {})
        self.faults: list[Fault] = []

    def raw(self, name: str) -> str:
        """Return what was typed, for showing it again."""
        return self.fields.get(name, "")

    def text(self, name: str, *, required: bool = True, longest: int = LONGEST_TEXT) -> str | None:
        """Return a text without the blanks around it, its lines ended as they were before a browser sent them."""
        value = self.raw(name).replace("\r\n", "\n").strip().removeprefix(BYTE_ORDER_MARK)
        if not value:
            if required:
                self.fault(name, "请填写 / fill this in")
            return None
        if len(value) > longest:
            self.fault(name, f"不得超过 {longest} 个字符 / at most {longest} characters")
        return self._read(name, value, as_text)

    def line(self, name: str, *, required: bool = True, longest: int = LONGEST_TEXT) -> str | None:
        """Return a name, number or title on one line."""
        value = self.text(name, required=required, longest=longest)
        return value and self._read(name, value, as_line)

    def ref(self, name: str, *, required: bool = True, longest: int = LONGEST_TEXT) -> str | None:
        """Return a code or an id, in the form in which it is kept."""
        value = self.line(name, required=required, longest=longest)
        return value and as_ref(value)

    def _read(self, name: str, value: str, read: Callable[[str], str]) -> str:
        try:
            return read(value)
        except ValueError as error:
            self.fault(name, str(error))
            return value

    def whole(self, name: str, *, required: bool = True) -> int | None:
        """Return a whole number."""
        value = self.text(name, required=required, longest=9)
        if value is None:
            return None
        if not value.isascii() or not value.isdigit():
            self.fault(name, "请填写整数 / a whole number")
            return None
        return int(value)

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Return a date."""
        value = self.text(name, required=required, longest=10)
        if value is None:
            return None
        try:
            return date.fromisoformat(as_code(value))
        except ValueError:
            self.fault(name, "请按 2025-05-09 的格式填写日期 / a date like 2025-05-09")
            return None

    def last_day(self, name: str, first: date | None) -> date | None:
        """Return the first day behind the last day that was typed, None for a span without an end.

        A span begins on `first`, where that is known, and holds at least that day.
        """
        last = self.day(name, required=False)
        if last is not None and first is not None and last < first:
            self.fault(name, "最后一日不得早于起始日 / the last day may not lie before the first")
            return None
        if last == date.max:
            self.fault(name, "没有这么晚的日期 / no date is as late as this")
            return None
        return None if last is None else last + timedelta(days=1)

    def choice(self, name: str, choices: tuple[str, ...] | frozenset[str], *, required: bool = True) -> str | None:
        """Return one of `choices`."""
        value = self.text(name, required=required)
        if value is not None and value not in choices:
            self.fault(name, "请选择其中一项 / choose one of those")
            return None
        return value

    def fault(self, name: str, detail: str) -> None:
        """Note a fault of a field."""
        self.faults.append(Fault(f"/{name}", detail))

    def errors_so_far(self) -> dict[str, str]:
        """Return the faults noted so far by field, over those with which the form came back."""
        faults: dict[str, str] = {}
        for fault in self.faults:
            faults.setdefault(fault.pointer.strip("/"), fault.detail)
        return self.errors | faults

    def refuse(self) -> None:
        """Raise Faulty with the faults noted so far, if there are any."""
        if self.faults:
            raise Faulty(self.faults)


    @contextmanager
    def faults_joined(self) -> Iterator[None]:
        """Tell the faults noted here together with those for which the act inside is refused, a field's own first."""
        try:
            yield
        except Problem as problem:
            if problem.status != UNPROCESSABLE:
                raise
            noted = {fault.pointer for fault in self.faults}
            self.faults += [fault for fault in problem.errors if fault.pointer not in noted]
            if not self.faults:
                raise
        self.refuse()


def returned() -> Form:
    """Return the form that the address leads back to (`?form=`), with its errors; an empty one for none.

    What it was refused for besides its fields is told above the page; so is a form that is kept no longer.
    """
    kept_id = request.args.get("form", "")
    if not kept_id:
        return Form(MultiDict())
    kept = kept_forms.find(work(), kept_id, request.path)
    if kept is None:
        g.form_is_gone = True
        return Form(MultiDict())
    g.refusal = kept.refusal
    form = Form(MultiDict(kept.fields), kept.errors)
    form.unfinished = kept.unfinished
    return form


def version() -> int:
    """Return the version that the form was made from (as If-Match on the API). Raises Problem 400 without one."""
    value = request.form.get("version", "")
    if not value.isascii() or not value.isdigit() or len(value) > 9:  # noqa: PLR2004 -- more digits than any version
        raise Problem(400, "malformed", "表单不完整，请重新打开页面 / the form is incomplete; open the page again")
    return int(value)


def new_once() -> str:
    """Return a key for a form that creates something, so that a double click creates one."""
    return secrets.token_urlsafe(16)
