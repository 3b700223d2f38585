"""What may be reached by whom: the rules of contract.md, Roles, as a table, and which rule each route is under.

`+` is let through (whatever the body then leads to), `x` is refused as not one's own to touch (403), `?` is answered
as if there were no such thing (404, or a list and an answer without it). A role that is not admitted gets 403.
Roles by letter: clerk, reviewer, appeals, admin (d), auditor, institution, practitioner, expert, settlement,
regulator (g).
"""

from reach_world import upload

EVERYBODY, OFFICE = "crdauipesg", "crdau"
RELATIONS = (
    *("unbound", "near", "far", "third", "own", "former", "present", "future", "stranger"),
    *("self", "other", "assigned", "recused", "free", "any"),
)
# The regulator's near, far and third are those of the office.
RULES_TEXT = """
                    | unbound near far third own | former present future stranger | self other | assigned recused free | any
anything            | +       +    +   +     +   | +      +       +      +        | +    +     | +        +       +    | +
every region        | +       x    x   x     +   | -      -       -      -        | -    -     | -        -       -    | -
the file            | +       +    +   ?     +   | +      +       ?      ?        | +    ?     | -        -       -    | -
the present         | +       +    +   ?     +   | ?      +       ?      ?        | +    ?     | -        -       -    | +
the sanctions       | +       +    +   ?     +   | +      +       ?      ?        | +    ?     | -        -       -    | -
registry act        | +       x    +   ?     x   | -      -       -      -        | -    -     | -        -       -    | -
new person          | +       +    ?   ?     +   | -      -       -      -        | -    -     | -        -       -    | -
the institution     | +       +    ?   ?     +   | +      ?       ?      ?        | -    -     | -        -       -    | -
institution act     | +       +    ?   ?     +   | -      -       -      -        | -    -     | -        -       -    | -
new institution     | +       +    x   x     +   | -      -       -      -        | -    -     | -        -       -    | -
the case            | +       +    ?   ?     +   | +      +       ?      ?        | +    ?     | -        -       -    | -
the request         | +       +    ?   ?     +   | +      ?       ?      ?        | -    -     | -        -       -    | -
request act         | +       +    ?   ?     x   | +      ?       ?      ?        | -    -     | -        -       -    | -
the draft           | +       +    ?   ?     +   | ?      ?       ?      ?        | ?    ?     | -        -       -    | -
case act            | +       +    ?   ?     x   | -      -       -      -        | -    -     | -        -       -    | -
new case page       | +       +    +   +     x   | -      -       -      -        | -    -     | -        -       -    | -
the correction      | +       +    +   ?     +   | -      -       -      -        | -    -     | -        -       -    | -
entry act           | +       +    x   ?     x   | -      -       -      -        | -    -     | -        -       -    | -
the application     | +       +    +   ?     +   | ?      +       ?      ?        | +    ?     | -        -       -    | -
application act     | +       x    +   ?     x   | ?      +       ?      ?        | +    ?     | -        -       -    | -
the appeal          | +       +    +   ?     +   | +      +       ?      ?        | +    ?     | +        ?       ?    | -
the other appeal    | +       +    +   ?     +   | +      +       ?      ?        | +    ?     | ?        ?       ?    | -
appeal act          | +       +    x   ?     x   | +      +       ?      ?        | +    ?     | +        ?       ?    | -
new appeal          | +       +    x   ?     x   | +      +       ?      ?        | +    ?     | -        -       -    | -
other party's act   | +       +    x   ?     x   | +      +       ?      ?        | x    ?     | -        -       -    | -
filer's act         | x       x    x   ?     x   | x      x       ?      ?        | +    ?     | -        -       -    | -
expert's act        | -       -    -   -     -   | -      -       -      -        | -    -     | +        ?       ?    | -
proposer's act      | x       x    x   x     x   | -      -       -      -        | -    -     | -        -       -    | -
the letter          | +       +    +   ?     +   | +      ?       ?      ?        | ?    ?     | -        -       -    | -
letter act          | +       +    x   ?     x   | +      ?       ?      ?        | ?    ?     | -        -       -    | -
the account         | +       +    ?   ?     +   | -      -       -      -        | -    -     | -        -       -    | -
the import          | +       +    ?   ?     +   | -      -       -      -        | -    -     | -        -       -    | -
another's import    | -       -    ?   ?     -   | -      -       -      -        | -    -     | -        -       -    | -
own bundle          | ?       ?    ?   ?     ?   | ?      ?       ?      ?        | ?    ?     | -        -       -    | -
own decision        | ?       ?    ?   ?     ?   | ?      ?       ?      ?        | -    -     | -        -       -    | ?
the numbers         | +       +    x   x     +   | -      -       -      -        | -    -     | -        -       -    | -
"""


