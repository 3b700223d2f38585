"""Keys are rotated under a running service; nobody gets two files, nothing becomes unreadable, a cut is mended."""

import json
import threading
import time
from datetime import timedelta

import pytest
from click.testing import CliRunner
from services.registry_world import register
from sqlalchemy import LargeBinary, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from scoring_service.cli import group
from scoring_service.clock import real_now
from scoring_service.db.locks import Lock, alone, try_to_hold
from scoring_service.db.sealed import SEALED
from scoring_service.db.tables import attachments, metadata, persons, practitioners
from scoring_service.identity import IdentityNumbers, normalised
from scoring_service.problems import Conflict
from scoring_service.runtime import rotation
from scoring_service.runtime.addresses import set_addresses
from scoring_service.runtime.start import keyed, opened
from scoring_service.services.standing.proof import check_standings
from scoring_service.settings import Settings, SettingsError

AT_ONCE = timedelta(0)
# Bytes that are under no identity key: hashes, what the office publishes, and what holds no number.
NO_SECRET = {
    "tokens.digest", "idempotency_keys.body_sha256", "entries.previous_hash", "entries.hash", "ledger_heads.hash",
    "practitioners.head_hash", "letter_templates.source", "letter_pdfs.pdf",
}  # fmt: skip


def number(place):
    for check in "0123456789X":
        try:
            return normalised(f"15040219800101{place:03d}{check}")
        except ValueError:
            continue
    raise AssertionError(place)


def code(place):
    return f"D150402{place:06d}"


@pytest.fixture
def settings(fresh_url, tmp_path):
    return Settings(data_dir=tmp_path, database_url=fresh_url, demo="off")


@pytest.fixture
def service(settings):
    """A process that runs through the rotation."""
    with opened(settings) as service:
        yield service


def add(service, place):
    with service.work() as work:
        return register(work, code=code(place), id_number=number(place)).id


def rotate(settings, overlap=AT_ONCE):
    said = []
    rotation.rotate(settings, said.append, lambda *_: None, overlap=overlap)
    return said


def kept(settings):
    return json.loads((settings.data_dir / "keys.json").read_text())


def numbers_under(engine, key):
    numbers = IdentityNumbers(key)
    with engine.connect() as conn:
        for table in (practitioners, persons):
            for row in conn.execute(select(table.c.id_number_encrypted, table.c.id_number_digest)):
                assert numbers.digest(numbers.decrypt(row.id_number_encrypted)) == row.id_number_digest
        return conn.execute(select(persons.c.practitioner_id)).scalars().all()


