"""`&message=true`: each reason in a sentence for the counter, Chinese first and English behind it; without it, none."""

from datetime import date

import pytest
from api_office import fresh_code, make_office, make_test_service
from eligibility_city import City
from own_law import unpaid_without_commitment

from scoring_service.core.payable import Reason
from scoring_service.core.standing import Status
from scoring_service.services.eligibility.answer import make_check, on_nobody
from scoring_service.services.eligibility.checks import Explained
from scoring_service.services.eligibility.message import message_about


@pytest.fixture(scope="module")
def city(module_engine, tmp_path_factory):
    books = unpaid_without_commitment(tmp_path_factory.mktemp("rulebooks"))
    return City(make_office(make_test_service(module_engine, rulebooks_dir=books)))


@pytest.fixture(scope="module")
def people(city):
    """People by what is to be said of them, at one hospital; points count from tomorrow on."""
    here = city.institution()
    named = {name: city.person(here) for name in ("normal", "suspended", "terminated")}
    named["unsigned"] = city.person(here, signed_on=None)
    city.score(named["suspended"], here, 10)
    city.score(named["terminated"], here, 12)
    return named | {
        "unknown": fresh_code(),
        "here": here,
        "there": city.institution(),
        "nowhere": fresh_code("H"),
    }


TOMORROW = "2025-06-03"
# Whom and what is asked, the reason, and the whole sentence in either language.
SAID = (
    (*("normal", {}, "eligible"), "可以结算：当天状态正常。", "Payable: In normal standing on that day."),
    (
        *("normal", {"institution": "here"}, "eligible"),
        "可以结算：当天状态正常，并在本机构登记执业。",
        "Payable: In normal standing on that day, and registered here.",
    ),
    (
        *("normal", {"institution": "there"}, "not_affiliated"),
        "不予结算：当天没有在本机构登记执业；如确在本机构工作，请先办理执业登记。",
        (
            "Not payable: Not registered at this institution on that day."
            " If the person does work here, have the affiliation registered first."
        ),
    ),
    (
        *("normal", {"institution": "nowhere"}, "institution_not_contracted"),
        "不予结算：本机构当天没有生效的医保服务协议。",
        "Not payable: This institution has no agreement in force on that day.",
    ),
    (
        *("normal", {"service_time": "2024-12-31"}, "not_registered"),
        "不予结算：当天不在登记期内：尚未登记，或者登记已经结束。",
        "Not payable: Not registered on that day: not yet, or no longer.",
    ),
    (
        *("unsigned", {}, "no_commitment"),
        "不予结算：当天尚未签署承诺书；按当地规则，费用不予结算。",
        "Not payable: No commitment was signed by that day; under the local rules the fees are not settled.",
    ),
    (
        *("suspended", {"service_time": TOMORROW}, "suspended"),
        "不予结算：自2025年6月3日起暂停医保支付资格，自2025年10月3日起恢复；急诊、抢救除外。",
        "Not payable: Suspended from 2025-06-03, restored from 2025-10-03; emergencies and rescue are excepted.",
    ),
    (
        *("suspended", {"service_time": "2025-10-02T23:59:59+08:00"}, "suspended"),
        "不予结算：自2025年6月3日起暂停医保支付资格，自2025年10月3日起恢复；急诊、抢救除外。",
        "Not payable: Suspended from 2025-06-03, restored from 2025-10-03; emergencies and rescue are excepted.",
    ),
    (
        *("suspended", {"service_time": TOMORROW, "emergency": "true"}, "emergency_exception"),
        "可以结算：自2025年6月3日起暂停医保支付资格，急诊、抢救费用照常结算；请保留急诊记录备查。",
        (
            "Payable: Suspended from 2025-06-03, yet emergency and rescue are paid all the same;"
            " keep the emergency record."
        ),
    ),
    (
        *("suspended", {"service_time": "2025-10-03"}, "eligible"),
        "可以结算：当天状态正常。",
        "Payable: In normal standing on that day.",
    ),
    (
        *("terminated", {"service_time": TOMORROW}, "terminated"),
        "不予结算：自2025年6月3日起终止医保支付资格，自2028年6月3日起可以重新登记。",
        "Not payable: Eligibility is terminated from 2025-06-03; a new registration is possible from 2028-06-03.",
    ),
    (
        *("unknown", {}, "unknown_practitioner"),
        "不予结算：查不到这位人员；请核对代码。",
        "Not payable: No such person was found; check the code.",
    ),
)


@pytest.mark.parametrize("said", SAID)
def test_the_counter_is_told_why(city, people, said):
    who, question, reason, in_chinese, in_english = said
    asked = question | ({"institution": people[question["institution"]]} if "institution" in question else {})
    answer = city.ask(people[who], message="true", **asked)
    assert answer["reason"] == reason
    assert answer["message"] == f"{in_chinese} / {in_english}"
    without = city.ask(people[who], **asked, known_at=answer["known_at"], message="false")
    assert "message" not in without
    assert without == {name: value for name, value in answer.items() if name != "message"}