def rules(text=RULES_TEXT):
    """{rule: {relation: verdict}}"""
    found = {}
    for line in text.strip("\n").splitlines()[1:]:
        name, *cells = line.split("|")
        found[name.strip()] = dict(zip(RELATIONS, " ".join(cells).split(), strict=True))
    return found


REASON = {"reason": "无"}
STALE = {"If-Match": "999"}
LATER = "2030-01-01"
WHOLE = {"limit": 200}


class Routes(dict):
    """(method, path) -> (roles, rule, what is called and how)."""

    def add(self, key, roles, rule, **call):
        self[key] = (roles, rule, call)


def routes(ids):
    """The cells' declaration for every route; what they name are the `ids` of the world."""
    found = Routes()
    for part in (accounts, registry, persons, imports, cases, corrections, remediation, appeals, eligibility, others):
        part(ids, found.add)
    return found


def accounts(ids, add):
    add("GET /auth/me", EVERYBODY, "anything")
    add("POST /auth/password", EVERYBODY, "anything", json={})
    add("POST /auth/revoke", EVERYBODY, "anything", skip=True)
    add("GET /auth/reminders", "crdaipe", "anything")
    add("PUT /auth/reminders", "crdaipe", "anything", json={})
    add("POST /auth/reminders/confirm", "crdaipe", "anything", json={})
    add("DELETE /auth/reminders", "crdaipe", "anything")
    add("GET /users", "du", "the account", query=WHOLE, finds=ids["account"])
    add("POST /users", "d", "anything", json={})
    account, why = {"name": ids["account"]}, {"reason": "无"}
    add("GET /users/{name}", "du", "the account", **account)
    add("GET /roles", "du", "anything")
    add("PATCH /users/{name}", "d", "the account", **account, json={"roles": ["office.clerk"]})
    # Nothing waits for a decision: the account was opened by the operator.
    add("POST /users/{name}/approve", "d", "the account", **account)
    add("POST /users/{name}/refuse", "d", "the account", **account, json=why)
    add("POST /users/{name}/reset", "d", "the account", **account)
    add("POST /users/{name}/close", "d", "the account", **account, json=why, skip=True)
    add("GET /clock", EVERYBODY, "anything")
    add("PUT /clock", "d", "every region", json={"now": "2025-06-02T09:00:00+08:00"})


def registry(ids, add):
    place = {"code": ids["former"], "name": "院", "kind": "hospital", "region": "150402"}
    place |= {"agreement": {"from": "2025-01-01", "until": None}}
    add("GET /institutions", OFFICE + "gi", "the institution", query=WHOLE, finds=ids["former"])
    add("POST /institutions", "d", "new institution", json=place)
    add("GET /institutions/{code}", OFFICE + "gi", "the institution", code=ids["former"])
    add(
        "PATCH /institutions/{code}",
        "d",
        "institution act",
        code=ids["former"],
        json={"name": "新名"},
        headers=STALE,
    )
    add(
        "POST /institutions/{code}/agreements",
        "d",
        "institution act",
        code=ids["former"],
        json={"from": "2019-01-01"},
    )
    add(
        "POST /institutions/{code}/registry-corrections",
        "d",
        "institution act",
        code=ids["former"],
        json={"agreement": ids["agreed"], "void": True} | REASON,
    )


