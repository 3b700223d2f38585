"""Cases at the desk: draft, submit, see what approval will do, approve; and what two people at once see."""

import io
import re
from datetime import date

from console_world import HOSPITAL, HOSPITAL_NAME, HOSTILE_NAME, PEOPLE, REFUSED, path_of

from scoring_service.core.procedure import MeasureKind
from scoring_service.services.cases.case import HandlingMeasure
from scoring_service.services.standing.reading import standing_of

OF_TIANJIN = "超出注册地点执业"


def fields_of_a_case(**more):
    return {
        "institution": HOSPITAL,
        "handling/kind": "penalty",
        "handling/authority": "赤峰市医疗保障局",
        "handling/document_no": "赤医保罚〔2025〕9号",
        "handling/decided_on": "2025-05-20",
        "summary": "抽查发现重复收费。",
        "rows": "1",
        "findings/0/practitioner": PEOPLE["蓝一"],
        "findings/0/item": "repeat_or_excess_charging",
        "findings/0/degree": "main",
        "findings/0/points": "4",
        "do": "save",
    } | more


def points_of(console, name):
    with console.service.work() as work:
        return standing_of(work, console.people[name]).standing.points


def test_a_case_from_draft_to_approval(console):
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    clerk.page("/cases/new")
    saved = clerk.post("/cases/new", once="a1", **fields_of_a_case())
    twice = clerk.post("/cases/new", once="a1", **fields_of_a_case())
    assert path_of(saved) == path_of(twice)
    path = path_of(saved)
    assert HOSPITAL_NAME in clerk.page(path)
    assert clerk.post(f"{path}/submit", version="1").status_code == 303
    seen = reviewer.page(path)
    assert "只记分，没有人被暂停或终止" in seen
    assert points_of(console, "蓝一") == 0
    assert reviewer.post(f"{path}/approve", version="2").status_code == 303
    assert points_of(console, "蓝一") == 4
    again = reviewer.asked(f"{path}/approve", version="2")
    assert "情况已经改变" in again.text
    assert "审核通过</button>" not in again.text


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    answer = clerk.asked("/cases/new", once="b1", **fields_of_a_case(**{"findings/0/points": "13", "summary": "保留这句话"}))
    assert 'id="findings-0-points-error"' in answer.text
    assert "保留这句话" in answer.text


