"""A person's file as a document for print: every part of the answer as a table, in one language, Chinese first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from scoring_service.api.schemas.practitioners import FileAnswer
from scoring_service.api.tables.columns import Language
from scoring_service.api.tables.headings import heading_of
from scoring_service.api.tables.lists import LISTS
from scoring_service.core.fold import ConsequenceKind
from scoring_service.letters.pdf import make_pdf
from scoring_service.services.desks.practitioner_file import file_of
from scoring_service.services.record.exports import put_on_record
from scoring_service.services.registry.names import institution_names
from scoring_service.terms import CATEGORIES, DEGREES, GROUNDS, SANCTIONS, STATUSES, chinese, english

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoring_service.json_values import JsonObject
    from scoring_service.services.desks.practitioner_file import PractitionerFile
    from scoring_service.services.unit_of_work.transaction import Work

Item = dict[str, Any]
NAME = "file"
_SPAN = (("from", 2), ("until", 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a file: its heading, the fields that are shown with their widths, and the list that words them."""

    key: str
    heading: str
    columns: Sequence[tuple[str, float]]
    list_name: str


# What each part shows, of all that the answer has.
PARTS = (
    Part(
        key="entries", heading="记分与台账 / Scores and ledger", list_name="ledger",
        columns=(
            ("seq", 1), ("effective_on", 2.4), ("kind", 2), ("what", 6), ("amount", 1.6), ("total", 2),
            ("consequence", 3),
        ),
    ),
    Part(
        key="registrations", heading="登记备案 / Registrations", list_name="ledger",
        columns=(*_SPAN, ("category", 2), ("commitment_signed_on", 2), ("reason", 4)),
    ),
    Part(
        key="affiliations", heading="执业机构 / Affiliations", list_name="ledger",
        columns=(*_SPAN, ("institution", 2.4), ("institution_name", 5)),
    ),
    Part(
        key="persons", heading="姓名与代码的变更 / Names and codes", list_name="practitioners",
        columns=(*_SPAN, ("name", 3), ("code", 3), ("category", 2), ("reason", 3)),
    ),
    Part(
        key="cases", heading="案件 / Cases", list_name="cases",
        columns=(
            ("handling.document_no", 4), ("handling.decided_on", 2.2), ("institution_name", 4), ("handling.kind", 2.6),
            ("state", 2), ("charged", 5),
        ),
    ),
    Part(
        key="notices", heading="文书 / Notices", list_name="notices",
        columns=(
            ("kind", 5), ("addressee.kind", 2), ("created_at", 2.2), ("received_on", 2.2), ("window_closes_on", 2.2),
        ),
    ),
    Part(
        key="appeals", heading="申诉 / Appeals", list_name="appeals",
        columns=(
            ("against", 1.6), ("received_on", 2.2), ("filed_by", 2), ("state", 2.2), ("outcome", 1.6), ("grounds", 4),
            ("reasons", 4),
        ),
    ),
    Part(
        key="remediation", heading="修复申请 / Applications for remediation", list_name="applications",
        columns=(("filed_at", 2.2), ("activity", 3), ("effect", 2), ("state", 2), ("granted", 1.6), ("reason", 4)),
    ),
    Part(
        key="resumptions", heading="恢复申请 / Applications for a resumption", list_name="resumptions",
        columns=(("filed_on", 2.2), ("state", 2.4), ("statement", 4), ("resumes_on", 2.2), ("reason", 3)),
    ),
)  # fmt: skip
_CONSEQUENCES = {
    ConsequenceKind.WARNING: "{0} 分预警：{1}",
    ConsequenceKind.SUSPENSION: "暂停 {0} 个月",
    ConsequenceKind.EXTENSION: "暂停延长 {0} 个月",
    ConsequenceKind.TERMINATION: "终止，禁入期 {0} 年",
    ConsequenceKind.SHORTENED: "期限缩短 {0} 天",
    ConsequenceKind.RESUMED: "恢复，晚于期满 {0} 天",
    ConsequenceKind.MEASURE: "随机构措施暂停或者终止",
    ConsequenceKind.LIFTED: "解除措施",
}
_HEADINGS = {
    "what": "事项 / Matter",
    "amount": "分或天 / Points or days",
    "total": "年度累计 / Year's total",
    "consequence": "后果 / Consequence",
    "charged": "认定事项 / Findings",
    "addressee.kind": "送达对象 / Addressee",
}