def persons(ids, add):
    person, where = ids["ref"], "/practitioners/{ref}"
    span = {"institution": ids["present"], "from": "2019-01-01"}
    new = {"code": ids["code"], "name": "王一", "category": "doctor", "registered_on": "2025-01-01"}
    new |= {"affiliations": [{"institution": ids["former"], "from": "2025-01-01", "until": None}]}
    add("GET /practitioners", OFFICE + "gi", "the present", query=WHOLE, finds=person)
    add("POST /practitioners", "d", "new person", json=new)
    add("POST /practitioners/search", OFFICE + "i", "the present", json={"code": ids["code"]}, finds=person)
    looked = {"but": {"g": "?", "e": "?", "s": "?"}, "finds": person}
    add("GET /search", EVERYBODY, "the present", query=WHOLE | {"q": "搬迁"}, **looked)
    add("POST /search", EVERYBODY, "the present", json=WHOLE | {"q": "banqianzhe"}, **looked)
    add(f"GET {where}", OFFICE + "ip", "the file")
    add(f"PATCH {where}", "d", "registry act", json={"name": "新名"}, headers=STALE)
    add(f"POST {where}/affiliations", "d", "registry act", json=span)
    code = {"code": ids["code"], "from": "2025-06-01", "reason": "无"}
    add(f"POST {where}/codes", "d", "registry act", json=code)
    add(f"POST {where}/commitment", "d", "registry act", json={"signed_on": "2025-06-02"})
    add(f"POST {where}/deregistration", "d", "registry act", json={"on": "2019-01-01"} | REASON)
    back = {"from": "2025-06-10", "affiliations": [], "commitment_signed_on": None}
    add(f"POST {where}/registrations", "d", "registry act", json=back)
    again = {"kind": "affiliation", "number": 2, "from": "2020-02-01"} | REASON
    add(f"POST {where}/registry-corrections", "d", "registry act", json=again)
    waiting, its = "registry-corrections", {"id": ids["registry correction"]}
    add(f"GET /{waiting}", OFFICE, "the correction", query=WHOLE, finds=its["id"])
    add(f"GET /{waiting}/{{id}}", OFFICE, "the correction", **its)
    add(f"POST /{waiting}/{{id}}/approve", "rd", "registry act", headers=STALE, **its)
    add(f"POST /{waiting}/{{id}}/reject", "rd", "registry act", json=REASON, headers=STALE, **its)
    add(f"POST {where}/merge", "d", "registry act", json={"into": person} | REASON)
    proposed = {"id": ids["merge"]}
    add("GET /merges", OFFICE, "the correction", query=WHOLE, finds=ids["merge"])
    add("GET /merges/{id}", OFFICE, "the correction", **proposed)
    add("POST /merges/{id}/approve", "rd", "registry act", headers=STALE, **proposed)
    add("POST /merges/{id}/reject", "rd", "registry act", json=REASON, headers=STALE, **proposed)
    requests(ids, add)
    for what in ("file", "ledger"):
        add(f"GET {where}/{what}", OFFICE + "ip", "the file")
    add(f"GET {where}/standing", OFFICE + "gip", "the sanctions")
    add(f"GET {where}/access-log", "pu", "the file")


def imports(ids, add):
    add("GET /imports", OFFICE, "the import", query=WHOLE, finds=ids["import"])
    add("POST /imports/{kind}", "cd", "anything", kind="institutions", file=True, but={"c": "-"})
    add("GET /imports/{id}", OFFICE, "the import", id=ids["import"])
    add("GET /imports/templates/{kind}", OFFICE, "anything", kind="institutions")
    add("GET /imports/{id}/workbook", OFFICE, "the import", id=ids["import"])
    # What is imported in this world only an administrator brings and commits.
    others = {"c": "another's import", "r": "another's import"}
    for act in ("commit", "cancel"):
        add(f"POST /imports/{{id}}/{act}", "dcr", "the import", id=ids["import"], but=others)


def requests(ids, add):
    """A request of the former employer about the mover; asked for anew it is somebody of that institution's own."""
    waits, its = "/registration-requests", {"id": ids["request"], "headers": STALE}
    add(f"GET {waits}", OFFICE + "i", "the request", query=WHOLE, finds=ids["request"])
    add(f"POST {waits}", "i", "anything", json={"kind": "registration"})
    add(f"GET {waits}/{{id}}", OFFICE + "i", "the request", id=ids["request"])
    add(f"POST {waits}/{{id}}/approve", "d", "request act", **its)
    add(f"POST {waits}/{{id}}/refuse", "d", "request act", json=REASON, **its)
    add(f"POST {waits}/{{id}}/withdraw", "i", "request act", **its)


