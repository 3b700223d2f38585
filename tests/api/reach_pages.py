"""Which rule of the table each page and form of the console is under, and what is asked or posted there."""

from reach_routes import EVERYBODY, LATER, OFFICE, Routes

V = {"version": "999"}
WHY = V | {"reason": "无"}


def pages(ids):
    """(method, rule of the address) -> (roles, rule of the table, what is named and posted)."""
    found = Routes()
    for part in (everybody, desks, accounts, imports, cases, decisions, appeals, letters, people):
        part(ids, found.add)
    return found


def everybody(ids, add):
    for path in ("/account", "/carry-on", "/desk", "/glossary", "/keys", "/rulebooks", "/views"):
        add(f"GET {path}", EVERYBODY, "anything")
    book = {"rulebook_id": "chifeng"}
    for what in ("", "/file"):
        add(f"GET /rulebooks/<rulebook_id>{what}", EVERYBODY, "anything", **book)
    draft, at = book | {"n": ids["law draft"]}, "/rulebooks/<rulebook_id>/drafts"
    add(f"GET {at}/new", "d", "every region", **book)
    add(f"POST {at}/new", "d", "every region", file=True, **book)
    for what in ("", "/file", "/simulation"):
        add(f"GET {at}/<n>{what}", "du", "anything", **draft)
    add(f"POST {at}/<n>/approve", "d", "every region", form=V | {"begins_on": LATER}, **draft)
    add(f"POST {at}/<n>/reject", "d", "every region", form=WHY, **draft)
    add(f"POST {at}/<n>/withdraw", "d", "proposer's act", form=V, **draft)
    looked = {"but": {"g": "?", "e": "?", "s": "?"}, "finds": "found-practitioner"}
    add("GET /find", EVERYBODY, "anything")
    add("GET /find/<search_id>", EVERYBODY, "anything", search_id="0")
    add("POST /find", EVERYBODY, "the present", form={"q": "搬迁者"}, **looked)
    # The accounts of these tests sign in without a password.
    add("POST /account/password", EVERYBODY, "anything", skip=True)
    for path in ("", "/confirm", "/end"):
        add(f"POST /account/reminders{path}", "crdaipe", "anything", form={})
    add("POST /views", EVERYBODY, "anything", form={"list": "cases", "view_name": "无", "query": ""})
    # A view is nobody's but the account's that keeps it.
    add("POST /views/<view_id>/delete", EVERYBODY, "anything", view_id=ids["case"], skip=True)
    for path in ("/sign-out", "/sign-out-everywhere"):
        add(f"POST {path}", EVERYBODY, "anything", skip=True)


def desks(ids, add):
    for path, roles in (("/today", OFFICE), ("/jobs", "du"), ("/clock", "d"), ("/statistics", OFFICE + "g")):
        add(f"GET {path}", roles, "anything")
    for path in ("changes", "institutions", "breakdown", "timeliness", "reports"):
        add(f"GET /statistics/{path}", OFFICE + "g", "anything")
    add("GET /statistics/spread", OFFICE + "g", "anything")
    accounts(ids, add)
    add("GET /audit", "u", "the file", query={"practitioner": ids["ref"]})
    add("POST /clock", "d", "every region", form={"to": "2025-06-02"})
    add("POST /jobs/<name>/run", "d", "every region", name="deadlines", skip=True)
    add("GET /institutions", OFFICE + "g", "the institution", finds=ids["former"])
    add("GET /institutions/<code>", OFFICE + "g", "the institution", code=ids["former"])
    span = {"from": "2019-01-01"}
    add("POST /institutions/<code>/agreements", "d", "institution act", code=ids["former"], form=span)
    changed = V | {"name": "院", "region": "150402", "reason": "无"}
    add("POST /institutions/<code>/fields", "d", "institution act", code=ids["former"], form=changed)
    wrong = {"code": ids["former"], "first_day": ids["agreed"]}
    at = "/institutions/<code>/agreements/<first_day>/correction"
    add(f"GET {at}", "d", "the institution", **wrong)
    add(f"POST {at}", "d", "institution act", form={"from": ids["agreed"], "reason": "无"}, **wrong)
    for path in ("/institutions/new", "/registrations/new"):
        add(f"GET {path}", "d", "anything")
        add(f"POST {path}", "d", "anything", form={})
    for path in ("", "/check", "/check-list", "/people"):
        finds = {"finds": ids["ref"]} if path == "/people" else {}
        add(f"GET /clinic{path}", "i", "the present" if finds else "anything", **finds)
    add("GET /clinic/affiliations", "i", "the file", finds=ids["ref"])
    nobody = "本机构没有这位人员"
    asked = {"ref": ids["code"], "day": "2025-06-10"}
    add("POST /clinic/check", "i", "the present", form=asked, nobody=nobody)
    add(
        "POST /clinic/check-list",
        "i",
        "the present",
        form={"list": ids["code"], "day": "2025-06-10"},
        nobody=nobody,
    )
    asks = {"request_id": ids["request"]}
    add("GET /clinic/requests", "i", "the request", finds=ids["request"])
    add("GET /clinic/requests/<request_id>", "i", "the request", **asks)
    add("POST /clinic/requests/<request_id>/withdraw", "i", "request act", form=V, **asks)
    add("GET /clinic/requests/new", "i", "anything")
    add("POST /clinic/requests/new", "i", "anything", form={})
    add("GET /clinic/people/<ref>/departure", "i", "the file")
    gone = {"on": "2019-01-01", "reason": "无"}
    add("POST /clinic/people/<ref>/departure", "i", "the present", form=gone)
    add("GET /registrations/requests", OFFICE, "the request", finds=ids["request"])
    add("GET /registrations/requests/<request_id>", OFFICE, "the request", **asks)
    add("POST /registrations/requests/<request_id>/approve", "d", "request act", form=V, **asks)
    add("POST /registrations/requests/<request_id>/refuse", "d", "request act", form=WHY, **asks)
    for path in ("", "/access-log", "/file", "/file.json", "/file.pdf", "/outlook"):
        add(f"GET /me{path}", "p", "anything")


