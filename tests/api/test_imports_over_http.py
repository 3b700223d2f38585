"""Imports over HTTP: brought, checked, committed; what cannot be read, committed or cancelled is refused by name."""

from io import BytesIO

from api_office import fresh_code

from scoring_service.services.imports.running import run_waiting


def file_of(*rows, name="机构.csv"):
    lines = ["机构代码,机构名称,行政区划", *(",".join(row) for row in rows)]
    return {"file": (BytesIO("\n".join(lines).encode("gb18030")), name)}


def test_a_file_is_checked_then_committed_and_nothing_is_done_twice(office):
    admin, code = office.client_for("office.admin"), fresh_code("H")
    row, key = (code, "市医院", "150402"), {"Idempotency-Key": f"import-{code}"}
    brought = admin.post("/imports/institutions?dry_run=true", data=file_of(row), headers=key)
    assert (brought.status_code, brought.json["state"], brought.json["dry_run"]) == (202, "waiting", True)
    again = admin.post("/imports/institutions?dry_run=true", data=file_of(row), headers=key)
    assert (again.json["id"], again.headers["Idempotent-Replayed"]) == (brought.json["id"], "true")
    where = brought.headers["Location"].removeprefix("/api/v1")
    assert admin.post(f"{where}/commit").json["code"] == "import_state"
    run_waiting(office.service)
    checked = admin.get(where).json
    assert {name: checked[name] for name in ("state", "rows", "created", "errors")} == {
        "state": "checked", "rows": 1, "created": 1, "errors": [],
    }  # fmt: skip
    assert admin.get(f"/institutions/{code}").status_code == 404
    assert admin.post(f"{where}/commit").json["state"] == "writing"
    run_waiting(office.service)
    assert admin.get(where).json["state"] == "done"
    assert admin.get(f"/institutions/{code}").json["name"] == "市医院"
    late = admin.post(f"{where}/cancel")
    assert (late.status_code, late.json["code"], late.json["state"]) == (409, "import_state", "done")
    assert admin.get("/imports?limit=1").json["items"][0]["id"] == brought.json["id"]


def test_a_wrong_row_is_told_at_its_cell_and_a_waiting_file_is_cancelled(office):
    admin = office.client_for("office.admin")
    refused = admin.post("/imports/institutions", data=file_of((fresh_code("H"), "市医院", "15040"))).json
    waiting = admin.post("/imports/institutions", data=file_of((fresh_code("H"), "市医院", "150402"))).json
    assert admin.post(f"/imports/{waiting['id']}/cancel").json["state"] == "cancelled"
    run_waiting(office.service)
    answer = admin.get(f"/imports/{refused['id']}").json
    assert (answer["state"], answer["errors_total"]) == ("refused", 1)
    [fault] = answer["errors"]
    assert (fault["sheet"], fault["row"], fault["column"], fault["value"]) == ("机构", 2, "C", "15040")


def test_what_cannot_be_taken_in_is_refused(office):
    admin, clerk = office.client_for("office.admin"), office.client_for("office.clerk")

    def refusal(client, path, data):
        answer = client.post(path, data=data)
        return answer.status_code, answer.json["code"], answer.json.get("reason")

    picture = {"file": (BytesIO(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "名册.xlsx")}
    assert refusal(admin, "/imports/institutions", picture) == (422, "unreadable_file", "not_a_table")
    empty = {"file": (BytesIO(b""), "名册.csv")}
    assert refusal(admin, "/imports/institutions", empty) == (422, "unreadable_file", "empty")
    assert refusal(admin, "/imports/institutions?absent=end", file_of())[:2] == (422, "invalid")
    assert refusal(admin, "/imports/nothing", file_of())[:2] == (404, "not_found")
    assert refusal(clerk, "/imports/institutions", file_of())[:2] == (403, "forbidden")