def cases(ids, add):
    charge = {"practitioner": ids["ref"], "item": "overtreatment", "degree": "main", "points": 1}
    case = {
        "institution": ids["former"],
        "handling": {"kind": "penalty", "authority": "局", "document_no": "1", "decided_on": "2025-05-20"},
        "summary": "无",
        "findings": [charge],
    }
    mine = {"practitioner": ids["ref"], "limit": 200}
    add("GET /cases", OFFICE + "ip", "the case", query=mine, finds=ids["case"])
    add("POST /cases", "c", "case act", json=case)
    seen = {"cases": [{"case": ids["case"], "version": 999}], "to": None}
    add("POST /cases/assignments", "crd", "case act", json=seen)
    add("GET /cases/{id}", OFFICE + "ip", "the case", id=ids["case"])
    add("PATCH /cases/{id}", "c", "case act", id=ids["draft"], json={"summary": "改"}, headers=STALE)
    add("POST /cases/{id}/submit", "c", "case act", id=ids["draft"], headers=STALE)
    add("POST /cases/{id}/return", "r", "case act", id=ids["submitted"], json=REASON, headers=STALE)
    add("POST /cases/{id}/approve", "rd", "case act", id=ids["submitted"], json={}, headers=STALE)
    add("POST /cases/{id}/withdraw", "c", "case act", id=ids["draft"], json=REASON, headers=STALE)
    add("GET /cases/{id}/attachments", OFFICE, "the draft", id=ids["draft"])
    add("POST /cases/{id}/attachments", "c", "case act", id=ids["draft"], file=True, headers=STALE)
    add("GET /cases/{id}/attachments/{n}", OFFICE, "the draft", id=ids["draft"])


def corrections(ids, add):
    correction = {"value": 99, "basis": "clerical", "document_no": "1", "reason": "无"}
    add("POST /entries/{id}/corrections", "ca", "entry act", id=ids["entry"], json=correction)
    add("GET /corrections", OFFICE, "the correction", query=WHOLE, finds=ids["correction"])
    add("GET /corrections/{id}", OFFICE, "the correction", id=ids["correction"])
    add("POST /corrections/{id}/approve", "r", "entry act", id=ids["correction"], headers=STALE)
    add("POST /corrections/{id}/reject", "r", "entry act", id=ids["correction"], json=REASON, headers=STALE)
    add("POST /entries/{id}/lift", "c", "entry act", id=ids["entry"], json=REASON)
    add("GET /liftings", OFFICE, "the correction", query=WHOLE, finds=ids["lifting"])
    add("GET /liftings/{id}", OFFICE, "the correction", id=ids["lifting"])
    add("POST /liftings/{id}/approve", "r", "entry act", id=ids["lifting"], headers=STALE)
    add("POST /liftings/{id}/reject", "r", "entry act", id=ids["lifting"], json=REASON, headers=STALE)


def remediation(ids, add):
    person, where = ids["ref"], "/practitioners/{ref}"
    application = {"practitioner": person, "activity": "online_course", "completed_on": LATER}
    application |= {"effect": "points", "evidence": "无"}
    new_start = {"on": "2025-06-10", "affiliations": [], "commitment_signed_on": "2025-06-10"}
    asked, of_asked = "/remediation/applications", {"id": ids["application"]}
    add("GET /remediation/activities", EVERYBODY, "anything")
    add(f"GET {asked}", OFFICE + "ip", "the application", query=WHOLE, finds=ids["application"])
    add(f"POST {asked}", "cip", "application act", json=application)
    add(f"GET {asked}/{{id}}", OFFICE + "ip", "the application", **of_asked)
    add(f"POST {asked}/{{id}}/consent", "ci", "application act", json={}, headers=STALE, **of_asked)
    add(f"POST {asked}/{{id}}/refuse-consent", "ci", "application act", json=REASON, headers=STALE, **of_asked)
    add(f"POST {asked}/{{id}}/proceed", "r", "application act", json=REASON, headers=STALE, **of_asked)
    add(f"POST {asked}/{{id}}/approve", "r", "application act", headers=STALE, **of_asked)
    add(f"POST {asked}/{{id}}/reject", "r", "application act", json=REASON, headers=STALE, **of_asked)
    add(f"GET {asked}/{{id}}/attachments", OFFICE + "ip", "the application", **of_asked)
    add(f"POST {asked}/{{id}}/attachments", "cip", "application act", file=True, headers=STALE, **of_asked)
    add(f"GET {asked}/{{id}}/attachments/{{n}}", OFFICE + "ip", "the application", **of_asked)
    add(f"GET {where}/outlook", OFFICE + "ip", "the present")
    resuming(ids, add)
    add(f"POST {where}/reregistrations", "c", "application act", json=new_start)
    add("GET /reregistrations", OFFICE, "the correction", query=WHOLE, finds=ids["proposal"])
    add("GET /reregistrations/{id}", OFFICE, "the correction", id=ids["proposal"])
    add("POST /reregistrations/{id}/approve", "r", "application act", id=ids["proposal"], headers=STALE)
    add(
        "POST /reregistrations/{id}/reject",
        "r",
        "application act",
        id=ids["proposal"],
        json=REASON,
        headers=STALE,
    )