def accounts(ids, add):
    account, why = {"name": ids["account"]}, {"reason": "无"}
    add("GET /accounts", "du", "the account", query={"region": "150402"}, finds=ids["account_name"])
    add("GET /roles", "du", "anything")
    add("GET /account-requests/new", "d", "anything")
    add("POST /account-requests/new", "d", "anything", form={})
    add("GET /accounts/<name>", "du", "the account", **account)
    for act in ("approve", "refuse", "reset"):
        add(f"POST /accounts/<name>/{act}", "d", "the account", form=why, **account)
    add("POST /accounts/<name>/change", "d", "the account", form={"roles": "office.clerk"}, **account)
    add("POST /accounts/<name>/close", "d", "the account", form=why, skip=True, **account)


def imports(ids, add):
    kind, its = {"kind": "institutions"}, {"import_id": ids["import"]}
    add("GET /imports", OFFICE, "the import", finds=ids["import"])
    add("GET /imports/new", "cd", "anything")
    add("GET /imports/templates/<kind>.<suffix>", OFFICE, "anything", suffix="xlsx", **kind)
    add("GET /imports/new/<kind>", "cd", "anything", but={"c": "-"}, **kind)
    add("POST /imports/new/<kind>", "cd", "anything", file=True, but={"c": "-"}, **kind)
    add("GET /imports/<import_id>", OFFICE, "the import", **its)
    add("GET /imports/<import_id>/workbook", OFFICE, "the import", **its)
    others = {"c": "another's import", "r": "another's import"}
    for act in ("commit", "cancel"):
        add(f"POST /imports/<import_id>/{act}", "dcr", "the import", but=others, **its)


def cases(ids, add):
    draft, submitted = {"case_id": ids["draft"]}, {"case_id": ids["submitted"]}
    row = {"practitioner": ids["code"], "item": "overtreatment", "degree": "main", "points": "1"}
    new = {f"findings/0/{name}": value for name, value in row.items()} | {"rows": "1", "summary": "无"}
    new |= {"institution": ids["former"], "handling/kind": "penalty", "handling/authority": "局"}
    new |= {"handling/document_no": "1", "handling/decided_on": "2025-05-20"}
    add("GET /cases", OFFICE, "the case", query={"state": "approved"}, finds=ids["case"])
    add("GET /cases/new", "c", "anything")
    add("POST /cases/people", "c", "the present", form={"typed": ids["code"]}, finds=ids["code"])
    # Half a draft is its writer's alone; of another's nothing is found to throw away.
    add("POST /unfinished/<kept_id>/discard", "c", "anything", kept_id=ids["draft"])
    add("POST /cases/new", "c", "new case page", form=new)
    ticked = {"case": ids["case"]}
    add("GET /cases/assign", "crd", "anything")
    add("POST /cases/assign/choose", "crd", "the draft", form=ticked, finds=ids["case"])
    add("POST /cases/assign", "crd", "case act", form=ticked | {"to": "-"})
    add("GET /cases/<case_id>", OFFICE + "ip", "the case", case_id=ids["case"])
    add("GET /cases/<case_id>/edit", "c", "the draft", **draft)
    add("POST /cases/<case_id>/edit", "c", "case act", form=new | V, **draft)
    add("POST /cases/<case_id>/submit", "c", "case act", form=V, **draft)
    add("POST /cases/<case_id>/withdraw", "c", "case act", form=WHY, **draft)
    add("POST /cases/<case_id>/return", "r", "case act", form=WHY, **submitted)
    add("POST /cases/<case_id>/approve", "rd", "case act", form=V, **submitted)
    add("POST /cases/<case_id>/attachments", "c", "case act", form=V, file=True, **draft)
    add("GET /cases/<case_id>/attachments/<n>", OFFICE, "the draft", n="1", **draft)


