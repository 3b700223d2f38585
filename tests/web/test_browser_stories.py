"""What people do at the console from beginning to end, each at their own desk, in real Chromium."""

from axe_playwright_python.sync_playwright import Axe
from console_visitor import NARROW, WIDE
from console_world import HOSPITAL_NAME, PEOPLE

NARROWEST_CELL = "Math.min(...Array.from(document.querySelectorAll('.person td'), (cell) => cell.offsetWidth))"


def test_the_story_of_a_termination(visitor, console):
    clerk, reviewer = visitor("clerk"), visitor("reviewer")
    clerk.go("/cases/new")
    clerk.page.fill("#institution", HOSPITAL_NAME)
    clerk.page.select_option("#handling-kind", "penalty")
    clerk.page.fill("#handling-authority", "赤峰市医疗保障局")
    clerk.page.fill("#handling-document_no", "赤医保罚〔2025〕12号")
    clerk.page.fill("#handling-decided_on", "2025-05-30")
    clerk.page.fill("#summary", "虚构医药服务项目。")
    clerk.page.fill("#findings-0-practitioner", PEOPLE["蓝二"])
    clerk.page.fill("#findings-0-item", "虚构")
    clerk.page.select_option("#findings-0-degree", "main")
    clerk.page.fill("#findings-0-points", "12")
    clerk.page.dblclick("button.btn-primary:has-text('保存草稿')")
    clerk.page.wait_for_url("**/cases/*-*")
    clerk.press("提交审核")
    reviewer.go("/today")
    reviewer.page.click("text=赤医保罚〔2025〕12号")
    assert "将终止 1 人" in reviewer.page.inner_text("main")
    second = reviewer.context.new_page()
    second.goto(reviewer.page.url)
    reviewer.press("审核通过")
    assert reviewer.page.locator(".error-summary").is_visible()
    reviewer.page.fill("input[name^='confirm/']", "蓝二")
    reviewer.press("审核通过")
    assert "已审核通过，记分、暂停或终止均已生效，文书已经发出" in reviewer.page.inner_text("main")
    second.fill("input[name^='confirm/']", "蓝二")
    second.click("button:has-text('审核通过')")
    assert "情况已经改变" in second.inner_text("main")
    reviewer.go(f"/people/{console.people['蓝二']}")
    assert "3 年内不得重新登记" in reviewer.page.inner_text("main")
    assert reviewer.page.locator("svg.timeline-wide .bar-termination").count() == 1


def score_of_six(clerk, reviewer, person, institution):
    """The clerk drafts a case of 6 points, the reviewer approves it."""
    clerk.go(f"/cases/new?person={person}")
    clerk.page.fill("#institution", institution)
    clerk.page.select_option("#handling-kind", "agreement")
    clerk.page.fill("#handling-authority", "赤峰市医疗保障局")
    clerk.page.fill("#handling-document_no", "赤医保协〔2025〕77号")
    clerk.page.fill("#handling-decided_on", "2025-05-30")
    clerk.page.fill("#summary", "过度诊疗。")
    clerk.page.fill("#findings-0-item", "过度诊疗")
    clerk.page.select_option("#findings-0-degree", "general")
    clerk.page.fill("#findings-0-points", "6")
    clerk.press("保存草稿")
    clerk.press("提交审核")
    reviewer.page.goto(clerk.page.url)
    reviewer.press("审核通过")


def read_and_appeal(doctor):
    """The doctor reads the letter and files an appeal; its address."""
    doctor.go("/me")
    doctor.page.click("a:has-text('记分告知书')")
    doctor.press("我已收到")
    assert "24:00 前" in doctor.page.inner_text("main")
    doctor.page.click("a:has-text('打开文书')")
    assert "记分" in doctor.page.inner_text("body")
    doctor.page.set_viewport_size(NARROW)
    assert doctor.page.evaluate(NARROWEST_CELL) > 300
    assert doctor.overflow() == 0
    doctor.page.set_viewport_size(WIDE)
    doctor.go("/me")
    doctor.page.click("a:has-text('提出申诉')")
    doctor.page.select_option("#entry", index=1)
    doctor.page.fill("#grounds", "诊疗符合指南，附病历。")
    doctor.press("提出申诉")
    assert "等待另一方" in doctor.page.inner_text("main")
    return doctor.page.url


def explain(desk, doctor, appeal):
    """The desk explains, and the doctor still objects."""
    desk.go("/appeals?state=complete")
    desk.page.click("main tbody th a")
    desk.page.fill("#text", "依据现场检查笔录第三页。")
    desk.press("发出解释")
    assert "等待申诉人答复" in desk.page.inner_text("main")
    doctor.go("/me")
    assert "请看解释并答复" in doctor.page.inner_text("main")
    doctor.page.goto(appeal)
    assert "笔录第三页" in doctor.page.inner_text("main")
    doctor.page.fill("#grounds", "笔录未记载本人。")
    doctor.press("仍有异议")
    assert "等待行政部门受理" in doctor.page.inner_text("main")


