"""A person who moved from one town to another, what hangs on them, and everybody who might want to reach it.

It is 10 June. The mover was at NEAR's hospital until 5 June, is at FAR's since, and begins at a third place in July.
The case, the correction, the appeals and the letters are of the time in NEAR; the application is of the person.
"""

import uuid
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from api_office import fresh_number, fresh_staff_no
from appeal_calls import APPEALS, make_expert, make_scene
from case_calls import answered, finding, make_hands
from draft_calls import file_with, proposed
from due_process_calls import drafted, filed, scored, set_clock
from sqlalchemy import insert, select

from scoring_service.clock import real_now
from scoring_service.db.tables import (
    entries,
    imports,
    liftings,
    merges,
    notices,
    reregistrations,
    resumptions,
)
from scoring_service.services.bundles.making import make_waiting

NEAR, FAR, THIRD = "150402", "150502", "130102"
MOVED, TODAY = date(2025, 6, 5), date(2025, 6, 10)
OFFICE = {"c": "clerk", "r": "reviewer", "a": "appeals", "d": "admin", "u": "auditor"}
REGIONS = {"unbound": None, "near": NEAR, "far": FAR, "third": THIRD, "own": None}


class World:
    """`ids` of what the routes name; `callers` by (role's letter, relation): a bound account each."""

    def __init__(self, office):
        self.office, self.hands = office, make_hands(office)
        self.own_staff_no = fresh_staff_no()
        self.mover = self.hands.person(name="搬迁者")
        self.twin = self.hands.person(name="搬迁者")
        self.doctor = office.client_for("practitioner", practitioner=self.mover, staff_no=self.own_staff_no)
        self.ids: dict[str, Any] = {"ref": self.mover, "former": self.hands.institution}
        self.ids |= {"present": office.institution(region=FAR), "future": office.institution()}
        self.ids["code"] = answered(self.hands.admin.get(f"/practitioners/{self.mover}"))["code"]
        agreed = answered(self.hands.admin.get(f"/institutions/{self.ids['former']}"))["agreements"]
        self.ids["agreed"] = agreed[0]["from"]
        day = date(2030, 1, 1) + timedelta(days=fresh_number() % 10_000)
        law = file_with(f"{day}", "5", key="suspension_months.single.10", rulebook="chifeng", source="D-IM")
        self.ids["law draft"] = proposed(self.hands.admin, law, "chifeng")["n"]
        self.record()
        self.leave()
        self.ask()
        self.callers = self.office_accounts() | self.other_accounts()

    def record(self):
        ids, hands, clerk = self.ids, self.hands, self.hands.clerk
        [ids["entry"]] = scored(hands, self.mover, 7)
        ids["case"] = answered(clerk.get("/cases", query_string={"practitioner": self.mover}))["items"][0][
            "id"
        ]
        scene = make_scene(hands, 1, self.mover)
        self.experts = {name: make_expert(self.office) for name in ("assigned", "recused", "free", "second")}
        ids["heard"] = scene.accepted()["id"]
        answered(
            scene.named(
                {"id": ids["heard"]}, *(self.experts[one] for one in ("assigned", "recused", "second"))
            )
        )
        answered(self.experts["recused"].client.post(f"{APPEALS}/{ids['heard']}/recuse", {"reason": "相识"}))
        ids["open"] = scene.filed(self.doctor, entry=ids["entry"])["id"]
        told = finding(self.mover, reason="已核实")
        ids["draft"], ids["submitted"] = hands.draft(told)["id"], hands.submitted(told)["id"]
        ids["correction"] = drafted(clerk, ids["entry"])["id"]
        ids["application"] = filed(self.doctor, self.mover)["id"]
        for path, client in ((f"/cases/{ids['draft']}", clerk), (f"{APPEALS}/{ids['open']}", self.doctor)):
            answered(client.post(f"{path}/attachments", data=upload()), 201)
        answered(
            self.doctor.post(f"/remediation/applications/{ids['application']}/attachments", data=upload()),
            201,
        )
        ids["letter"] = self.letter("score")
        answered(clerk.post(f"/notices/{ids['letter']}/acknowledge", {"proof": "回执"}))
        answered(clerk.post(f"/notices/{ids['letter']}/attachments", data=upload()), 201)
        ids["bundle"] = answered(clerk.post("/letters/bundles", {"notices": [ids["letter"]]}), 202)["id"]
        assert make_waiting(self.office.service) == 1
        claims = {"file": (BytesIO(b"ref,service_time\nD1,2025-06-01\n"), "claims.csv")}
        later = {"Prefer": "respond-async"}
        settlement = self.office.client_for("settlement")
        ids["screening"] = answered(settlement.post("/eligibility/claims", data=claims, headers=later), 202)["id"]
        account = self.office.add_account("office.clerk", region=NEAR)
        ids |= {"account": account["id"], "account_name": account["username"]}

    def letter(self, kind):
        """The id of a letter of this kind to the former employer."""
        query = select(notices.c.id).where(
            notices.c.practitioner_id == self.mover,
            notices.c.kind == kind,
            notices.c.addressee_ref == self.hands.institution,
        )
        with self.office.service.engine.connect() as conn:
            return conn.execute(query.limit(1)).scalar_one()

    def leave(self):
        set_clock(self.office, MOVED)
        for person in (self.mover, self.twin):
            self.move(person, MOVED.isoformat())
        set_clock(self.office, TODAY)
        wrong = {"kind": "affiliation", "number": 2, "from": "2020-02-01", "reason": "录入有误"}
        drafted_one = answered(
            self.hands.admin.post(f"/practitioners/{self.mover}/registry-corrections", wrong), 201
        )
        self.ids["registry correction"] = drafted_one["id"]
        self.ids["proposal"] = str(uuid.uuid4())
        row = {
            "id": self.ids["proposal"],
            "practitioner_id": self.mover,
            "proposed_on": TODAY,
            "affiliations": [],
        }
        row |= {"commitment_signed_on": TODAY, "state": "proposed", "recorded_by": "clerk"}
        self.ids["resumption"] = str(uuid.uuid4())
        resumed = {"id": self.ids["resumption"], "practitioner_id": self.mover, "state": "filed", "statement": "无"}
        self.ids["lifting"] = str(uuid.uuid4())
        lifting = {"id": self.ids["lifting"], "practitioner_id": self.mover, "state": "drafted", "reason": "无"}
        lifting |= {"target_id": self.ids["entry"], "recorded_by": "clerk"}
        self.ids["merge"] = str(uuid.uuid4())
        merge = {"id": self.ids["merge"], "practitioner_id": self.mover, "state": "drafted", "reason": "无"}
        merge |= {"into_id": self.twin, "recorded_by": "clerk"}
        resumed |= {"filed_by": "practitioner", "filed_on": TODAY, "recorded_by": "clerk"}
        resumed |= {"consent_asked_on": TODAY, "consent_working_days": 5, "consent_due_on": TODAY}
        self.ids["import"] = str(uuid.uuid4())
        brought = {"id": self.ids["import"], "kind": "institutions", "state": "done", "dry_run": False}
        brought |= {"filename": "名册.csv", "size_bytes": 1, "options": {}, "counts": {}, "rows": 0}
        brought |= {"uploaded_by": "admin", "uploaded_staff_no": "S1", "region": NEAR, "created_at": real_now()}
        with self.office.service.work() as work:
            work.conn.execute(insert(imports).values(brought))
            row |= {"recorded_staff_no": "S1", "recorded_at": work.record()}
            work.conn.execute(insert(reregistrations).values(row))
            of_entry = select(entries.c.rulebook_sha256).where(entries.c.id == self.ids["entry"])
            resumed |= {"rulebook_sha256": work.conn.execute(of_entry).scalar_one()}
            resumed |= {name: row[name] for name in ("recorded_staff_no", "recorded_at")}
            work.conn.execute(insert(resumptions).values(resumed))
            lifting |= {name: row[name] for name in ("recorded_staff_no", "recorded_at")}
            work.conn.execute(insert(liftings).values(lifting))
            merge |= {name: row[name] for name in ("recorded_staff_no", "recorded_at")}
            work.conn.execute(insert(merges).values(merge))

    def move(self, person, on):
        for span in (
            {"institution": self.ids["former"], "until": on},
            {"institution": self.ids["present"], "from": on},
            {"institution": self.ids["future"], "from": "2025-07-01"},
        ):
            answered(self.hands.admin.post(f"/practitioners/{person}/affiliations", span), 201)

    def ask(self):
        former = self.office.client_for("institution", institution=self.ids["former"])
        back = {"kind": "registration", "practitioner": self.ids["code"], "from": "2025-06-20"}
        self.ids["request"] = answered(former.post("/registration-requests", back), 201)["id"]

    def office_accounts(self):
        return {
            (letter, relation): self.office.client_for(
                f"office.{role}",
                region=region,
                **({"staff_no": self.own_staff_no} if relation == "own" else {}),
            )
            for letter, role in OFFICE.items()
            for relation, region in REGIONS.items()
        }

    def other_accounts(self):
        make = self.office.client_for
        places = {name: self.ids[name] for name in ("former", "present", "future")}
        places["stranger"] = self.office.institution(region=THIRD)
        callers = {("i", name): make("institution", institution=code) for name, code in places.items()}
        callers |= {
            ("p", "self"): self.doctor,
            ("p", "other"): make("practitioner", practitioner=self.hands.person()),
        }
        callers |= {("e", name): self.experts[name].client for name in ("assigned", "recused", "free")}
        callers |= {("g", name): make("regulator", region=REGIONS[name]) for name in ("near", "far", "third")}
        return callers | {("s", "any"): make("settlement")}


def upload():
    return {"file": (BytesIO(b"%PDF-1.7\n"), "证据.pdf")}
