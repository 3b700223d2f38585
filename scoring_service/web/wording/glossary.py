"""The words of the scheme explained, with the numbers of the rulebook that holds for the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from scoring_service.core.months import MONTHS_PER_YEAR
from scoring_service.core.rulebook import Ground, ResumptionMode
from scoring_service.core.spread import LEAST_COMPARED, LIKE_MONTHS
from scoring_service.web.wording.words import BAND

if TYPE_CHECKING:
    from scoring_service.core.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A word of the glossary with its meaning; `key` names it in addresses and templates."""

    key: str
    word: str
    meaning: str


def explanations(rulebook: Rulebook) -> dict[str, Explanation]:
    """Return each word with its meaning under `rulebook`, by key, in the language of the page."""
    return {
        key: Explanation(key=key, word=word, meaning=meaning)
        for key, (word, meaning) in (_of_files(rulebook) | _of_procedure(rulebook)).items()
    }


def _of_files(rulebook: Rulebook) -> dict[str, tuple[str, str]]:
    top = rulebook.terminate_at
    return {
        "score": (
            _("记分"),
            _("对违规行为记录的分值，从 0 分起累加，满 %(top)s 分封顶；不是从 %(top)s 分往下扣。", top=top),
        ),
        "year": (
            _("记分年度"),
            _("处理决定日所在的自然年。下一年从 0 分重新开始，但正在执行的暂停或终止不因此解除。"),
        ),
        "suspension": (_("暂停"), _suspension(rulebook)),
        "resumption": (_("恢复"), _resumption(rulebook)),
        "termination": (_("终止"), _termination(rulebook)),
        "measure": (
            _("机构措施"),
            _(
                "协议被中止、解除或者科室被责令暂停的，负有责任的人员随之暂停或终止，措施本身不记分；不承担责任的人员不受影响。"
                "因措施暂停的，措施结束或者解除之日起恢复，不需要申请。"
            ),
        ),
        "band": (_("档次"), _("按情节分为%(bands)s。", bands=_bands(rulebook))),
        "degree": (_("责任程度"), _("一般责任、重要责任、主要责任，由作出处理决定的部门认定。")),
        "file": (_("一医一档"), _("每人一份档案，多点执业合并计分；暂停在所有机构、所有地区生效。")),
    }


def _of_procedure(rulebook: Rulebook) -> dict[str, tuple[str, str]]:
    return {
        "four_eyes": (_("双人复核"), _("起草人与审核人不能是同一个人，按工号认定，不看用哪个账号。")),
        "similar_cases": (
            _("类似案件"),
            _(
                "同一违规事项、同一责任程度，处理决定日在本案决定日之前 %(years)s 年内的记分，"
                "按现在的分值计算，撤销的不计。"
                "从低到高排列，去掉最低和最高各 5%% 是其中的九成，中位数是正中的一件（双数取较低的一件）；"
                "分值在九成以外的须写明理由，不足 %(least)s 件的不比较。",
                years=LIKE_MONTHS // MONTHS_PER_YEAR,
                least=LEAST_COMPARED,
            ),
        ),
        "remediation": (_("修复"), _("参加培训、宣传、检查等活动，经审核可减分或缩短期限。")),
        "appeal_window": (_("申诉期"), _appeal(rulebook)),
        "countersignature": (
            _("会签"),
            _("申诉由本人签字、机构盖章：一方提出，另一方会签后材料齐备，办理期限从这时起算。"),
        ),
        "pause": (_("停止计算"), _("专家评议申诉的工作日不计入办理期限：从指定专家起停止，意见到齐后接着算。")),
        "deemed": (
            _("视为送达"),
            _(
                "文书出具后 %(days)s 个工作日内没有确认收到的，最后一天视为送达，申诉期照常起算；"
                "实际收到日不同的，可以更正。",
                days=rulebook.notice_deemed_received_working_days,
            ),
        ),
        "provisional": (
            _("暂定"),
            _("期限跨入尚未公布工作日历的年份，先按平常的工作日计算；日历公布后重新计算，只会更晚，不会更早。"),
        ),
        "assumed": (_("推定"), _("来源文件没有写明、由本服务设定的取值，页面上都会标明，可由规则文件修改。")),
    }


def _suspension(rulebook: Rulebook) -> str:
    return _(
        "年度累计满 %(points)s 分起暂停医保支付资格，期间发生的费用不予结算，急诊抢救除外。",
        points=rulebook.suspend_at,
    )


def _resumption(rulebook: Rulebook) -> str:
    if rulebook.resumption_mode is ResumptionMode.AUTOMATIC:
        return _("按现行规则，暂停期满即恢复，不需要申请。")
    return _(
        "暂停期满不自动恢复。期满前 %(apply)s 个工作日起可以申请，经机构同意，医保部门在 %(evaluate)s 个工作日内评估；"
        "通过后恢复，在此之前仍为暂停。",
        apply=rulebook.resumption_apply_working_days,
        evaluate=rulebook.resumption_evaluation_working_days,
    )


def _termination(rulebook: Rulebook) -> str:
    return _(
        "满 %(top)s 分终止医保支付资格。累计满 %(top)s 分的，%(accumulated)s 年内不得重新登记；"
        "一次记满 %(top)s 分的，%(single)s 年内不得重新登记。",
        top=rulebook.terminate_at,
        accumulated=rulebook.ban_years[Ground.ACCUMULATED],
        single=rulebook.ban_years[Ground.SINGLE],
    )


def _bands(rulebook: Rulebook) -> str:
    return _("、").join(
        _(
            "%(band)s（%(lowest)s–%(highest)s 分）",
            band=BAND[band.key],
            lowest=band.lowest,
            highest=band.highest,
        )
        for band in rulebook.bands
    )


def _appeal(rulebook: Rulebook) -> str:
    return _(
        "自收到文书次日起 %(window)s 个工作日，本人与机构各自计算；逾期视为无异议。",
        window=rulebook.appeal_window_working_days,
    )
