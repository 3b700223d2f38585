"""One matter of each kind, as the service makes them, and two that are hard to lay out."""

from dataclasses import replace
from datetime import date

from scoring_service.core.procedure import MeasureKind
from scoring_service.db.cases import Handling, HandlingMeasure
from scoring_service.letters.letter import Addressee, AppealTerms, Matter, Person, ResumptionTerms, Violation
from scoring_service.letters.measures import decision_facts, imposed_facts, lifted_facts
from scoring_service.letters.remedying import lapsed_facts
from scoring_service.letters.resuming import Stage, granted_facts, refused_facts, resumed_facts, window_facts
from scoring_service.letters.settling import (
    appeal_decision_facts,
    appeal_explanation_facts,
    correction_facts,
    year_statement_facts,
)

SUSPENSION = {
    "kind": "suspension",
    "ground": "single",
    "from": "2025-05-10",
    "until": "2025-09-10",
    "state_until": None,
}
BAN = {
    "kind": "termination",
    "ground": "single",
    "from": "2025-05-10",
    "until": "2028-05-10",
    "state_until": None,
}

SCORE = {"effective_on": "2025-05-09", "year": 2025, "points": 10, "counted": 10, "total": 10}
VIOLATION = Violation(
    institution="赤峰市红山区人民医院",
    handling_kind="penalty",
    authority="赤峰市医疗保障局",
    document_no="赤医保罚〔2025〕7号",
    decided_on=date(2025, 5, 8),
    degree="main",
    adjustment=None,
    item_title="诱导、协助他人冒名或者虚假就医、购药",
    legal_basis="《医疗保障基金使用监督管理条例》第四十条",
    occurred_from=date(2025, 1, 6),
    occurred_until=date(2025, 3, 28),
    emergency_covers_termination=True,
)


def sanction_facts(score, *, sanction, resumes_on=None):
    return score | {"sanction": sanction, "resumes_on": resumes_on}


PERSON = Person(
    name="王建国", code="D150402000123", category="doctor", institutions=("赤峰市红山区人民医院",)
)
TERMS = AppealTerms(
    window_working_days=10,
    deemed_working_days=5,
    deemed_on=date(2025, 5, 16),
    last_day=date(2025, 5, 30),
    provisional=False,
)
RESUMPTION = ResumptionTerms(
    apply_working_days=15,
    apply_from=date(2025, 8, 20),
    provisional=False,
    ends_on=date(2025, 9, 10),
    pays_after_term=False,
)


def matter(kind, facts, **changed):
    return replace(
        Matter(
            kind=kind,
            reference="7b1d3c52-8c0e-4b9a-9d1f-2f6f0f3c9a11",
            office="赤峰市医疗保障局",
            number="赤医保资格〔2025〕12号",
            issued_on=date(2025, 5, 9),
            person=PERSON,
            addressee=Addressee(kind="practitioner", name=PERSON.name),
            facts=facts,
        ),
        **changed,
    )


HOSPITAL = Addressee(kind="institution", name="赤峰市红山区人民医院")
COMMISSION = Addressee(kind="authority", name="卫生健康行政部门")

STATED = [
    {
        "kind": "score",
        "effective_on": "2025-03-03",
        "item": "过度诊疗",
        "value": 4,
        "counted": 4,
        "total": 4,
        "corrected": False,
    },
    {
        "kind": "points_credit",
        "effective_on": "2025-06-03",
        "item": "线上培训",
        "value": 1,
        "counted": -1,
        "total": 3,
        "corrected": False,
    },
    {
        "kind": "score",
        "effective_on": "2025-05-09",
        "item": "诱导、协助他人冒名或者虚假就医、购药",
        "value": 6,
        "counted": 6,
        "total": 9,
        "corrected": True,
    },
    {
        "kind": "term_credit",
        "effective_on": "2025-07-03",
        "item": "线下培训",
        "value": 10,
        "counted": 0,
        "total": 9,
        "corrected": False,
    },
]

WINDOW = window_facts(
    stage=Stage.WINDOW,
    apply_from=date(2025, 8, 20),
    apply_by=date(2025, 8, 26),
    ends_on=date(2025, 9, 10),
    evaluation_working_days=10,
    spans=[SUSPENSION],
)