def resuming(ids, add):
    waits, its = "/resumptions", {"id": ids["resumption"], "headers": STALE}
    add(f"GET {waits}", OFFICE + "ip", "the application", query=WHOLE, finds=ids["resumption"])
    add(f"POST {waits}", "cip", "application act", json={"practitioner": ids["ref"], "statement": "无"})
    add(f"GET {waits}/{{id}}", OFFICE + "ip", "the application", id=ids["resumption"])
    add(f"POST {waits}/{{id}}/consent", "ci", "application act", json={}, **its)
    add(f"POST {waits}/{{id}}/refuse-consent", "ci", "application act", json=REASON, **its)
    add(f"POST {waits}/{{id}}/proceed", "r", "application act", json=REASON, **its)
    add(f"POST {waits}/{{id}}/approve", "r", "application act", **its)
    add(f"POST {waits}/{{id}}/refuse", "r", "application act", json=REASON, **its)


def appeals(ids, add):
    person = ids["ref"]
    paper = {"practitioner": person, "entry": ids["entry"], "against": "points", "grounds": "无"}
    opinion = {"opinion": "uphold", "points": None, "text": "无"}
    decision = {"outcome": "upheld", "points": None, "reasons": "无"}
    heard, waits = {"id": ids["heard"], "headers": STALE}, {"id": ids["open"], "headers": STALE}
    add("GET /appeals", OFFICE + "ipe", "the appeal", query=WHOLE, finds=ids["heard"])
    add("POST /appeals", "cip", "new appeal", json=paper, file_as=True)
    add("GET /appeals/{id}", OFFICE + "ipe", "the appeal", id=ids["heard"])
    add("POST /appeals/{id}/countersign", "cip", "other party's act", json={}, **waits)
    add("POST /appeals/{id}/refuse-countersignature", "cip", "other party's act", json=REASON, **waits)
    add("POST /appeals/{id}/insist", "cip", "filer's act", json={}, **waits)
    add("POST /appeals/{id}/withdraw", "cip", "filer's act", **waits)
    add("POST /appeals/{id}/explain", "ra", "appeal act", json={"text": "无"}, **heard)
    for act, body in (("proceed", REASON), ("accept", None), ("decline", REASON)):
        add(f"POST /appeals/{{id}}/{act}", "a", "appeal act", json=body, **heard)
    add("POST /appeals/{id}/experts", "a", "appeal act", json={"draw": 1}, **heard)
    add("POST /appeals/{id}/release", "a", "appeal act", json={"expert": "nobody"} | REASON, **heard)
    add("POST /appeals/{id}/decide", "a", "appeal act", json=decision, **heard)
    add("POST /appeals/{id}/opinions", "e", "expert's act", json=opinion, **heard)
    add("POST /appeals/{id}/recuse", "e", "expert's act", json=REASON, **heard)
    add("GET /appeals/{id}/attachments", OFFICE + "ipe", "the other appeal", id=ids["open"])
    add("POST /appeals/{id}/attachments", "caip", "appeal act", file=True, **waits)
    add("GET /appeals/{id}/attachments/{n}", OFFICE + "ipe", "the other appeal", id=ids["open"])


