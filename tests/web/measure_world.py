"""Forms of a case with a measure, and one that was approved."""

import itertools

from console_world import HOSPITAL, PEOPLE, path_of

from scoring_service.services.desks.ledger import ledger_of

_NUMBERS = itertools.count(1)
MEASURE = {
    "handling/measure/kind": "agreement_suspended",
    "handling/measure/from": "2025-05-20",
    "handling/measure/until": "",
    "handling/measure/department": "",
}


def form_of_a_case(*names, points="", **more):
    """The editor's fields of a case in which these people are responsible for a measure."""
    fields = {
        "institution": HOSPITAL,
        "handling/kind": "agreement",
        "handling/authority": "赤峰市医疗保障局",
        "handling/document_no": f"赤医保协处〔2025〕{next(_NUMBERS)}号",
        "handling/decided_on": "2025-05-20",
        "summary": "抽查发现多名人员参与虚构诊疗。",
        "rows": str(len(names)),
        "do": "save",
    }
    for row, name in enumerate(names):
        fields |= {f"findings/{row}/practitioner": PEOPLE[name], f"findings/{row}/item": "overtreatment"}
        fields |= {f"findings/{row}/degree": "main", f"findings/{row}/points": points}
    return fields | MEASURE | more


def submitted(console, *names, **more):
    """The path of a case that the demo's clerk drafted and submitted at the desk."""
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    path = path_of(clerk.post("/cases/new", once=f"m{next(_NUMBERS)}", **form_of_a_case(*names, **more)))
    clerk.page(path)
    assert clerk.post(f"{path}/submit", version="1").status_code == 303
    return path


def approved(console, *names, **more):
    """The path of such a case that the demo's reviewer approved at the desk."""
    path = submitted(console, *names, **more)
    reviewer = console.browser("reviewer")
    reviewer.page(path)
    assert reviewer.post(f"{path}/approve", version="2").status_code == 303
    return path


def measure_of(console, name):
    """The id of the last measure on a person's ledger."""
    with console.service.work(console.actor("clerk")) as work:
        entries = ledger_of(work, PEOPLE[name], limit=50, after=None)[0]
    return [entry.id for entry in entries if entry.kind == "measure"][-1]
