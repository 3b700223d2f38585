"""A lost or changed key is noticed at the start, before it can give one person two files."""

import json
import runpy
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from database_addresses import addresses_of, application_url
from services.registry_world import register
from sqlalchemy import select, text

from scoring_service.cli import group
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.tables import accounts, key_fingerprints
from scoring_service.runtime.keys import _make_missing, fingerprint, recorded_keys, with_keys
from scoring_service.runtime.start import keyed, opened
from scoring_service.settings import Settings, SettingsError

WSGI = Path(__file__).resolve().parents[2] / "wsgi.py"
KEY, OTHER = "right-identity-key-" * 2, "wrong-identity-key-" * 2


@pytest.fixture
def add(fresh_url, tmp_path, monkeypatch):
    """Add an account as an operator does, with the keys that the environment gives."""
    monkeypatch.setenv("SCORING_DATABASE_URL", application_url(fresh_url))
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))

    def run(name):
        arguments = ["user", "add", name, "--role", "office.clerk", "--staff-no", name, "--password-stdin"]
        return CliRunner().invoke(group, arguments, catch_exceptions=False, input="correct horse battery\n")

    return run


def fingerprints(engine):
    with engine.connect() as conn:
        return {row.name: row.fingerprint for row in conn.execute(select(key_fingerprints))}


def names(engine):
    with engine.connect() as conn:
        return sorted(conn.execute(select(accounts.c.username)).scalars())


def test_another_identity_key_is_refused_and_changes_nothing(add, fresh_engine, monkeypatch):
    monkeypatch.setenv("SCORING_IDENTITY_KEY", KEY)
    assert add("first").exit_code == 0
    recorded = fingerprints(fresh_engine)
    assert set(recorded) == {"identity_key", "secret_key"}
    assert not any(KEY in value for value in recorded.values())
    monkeypatch.setenv("SCORING_IDENTITY_KEY", OTHER)
    with pytest.raises(SettingsError, match=r"SCORING_IDENTITY_KEY.*not the one.*Put back the copy"):
        add("second")
    assert names(fresh_engine) == ["first"]
    assert fingerprints(fresh_engine) == recorded
    monkeypatch.setenv("SCORING_IDENTITY_KEY", KEY)
    assert add("second").exit_code == 0


