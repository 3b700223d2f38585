"""Is a line of this institution payable? One person, or a pasted list with its counts and a CSV of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.problems import Problem
from scoring_service.services.eligibility.answer import Answer, Check, make_check
from scoring_service.services.eligibility.checks import Explained, explain_lines
from scoring_service.services.registry.codes import is_practitioner_code
from scoring_service.services.registry.names import institution_names, people_called, practitioner_names
from scoring_service.web.clinic.institution import own_code
from scoring_service.web.clinic.pasted import MOST_LINES, Line, read_list
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.pages import CLINIC, UNPROCESSABLE, ask, errors_of, get, post, work
from scoring_service.web.frame.spreadsheet import PageTable, download_asked, rows_download
from scoring_service.web.wording.eligibility_words import sentence_on_page
from scoring_service.web.wording.languages import side
from scoring_service.workbooks.writing import Value
from scoring_service.written import LONGEST_REF, as_ref, as_searched, is_id

ASKED = "eligibility"
MOST_NAMESAKES = 50
LONGEST_LIST = MOST_LINES * 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A line of the list with its answer, None where the line asks nothing; `name` as far as it may be known."""

    line: Line
    explained: Explained | None
    name: str

    @property
    def answer(self) -> Answer | None:
        """The answer alone."""
        return self.explained and self.explained.answer


@get("/clinic/check", CLINIC)
def check_one() -> str:
    """Show the form, about one of our people if the address names them by id; a question with its answer (`?form=`)."""
    form = returned()
    if form.fields:
        return _answered_page(form)
    person = request.args.get("person", "")
    return _one_page(form, typed=person if is_id(person) else "")


@post("/clinic/check", CLINIC, page="check_one")
def checked_one() -> Any:
    """Answer for one person, a day, and whether it was an emergency."""
    return ask("check_one")


def _answered_page(form: Form) -> str:
    typed = form.line("ref", required=not _is_pharmacy(), longest=LONGEST_REF)
    ref = _person(form, typed)
    day = form.day("day")
    emergency = form.raw("emergency") == "1"
    shown: dict[str, Any] = {"typed": typed or "", "day": form.raw("day"), "emergency": emergency}
    try:
        form.refuse()
        explained = explain_lines(work(), [_check(ref, day or work().today, emergency=emergency)])[0]
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        form.errors |= errors_of(problem)
        return _one_page(form, **shown)
    name = practitioner_names(work(), [ref], ASKED).get(ref, "") if ref else ""
    said = sentence_on_page(explained, day or work().today)
    return _one_page(form, **shown, answer=explained.answer, name=name, told=said)


def _one_page(form: Form, *, typed: str, day: str = "", **more: Any) -> str:
    return render_template(
        "clinic/check.html",
        section="web.check_one",
        errors=form.errors,
        typed=typed,
        shown=practitioner_names(work(), [typed], ASKED).get(typed, "") if is_id(typed) else "",
        day=day or work().today.isoformat(),
        institution_name=institution_names(work(), [own_code()]).get(own_code(), ""),
        is_pharmacy=_is_pharmacy(),
        **more,
    )


def _is_pharmacy() -> bool:
    return own_code().startswith("P")


def _check(ref: str | None, day: date, *, emergency: bool = False) -> Check:
    return make_check(ref, day.isoformat(), day, own_code(), emergency=emergency)


def _person(form: Form, typed: str | None) -> str | None:
    """Return the code or id that was typed, or that of the one person here of the name that was typed."""
    if typed is None or is_id(as_ref(typed)) or is_practitioner_code(as_ref(typed)):
        return typed and as_ref(typed)
    known = people_called(work(), typed, limit=MOST_NAMESAKES)
    if len(known) == MOST_NAMESAKES:
        form.fault("ref", "符合的人员太多，请改填代码 / too many people fit: use a code")
        return None
    exact = [candidate for candidate in known if as_searched(candidate.name) == as_searched(typed)]
    if len(exact) == 1:
        return exact[0].id
    if exact:
        codes = "、".join(str(candidate.code or candidate.id_number_masked) for candidate in exact)
        form.fault("ref", f"这里有 {len(exact)} 人同名，请改填代码：{codes} / several people of this name: use a code")
    else:
        form.fault("ref", "本机构没有这个姓名，请核对或改填代码 / nobody here of this name; check it, or use the code")
    return None


@get("/clinic/check-list", CLINIC)
def check_list() -> Any:
    """Show the form for a list, or a list with its answers (`?form=`); with `&download=` those as a file."""
    form = returned()
    if not form.fields:
        return _list_page({}, form, ())
    rows = _rows_asked(form)
    if rows and (kind := download_asked()):
        return rows_download(kind, f"eligibility-{work().today}", _TABLE, rows)
    return _list_page(form.errors_so_far(), form, rows)


@post("/clinic/check-list", CLINIC, page="check_list")
def checked_list() -> Any:
    """Answer each line of a list."""
    return ask("check_list")


def _rows_asked(form: Form) -> list[Checked]:
    """Return each line with its answer, or its fault; none when the list as a whole is at fault."""
    text = form.text("list", longest=LONGEST_LIST)
    day = form.day("day")
    lines = read_list(text or "", day or work().today)
    count = len(lines)
    if count > MOST_LINES:
        form.fault("list", f"一次最多 {MOST_LINES} 行，这里有 {count} 行，请分批 / {count} lines, {MOST_LINES} at most")
    elif lines and all(line.fault for line in lines):
        form.fault("list", str(lines[0].fault))
    return [] if form.faults else _answered(lines)


def _answered(lines: list[Line]) -> list[Checked]:
    sound = [line for line in lines if line.ref is not None and line.day is not None]
    answers = explain_lines(work(), [_check(line.ref, line.day or work().today) for line in sound])
    by_number = {line.number: explained for line, explained in zip(sound, answers, strict=True)}
    names = practitioner_names(work(), {line.ref for line in sound if line.ref is not None}, ASKED)
    return [
        Checked(line=line, explained=by_number.get(line.number), name=names.get(line.ref or "", "")) for line in lines
    ]


def _list_page(errors: dict[str, str], form: Form, rows: list[Checked] | tuple[()]) -> str:
    answered = [row.answer for row in rows if row.answer is not None]
    return render_template(
        "clinic/check_list.html",
        section="web.check_one",
        errors=errors,
        form=form,
        day=form.raw("day") or work().today.isoformat(),
        rows=rows,
        payable=sum(answer.payable for answer in answered),
        refused=sum(not answer.payable for answer in answered),
        faulty=len(rows) - len(answered),
        most=MOST_LINES,
        sentence_on_page=sentence_on_page,
    )


def _cells(row: Checked) -> list[Value]:
    if row.explained is None:
        return [row.line.number, row.line.text, "", "", _("这一行有误"), side(row.line.fault)]
    answer = row.explained.answer
    verdict = _("可以结算") if answer.payable else _("不予结算")
    said = sentence_on_page(row.explained, row.line.day or work().today)
    return [row.line.number, row.line.ref, row.name, answer.service_time, verdict, said]


_TABLE = PageTable(
    name="eligibility",
    title=lazy_gettext("可否结算"),
    headings=(
        *(lazy_gettext("行"), lazy_gettext("人员代码"), lazy_gettext("姓名")),
        *(lazy_gettext("服务日期"), lazy_gettext("结果"), lazy_gettext("说明")),
    ),
    rows=lambda rows: [_cells(row) for row in rows],
)