def eligibility(ids, add):
    check = {"ref": ids["code"], "service_time": "2025-06-10"}
    add("GET /eligibility", OFFICE + "si", "anything", query={"institution": ids["pharmacy"]})
    add(
        "GET /eligibility/{ref}",
        OFFICE + "si",
        "the present",
        query={"service_time": "2025-06-10"},
        judged=True,
    )
    add("POST /eligibility/batch", OFFICE + "si", "the present", json={"checks": [check]}, judged=True)
    add("POST /eligibility/claims", OFFICE + "si", "anything", file=True)
    # A settlement system asked for it.
    for what in ("", "/file", "/rejects", "/recover", "/pay"):
        add(f"GET /eligibility/claims/{{id}}{what}", OFFICE + "si", "own decision", id=ids["screening"])
    add("GET /eligibility/decisions/{id}", OFFICE + "si", "own decision", id="0" * 40)


def others(ids, add):
    person, mine = ids["ref"], {"practitioner": ids["ref"], "limit": 200}
    add("GET /talks", OFFICE + "i", "the letter", query=WHOLE, finds=ids["letter"])
    talk = {"notice": ids["letter"], "held_on": LATER, "summary": "无"}
    add("POST /talks", "i", "letter act", json=talk)
    add("GET /rulebooks", EVERYBODY, "anything")
    add("GET /rulebooks/{id}", EVERYBODY, "anything", id="chifeng")
    drafts, draft = "/rulebooks/{id}/drafts", {"id": "chifeng", "n": ids["law draft"]}
    add(f"GET {drafts}", "du", "anything", id="chifeng")
    add(f"POST {drafts}", "d", "every region", id="chifeng", file=True)
    for what in ("", "/file"):
        add(f"GET {drafts}/{{n}}{what}", "du", "anything", **draft)
    add(f"POST {drafts}/{{n}}/check", "d", "anything", **draft)
    add(f"POST {drafts}/{{n}}/simulate", "dg", "anything", json={"year": 2025}, **draft)
    add(f"POST {drafts}/{{n}}/approve", "d", "every region", json={}, headers=STALE, **draft)
    add(f"POST {drafts}/{{n}}/reject", "d", "every region", json=REASON, headers=STALE, **draft)
    add(f"POST {drafts}/{{n}}/withdraw", "d", "proposer's act", **draft)
    add("GET /audit", "u", "the file", query=mine)
    for path in ("", "/spread", "/changes", "/institutions", "/breakdown", "/timeliness"):
        add(f"GET /statistics{path}", OFFICE + "g", "the numbers", query={"region": "1504"})
    add("GET /statistics/reports/{kind}", OFFICE + "g", "the numbers", query={"region": "1504", "period": "2025"}, kind="periodic")
    add("GET /notices", OFFICE + "ipg", "the letter", query=WHOLE, finds=ids["letter"], but={"g": "?"})
    for what in ("", "/document"):
        add(f"GET /notices/{{id}}{what}", OFFICE + "ipg", "the letter", id=ids["letter"], but={"g": "?"})
    add("POST /letters/bundles", "crdaipg", "the letter", json={"notices": [ids["letter"]]}, but={"g": "?"})
    # Another clerk, who may read every letter in it, asked for it.
    for what in ("", "/pdf"):
        add(f"GET /letters/bundles/{{id}}{what}", "crdaipg", "own bundle", id=ids["bundle"])
    receipt = {"received_on": LATER, "proof": "回执"}
    add("POST /notices/{id}/acknowledge", "cip", "letter act", id=ids["letter"], json=receipt)
    many = {"items": [{"notice": ids["letter"], "version": 0} | receipt]}
    add("POST /notices/receipts", "cip", "letter act", json=many)
    add("POST /notices/{id}/maintenance", "i", "letter act", id=ids["letter"], json={"on": LATER})
    add("GET /notices/{id}/attachments", OFFICE + "ipg", "the letter", id=ids["letter"], but={"g": "?"})
    add("POST /notices/{id}/attachments", "cr", "letter act", id=ids["letter"], file=True)
    add("GET /notices/{id}/attachments/{n}", OFFICE + "ipg", "the letter", id=ids["letter"], but={"g": "?"})
    add("POST /notices/{id}/receipt-corrections", "cr", "letter act", id=ids["letter"], json=receipt | REASON)
    add("GET /jobs", "du", "anything")
    add("GET /jobs/{name}/runs", "du", "anything", name="deadlines")
    add("POST /jobs/{name}/runs", "d", "every region", name="deadlines", json={"period": "x"})
    add("GET /events", OFFICE + "gip", "the file", query=WHOLE, finds=person, but={"g": "?"})


__all__ = ["RELATIONS", "routes", "rules", "upload"]