def decisions(ids, add):
    waits, form = (
        {"kind": "corrections", "matter_id": ids["correction"]},
        {"value": "99", "basis": "clerical"},
    )
    add("GET /decisions", OFFICE, "the correction", finds=ids["correction"])
    add("GET /decisions/<kind>/<matter_id>", OFFICE, "the correction", **waits)
    add("POST /decisions/<kind>/<matter_id>/approve", "r", "entry act", form=V, **waits)
    add("POST /decisions/<kind>/<matter_id>/reject", "r", "entry act", form=WHY, **waits)
    add("GET /entries/<entry_id>/correction", "ca", "the correction", entry_id=ids["entry"])
    told = form | {"document_no": "1", "reason": "无"}
    add("POST /entries/<entry_id>/correction", "ca", "entry act", form=told, entry_id=ids["entry"])
    add("GET /entries/<entry_id>/lifting", "c", "the correction", entry_id=ids["entry"])
    add("POST /entries/<entry_id>/lifting", "c", "entry act", form=WHY, entry_id=ids["entry"])
    consented = {"kind": "remediation", "matter_id": ids["application"], "form": WHY}
    add("POST /decisions/<kind>/<matter_id>/paper/<act>", "c", "application act", act="refuse-consent", **consented)
    add("POST /decisions/<kind>/<matter_id>/desk/<act>", "r", "application act", act="proceed", **consented)
    asked, its = "/remediation", {"application_id": ids["application"]}
    add(f"GET {asked}", OFFICE + "ip", "the application", finds=ids["application"])
    add(f"GET {asked}/<application_id>", "ip", "the application", **its)
    add(f"POST {asked}/<application_id>/institution/<act>", "i", "application act", act="consent", form=V, **its)
    add(f"POST {asked}/<application_id>/attachments", "ip", "application act", form=V, file=True, **its)
    add(f"GET {asked}/<application_id>/attachments/<n>", OFFICE + "ip", "the application", n="1", **its)


def appeals(ids, add):
    heard, waits, at = {"appeal_id": ids["heard"]}, {"appeal_id": ids["open"]}, "/appeals/<appeal_id>"
    add("GET /appeals", OFFICE + "ipe", "the appeal", finds=ids["heard"])
    add(f"GET {at}", OFFICE + "ipe", "the appeal", **heard)
    add(f"GET {at}/refusals.csv", "crdauip", "the other appeal", **waits)
    add(f"POST {at}/explain", "ra", "appeal act", form=V | {"text": "无"}, **heard)
    add(f"POST {at}/desk/<act>", "a", "appeal act", act="accept", form=V, **heard)
    add(f"POST {at}/expert/<act>", "e", "expert's act", act="recuse", form=WHY, **heard)
    signed = V | {"proof": "回执"}
    add(f"POST {at}/paper/<act>", "c", "other party's act", act="countersign", form=signed, **waits)
    add(f"POST {at}/party/<act>", "ip", "other party's act", act="countersign", form=V, **waits)
    add(f"GET {at}/attachments/<n>", OFFICE + "ipe", "the other appeal", n="1", **waits)
    add(f"POST {at}/attachments", "caip", "appeal act", form=V, file=True, **waits)
    where, filed = (
        "/people/<ref>/appeal",
        {"entry": ids["entry"], "grounds": "无", "filed_by": "practitioner"},
    )
    add(f"GET {where}", "cip", "the file")
    add(f"POST {where}", "cip", "new appeal", form=filed | {"received_on": "2025-06-02"})


