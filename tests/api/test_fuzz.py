"""Random calls made from the spec, good and bad: none of them is a fault of ours, and every refusal has the one shape."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, openapi

from scoring_service.services.unit_of_work.actor import OFFICE_ROLES

# A revoked token ends the run, and a clock moved to the year 9999 runs every job on the way.
LEFT_OUT = {("post", "/api/v1/auth/revoke"), ("put", "/api/v1/clock")}
CALLS_EACH = 40


@pytest.mark.soak
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_call_is_answered_by_a_fault_of_ours(alone, mode):
    alone.practitioner(alone.institution())
    client = alone.client_for(*OFFICE_ROLES, "settlement", "regulator")
    answered = Counter()
    for found in openapi.from_wsgi("/api/openapi.json", alone.app).get_all_operations():
        operation = found.ok()
        if (operation.method.lower(), operation.path) not in LEFT_OUT:
            call_at_random(operation, mode, client, answered)
    assert answered[200] > 0 or mode is GenerationMode.NEGATIVE
    assert answered[422] > 0


def call_at_random(operation, mode, client, answered):
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=CALLS_EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case):
        answer = case.call(headers={"Authorization": f"Bearer {client.token}"})
        answered[answer.status_code] += 1
        assert answer.status_code < 500, f"{operation.label}: {answer.text}"
        if answer.status_code >= 400:
            assert "application/problem+json" in answer.headers["content-type"], operation.label

    call()