def attach(service, content):
    row = {"owner_kind": "case", "owner_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "n": 1, "file_name": "a.pdf"}
    row |= {"media_type": "application/pdf", "size_bytes": 1, "sha256": "", "recorded_at": real_now()}
    row |= {"recorded_by": "clerk", "side": "office", "sealed": True}
    with service.engine.begin() as conn:
        conn.execute(insert(attachments).values(row | {"content": service.identity_numbers.seal_bytes(content)}))


def test_every_column_of_bytes_is_sealed_anew_or_holds_no_secret():
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    anew = {f"{sealed.table.name}.{sealed.column}" for sealed in SEALED}
    hashes = {name for name in columns if name.endswith(".id_number_digest")}
    assert columns == anew | hashes | NO_SECRET


def test_a_rotation_under_a_running_service(settings, service, owner):
    person = add(service, 1)
    attach(service, b"paper")
    before = kept(settings)
    with service.work() as work:
        # In the middle of a batch: the number was written under the old key, and nobody else sees it yet.
        register(work, code=code(2), id_number=number(2))
        turning = threading.Thread(target=rotate, args=(settings, timedelta(hours=1)))
        turning.start()
        until = time.monotonic() + 10
        while "next" not in kept(settings) and time.monotonic() < until:
            time.sleep(0.02)
        assert kept(settings)["identity_key"] == before["identity_key"], "the next key is known, not written with"
        register(work, code=code(3), id_number=number(3))
    turning.join(20)
    after = kept(settings)
    assert after["previous"] == {name: before[name] for name in ("secret_key", "identity_key")}
    assert len(numbers_under(owner, after["identity_key"])) == 3
    for place in (1, 2, 3):
        with pytest.raises(Conflict), service.work() as work:
            register(work, code=code(place + 10), id_number=number(place))
    add(service, 4)
    with service.engine.connect() as conn:
        content = conn.execute(select(attachments.c.content)).scalar_one()
    assert IdentityNumbers(after["identity_key"]).unseal_bytes(content) == b"paper"
    again = rotate(settings, timedelta(hours=1))
    assert kept(settings) == after
    assert sum("count until" in line for line in again) == 2
    assert sum("forgotten" in line for line in rotate(settings)) == 2
    assert kept(settings)["previous"] == {}
    assert (settings.data_dir / "keys.json").stat().st_mode & 0o777 == 0o600
    states = [(key.name, key.forgotten_at is None) for key in rotation.list_keys(settings)]
    assert sorted(states) == [(name, kept) for name in ("identity_key", "secret_key") for kept in (False, True)]
    assert person in numbers_under(owner, after["identity_key"])


def test_a_file_stands_as_it_stood_when_its_number_is_sealed_anew(settings, service, owner):
    """Also between the two places of a number, and a wrong number in one of them is told."""
    person, other = add(service, 1), add(service, 2)
    old, stands = kept(settings)["identity_key"], (2, [])
    rotate(settings, timedelta(hours=1))
    assert check_standings(service) == stands

    def seal(sealed_by, text_of, whose):
        values = {"id_number_encrypted": sealed_by.encrypt(text_of), "id_number_digest": sealed_by.digest(text_of)}
        with owner.begin() as conn:
            conn.execute(update(practitioners).where(practitioners.c.id == whose).values(values))

    seal(IdentityNumbers(old), number(1), person)
    assert check_standings(service) == stands
    for sealed_by, text_of in ((IdentityNumbers(old), number(3)), (IdentityNumbers("x" * 40), number(2))):
        seal(sealed_by, text_of, other)
        assert [misfit.practitioner_id for misfit in check_standings(service)[1]] == [other]


def test_a_transaction_keeps_to_its_keys_until_it_ends(service, owner):
    def may_rotate():
        with owner.begin() as conn:
            return try_to_hold(conn, Lock.KEYS)

    with service.work() as work:
        assert may_rotate()
        nested = work.conn.begin_nested()
        assert work.identity_numbers.digests(number(1))
        assert not may_rotate()
        nested.rollback()
        assert may_rotate(), "the savepoint gave the lock back"
        held = work.identity_numbers
        assert work.identity_numbers is held
        assert not may_rotate()
    assert may_rotate()


CUTS = ("write_file", "record_known", "wait_for_transactions", "record_present", "_pass", "record_forgotten")


@pytest.mark.parametrize("cut", CUTS)
def test_a_rotation_cut_short_goes_on(settings, service, owner, monkeypatch, cut):
    add(service, 1)
    begun = kept(settings)["identity_key"]
    with monkeypatch.context() as patched:
        patched.setattr(rotation, cut, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate(settings)
    add(service, 2)
    said = rotate(settings)
    assert any("identity_key: the key before is forgotten" in line for line in said)
    assert kept(settings)["identity_key"] != begun
    assert len(numbers_under(owner, kept(settings)["identity_key"])) == 2


def test_what_stands_in_the_way_is_said(settings, service, owner):
    add(service, 1)
    with alone(owner, Lock.ROTATION), pytest.raises(SettingsError, match="rotated already"):
        rotate(settings)
    before = kept(settings)["identity_key"]
    rotate(settings, timedelta(hours=1))
    whole = kept(settings)
    (settings.data_dir / "keys.json").write_text(json.dumps(whole | {"previous": {}}))
    with pytest.raises(SettingsError, match="second identity key"):
        keyed(settings, set_addresses(settings))
    (settings.data_dir / "keys.json").write_text(json.dumps(whole))
    # Recorded on another host in the moment of the change: one number under two keys.
    second = add(service, 2)
    old = IdentityNumbers(before)
    for table, key in ((practitioners, practitioners.c.id), (persons, persons.c.practitioner_id)):
        with owner.begin() as conn:
            values = {"id_number_encrypted": old.encrypt(number(1)), "id_number_digest": old.digest(number(1))}
            conn.execute(update(table).where(key == second).values(values))
    said = rotate(settings)
    assert any("1 rows of practitioners have a number that another file has too" in line for line in said)
    assert kept(settings)["previous"]["identity_key"] == before
    with owner.begin() as conn:
        stranger = IdentityNumbers("x" * 40).encrypt(number(2))
        conn.execute(update(practitioners).where(practitioners.c.id == second).values(id_number_encrypted=stranger))
    assert any("read by no key" in line for line in rotate(settings))


def test_of_an_append_only_row_nothing_but_the_seal_changes(service, fresh_engine, owner):
    add(service, 1)
    sealing = "UPDATE persons SET id_number_encrypted = '\\x01', id_number_digest = '\\x02'"
    refused = (
        "UPDATE persons SET name = '李四'",
        sealing + ", name = '李四'",
        "UPDATE persons SET id_number_masked = NULL",
        "UPDATE persons SET id_number_encrypted = NULL",
        "UPDATE persons SET id_number_digest = NULL",
        "DELETE FROM persons",
        "TRUNCATE persons",
    )
    for engine, statements in ((owner, refused), (fresh_engine, (*refused, sealing))):
        for statement in statements:
            with pytest.raises(DBAPIError), engine.begin() as conn:
                conn.execute(text(statement))
    with owner.begin() as conn:
        conn.execute(text(sealing))


def test_keys_of_the_settings_are_changed_by_the_operator_step_by_step(settings, owner, monkeypatch):
    old, new = {f"{name}_key": f"old-{name}-" * 8 for name in ("secret", "identity")}, "new-key-of-the-office-" * 2
    monkeypatch.setenv("SCORING_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SCORING_DATA_DIR", str(settings.data_dir))

    def run(secret, identity, command="rotate"):
        for name, key in (("SECRET_KEY", old["secret_key"]), ("IDENTITY_KEY", identity[0])):
            monkeypatch.setenv(f"SCORING_{name}", key)
        monkeypatch.delenv("SCORING_IDENTITY_KEY_PREVIOUS", raising=False)
        for key in identity[1:]:
            monkeypatch.setenv("SCORING_IDENTITY_KEY_PREVIOUS", key)
        answer = CliRunner().invoke(group, ["keys", command, *secret], catch_exceptions=False)
        assert answer.exit_code == 0
        return answer.output

    first = Settings(database_url=settings.database_url, data_dir=settings.data_dir, demo="off", **old)
    with opened(first) as service:
        add(service, 1)
    only = ["--only", "identity"]
    assert "step 1 of 3" in run(only, [old["identity_key"]])
    assert "step 2 of 3" in run(only, [old["identity_key"], new])
    assert "1 rows" not in (waiting := run(only, [new, old["identity_key"]]))
    assert "nothing is left under the key before" in waiting
    assert "count until" in waiting
    assert len(numbers_under(owner, new)) == 1
    monkeypatch.setattr(rotation.rotate, "__kwdefaults__", {"names": rotation.ORDER, "overlap": AT_ONCE})
    assert "step 3 of 3" in run(only, [new, old["identity_key"]])
    assert "step 1 of 3" in run(only, [new])
    assert "forgotten" in run([], [new], "list")


def people(service, numbers, upto):
    """Files and rows of person data as they are written by registration, many at a time."""
    with service.engine.begin() as conn:
        for first in range(1, upto, 5000):
            rows = []
            for place in range(first, first + 5000):
                text_of = f"P{place:08d}"
                rows.append({
                    "id": f"{place:08d}-0000-4000-8000-000000000000", "name": "王一", "category": "doctor",
                    "id_number_encrypted": numbers.encrypt(text_of), "id_number_digest": numbers.digest(text_of),
                    "id_number_masked": "P****", "recorded_at": real_now(), "last_recorded_at": real_now(),
                })  # fmt: skip
            conn.execute(insert(practitioners), rows)
            conn.execute(text(_ROWS_OF_PEOPLE))


_ROWS_OF_PEOPLE = """
    INSERT INTO persons (practitioner_id, revision, span_id, recorded_at, from_on, name, category,
        id_number_encrypted, id_number_digest, id_number_masked, recorded_by)
    SELECT id, 1, gen_random_uuid(), recorded_at, current_date, name, category,
        id_number_encrypted, id_number_digest, id_number_masked, 'system'
    FROM practitioners p WHERE NOT EXISTS (SELECT FROM persons q WHERE q.practitioner_id = p.id)
"""


@pytest.mark.soak
def test_a_hundred_thousand_people_are_sealed_anew_beside_those_who_ask(settings, service, owner):
    people(service, service.identity_numbers, 100_000)
    took, registered, done = [], [], threading.Event()

    def ask():
        place = 1
        while not done.is_set():
            begun = time.monotonic()
            with service.work() as work:
                registered.append(register(work, code=code(place), id_number=number(place)).id)
            took.append(time.monotonic() - begun)
            place += 1
            time.sleep(0.05)

    asking = threading.Thread(target=ask)
    asking.start()
    begun = time.monotonic()
    said = rotate(settings, timedelta(hours=1))
    seconds = time.monotonic() - begun
    done.set()
    asking.join()
    slow = sorted(took)[int(len(took) * 0.99)]
    print(said, f"{200_000 / seconds:.0f} rows/s; registrations {len(took)}, 99 % within {slow * 1000:.0f} ms")  # noqa: T201 -- figures
    assert len(numbers_under(owner, kept(settings)["identity_key"])) == 100_000 + len(registered)