def measure_facts(kind, until=None, department=None, **more):
    """What a letter on a measure cites; without more it tells that the measure holds."""
    taken = HandlingMeasure(kind=kind, start=date(2025, 5, 10), until=until, department=department)
    decided = {"kind": "agreement", "authority": "赤峰市医疗保障局", "document_no": "赤医保协处〔2025〕3号"}
    handling = Handling(**decided, decided_on=date(2025, 5, 8), measure=taken)
    ends = date(2026, 5, 10) if kind.effect == "termination" else until
    span = {"kind": kind.effect.value, "ground": "measure", "from": "2025-05-10", "until": ends and ends.isoformat()}
    told = more or imposed_facts(emergency=True)
    return decision_facts("赤峰市红山区人民医院", handling, taken) | {"sanction": span} | told


def lifting_facts(*, restored=True, spans_after=(), refusals=2):
    return lifted_facts(
        lifted_on=date(2025, 7, 1),
        reason="整改验收合格",
        restored=restored,
        spans_after=list(spans_after),
        refusals=refusals,
    )


MATTERS = {
    "warning": matter(
        "warning",
        SCORE | {"points": 4, "counted": 4, "total": 4, "measure": "提醒谈话 / reminder talk"},
        violation=VIOLATION,
        addressee=HOSPITAL,
    ),
    "score": matter("score", SCORE | {"sanction": SUSPENSION}, violation=VIOLATION, appeal=TERMS),
    "suspension": matter(
        "suspension", sanction_facts(SCORE, sanction=SUSPENSION), violation=VIOLATION, appeal=TERMS, resumption=RESUMPTION
    ),
    "termination": matter(
        "termination",
        sanction_facts(SCORE | {"points": 12, "counted": 2, "total": 12}, sanction=BAN),
        violation=VIOLATION,
        addressee=HOSPITAL,
        appeal=replace(TERMS, provisional=True),
    ),
    "correction": matter(
        "correction",
        correction_facts(
            kind="score",
            effective_on=date(2025, 5, 9),
            value_before=10,
            value_after=6,
            basis="appeal",
            document_no="赤医保资格〔2025〕31号",
            reason="经专家评审,当事人未参与结算,责任程度由主要责任改为一般责任",
            year=2025,
            total_before=10,
            total_after=6,
            spans_before=[SUSPENSION],
            spans_after=[],
            refusals=3,
        ),
    ),
    "appeal_explanation": matter(
        "appeal_explanation",
        appeal_explanation_facts(
            appeal="00000000-0000-4000-8000-000000000001",
            against="points",
            filed_by="practitioner",
            filed_on=date(2025, 5, 23),
            explanation="处理决定认定当事人参与结算。\n责任程度依据现场检查笔录第三页。",
            answer_due_on=date(2025, 6, 5),
            provisional=False,
        ),
        issued_on=date(2025, 5, 28),
    ),
    "appeal_decision": matter(
        "appeal_decision",
        appeal_decision_facts(
            outcome="reduced",
            against="points",
            filed_by="practitioner",
            filed_on=date(2025, 5, 23),
            points_before=10,
            points_after=6,
            reasons="两名专家的书面意见一致认为:当事人开具的检查均有指征,未参与结算。\n本局采纳专家意见,原定责任程度过重。",
            spans_after=[],
        ),
    ),
    "resumption": matter("resumption", resumed_facts(resumes_on=date(2025, 9, 10), sanction=SUSPENSION)),
    "remediation_lapsed": matter(
        "remediation_lapsed",
        lapsed_facts(
            filed_on=date(2025, 8, 20),
            activity="完成线上医保政策课程并通过考核",
            completed_on=date(2025, 8, 18),
            effect="term",
            reason="没有可缩短的期限",
        ),
    ),
    "resumption_refused": matter(
        "resumption_refused",
        refused_facts(filed_on=date(2025, 8, 20), lapsed=False, reason="整改报告未附证明材料。\n请补充培训记录。"),
        issued_on=date(2025, 8, 29),
    ),
    "measure": matter(
        "measure",
        measure_facts(MeasureKind.DEPARTMENT_SUSPENDED, until=date(2025, 9, 10), department="心血管内科"),
        appeal=TERMS,
    ),
    "year_statement": matter(
        "year_statement",
        year_statement_facts(year=2025, total=9, entries=STATED, sanctions=[SUSPENSION]),
    ),
}