def person_pdf(opened: Work, ref: str, language: Language | str | None) -> bytes:
    """Return the whole file of a person, as far as the actor may know it, as PDF/A; look and export are on record.

    Raises NotFound, and Unavailable as `make_pdf`.
    """
    file = file_of(opened, ref)
    put_on_record(opened, NAME, "pdf", rows=1, detail={"practitioner": file.practitioner.id})
    return make_pdf(document_of(opened, file, language), created_at=opened.now, source=template())


def document_of(opened: Work, file: PractitionerFile, language: Language | str | None) -> JsonObject:
    """Return a file as what the template sets."""
    chosen = Language.CHINESE if language is None else Language(language)
    return _Document(opened, file, chosen).as_json()


@cache
def template() -> bytes:
    """Return the source of the template of a person's file."""
    return files("scoring_service.letters").joinpath("file.typ").read_bytes()


class _Document:
    """The document in a language."""

    def __init__(self, opened: Work, file: PractitionerFile, language: Language) -> None:
        self._language, self._side = language, chinese if language is Language.CHINESE else english
        self._file = file
        self._answer = cast("Item", FileAnswer().dump(file))
        self._places = institution_names(opened, {each["institution"] for each in self._answer["affiliations"]})
        self._steps = {step["entry"]: step for step in self._answer["standing"]["trace"]}
        self._consequences = {step.entry.id: step.consequence for step in file.standing.standing.trace}
        self._items = _titles(opened, self._answer)

    def as_json(self) -> JsonObject:
        """Return what the template sets."""
        side, standing = self._side, self._answer["standing"]
        known = f"{standing['as_of']} · {standing['known_at'][:19].replace('T', ' ')}"
        revision = side("修订号 / revision")
        return {
            "title": side("医保支付资格档案 / File of payment eligibility"),
            "office": side("医疗保障部门 / Healthcare security office"),
            "known": f"{side('截至 / as of')} {known} (UTC+8) · {revision} {standing['revision']}",
            "language": ["zh", "cn"] if self._language is Language.CHINESE else ["en", "gb"],
            "person": self._person(),
            "sections": [self._standing(), self._sanctions(), *(self._part(part) for part in PARTS)],
            "footer": {
                "reference": f"{self._answer['practitioner']['id']} · {known}",
                "page": ["第 ", " 页 共 ", " 页"] if self._language is Language.CHINESE else ["Page ", " of ", ""],
            },
        }

    def _person(self) -> list[list[str]]:
        person = self._answer["practitioner"]
        rows = (
            ("姓名 / Name", person["name"]),
            ("人员代码 / Code", person["code"]),
            ("身份证号 / Identity number", person["id_number"]),
            ("人员类别 / Category", self._word(CATEGORIES, person["category"])),
            ("登记日 / Registered on", person["registered_on"]),
            ("承诺书签署日 / Commitment signed on", self._answer["commitment"]["signed_on"]),
            ("执业类型 / Practice type", person["practice_type"]),
            ("执业类别 / Practice category", person["practice_category"]),
            ("执业范围 / Practice scope", person["practice_scope"]),
            ("专业技术职务 / Professional title", person["professional_title"]),
        )
        return self._pairs(rows)

    def _standing(self) -> JsonObject:
        standing = self._answer["standing"]
        further = standing["next_threshold"]
        totals = "，".join(f"{each['year']}: {each['points']}" for each in standing["totals"])
        left = further and f"{further['points']} ({self._side('还差 / remaining')} {further['remaining']})"
        rows = (
            ("状态 / State", self._word(STATUSES, standing["status"])),
            ("本年累计记分 / Points of this year", standing["points"]),
            ("各年累计 / Totals by year", totals),
            ("下一档 / Next threshold", left),
            ("可以申请的第一天 / May apply from", standing["may_apply_from"]),
            ("期限结束日 / Term ends on", standing["may_resume_from"]),
            ("禁入期结束日 / Ban ends on", standing["may_reapply_from"]),
            ("规则 / Rulebook", f"{standing['rulebook']['id']} {standing['rulebook']['valid_from']}"),
        )
        return self._section("当前状态 / Present state", pairs=self._pairs(rows))

    def _sanctions(self) -> JsonObject:
        heads = (
            *("类型 / Kind", "依据 / Ground", "开始日 / From"),
            *("期限结束日（不含） / End of the term", "状态结束日（不含） / End of the state"),
        )
        rows = [
            [
                *(self._word(SANCTIONS, each["kind"]), self._word(GROUNDS, each["ground"]), each["from"]),
                *(_shown(each["until"]), _shown(each["state_until"])),
            ]
            for each in self._answer["standing"]["sanctions"]
        ]
        table = {"widths": [2, 3, 2, 2.4, 2.4], "head": [self._side(head) for head in heads], "rows": rows}
        return self._section("暂停与终止 / Suspensions and terminations", table=table if rows else None)

    def _part(self, part: Part) -> JsonObject:
        columns = {".".join(column.path): column for column in LISTS[part.list_name].columns}
        words = {name: column.words for name, column in columns.items()} | {"category": CATEGORIES}
        rows = [
            [_shown(self._worded(words, name, _at(item, name))) for name, _width in part.columns]
            for item in map(self._completed, self._answer[part.key])
        ]
        table = {
            "widths": [width for _name, width in part.columns],
            "head": [self._heading(part.list_name, name) for name, _width in part.columns],
            "rows": rows,
        }
        return self._section(part.heading, table=table if rows else None)

    def _completed(self, item: Item) -> Item:
        """Return an item with what a reader looks for beside its codes."""
        step = self._steps.get(item.get("id", ""), {})
        more = {"institution_name": self._places.get(item.get("institution") or "", item.get("institution_name"))}
        if "seq" in item:
            total = step and f"{step['total_before']} → {step['total_after']}"
            more |= {"what": self._matter(item), "amount": item.get("points", item.get("days", item.get("value")))}
            more |= {"total": total or "", "consequence": self._consequence(item["id"])}
        if "findings" in item:
            more["charged"] = self._listed(
                f"{self._title(each['item'])} {'' if each['points'] is None else each['points']}"
                for each in item["findings"]
            )
        return item | more

    def _consequence(self, entry_id: str) -> str:
        consequence = self._consequences.get(entry_id)
        if consequence is None:
            return ""
        measure = None if consequence.measure is None else self._side(consequence.measure)
        if self._language is Language.ENGLISH:
            return str(consequence._replace(measure=measure))
        return _CONSEQUENCES[consequence.kind].format(consequence.amount, measure)

    def _matter(self, item: Item) -> str:
        said = [self._title(item["item"])] if item.get("item") else []
        said += [self._word(DEGREES, item["degree"])] if item.get("degree") else []
        said += [str(item[name]) for name in ("legal_basis", "document_no", "reason") if item.get(name)]
        return self._listed(said)

    def _listed(self, texts: Iterable[str]) -> str:
        return ("；" if self._language is Language.CHINESE else "; ").join(texts)

    def _title(self, key: str) -> str:
        titles = self._items.get(key)
        return key if titles is None else titles[self._language is Language.ENGLISH]

    def _worded(self, words: Mapping[str, Mapping[str, str]], name: str, value: Any) -> Any:
        return self._side(words[name][value]) if isinstance(value, str) and value in words.get(name, {}) else value

    def _word(self, words: Mapping[str, str], value: str) -> str:
        return self._side(words[value]) if value in words else value

    def _heading(self, list_name: str, name: str) -> str:
        if name in _HEADINGS:
            return self._side(_HEADINGS[name])
        called = next(
            (each.called for each in LISTS[list_name].columns if ".".join(each.path) == name), None
        ) or heading_of(name.split("."))
        return called if called and self._language is Language.CHINESE else _spoken(name)

    def _pairs(self, rows: Sequence[tuple[str, Any]]) -> list[list[str]]:
        return [[self._side(name), _shown(value)] for name, value in rows]

    def _section(self, heading: str, *, pairs: Sequence[Any] = (), table: Any = None) -> JsonObject:
        note = "" if pairs or table else self._side("无 / None")
        return {"heading": self._side(heading), "pairs": list(pairs), "table": table, "note": note}


def _titles(opened: Work, answer: Item) -> dict[str, tuple[str, str]]:
    """Return the titles of the items of every rulebook that the file names, in both languages."""
    ids = {entry["rulebook"]["id"] for entry in answer["entries"]} | {answer["standing"]["rulebook"]["id"]}
    items = [item for each in sorted(ids) for item in opened.rulebooks.describe(each, opened.today)["items"]]
    return {item["key"]: (item["title"], item["title_en"]) for item in items}


def _at(item: Item, name: str) -> Any:
    value: Any = item
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _shown(value: Any) -> str:
    """Return a value as the document tells it: an instant by its day, nothing as a dash."""
    if value is None or value == "":
        return "—"
    text = str(value)
    return text[:10] if _INSTANT.match(text) else text


def _spoken(name: str) -> str:
    """Return a field's name as words."""
    words = name.rpartition(".")[2].replace("_", " ")
    return words[:1].upper() + words[1:]


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT")