def test_every_reason_is_said_over_http():
    assert {reason for _who, _question, reason, *_words in SAID} == set(Reason)


def test_a_pharmacy_without_a_principal_is_told_so(city):
    answer = city.settlement.get(f"/eligibility?institution={city.institution('pharmacy')}&message=true").json
    assert answer["message"].startswith(
        "不予结算：该药店当天没有登记在册的主要负责人。 / Not payable: This pharmacy"
    )


@pytest.mark.parametrize("flag", ["", "yes", "1", "TRUE"])
def test_a_flag_is_true_or_false(city, people, flag):
    answer = city.settlement.get(f"/eligibility/{people['normal']}?message={flag}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/query/message")


def test_a_stranger_is_told_of_to_an_institution_as_somebody_unknown_is(city, people):
    clinic = city.office.client_for("institution", institution=people["there"])
    stranger, unknown = (
        city.ask(people[who], client=clinic, message="true") for who in ("normal", "unknown")
    )
    assert stranger["message"] == unknown["message"]


def test_the_past_is_told_as_it_was_known(city):
    here = city.institution()
    person = city.person(here)
    before = city.now().isoformat()
    city.score(person, here, 10)
    suspended = city.ask(person, service_time="2025-06-20", message="true")
    city.move(days=4)
    city.score(person, here, 12)

    def said(day, **question):
        return city.ask(person, service_time=day, message="true", **question)["message"].partition(" / ")[0]

    assert said("2025-06-20", known_at=before) == "可以结算：当天状态正常。"
    then = {name: suspended[name] for name in ("known_at", "revision")}
    assert (
        said("2025-06-20", **then)
        == "不予结算：自2025年6月3日起暂停医保支付资格，自2025年10月3日起恢复；急诊、抢救除外。"
    )
    assert (
        said("2025-06-06")
        == "不予结算：自2025年6月3日起暂停医保支付资格，目前没有可恢复之日；急诊、抢救除外。"
    )
    assert said("2025-06-20") == "不予结算：自2025年6月7日起终止医保支付资格，自2028年6月7日起可以重新登记。"


DAY = date(2025, 6, 1)
BEGAN = date(2025, 5, 10)
WAITING = (
    (
        date(2025, 9, 10),
        "自2025年5月10日起暂停医保支付资格，可恢复之日不早于2025年9月10日；急诊、抢救除外。",
        (
            "Suspended from 2025-05-10, to be restored no earlier than 2025-09-10, after an evaluation;"
            " emergencies and rescue are excepted."
        ),
    ),
    (
        DAY,
        "自2025年5月10日起暂停医保支付资格，暂停期已于2025年5月31日届满，尚待经办机构评估恢复；急诊、抢救除外。",
        (
            "Suspended from 2025-05-10; the term ended on 2025-05-31, and the office has not yet evaluated the return."
            " Emergencies and rescue are excepted."
        ),
    ),
    (
        None,
        "自2025年5月10日起暂停医保支付资格，目前没有可恢复之日；急诊、抢救除外。",
        "Suspended from 2025-05-10, no day of return is known; emergencies and rescue are excepted.",
    ),
)


def answered(**fields):
    nobody = on_nobody(make_check("D", DAY.isoformat(), DAY, None), f"{DAY}T00:00:00+08:00")
    return type(nobody)(**{name: getattr(nobody, name) for name in nobody.__struct_fields__} | fields)


@pytest.mark.parametrize(("may_resume_from", "in_chinese", "in_english"), WAITING)
def test_a_suspension_without_a_day_of_return_says_where_it_stands(may_resume_from, in_chinese, in_english):
    answer = answered(reason=Reason.SUSPENDED, status=Status.SUSPENDED, may_resume_from=may_resume_from)
    said = message_about(Explained(answer, BEGAN), DAY)
    assert said == f"不予结算：{in_chinese} / Not payable: {in_english}"


def test_a_termination_tells_its_first_day_also_where_emergencies_are_paid():
    answer = answered(reason=Reason.TERMINATED, status=Status.TERMINATED)
    assert message_about(Explained(answer, BEGAN), DAY).startswith(
        "不予结算：自2025年5月10日起终止医保支付资格。 / Not"
    )
    excepted = answered(reason=Reason.EMERGENCY_EXCEPTION, status=Status.TERMINATED, payable=True)
    told = message_about(Explained(excepted, BEGAN), DAY)
    assert told.startswith("可以结算：自2025年5月10日起终止医保支付资格，急诊、抢救费用照常结算；")
    assert "Payable: Eligibility is terminated from 2025-05-10, yet emergency" in told