# What else a letter on a resumption may tell: one may apply, it is high time, the term is over, granted, overtaken.
MATTERS_OF_A_RESUMPTION = {
    "granted": matter(
        "resumption",
        granted_facts(
            resumes_on=date(2025, 9, 24),
            ends_on=date(2025, 9, 10),
            filed_on=date(2025, 9, 8),
            spans=[SUSPENSION],
            refusals=2,
        ),
        addressee=HOSPITAL,
        issued_on=date(2025, 10, 9),
    ),
    "window": matter("resumption", WINDOW, issued_on=date(2025, 8, 20)),
    "last_day": matter(
        "resumption", WINDOW | {"stage": "last_day"}, issued_on=date(2025, 8, 26), addressee=HOSPITAL
    ),
    "after_the_term": matter("resumption", WINDOW, issued_on=date(2025, 10, 9)),
    "lapsed": matter(
        "resumption_refused",
        refused_facts(filed_on=date(2025, 8, 20), lapsed=True, reason="另有尚未开始的暂停或终止"),
        issued_on=date(2025, 8, 29),
        addressee=HOSPITAL,
    ),
}

# What else a letter on a measure may tell: it has no end, it terminates, it was lifted with or without another sanction.
MATTERS_OF_A_MEASURE = {
    "open": matter("measure", measure_facts(MeasureKind.AGREEMENT_SUSPENDED), appeal=TERMS, addressee=HOSPITAL),
    "terminated": matter("measure", measure_facts(MeasureKind.AGREEMENT_TERMINATED), appeal=TERMS),
    "lifted": matter("measure", measure_facts(MeasureKind.AGREEMENT_SUSPENDED, **lifting_facts())),
    "lifted_under_another": matter(
        "measure",
        measure_facts(
            MeasureKind.AGREEMENT_SUSPENDED,
            **lifting_facts(restored=False, spans_after=[SUSPENSION], refusals=0),
        ),
        addressee=HOSPITAL,
    ),
}

LONG_NAME = "阿" * 58 + "木尔"
HOSTILE_NAME = '#sys.inputs.letter <b>&amp;</b> $x$ *粗* "引号" \\u{41} @ref'

MATTERS_HARD_TO_LAY_OUT = {
    "two_pages": matter(
        "year_statement",
        year_statement_facts(year=2025, total=12, entries=STATED * 8, sanctions=[SUSPENSION, BAN]),
    ),
    "long_name": matter(
        "score",
        SCORE,
        violation=VIOLATION,
        appeal=replace(TERMS, provisional=True),
        person=replace(
            PERSON,
            name=LONG_NAME,
            institutions=("赤峰市红山区人民医院", "宁城县中心医院", "翁牛特旗蒙医中医医院"),
        ),
        addressee=Addressee(kind="practitioner", name=LONG_NAME),
    ),
    "latin_name": matter(
        "score",
        SCORE,
        violation=VIOLATION,
        appeal=TERMS,
        person=replace(PERSON, name="W" * 60),
        addressee=Addressee(kind="practitioner", name="W" * 60),
    ),
    "hostile": matter(
        "suspension",
        sanction_facts(SCORE, sanction=SUSPENSION),
        violation=VIOLATION,
        appeal=TERMS,
        resumption=RESUMPTION,
        person=replace(PERSON, name=HOSTILE_NAME),
        addressee=Addressee(kind="practitioner", name=HOSTILE_NAME),
    ),
    "declined": matter(
        "appeal_decision",
        appeal_decision_facts(
            outcome="declined",
            against="points",
            filed_by="institution",
            filed_on=date(2025, 5, 23),
            points_before=10,
            points_after=10,
            reasons="申诉事项属于对行政处罚决定的异议,不属于本局受理范围,可依法申请行政复议。",
            spans_after=[SUSPENSION],
        ),
    ),
    "to_an_authority": matter(
        "suspension",
        sanction_facts(SCORE, sanction=SUSPENSION),
        violation=VIOLATION,
        appeal=TERMS,
        resumption=RESUMPTION,
        addressee=COMMISSION,
    ),
}