def test_a_key_that_is_gone_is_not_made_anew(add, fresh_engine, tmp_path):
    assert add("first").exit_code == 0
    keys = tmp_path / "keys.json"
    kept = keys.read_text()
    assert keys.stat().st_mode & 0o777 == 0o600
    keys.unlink()
    with pytest.raises(SettingsError, match=r"missing.*keys\.json"):
        add("second")
    assert not keys.exists()
    keys.write_text(json.dumps({"secret_key": json.loads(kept)["secret_key"]}))
    with pytest.raises(SettingsError, match="missing"):
        add("second")
    keys.write_text(kept[: len(kept) // 2])
    with pytest.raises(SettingsError, match="not what the service wrote"):
        add("second")
    keys.write_text(kept)
    assert add("second").exit_code == 0
    assert names(fresh_engine) == ["first", "second"]


def test_first_starts_at_one_time_keep_one_pair_of_keys(fresh_url, tmp_path):
    """A second start may not replace the keys with which the first one has begun already."""
    for number in range(30):
        settings = Settings(database_url=application_url(fresh_url), data_dir=tmp_path / str(number))
        starts, barrier = [], threading.Barrier(6)

        def start(settings=settings, starts=starts, barrier=barrier):
            barrier.wait()
            _make_missing(settings)
            starts.append(with_keys(settings).identity_key)

        threads = [threading.Thread(target=start) for _ in range(barrier.parties)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = json.loads((settings.data_dir / "keys.json").read_text())["identity_key"]
        assert starts == [kept] * barrier.parties
        assert [path.name for path in settings.data_dir.iterdir()] == ["keys.json"]


def test_a_database_from_before_the_fingerprints_is_known_by_its_numbers(fresh_url, fresh_engine, tmp_path):
    right = Settings(data_dir=tmp_path, database_url=application_url(fresh_url), demo="off", identity_key=KEY, secret_key="s" * 40)
    with opened(right) as service, service.work() as work:
        register(work, id_number="150402198001011232")
    owner = make_owner_engine(fresh_url)
    with owner.begin() as conn:
        conn.execute(text("DELETE FROM key_fingerprints"))
    owner.dispose()
    wrong = Settings(data_dir=tmp_path, database_url=application_url(fresh_url), demo="off", identity_key=OTHER, secret_key="s" * 40)
    missing = Settings(data_dir=tmp_path, database_url=application_url(fresh_url), demo="off")
    for settings in (wrong, missing):
        with pytest.raises(SettingsError, match="identity key"):
            keyed(settings, addresses_of(fresh_url))
    assert fingerprints(fresh_engine) == {}
    assert not (tmp_path / "keys.json").exists()
    keyed(right, addresses_of(fresh_url))
    assert set(fingerprints(fresh_engine)) == {"identity_key", "secret_key"}


def test_another_session_key_is_taken_and_told_once(add, fresh_engine, monkeypatch, capsys):
    monkeypatch.setenv("SCORING_IDENTITY_KEY", KEY)
    told = []
    for key in ("s" * 40, "t" * 40, "t" * 40):
        monkeypatch.setenv("SCORING_SECRET_KEY", key)
        answer = add(f"with-{key[0]}-{len(told)}")
        assert answer.exit_code == 0
        told.append((answer.output + capsys.readouterr().out).count("session key changed"))
    assert told == [0, 1, 0]


def test_a_second_key_is_needed_until_it_is_forgotten(add, fresh_engine, monkeypatch):
    monkeypatch.setenv("SCORING_IDENTITY_KEY", KEY)
    assert add("first").exit_code == 0
    monkeypatch.setenv("SCORING_IDENTITY_KEY_PREVIOUS", OTHER)
    assert add("second").exit_code == 0
    monkeypatch.delenv("SCORING_IDENTITY_KEY_PREVIOUS")
    assert add("third").exit_code == 0, "nothing was written under the second key yet"
    monkeypatch.setenv("SCORING_IDENTITY_KEY", OTHER)
    monkeypatch.setenv("SCORING_IDENTITY_KEY_PREVIOUS", KEY)
    assert add("fourth").exit_code == 0
    for key in (KEY, OTHER):
        monkeypatch.setenv("SCORING_IDENTITY_KEY", key)
        monkeypatch.delenv("SCORING_IDENTITY_KEY_PREVIOUS", raising=False)
        with pytest.raises(SettingsError, match=r"second identity key.*SCORING_IDENTITY_KEY_PREVIOUS"):
            add("fifth")
    with fresh_engine.connect() as conn:
        rows = [row for row in recorded_keys(conn) if row.name == "identity_key"]
    states = {row.fingerprint: (row.present_from is not None, row.present_until is not None) for row in rows}
    assert states == {fingerprint("identity_key", KEY): (True, True), fingerprint("identity_key", OTHER): (True, False)}


def test_migrate_refuses_a_wrong_key_and_makes_none(add, fresh_engine, tmp_path, monkeypatch):
    migrate = ["migrate"]
    assert CliRunner().invoke(group, migrate, catch_exceptions=False).exit_code == 0
    assert (fingerprints(fresh_engine), list(tmp_path.iterdir())) == ({}, [])
    monkeypatch.setenv("SCORING_IDENTITY_KEY", KEY)
    add("first")
    assert CliRunner().invoke(group, migrate, catch_exceptions=False).exit_code == 0
    monkeypatch.setenv("SCORING_IDENTITY_KEY", OTHER)
    with pytest.raises(SettingsError, match="not the one"):
        CliRunner().invoke(group, migrate, catch_exceptions=False)


def test_the_application_for_another_server_is_refused_too(add, monkeypatch):
    monkeypatch.setenv("SCORING_IDENTITY_KEY", KEY)
    add("first")
    assert runpy.run_path(str(WSGI))["app"].name == "scoring_service"
    monkeypatch.setenv("SCORING_IDENTITY_KEY", OTHER)
    with pytest.raises(SettingsError, match="not the one"):
        runpy.run_path(str(WSGI))
