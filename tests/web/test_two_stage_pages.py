"""An appeal's two stages in the console: explained at the office's desk, answered at the filer's, paused with experts."""

from datetime import date, timedelta

import pytest
from console_world import HOSPITAL
from sqlalchemy import select, update

from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import appeals as table
from scoring_service.services.appeals import experts, explaining, filing
from scoring_service.services.years.changing import changing

# What each step says, by language.
SAYS = {
    "zh": {
        "explain first": "先行解释",
        "no text": "请填写",
        "state": "当前状态为“%s”",
        "to explain": "待解释",
        "to answer": "待申诉人答复",
        "to accept": "待受理",
        "withdrawn": "已撤回",
        "answer": "看过解释之后",
        "waiting": "等待申诉人答复；逾期未答复的",
        "my desk": "请看解释并答复",
        "clinic's desk": "待答复的申诉",
        "silence": "逾期未答复，视为仍有异议",
        "paused": "办理期限停止计算",
        "left": "还有 20 个工作日",
        "list": "专家评议中，期限停止计算",
    },
    "en": {
        "explain first": "Explain first",
        "no text": "fill this in",
        "state": "the state is “%s”",
        "to explain": "To explain",
        "to answer": "For the filer to answer",
        "to accept": "To accept",
        "withdrawn": "Withdrawn",
        "answer": "After the explanation",
        "waiting": "Waiting for the filer; from the day after",
        "my desk": "Read the explanation and answer",
        "clinic's desk": "Appeals to answer",
        "silence": "silence, which counts as objecting still",
        "paused": "the time for the decision stands still",
        "left": "20 working days are left",
        "list": "With experts, time stands still",
    },
}


@pytest.fixture(scope="module")
def me(console):
    return console.bound("doctor").practitioner_id


@pytest.fixture(scope="module")
def clinic_code(console):
    return console.bound("clinic").institution_code


@pytest.fixture(params=["zh", "en"])
def language(request):
    return request.param


def reading(console, username, language):
    browser = console.browser(username)
    browser.get(f"/language/{language}?target=/")
    return browser


def complete(console, person, code, *, filed_by="practitioner"):
    """An appeal against a new score of the demo's doctor, signed by both sides."""
    entry = console.score(person, code, 1).findings[0].entry
    sides = ("doctor", "clinic") if filed_by == "practitioner" else ("clinic", "doctor")
    filed = {"against": filing.POINTS, "entry": entry, "grounds": "诊疗有依据。", "filed_by": filed_by}
    with console.service.work(console.actor(sides[0])) as work:
        appeal = filing.file_appeal(work, practitioner=person, **filed).appeal.id
    with console.service.work(console.actor(sides[1])) as work:
        filing.countersign(work, appeal)
    return appeal


def row_of(console, appeal):
    with console.service.engine.connect() as conn:
        return conn.execute(select(table).where(table.c.id == appeal)).one()


def version_of(console, appeal):
    return str(row_of(console, appeal).version)


def refused_with(browser, path, state, says, **fields):
    """The act comes back on the page with the state that the appeal is in."""
    assert says["state"] % state in browser.asked(path, **fields).text


