"""The text of each kind of letter, and what both documents keep: literal names, page numbers, the same bytes."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
import typst
from matters import (
    HOSPITAL,
    HOSTILE_NAME,
    LONG_NAME,
    MATTERS,
    MATTERS_HARD_TO_LAY_OUT,
    MATTERS_OF_A_RESUMPTION,
    RESUMPTION,
    SCORE,
    SUSPENSION,
    TERMS,
    VIOLATION,
    matter,
    sanction_facts,
)

from scoring_service.core.procedure import NoticeKind
from scoring_service.letters import words
from scoring_service.letters.html import render
from scoring_service.letters.letter import InstitutionDuties
from scoring_service.letters.pdf import Fonts, fonts_of, make_pdf, present_template
from scoring_service.letters.wording import compose
from scoring_service.problems import Problem
from scoring_service.terms import DOCUMENTS, chinese

NOON = datetime(2025, 5, 9, 4, 0, tzinfo=UTC)


class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.tags = []

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.found.append(data)


def read(document):
    parser = Text()
    parser.feed(document)
    return parser


def text_of(one):
    return "".join(read(render(compose(one))).found)


def test_there_is_a_matter_of_every_kind():
    assert set(MATTERS) == set(NoticeKind)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("warning", ["医保支付资格记分预警通知书", "由0分增至4分", "违规行为发生地的定点医药机构应当对王建国开展“提醒谈话”并登记"]),
        (
            "score",
            [
                "医保支付资格记分告知书",
                "主要责任",
                "第四十条",
                "记10分",
                "由0分增至10分",
                "自2025年5月10日起暂停",
            ],
        ),
        (
            "suspension",
            [
                "暂停你的医保支付资格四个月，自2025年5月10日起至2025年9月9日止。",
                "急诊、抢救除外",
                "自上述期限届满前第十五个工作日（2025年8月20日）起，你可以经所在定点医药机构同意，向本局申请恢复",
                "期限届满，资格状态不自动恢复：本局评估通过以前，资格状态仍为暂停，提供服务发生的医保费用仍不予支付",
            ],
        ),
        (
            "termination",
            ["三年内（至2028年5月9日止）不得再次登记备案", "自2028年5月10日起可以重新登记备案，期满前可以依照规定提出申请", "暂定"],
        ),
        (
            "correction",
            ["原记载", "10分", "由10分更正为6分", "更正后：无暂停、终止", "3条", "赤医保资格〔2025〕31号"],
        ),
        (
            "appeal_explanation",
            ["2025年5月23日，你就本人的记分提出申诉", "笔录第三页", "最后一日为2025年6月5日", "视为仍有异议"],
        ),
        ("appeal_decision", ["2025年5月23日，你就本人的记分提出申诉", "由10分减为6分", "均有指征"]),
        ("resumption", ["自2025年9月10日起恢复医保支付资格"]),
        ("remediation_lapsed", ["申请缩短期限", "本申请失效", "没有可缩短的期限", "可以重新提出修复申请"]),
        ("resumption_refused", ["2025年8月20日，就你的医保支付资格提出了恢复申请", "未附证明材料", "可以再次提出"]),
        ("measure", ["责令暂停科室医保服务", "心血管内科", "自2025年5月10日起至2025年9月9日止暂停", "无须申请"]),
        ("year_statement", ["累计记分为9分", "缩短10天", "（已更正）", "不带入2026年度", "跨年度的暂停、终止继续执行"]),
    ],
)
def test_each_kind_says_what_it_must(kind, said):
    assert compose(MATTERS[kind]).title == chinese(DOCUMENTS[kind])
    found = text_of(MATTERS[kind])
    dated = words.day(MATTERS[kind].issued_on)
    for part in ["赤峰市医疗保障局", "赤医保资格〔2025〕12号", dated, *said]:
        assert part in found


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (
            "window",
            ["将于2025年9月9日届满", "不自动恢复", "你现在即可向本局提出恢复申请", "在2025年8月26日以前（含当日）", "十个工作日"],
        ),
        ("last_day", ["今日（2025年8月26日）是最后一日", "王建国现在即可向本局提出恢复申请"]),
        ("after_the_term", ["（自2025年5月10日起至2025年9月9日止）于2025年9月9日届满", "资格状态仍为暂停"]),
        (
            "granted",
            ["2025年9月8日提出的恢复", "自2025年9月24日起恢复王建国的", "至2025年9月9日止", "查询记录2条", "请你单位"],
        ),
        ("lapsed", ["本申请失效", "另有尚未开始的暂停或终止", "条件具备后"]),
    ],
)
def test_each_letter_on_the_way_to_a_resumption_says_what_it_must(stage, said):
    text = text_of(MATTERS_OF_A_RESUMPTION[stage])
    assert [part for part in said if part not in text] == []


@pytest.mark.parametrize("stage", MATTERS_OF_A_RESUMPTION)
def test_only_what_restores_is_named_a_resumption(stage):
    names = {"granted": "恢复医保支付资格通知书", "lapsed": "不予恢复医保支付资格通知书"}
    assert compose(MATTERS_OF_A_RESUMPTION[stage]).title == names.get(stage, "恢复医保支付资格申请告知书")


@pytest.mark.parametrize("kind", ["score", "suspension", "termination"])
def test_what_may_be_appealed_tells_how_long_and_the_exact_last_day(kind):
    found = text_of(replace(MATTERS[kind], appeal=TERMS))
    assert "自收到本文书之日起十个工作日内" in found
    assert "视为于2025年5月16日收到，申诉期限的最后一日为2025年5月30日。" in found
    assert "暂定" not in found


def test_a_day_counted_without_a_published_calendar_is_called_provisional():
    one = replace(MATTERS["score"], appeal=replace(TERMS, provisional=True))
    assert compose(one).provisional
    assert "2025年5月30日（暂定：" in text_of(one)


def test_a_declined_appeal_is_told_with_its_reason_and_changes_nothing():
    found = text_of(MATTERS_HARD_TO_LAY_OUT["declined"])
    assert "不予受理的理由" in found
    assert "可依法申请行政复议。" in found
    assert "对该申诉不予受理，记分和医保支付资格状态不变。" in found
    assert "复核" not in found


def test_an_authority_is_told_and_has_no_right_of_appeal():
    found = text_of(MATTERS_HARD_TO_LAY_OUT["to_an_authority"])
    assert "卫生健康行政部门：" in found
    assert "暂停王建国的医保支付资格" in found
    assert "申诉" not in found


@pytest.mark.parametrize("kind", sorted(NoticeKind))
def test_only_the_person_is_addressed_as_you(kind):
    to_the_hospital = text_of(replace(MATTERS[kind], addressee=HOSPITAL)).replace("你单位", "")
    assert "你" not in to_the_hospital


@pytest.mark.parametrize(
    ("kind", "refusals", "frees"), [("score", 3, True), ("score", 0, True), ("term_credit", 0, False)]
)
def test_a_correction_frees_refused_lines_unless_it_takes_a_credit_back(kind, refusals, frees):
    facts = MATTERS["correction"].facts | {"kind": kind, "refusals": refusals}
    assert ("可重新申报结算" in text_of(matter("correction", facts)).replace("可以", "可")) is frees


@pytest.mark.parametrize(
    ("occurred_from", "occurred_until", "said"),
    [
        (date(2025, 1, 6), date(2025, 3, 28), "2025年1月6日至2025年3月27日"),
        (date(2025, 1, 6), date(2025, 1, 7), "2025年1月6日"),
        (date(2025, 1, 6), date(2025, 1, 6), "2025年1月6日"),
        (date(2025, 1, 6), None, "2025年1月6日"),
        (None, date(2025, 3, 28), "2025年3月27日"),
    ],
)
def test_an_act_is_told_with_its_last_day(occurred_from, occurred_until, said):
    violation = replace(VIOLATION, occurred_from=occurred_from, occurred_until=occurred_until)
    (found, *_) = compose(replace(MATTERS["score"], violation=violation)).sections
    assert found.pairs[0] == ("发生时间", said)


def test_a_year_capped_at_twelve_says_so():
    capped = SCORE | {"points": 6, "counted": 2, "total": 12}
    assert "以12分为限" in text_of(matter("score", capped, violation=VIOLATION))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("warning", "本次记4分，2025年度累计记分由0分增至4分，已达到预警标准。"),
        ("suspension", "本次记10分，2025年度累计记分由0分增至10分，已达到暂停医保支付资格的标准（一次性记分）。"),
        ("termination", "本次记12分，2025年度累计记分由10分增至12分（年度累计记分以12分为限），已达到终止"),
    ],
)
def test_a_consequence_names_the_points_that_brought_it(kind, said):
    assert said in text_of(MATTERS[kind])


def test_emergencies_are_excepted_from_a_termination_where_the_rulebook_covers_them():
    uncovered = replace(VIOLATION, emergency_covers_termination=False)
    assert "终止期间其提供服务发生的医保费用不予支付，急诊、抢救除外。" in text_of(MATTERS["termination"])
    told = text_of(replace(MATTERS["termination"], violation=uncovered))
    assert "终止期间其提供服务发生的医保费用不予支付。" in told
    assert "急诊" not in told
    assert "急诊、抢救除外" in text_of(replace(MATTERS["suspension"], violation=uncovered))


def test_a_suspension_of_odd_length_is_told_in_days():
    odd = SUSPENSION | {"until": "2025-09-01"}
    assert "暂停你的医保支付资格114天" in text_of(
        matter("suspension", sanction_facts(SCORE, sanction=odd), violation=VIOLATION)
    )


@pytest.mark.parametrize(
    ("resumes_on", "said"),
    [
        ("2025-09-10", "至2025年9月9日止，2025年9月10日恢复。"),
        ("2025-11-02", "至2025年9月9日止，另有暂停期届满后，2025年11月2日恢复。"),
        (None, "至2025年9月9日止。暂停期间"),
    ],
)
def test_a_suspension_that_ends_with_its_term_tells_the_day_from_which_fees_are_paid_again(resumes_on, said):
    ends = SUSPENSION | {"state_until": SUSPENSION["until"]}
    letter = text_of(matter("suspension", sanction_facts(SCORE, sanction=ends, resumes_on=resumes_on), violation=VIOLATION))
    assert said in letter
    assert "申请恢复" not in letter


def test_no_letter_on_a_suspension_that_waits_for_a_resumption_says_that_it_ends_by_itself():
    letter = text_of(MATTERS["suspension"])
    assert "日恢复" not in letter
    assert "届满后恢复" not in letter


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"ends_on": date(2025, 11, 2)}, "自多项暂停中最后届满的期限届满前第十五个工作日（2025年8月20日）起"),
        ({"provisional": True}, "第十五个工作日（2025年8月20日，国家放假安排公布前为暂定）起"),
        ({"pays_after_term": True}, "本局评估通过以前，资格状态仍为暂停。"),
        ({"apply_from": date(2025, 5, 9)}, "你现在即可以经所在定点医药机构同意，向本局申请恢复"),
    ],
)
def test_a_suspension_tells_from_when_one_may_apply_under_each_rulebook(terms, said):
    assert said in text_of(replace(MATTERS["suspension"], resumption=replace(RESUMPTION, **terms)))


@pytest.mark.parametrize(
    ("kind", "duties", "said"),
    [
        ("suspension", {"maintain_working_days": 3}, "三个工作日内，在你单位信息系统中维护王建国的医保支付资格状态"),
        ("score", {"talk_working_days": 10}, "自收到本文书之日起十个工作日内对其开展“提醒谈话”"),
        ("score", {"talk_working_days": 10, "measure": "约谈并学习 / Talk and study"}, "对其开展“约谈并学习”"),
    ],
)
def test_the_institution_of_the_case_is_told_what_to_do_and_by_when(kind, duties, said):
    facts = MATTERS[kind].facts | {"measure": duties.pop("measure", None)}
    asked = InstitutionDuties(**{"maintain_working_days": None, "talk_working_days": None} | duties)
    assert said in text_of(replace(MATTERS[kind], facts=facts, addressee=HOSPITAL, duties=asked))
    assert "你单位应当办理的事项" not in text_of(replace(MATTERS[kind], addressee=HOSPITAL))


def test_a_hospital_reads_who_may_apply_by_name():
    assert "王建国可以经所在定点医药机构同意，向本局申请恢复" in text_of(
        replace(MATTERS["suspension"], addressee=HOSPITAL)
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "零"), (4, "四"), (10, "十"), (12, "十二"), (20, "二十"), (45, "四十五"), (120, "120")],
)
def test_numbers_in_chinese(value, said):
    assert words.number(value) == said


def test_a_day_is_written_without_leading_noughts():
    assert words.day(date(2025, 1, 6)) == words.day("2025-01-06") == "2025年1月6日"


def test_the_html_stands_alone_and_runs_nothing():
    document = render(compose(MATTERS["score"]))
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(read(document).tags)
    assert not re.search(r"url\(|@import|https?://|\son\w+=", document)
    assert "size: A4" in document


def test_markup_in_a_name_stands_in_the_html_literally():
    hostile = MATTERS_HARD_TO_LAY_OUT["hostile"]
    document = render(compose(hostile))
    assert "b" not in read(document).tags
    assert HOSTILE_NAME in "".join(read(document).found)


def test_a_style_cannot_be_broken_out_of():
    one = replace(MATTERS["score"], reference='"; } </style><script>alert(1)</script>')
    assert "script" not in read(render(compose(one))).tags


LATIN = Fonts(
    serif="Libertinus Serif",
    sans="Libertinus Serif",
    families=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
)


def latin_letter(**changed):
    """A letter in Latin letters, for machines without a Chinese font."""
    return {
        "office": "Office",
        "number": "No. 12",
        "title": "Letter",
        "addressee": "Ada:",
        "opening": "This is to tell you.",
        "person": [["Name", "Ada"], ["Code", "D150402000123"]],
        "sections": [
            {
                "heading": "1. Facts",
                "paragraphs": ["One."],
                "pairs": [["Item", "sham"]],
                "table": None,
                "closing": [],
            }
        ],
        "closing": "So be it.",
        "dated": "2025-05-09",
        "provisional": False,
        "reference": "7b1d3c52",
        "footer": {"reference": "Reference", "page": ["Page ", " of ", ""]},
    } | changed


def set_in_latin(**changed):
    return make_pdf(latin_letter(**changed), created_at=NOON, source=present_template(), fonts=LATIN)


def test_the_pdf_is_archivable_and_embeds_its_fonts():
    made = set_in_latin()
    assert made.startswith(b"%PDF-1.7")
    assert b"/FontFile" in made
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in re.sub(
        rb"\s+<", b"<", made
    )


def test_the_same_letter_gives_the_same_bytes_and_another_moment_others():
    made = set_in_latin()
    assert set_in_latin() == made
    assert make_pdf(latin_letter(), created_at=NOON.replace(hour=5), source=present_template(), fonts=LATIN) != made


@pytest.mark.parametrize(
    "name", ["#panic()", "$x$", "= heading", "*bold", "]", '#read("letter.typ")', "\\u{41}", "@ref", "//"]
)
def test_typst_markup_in_a_name_is_text(name):
    assert set_in_latin(addressee=name, person=[["Name", name], ["Code", "none"]]).startswith(b"%PDF")


@pytest.mark.parametrize("name", sorted(MATTERS | MATTERS_HARD_TO_LAY_OUT))
def test_every_letter_is_set_in_chinese_or_the_missing_font_is_told(name):
    letter = compose((MATTERS | MATTERS_HARD_TO_LAY_OUT)[name]).as_json()
    if {"Noto Serif CJK SC", "Noto Sans CJK SC"} & set(typst.Fonts().families()):
        assert make_pdf(letter, created_at=NOON, source=present_template()).startswith(b"%PDF-1.7")
    else:
        with pytest.raises(Problem, match="fonts-noto-cjk"):
            make_pdf(letter, created_at=NOON, source=present_template())


def test_without_a_chinese_font_the_package_is_named():
    with pytest.raises(Problem) as refusal:
        fonts_of(typst.Fonts(include_system_fonts=False, include_embedded_fonts=True))
    assert (refusal.value.status, refusal.value.code) == (503, "pdf_font_missing")
    assert "fonts-noto-cjk" in refusal.value.detail


def test_a_name_of_sixty_characters_is_told_whole():
    assert len(LONG_NAME) == 60
    assert text_of(MATTERS_HARD_TO_LAY_OUT["long_name"]).count(LONG_NAME) == 2