def hear(desk, expert):
    """The desk accepts and names an expert, who gives an opinion."""
    desk.go("/appeals?state=insisted")
    desk.page.click("main tbody th a")
    desk.press("受理")
    desk.page.fill("#experts", "expert")
    desk.page.fill("#reason", "熟悉该专业")
    desk.press("分配专家")
    expert.go("/")
    assert "· 对记分有异议" in expert.page.inner_text("main tbody th")
    assert "诊疗符合指南" not in expert.page.inner_text("main")
    expert.page.click("main tbody th a")
    expert.page.select_option("#opinion", "reduce")
    expert.page.fill("#points", "2")
    expert.page.fill("#text", "部分诊疗有依据。")
    expert.press("提交意见")


def decide(desk):
    """The desk sees what the decision does, and makes it."""
    desk.page.reload()
    assert "部分诊疗有依据" in desk.page.inner_text("main")
    desk.page.select_option("#outcome", "reduced")
    desk.page.fill("#decide-points", "2")
    desk.page.fill("#reasons", "采纳专家意见。")
    desk.press("看会发生什么")
    assert "6 → 2" in desk.page.inner_text("main")
    assert [violation["id"] for violation in Axe().run(desk.page).response["violations"]] == []
    desk.page.click("button[value=decide]")
    assert "减轻" in desk.page.inner_text("dl.pairs")


def test_the_story_of_an_appeal(visitor, console):
    doctor, clinic, desk = visitor("doctor"), visitor("clinic"), visitor("appeals")
    person, institution = console.bound("doctor").practitioner_id, console.bound("clinic").institution_code
    score_of_six(visitor("clerk"), visitor("reviewer"), person, institution)
    address = read_and_appeal(doctor)
    clinic.go("/clinic")
    clinic.page.click("main a:has-text('对记分有异议')")
    clinic.press("会签")
    explain(desk, doctor, address)
    hear(desk, visitor("expert"))
    decide(desk)
    assert [violation["id"] for violation in Axe().run(desk.page).response["violations"]] == []
    doctor.page.goto(address)
    told = doctor.page.inner_text("main")
    assert "采纳专家意见" in told
    assert "expert" not in told
    doctor.go("/me")
    assert doctor.page.inner_text(".summary-number").startswith("2")
    assert "第 1 条更正为 2，依据：申诉决定。" in doctor.page.inner_text(".entries")


def faults_of(one):
    """What axe finds on the page that is open, and whether it is wider than the window."""
    return [violation["id"] for violation in Axe().run(one.page).response["violations"]] + ["too wide"] * (one.overflow() > 0)


def test_a_clinic_checks_a_pasted_list_and_takes_it_along_twice(visitor):
    clinic = visitor("clinic")
    clinic.go("/clinic/check-list")
    clinic.page.fill("#list", f"人员代码 日期\n{PEOPLE['蓝一']}\t2025/5/1\n{PEOPLE['蓝三']}")
    clinic.press("查询")
    assert "有 1 行没有查" in clinic.page.inner_text("main")
    assert faults_of(clinic) == []
    for _time in range(2):
        with clinic.page.expect_download() as download:
            clinic.page.click(".downloads a:has-text('CSV')")
        assert download.value.suggested_filename.endswith(".csv")
    clinic.go("/clinic/check")
    clinic.page.fill("#ref", PEOPLE["蓝一"])
    clinic.press("查询")
    assert "本机构没有这位人员" in clinic.page.inner_text("[role=status]")
    assert faults_of(clinic) == []


def test_a_doctor_applies_for_remediation_from_a_phone(visitor):
    doctor = visitor("doctor")
    doctor.page.set_viewport_size(NARROW)
    doctor.go("/me")
    doctor.page.click("main a:has-text('申请修复')")
    doctor.press("提出申请")
    assert doctor.page.locator(".error-summary").is_visible()
    assert faults_of(doctor) == []
    doctor.page.select_option("#activity", "online_course")
    doctor.page.select_option("#effect", "points")
    doctor.page.fill("#completed_on", "2025-06-01")
    doctor.page.fill("#evidence", "证书 2025-88 号")
    doctor.page.dblclick("main button.btn-primary")
    doctor.page.wait_for_url("**/remediation/*-*")
    doctor.page.set_input_files("#file", {"name": "证书.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    doctor.press("上传")
    assert "证书.pdf" in doctor.page.inner_text("main")
    assert faults_of(doctor) == []
    doctor.go("/remediation")
    assert doctor.page.locator("main tbody tr").count() == 1
