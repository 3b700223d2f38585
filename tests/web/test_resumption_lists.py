"""The clinic's list of people who wait for a resumption, when they are more than a page holds: nobody is left out."""

import re
from datetime import date

from console_world import HOSPITAL
from resumption_world import DOCTOR, IN_TIME, OPENS, advance, consented, filed, make_resumption_world

from scoring_service.core.standing import Span
from scoring_service.services.cases import drafting
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Handling
from scoring_service.services.cases.findings import Finding
from scoring_service.services.proposals import resumption_decisions
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.web.frame.listing import PAGE_LENGTH

SINCE, DECIDED = date(2025, 1, 1), date(2025, 5, 20)
SAID = f"等待恢复的共 {PAGE_LENGTH + 2} 人，按期限届满先后分页列出；下面只是这一页的人员。"


def suspend_more(console, number):
    """Suspend so many further people of the hospital by one decision; their names."""
    names = [f"紫{each:02}" for each in range(number)]
    with console.service.work() as work:
        for each, name in enumerate(names):
            asked = [AskedAffiliation(institution=HOSPITAL, span=Span(SINCE, None))]
            console.people[name] = register_practitioner(
                work, name=name, code=f"D1504029300{each:02}", category="doctor", registered_on=SINCE, affiliations=asked
            ).id
    handling = Handling(kind="penalty", authority="赤峰市医疗保障局", document_no="赤医保罚〔2025〕900号", decided_on=DECIDED)
    findings = [
        Finding(practitioner=console.people[name], item="overtreatment", degree="main", points=9, reason="已核实")
        for name in names
    ]
    with console.service.work(console.actor("clerk")) as work:
        case = drafting.draft(work, institution=HOSPITAL, handling=handling, summary="抽查发现", findings=findings)
        drafting.submit(work, case.id)
    with console.service.work(console.actor("reviewer")) as work:
        approve(work, case.id)
    return names


def test_everybody_who_waits_stands_on_one_of_the_pages(fresh_engine, tmp_path):
    console = make_resumption_world(fresh_engine, tmp_path)
    names = [DOCTOR, *suspend_more(console, PAGE_LENGTH + 1)]
    advance(console, OPENS)
    filed(console)
    clinic = console.browser("clinic")
    first = clinic.page("/resumptions")
    second = clinic.page(re.search(r'href="([^"]+after=[^"]+)"', first)[1])
    assert SAID in first
    assert SAID in second
    assert "下一页" not in second
    shown = [[name for name in names if f">{name}</a>" in page] for page in (first, second)]
    assert [len(page) for page in shown] == [PAGE_LENGTH, 2]
    assert sorted(shown[0] + shown[1]) == sorted(names)
    assert ("等本机构表示意见" in first) is (DOCTOR in shown[0])
    assert f"全部等待恢复的人员（{len(names)} 人）" in clinic.page("/clinic")
    clinic.get("/language/en?target=/resumptions")
    assert f"{len(names)} people wait for a resumption" in clinic.page("/resumptions")


def test_decisions_stand_below_and_on_pages_of_their_own(fresh_engine, tmp_path):
    console = make_resumption_world(fresh_engine, tmp_path)
    clinic = console.browser("clinic")
    assert "没有已办结的恢复申请" in clinic.page("/resumptions?state=decided")
    advance(console, IN_TIME)
    path = consented(console)
    with console.service.work(console.actor("reviewer")) as work:
        resumption_decisions.approve(work, path.rsplit("/", 1)[-1])
    below, own = (clinic.page(address) for address in ("/resumptions", "/resumptions?state=decided"))
    assert f'<a href="{path}">{DOCTOR}</a>' in below
    assert f'<a href="{path}">{DOCTOR}</a>' in own
    assert ("现在没有可以申请的人员" in below, "现在没有可以申请的人员" in own) == (True, False)