def test_the_reviewer_explains_and_the_filer_still_objects(console, me, clinic_code, language):
    says = SAYS[language]
    appeal = complete(console, me, clinic_code)
    path = f"/appeals/{appeal}"
    reviewer, doctor = (reading(console, who, language) for who in ("reviewer", "doctor"))
    assert says["explain first"] in reviewer.page(path)
    assert says["explain first"] not in doctor.page(path)
    desk = reading(console, "appeals", language)
    desk.page(path)
    for act in ("accept", "decline"):
        refused_with(desk, f"{path}/desk/{act}", says["to explain"], says, version=version_of(console, appeal), reason="无")
    refused_with(doctor, f"{path}/party/insist", says["to explain"], says, version=version_of(console, appeal))
    assert says["no text"] in reviewer.asked(f"{path}/explain", version=version_of(console, appeal), text=" ").text
    explained = reviewer.post(f"{path}/explain", version=version_of(console, appeal), text="依据笔录第三页。")
    assert explained.status_code == 303
    refused_with(
        reviewer, f"{path}/explain", says["to answer"], says, version=version_of(console, appeal), text="再说一次"
    )
    assert says["waiting"] in desk.page(path)
    page = doctor.page(path)
    assert says["answer"] in page
    assert "依据笔录第三页。" in page
    assert says["my desk"] in doctor.page("/me")
    sent = doctor.post(f"{path}/party/insist", version=version_of(console, appeal), grounds="笔录未记载本人。")
    assert sent.status_code == 303
    refused_with(doctor, f"{path}/party/insist", says["to accept"], says, version=version_of(console, appeal))
    assert "笔录未记载本人。" in desk.page(path)
    assert desk.post(f"{path}/desk/accept", version=version_of(console, appeal)).status_code == 303
    # One that is over is neither explained nor insisted on.
    assert doctor.post(f"{path}/party/withdraw", version=version_of(console, appeal)).status_code == 303
    over = {"version": version_of(console, appeal)}
    refused_with(reviewer, f"{path}/explain", says["withdrawn"], says, text="迟了", **over)
    refused_with(doctor, f"{path}/party/insist", says["withdrawn"], says, **over)
    refused_with(doctor, f"{path}/party/withdraw", says["withdrawn"], says, **over)


def test_the_clinic_is_led_to_what_it_has_to_answer_and_strangers_are_not(console, me, clinic_code, language):
    says = SAYS[language]
    appeal = complete(console, me, clinic_code, filed_by="institution")
    with console.service.work(console.actor("reviewer")) as work:
        explaining.explain(work, appeal, text="依据笔录。")
    clinic, doctor = reading(console, "clinic", language), reading(console, "doctor", language)
    page = clinic.page("/clinic")
    assert says["clinic's desk"] in page
    assert f"/appeals/{appeal}" in page.split(says["clinic's desk"])[1]
    assert says["answer"] not in doctor.page(f"/appeals/{appeal}")
    stranger = doctor.post(f"/appeals/{appeal}/party/insist", version=version_of(console, appeal))
    assert stranger.status_code == 403
    told = {"zh": "仅申诉人可以办理", "en": "only its filer, or who recorded it on paper"}
    assert told[language] in stranger.text
    assert "act-danger" in clinic.page(f"/appeals/{appeal}")
    assert clinic.post(f"/appeals/{appeal}/party/withdraw", version=version_of(console, appeal)).status_code == 303


def test_the_clerk_answers_and_withdraws_what_they_recorded_on_paper(console, language):
    clerk = reading(console, "clerk", language)
    person = console.people["蓝二"]
    entry = console.approved("蓝二", 1).findings[0].entry
    filed = {"against": filing.POINTS, "entry": entry, "grounds": "有依据。", "filed_by": "practitioner"}
    with console.service.work(console.actor("clerk")) as work:
        appeal = filing.file_appeal(work, practitioner=person, **filed).appeal.id
        filing.countersign(work, appeal, institution=HOSPITAL, proof="盖章件")
    with console.service.work(console.actor("reviewer")) as work:
        explaining.explain(work, appeal, text="依据笔录。")
    path = f"/appeals/{appeal}"
    heading = {"zh": "登记申诉人的纸质答复", "en": "Record the filer's answer on paper"}
    assert heading[language] in clerk.page(path)
    answered = clerk.post(f"{path}/paper/insist", version=version_of(console, appeal), grounds="书面答复")
    assert answered.status_code == 303
    assert "书面答复" in clerk.page(path)
    assert clerk.post(f"{path}/paper/withdraw", version=version_of(console, appeal)).status_code == 303
    assert row_of(console, appeal).state == "withdrawn"


def test_the_page_says_that_the_time_stands_still_while_experts_have_it(console, me, clinic_code):
    appeal = complete(console, me, clinic_code)
    with console.service.work(console.actor("reviewer")) as work:
        explaining.explain(work, appeal, text="依据笔录。")
    with console.service.work(console.actor("doctor")) as work:
        explaining.insist(work, appeal)
    with console.service.work(console.actor("appeals")) as work:
        filing.accept(work, appeal)
        experts.assign(work, appeal, experts=["expert"], reason="熟悉该专业")
    due_on = row_of(console, appeal).due_on.isoformat()
    for language, says in SAYS.items():
        for who in ("doctor", "clinic", "appeals", "expert"):
            page = reading(console, who, language).page(f"/appeals/{appeal}")
            assert says["paused"] in page, who
            assert language == "en" or due_on in page, who
            assert says["left"] in page, who
        for lists in ("/appeals", "/appeals?state=accepted"):
            assert says["list"] in reading(console, "doctor", language).page(lists)
        assert says["list"] in reading(console, "clerk", language).page("/today")
    with console.service.work(console.actor("doctor")) as work:
        explaining.withdraw(work, appeal)


