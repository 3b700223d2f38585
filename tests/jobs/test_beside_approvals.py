"""The clock is moved while people approve and acknowledge: everybody gets through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from jobs.job_world import at

from scoring_service.services.notices.receipts import acknowledge
from scoring_service.services.unit_of_work.actor import Actor

DECIDED = date(2025, 11, 20)


def test_the_clock_moves_while_people_approve_and_acknowledge(office):
    people = [office.person() for _ in range(12)]
    for person in people[:6]:
        office.score(person, 9, DECIDED)
    waiting = [row for row in office.notices("score") if row.addressee_kind == "practitioner"]

    def approve_all():
        for person in people[6:]:
            office.score(person, 9, DECIDED)

    def acknowledge_all():
        for row in waiting:
            actor = Actor(
                account_id=None,
                username="doctor",
                staff_no="S-doctor",
                roles=frozenset({"practitioner"}),
                practitioner_id=row.practitioner_id,
            )
            with office.service.work(actor) as work:
                acknowledge(work, row.id)

    acts = (approve_all, acknowledge_all, lambda: office.move_clock(at(date(2025, 12, 25))))
    with ThreadPoolExecutor(len(acts)) as threads:
        for done in [threads.submit(act) for act in acts]:
            done.result()
    office.move_clock(at(date(2026, 1, 3)))
    began = [row.practitioner_id for row in office.events("sanction_began")]
    assert sorted(began) == sorted(people)
    assert sorted({row.practitioner_id for row in office.notices("year_statement")}) == sorted(people)
