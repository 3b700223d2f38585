"""`&message=true`: each reason in a sentence for the counter, Chinese first and English behind it; without it, none."""

from datetime import date, timedelta

import pytest
from api_office import fresh_code, make_office, make_test_service
from eligibility_city import City
from own_law import unpaid_without_commitment

from scoring_service.core.payable import Reason
from scoring_service.services.eligibility.answer import make_check, on_nobody
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
    return named | {"unknown": fresh_code(), "here": here, "there": city.institution(), "nowhere": fresh_code("H")}


TOMORROW = "2025-06-03"
SAID = (
    ("normal", {}, "eligible", "可以结算：当天状态正常。 / Payable: In normal standing on that day."),
    ("normal", {"institution": "here"}, "eligible", "当天状态正常，并在本机构登记执业。 / Payable: In normal standing"),
    ("normal", {"institution": "there"}, "not_affiliated", "没有在本机构登记执业；"),
    ("normal", {"institution": "nowhere"}, "institution_not_contracted", "本机构当天没有生效的医保服务协议。 / Not payable: "),
    ("normal", {"service_time": "2024-12-31"}, "not_registered", "不予结算：当天不在登记期内"),
    ("unsigned", {}, "no_commitment", "不予结算：当天尚未签署承诺书；按当地规则，费用不予结算。 / Not payable: No commitment"),
    ("suspended", {"service_time": TOMORROW}, "suspended", "2025-10-03 起恢复。 / Not payable: Suspended on that day"),
    ("suspended", {"service_time": TOMORROW, "emergency": "true"}, "emergency_exception", "可以结算：当天资格受限，但急诊抢救"),
    ("terminated", {"service_time": TOMORROW}, "terminated", "2028-06-03 起可以重新登记。 / Not payable: Terminated"),
    ("unknown", {}, "unknown_practitioner", "不予结算：查不到这位人员；请核对代码。 / Not payable: No such person"),
)


@pytest.mark.parametrize("said", SAID)
def test_the_counter_is_told_why(city, people, said):
    who, question, reason, words = said
    asked = question | ({"institution": people[question["institution"]]} if "institution" in question else {})
    answer = city.ask(people[who], message="true", **asked)
    assert answer["reason"] == reason
    assert words in answer["message"]
    assert "%(" not in answer["message"]
    without = city.ask(people[who], **asked, known_at=answer["known_at"], message="false")
    assert "message" not in without
    assert without == {name: value for name, value in answer.items() if name != "message"}


def test_every_reason_is_said_over_http():
    assert {reason for _who, _question, reason, _words in SAID} == set(Reason)


def test_a_pharmacy_without_a_principal_is_told_so(city):
    answer = city.settlement.get(f"/eligibility?institution={city.institution('pharmacy')}&message=true").json
    assert answer["message"].startswith("不予结算：该药店当天没有登记在册的主要负责人。 / Not payable: This pharmacy")


@pytest.mark.parametrize("flag", ["", "yes", "1", "TRUE"])
def test_a_flag_is_true_or_false(city, people, flag):
    answer = city.settlement.get(f"/eligibility/{people['normal']}?message={flag}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/query/message")


def test_a_stranger_is_told_of_to_an_institution_as_somebody_unknown_is(city, people):
    clinic = city.office.client_for("institution", institution=people["there"])
    stranger, unknown = (city.ask(people[who], client=clinic, message="true") for who in ("normal", "unknown"))
    assert stranger["message"] == unknown["message"]


def test_a_suspension_without_a_day_of_return_says_where_it_stands():
    day = date(2025, 6, 1)
    nobody = on_nobody(make_check("D", "2025-06-01", day, None), "2025-06-01T00:00:00+08:00")
    ways = {
        None: "目前没有恢复的日期。",
        day: "暂停期已于 2025-05-31 届满，尚待经办机构评估恢复",
        day + timedelta(days=9): "2025-06-09 期满，其后须经评估才恢复。",
    }
    for may_resume_from, words in ways.items():
        fields = {name: getattr(nobody, name) for name in nobody.__struct_fields__}
        answer = type(nobody)(**fields | {"reason": Reason.SUSPENDED, "may_resume_from": may_resume_from})
        assert words in message_about(answer, day)