def test_the_lists_of_a_state_begin_with_what_is_due_first(console, me, clinic_code):
    first, second = (complete(console, me, clinic_code) for _ in range(2))
    with console.service.engine.begin() as conn:
        later = timedelta(days=1)
        conn.execute(
            update(table).where(table.c.id == second).values(explanation_due_on=table.c.explanation_due_on + later)
        )
    page = console.browser("clerk").page("/appeals?state=complete")
    assert page.index(first) < page.index(second)
    newest = console.browser("clerk").page("/appeals")
    assert newest.index(second) < newest.index(first)
    for appeal in (first, second):
        with console.service.work(console.actor("doctor")) as work:
            explaining.withdraw(work, appeal)


def test_a_measure_is_appealed_against_on_the_form_and_never_reduced(console, me, clinic_code):
    score = console.score(me, clinic_code, 1)
    with console.service.work() as work, changing(work, [me]) as files:
        file = files[me]
        measure = file.post(
            EntryKind.MEASURE,
            effective_on=work.today,
            rulebook=file.before.entries[0].rulebook,
            effect="suspension",
            from_on=work.today,
            until_on=work.today + timedelta(days=30),
            case_id=score.id,
        )
    doctor = console.browser("doctor")
    assert "机构措施" in doctor.page(f"/people/{me}/appeal")
    sent = doctor.post(f"/people/{me}/appeal", entry=measure, grounds="本人不负责任。", once="measure")
    assert sent.status_code == 303
    appeal = sent.headers["Location"].rsplit("/", 1)[1]
    assert (row_of(console, appeal).against, row_of(console, appeal).entry_id) == ("state", measure)
    with console.service.work(console.actor("clinic")) as work:
        filing.countersign(work, appeal)
    with console.service.work(console.actor("reviewer")) as work:
        explaining.explain(work, appeal, text="依据处理决定。")
    with console.service.work(console.actor("doctor")) as work:
        explaining.insist(work, appeal)
    with console.service.work(console.actor("appeals")) as work:
        filing.accept(work, appeal)
    told = {"zh": "机构措施只能维持或撤销", "en": "a measure is upheld or revoked, never reduced"}
    for language, says in told.items():
        desk = reading(console, "appeals", language)
        desk.page(f"/appeals/{appeal}")
        for do in ("preview", "decide"):
            decision = {"outcome": "reduced", "points": "1", "reasons": "情节较轻。", "do": do}
            sent = desk.asked(f"/appeals/{appeal}/desk/decide", version=version_of(console, appeal), **decision)
            assert says in sent.text, (language, do)
    revoked = {"outcome": "revoked", "points": "", "reasons": "本人不负责任。", "do": "decide"}
    desk.page(f"/appeals/{appeal}")
    assert desk.post(f"/appeals/{appeal}/desk/decide", version=version_of(console, appeal), **revoked).status_code == 303
    assert row_of(console, appeal).outcome == "revoked"


def test_silence_is_told_as_such(console, me, clinic_code):
    """Last: the clock goes on beyond the days of the others."""
    appeal = complete(console, me, clinic_code)
    with console.service.work(console.actor("reviewer")) as work:
        explaining.explain(work, appeal, text="依据笔录。")
    admin = console.browser("admin")
    while row_of(console, appeal).answer_due_on >= today(console):
        admin.page("/clock")
        assert admin.post("/clock", step="day").status_code == 303
    for language in ("zh", "en"):
        page = reading(console, "doctor", language).page(f"/appeals/{appeal}")
        assert SAYS[language]["silence"] in page
        assert SAYS[language]["answer"] not in page


def today(console) -> date:
    with console.service.work() as work:
        return work.today
