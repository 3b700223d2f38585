"""Values of the rulebooks in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

# Values of the rulebooks that are keys and not numbers.
VALUES = {
    "next_day": _("次日起"),
    "effective_date": _("生效当日起"),
    "first_of_next_month": _("次月第一日起"),
    "flag": _("提示，须写理由"),
    "grow_to_the_months_due": _("延长到应有的月数"),
    "one_finding": _("一项认定"),
    "side_by_side": _("并行，各自计算"),
    "full_term": _("期限不因跨年缩短"),
    "pay_refused_lines": _("补付期间拒付的费用"),
    "start_that_last_moved_the_end": _("自最后一次推迟期满的起始日起算"),
    "principal_of_the_day": _("当日登记的主要负责人"),
    "each_addressee": _("各收件人分别起算"),
    "persons_registered_there": _("在该机构登记的人数"),
    "automatic": _("期满自动恢复"),
    "on_application": _("经申请并评估通过后恢复"),
    "with_the_measure": _("随措施结束而结束"),
    "began_last_then_later_year": _("起始最晚者，再取较晚年度者"),
    "costs_no_day": _("不使当事人多受一天"),
}