def letters(ids, add):
    letter = {"notice_id": ids["letter"]}
    add("GET /letters", OFFICE + "ip", "the letter", finds=ids["letter"])
    for what in ("", "/letter"):
        add(f"GET /notices/<notice_id>{what}", OFFICE + "ip", "the letter", **letter)
    add("POST /letters/bundles", "crdaip", "the letter", form={"notice": ids["letter"]})
    add("POST /cases/<case_id>/letters", "crdaip", "the case", case_id=ids["case"])
    for what in ("", "/pdf"):
        add(f"GET /letters/bundles/<bundle_id>{what}", "crdaip", "own bundle", bundle_id=ids["bundle"])
    receipt = {"received_on": LATER, "proof": "回执"}
    # The addressee's own receipt is of today, and stays: it is tried by those who are refused only.
    add("POST /notices/<notice_id>/acknowledge", "cip", "letter act", form=receipt, skip_for="i", **letter)
    add("GET /notices/<notice_id>/attachments/<n>", OFFICE + "ip", "the letter", n="1", **letter)
    add("POST /notices/<notice_id>/attachments", "cr", "letter act", file=True, **letter)
    ticked = {"notice": ids["letter"]}
    add("GET /letters/receipts", "cip", "anything")
    add("POST /letters/receipts/choose", "cip", "the letter", form=ticked, finds=ids["letter"])
    many, shown = ticked | receipt, {"finds": ids["letter"], "skip_for": "i"}
    add("POST /letters/receipts/preview", "cip", "letter act", form=many | {"step": "preview"}, **shown)
    add("POST /letters/receipts", "cip", "letter act", form=many, skip_for="i")
    wrong = receipt | {"reason": "无"}
    add("POST /notices/<notice_id>/receipt-corrections", "cr", "letter act", form=wrong, **letter)
    add("POST /notices/<notice_id>/maintenance", "i", "letter act", form={"on": LATER}, **letter)
    add("GET /duties", OFFICE + "i", "the letter", query={"duty": "talk"}, finds=ids["letter"])
    add("GET /clinic/talks", "i", "the letter", finds=ids["letter"])
    add("GET /clinic/talks/<notice_id>", "i", "the letter", **letter)
    said = {"held_on": LATER, "said": "无"}
    add("POST /clinic/talks/<notice_id>", "i", "letter act", form=said, **letter)


def people(ids, add):
    add("GET /people", OFFICE, "anything")
    add("GET /people/<ref>", OFFICE + "i", "the file")
    add("GET /people/<ref>/file.pdf", OFFICE + "i", "the file")
    add("GET /people/<ref>/file.json", OFFICE + "i", "the file")
    add("GET /people/<ref>/remediation", "cip", "the present")
    asked = {"activity": "online_course", "effect": "points", "completed_on": LATER, "evidence": "无"}
    add("POST /people/<ref>/remediation", "cip", "application act", form=asked)
    add("GET /people/<ref>/reregistration", "c", "the file")
    new = {
        "on": "2025-06-10",
        "commitment_signed_on": "2025-06-10",
        "affiliations/0/institution": ids["present"],
    }
    add("POST /people/<ref>/reregistration", "c", "application act", form=new)
    resumptions(ids, add)
    add("GET /registrations", "d", "the file", query={"lacking": "id_number"}, finds=ids["ref"])
    add("POST /registrations/<ref>/numbers", "d", "registry act", form=V | {"id_number": "15040219800101138X"})
    back = {"back_on": "2025-06-10", "affiliations/0/institution": ids["present"]}
    add("POST /registrations/<ref>/return", "d", "registry act", form=back)
    add("GET /registrations/<ref>", "d", "the file")
    add("GET /registrations/<ref>/codes/new", "d", "the file")
    code = {"code": ids["code"], "from": "2025-06-01", "reason": "无"}
    add("POST /registrations/<ref>/codes/new", "d", "registry act", form=code)
    at, row = "/registrations/<ref>/correction/<kind>/<number>", {"kind": "registration", "number": "1"}
    add(f"GET {at}", "d", "the file", **row)
    add(f"POST {at}", "d", "registry act", form={"void": "yes", "reason": "无"}, **row)
    add("GET /registrations/<ref>/merge", "d", "the file")
    same = {"other": ids["ref"], "stays": "this", "reason": "无"}
    add("POST /registrations/<ref>/merge", "d", "registry act", form=same)
    span = {"institution": ids["present"], "from": "2019-01-01"}
    add("POST /registrations/<ref>/affiliations", "d", "registry act", form=span)
    add("POST /registrations/<ref>/commitment", "d", "registry act", form={"signed_on": "2025-06-02"})
    add("POST /registrations/<ref>/practice", "d", "registry act", form=V | {"practice_type": "无"})
    add("POST /registrations/<ref>/leave", "d", "registry act", form={"on": "2019-01-01", "reason": "无"})


def resumptions(ids, add):
    waits, its = "/resumptions/<resumption_id>", {"resumption_id": ids["resumption"]}
    add("GET /resumptions", OFFICE + "i", "the application", finds=ids["resumption"])
    add(f"GET {waits}", OFFICE + "ip", "the application", **its)
    add("GET /people/<ref>/resumption", "cip", "the present")
    add("POST /people/<ref>/resumption", "cip", "application act", form={"statement": "无"})
    add(f"POST {waits}/institution/<act>", "i", "application act", act="consent", form=V, **its)
    add(f"POST {waits}/paper/<act>", "c", "application act", act="refuse-consent", form=WHY, **its)
    add(f"POST {waits}/desk/<act>", "r", "application act", act="refuse", form=WHY, **its)