def test_a_flagged_finding_asks_for_its_reason_before_it_can_be_submitted(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    flagged = fields_of_a_case(**{"findings/0/item": "fictitious_services", "findings/0/points": "6"})
    path = path_of(clerk.post("/cases/new", once="flag1", **flagged))
    page = clerk.page(path)
    assert "分值超出该事项的档次" in page
    assert f'href="{path}/edit">补写理由</a>' in page
    assert "提交审核" not in page
    refused = clerk.asked(f"{path}/submit", version="1")
    assert 'id="findings-0-reason-error"' in refused.text
    assert "outside_band" not in refused.text
    assert clerk.post(f"{path}/edit", version="1", **flagged | {"findings/0/reason": "情节轻微"}).status_code == 303
    assert clerk.post(f"{path}/submit", version="2").status_code == 303


def test_what_looks_scored_twice_is_told_while_drafting_and_confirmed_on_approval(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    fields = fields_of_a_case(**{"handling/document_no": "重复1号"})
    first = path_of(clerk.post("/cases/new", once="dup1", **fields))
    person = fields["findings/0/practitioner"]
    again = {"rows": "2", "findings/1/practitioner": person, "findings/1/item": "unbundled_charging"}
    page = clerk.asked("/cases/new", **fields | again | {"do": "add"}).text
    assert f'<a href="{first}">打开另一案件</a>' in page
    assert '本案中此人还有： <a href="#findings-1-practitioner">' in page
    second = path_of(clerk.post("/cases/new", once="dup2", **fields | {"findings/0/reason": "另一次行为"}))
    clerk.post(f"{second}/submit", version="1")
    reviewer = console.browser("reviewer")
    assert 'name="confirm_duplicates"' in reviewer.page(second)
    refused = reviewer.asked(f"{second}/approve", version="2").text
    assert 'href="#confirm_duplicates"' in refused
    assert "认定 1 可能重复记分" in refused
    assert reviewer.post(f"{second}/approve", version="2", confirm_duplicates="1").status_code == 303
    assert "核对了可能的重复，确认记分" in reviewer.page(second)


def test_a_case_begun_from_a_file_names_the_person_by_code(console):
    page = console.browser("clerk").page(f"/cases/new?person={console.people['蓝一']}")
    assert f'name="findings/0/practitioner" type="text" value="{PEOPLE["蓝一"]}"' in page
    assert f'value="{console.people["蓝一"]}"' not in page


def test_a_name_that_fits_several_is_chosen(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    typed = fields_of_a_case(**{"findings/0/practitioner": "蓝", "institution": "测试医院"})
    asked = clerk.asked("/cases/new", once="c1", **typed)
    assert f'value="{PEOPLE["蓝二"]}"' in asked.text
    chosen = {"findings/0/practitioner/pick": PEOPLE["蓝二"], "findings/0/practitioner/offered": "蓝"}
    saved = clerk.post("/cases/new", once="c1", **typed, **chosen)
    assert saved.status_code == 303
    assert "蓝二" in clerk.page(path_of(saved))


def test_findings_are_added_and_removed_without_a_script(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    more = clerk.asked("/cases/new", **fields_of_a_case(do="add"))
    assert 'name="findings/1/points"' in more.text
    two = fields_of_a_case(**{"rows": "2", "findings/1/practitioner": "第二个", "do": "remove:0"})
    fewer = clerk.asked("/cases/new", **two)
    assert 'name="findings/0/practitioner" type="text" value="第二个"' in fewer.text
    assert 'name="findings/1/points"' not in fewer.text


def test_a_draft_changed_in_another_tab_is_told(console):
    told = console.case("蓝一", 3, submitted=False, item="certificate_lent_out")
    clerk = console.browser("clerk")
    path = f"/cases/{told.id}/edit"
    clerk.page(path)
    assert clerk.post(path, version="1", **fields_of_a_case(summary="第一个窗口")).status_code == 303
    stale = clerk.asked(path, version="1", **fields_of_a_case(summary="第二个窗口"))
    assert "第二个窗口" in stale.text
    assert 'name="version" value="2"' in stale.text


def test_a_termination_asks_for_the_name(console):
    told = console.case("蓝二", 12, item="fictitious_services")
    reviewer = console.browser("reviewer")
    path = f"/cases/{told.id}"
    seen = reviewer.page(path)
    assert "将终止 1 人" in seen
    assert "新增：2025-06-03 周二 至 2028-06-02 周五（含）" in seen
    field = f"confirm/{console.people['蓝二']}"
    for typed in ("", "蓝一"):
        assert REFUSED in reviewer.asked(f"{path}/approve", version=str(told.version), **{field: typed}).text
        assert points_of(console, "蓝二") == 0
    assert reviewer.post(f"{path}/approve", version=str(told.version), **{field: "蓝二"}).status_code == 303
    assert points_of(console, "蓝二") == 12


def test_who_had_a_hand_in_a_case_does_not_review_it(console):
    told = console.case("蓝三", 2, item="certificate_lent_out")
    clerk = console.browser("clerk")
    assert "审核通过</button>" not in clerk.page(f"/cases/{told.id}")
    assert clerk.post(f"/cases/{told.id}/approve", version="2").status_code == 403


def test_returning_needs_a_reason_and_reaches_the_clerk(console):
    told = console.case("蓝三", 3, item="certificate_lent_out")
    reviewer, clerk = console.browser("reviewer"), console.browser("clerk")
    path = f"/cases/{told.id}"
    reviewer.page(path)
    assert REFUSED in reviewer.asked(f"{path}/return", version="2").text
    assert reviewer.post(f"{path}/return", version="2", reason="请补充证据").status_code == 303
    assert "请补充证据" in clerk.page(path)
    assert told.handling.document_no in clerk.page("/today")
    assert clerk.post(f"{path}/withdraw", version="3", reason="证据不足").status_code == 303
    assert "证据不足" in clerk.page(path)


def test_the_wrong_file_is_refused_with_what_to_do(console):
    told = console.case("蓝三", 3, submitted=False, item="certificate_lent_out")
    clerk = console.browser("clerk")
    path = f"/cases/{told.id}"
    clerk.page(path)
    wrong = clerk.asked(f"{path}/attachments", version="1", file=(io.BytesIO(b"MZ\x90"), "a.pdf"))
    assert "附件只能是" in wrong.text
    right = clerk.post(f"{path}/attachments", version="1", file=(io.BytesIO(b"%PDF-1.7 ..."), "决定书.pdf"))
    assert right.status_code == 303
    assert "决定书.pdf" in clerk.page(path)
    sent = clerk.get(f"{path}/attachments/1")
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.headers["Cache-Control"] == "private, no-store"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"


def test_a_preview_leaves_nothing_behind(console):
    told = console.case("蓝三", 9)
    reviewer = console.browser("reviewer")
    assert "将暂停或延长暂停 1 人" in reviewer.page(f"/cases/{told.id}")
    assert points_of(console, "蓝三") == 0
    page = reviewer.page(f"/people/{console.people['蓝三']}")
    assert "没有文书" in page
    assert "没有记分记录" in page


def test_a_correction_is_drafted_and_decided_by_another(console):
    entry = console.approved("蓝三", 9).findings[0].entry
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    path = f"/entries/{entry}/correction"
    assert f'href="{path}"' in clerk.page(f"/people/{console.people['蓝三']}")
    clerk.page(path)
    fields = {"basis": "clerical", "document_no": "更正〔2025〕1号", "reason": "录入有误", "once": "d1"}
    assert REFUSED in clerk.asked(path, value="9", **fields).text
    drafted = path_of(clerk.post(path, value="2", **fields))
    assert "蓝三" in reviewer.page("/decisions")
    seen = reviewer.page(drafted)
    assert "2025 年累计记分：<strong>9 → 2</strong>" in seen
    assert "取消；原定 2025-06-03 周二 至 2025-08-02 周六（含）" in seen
    assert points_of(console, "蓝三") == 9
    assert clerk.post(f"{drafted}/approve", version="1").status_code == 403
    assert reviewer.post(f"{drafted}/approve", version="1").status_code == 303
    assert points_of(console, "蓝三") == 2
    assert "第 1 条更正为 2，依据：笔误更正（更正〔2025〕1号）" in reviewer.page(f"/people/{console.people['蓝三']}")


def test_remediation_is_recorded_and_refused_with_a_reason(console):
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    path = f"/people/{console.people['蓝一']}/remediation"
    clerk.page(path)
    fields = {"activity": "online_course", "effect": "points", "completed_on": "2025-05-30", "evidence": "证书 12 号"}
    filed = path_of(clerk.post(path, **fields))
    assert "证书 12 号" in reviewer.page(filed)
    assert REFUSED in reviewer.asked(f"{filed}/reject", version="1").text
    assert reviewer.post(f"{filed}/reject", version="1", reason="证书无效").status_code == 303
    assert "证书无效" in clerk.page(filed)


def test_a_new_start_is_refused_beside_the_form(console):
    clerk = console.browser("clerk")
    path = f"/people/{console.people['蓝一']}/reregistration"
    clerk.page(path)
    fields = {"on": "2025-06-02", "commitment_signed_on": "2025-06-02", "affiliations/0/institution": HOSPITAL}
    answer = clerk.asked(path, **fields)
    assert HOSPITAL in answer.text


def test_the_editor_suggests_points_and_asks_another_violation_for_its_basis(console):
    clerk = console.browser("clerk")
    assert "较轻：一般责任 1、重要责任 2、主要责任 3" in " ".join(clerk.page("/cases/new").split())
    other = fields_of_a_case(**{"findings/0/item": "其他较轻情形", "findings/0/points": "1"})
    asked = clerk.asked("/cases/new", once="basis1", **other)
    assert "该事项须写明法律依据" in asked.text
    assert "按责任程度建议 3 分" in asked.text
    named = other | {"findings/0/legal_basis": "《药品管理法》第九十八条"}
    path = path_of(clerk.post("/cases/new", once="basis1", **named))
    shown = clerk.page(path)
    assert "《药品管理法》第九十八条" in shown
    assert "按责任程度建议 3 分" in shown
    assert 'value="《药品管理法》第九十八条"' in clerk.page(f"{path}/edit")


def test_the_editor_asks_on_which_ground_points_are_lighter_or_heavier(console):
    clerk = console.browser("clerk")
    page = " ".join(clerk.page("/cases/new").split())
    assert "从轻 · 主动承认</option>" in page
    assert "提高一个档次 · 故意</option>" in page
    below = fields_of_a_case(**{"findings/0/points": "3", "findings/0/adjustment/ground": "one_band_down:owned_up"})
    inside = clerk.asked("/cases/new", once="p25", **below | {"findings/0/points": "5"})
    assert "分值仍在该事项的档次内" in inside.text
    path = path_of(clerk.post("/cases/new", once="p25", **below))
    shown = clerk.page(path)
    assert "降低一个档次 · 主动承认" in shown
    assert "分值超出该事项的档次" not in shown
    assert 'value="降低一个档次 · 主动承认"' in clerk.page(f"{path}/edit")
    assert "请选择其中一项" in clerk.asked("/cases/new", once="p26", **below | {"findings/0/adjustment/ground": "x:y"}).text


def test_the_editor_offers_the_items_of_the_institution_s_rulebook(console):
    """Before the institution is known, the items of all; then those of its division alone."""
    clerk = console.browser("clerk")
    everywhere = items_offered(clerk.page("/cases/new"))
    assert everywhere.index("出借执业证书") < everywhere.index("其他较轻情形") < everywhere.index("过度诊疗")
    assert everywhere.index("过度诊疗") < everywhere.index(OF_TIANJIN) < everywhere.index("吊销执业证书")
    here = items_offered(clerk.asked("/cases/new", **fields_of_a_case(do="add")).text)
    assert set(everywhere) - set(here) == {OF_TIANJIN}
    typed = fields_of_a_case(**{"findings/0/item": OF_TIANJIN})
    assert 'id="findings-0-item-error"' in clerk.asked("/cases/new", once="place1", **typed).text


def items_offered(page):
    catalogue = page.partition('<datalist id="catalogue">')[2].partition("</datalist>")[0]
    return re.findall(r'<option value="([^"]+)"', catalogue)


def test_the_day_for_the_letters_is_told_and_overdue_cases_come_first(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    received = {"handling/document_no": "期限1号", "handling/received_on": "2025-05-23"}
    path = path_of(clerk.post("/cases/new", once="due1", **fields_of_a_case(**received)))
    page = clerk.page(path)
    assert "收到日" in page
    assert "2025-05-30" in page
    assert 'name="handling/received_on" type="date" value="2025-05-23"' in clerk.page(f"{path}/edit")
    clerk.get("/language/en")
    assert "Letters due by" in clerk.page(path)
    english = clerk.page("/cases?state=due")
    assert "By due day" in english
    assert "3 days over" in english
    assert "letters were due" in clerk.page("/today")


def test_a_day_of_receipt_before_the_decision_or_after_today_stands_beside_its_field(console):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    early = clerk.asked("/cases/new", once="due2", **fields_of_a_case(**{"handling/received_on": "2025-05-19"}))
    assert "收到日不得早于处理决定日" in early.text
    assert 'id="handling-received_on-error"' in early.text
    clerk.get("/language/en")
    late = clerk.asked("/cases/new", once="due3", **fields_of_a_case(**{"handling/received_on": "2025-06-03"}))
    assert "received_on may not lie in the future" in late.text


def test_an_approved_case_says_what_it_led_to_and_carries_its_letters(console):
    case = console.approved(HOSTILE_NAME, 10)
    page = console.browser("reviewer").page(f"/cases/{case.id}")
    assert re.search(r"暂停 1 人；文书 [0-9]+ 份，已送达 0 份。", page)
    assert "2025-06-03 周二 至 2025-10-02 周四（含）" in page
    letters = console.letters(console.people[HOSTILE_NAME]).values()
    assert {f"/notices/{letter}" for letter in letters} == set(re.findall(r"/notices/[0-9a-f-]{36}", page))
    taken = HandlingMeasure(kind=MeasureKind.AGREEMENT_SUSPENDED, start=date(2025, 5, 20))
    measured = console.score(PEOPLE[HOSTILE_NAME], HOSPITAL, None, taken)
    assert "措施没有规定结束日：何时结束尚不知道。" in console.browser("reviewer").page(f"/cases/{measured.id}")
