"""A replica answers what may be read there only when it has replayed all that was known at the question."""

import re
import subprocess
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner
from services.registry_world import register
from sqlalchemy import make_url
from test_failover import Pair, _say, _wait
from test_key_rotation import number

from scoring_service.cli import tables
from scoring_service.core.standing import Span
from scoring_service.db import replicas
from scoring_service.db.engine import make_engine
from scoring_service.db.replicas import Replicas
from scoring_service.runtime.assembly import make_service
from scoring_service.runtime.start import keyed
from scoring_service.screening import pack
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.unit_of_work.actor import SYSTEM
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings, SettingsError

INSTANT = re.compile(rb"\d{4}-\d{2}-\d{2}.\d{2}:\d{2}[0-9:.+]*")
AGREED = Span(date(2025, 1, 1), None)


@pytest.fixture
def pair(installed, tmp_path):
    (tmp_path / "servers").mkdir()
    subprocess.run(["cp", "-a", installed, tmp_path / "servers" / "one"], check=True)
    pair = Pair(tmp_path / "servers")
    yield pair
    pair.stop()


@pytest.fixture
def service(pair, tmp_path):
    url, behind = (
        make_url(pair.addresses.application).set(query={"host": str(server._socket_dir())}).render_as_string()
        for server in (pair.leader, pair.follower)
    )
    settings = Settings(data_dir=tmp_path / "web", demo="off", database_url=url, database_replica_urls=(behind,))
    engine = make_engine(url)
    made = make_service(keyed(settings, pair.addresses), engine)
    yield replace(made, replicas=Replicas(settings.database_replica_urls))
    engine.dispose()


@pytest.fixture
def read_from(service, tmp_path, monkeypatch):
    """Register an institution and make a pack; return the host that was read from and the pack's institutions."""
    engines, unmoved, numbers = [], pack.unmoved, iter(range(70_001, 70_100))
    monkeypatch.setattr(pack, "unmoved", lambda engine: engines.append(engine) or unmoved(engine))

    def make():
        number = next(numbers)
        with service.work() as work:
            code = f"H150402{number}"
            register_institution(work, code=code, name="市医院", kind="hospital", region="150402", agreement=AGREED)
        folder = tmp_path / f"pack{number}"
        folder.mkdir()
        made = pack.make_pack(service, folder)
        assert made.manifest.rows["agreements"] == number - 70_000
        return engines[-1].url.query["host"]

    return make


@pytest.fixture
def exported(service, tmp_path, monkeypatch):
    """Export every list and report by the command; return the host that each was read from, and the files."""
    read, reading = {}, Service.long_reading

    def export(replicas):
        asked = replace(service, replicas=replicas)
        monkeypatch.setattr(tables, "opened", lambda _settings: nullcontext(asked))
        files = {}
        for kind in tables.KINDS_OF_FILE:

            @contextmanager
            def told(self, actor, kind=kind):
                with reading(self, actor) as work:
                    read[kind] = work.conn.engine.url.query["host"]
                    yield work

            monkeypatch.setattr(Service, "long_reading", told)
            out = tmp_path / f"{kind}.csv"
            done = CliRunner().invoke(tables.write_out, [kind, "--out", str(out)], catch_exceptions=False)
            assert done.exit_code == 0, done.output
            files[kind] = INSTANT.sub(b"", out.read_bytes())
        return set(read.values()), files

    return export


def test_a_pack_is_read_from_a_replica_that_has_caught_up_and_else_from_the_primary(
    pair, service, read_from, exported, monkeypatch
):
    monkeypatch.setattr(replicas, "WAIT_SECONDS", 60)
    primary, follower = (str(server._socket_dir()) for server in (pair.leader, pair.follower))
    assert read_from() == follower
    [state] = service.replicas.states()
    assert (state["replica"], state["state"]) == (follower, "follows")
    with service.work() as work:
        register(work, code="D150402000001", name="王一", id_number=number(1))
    hosts, files = exported(service.replicas)
    assert hosts == {follower}
    of_primary = exported(None)
    assert of_primary[0] == {primary}
    # The record of what was told is the primary's, also of what was read elsewhere, and is a list itself.
    assert files.pop("audit").count(b"export") < of_primary[1].pop("audit").count(b"export")
    assert files == of_primary[1]
    assert b"H15040270001" in files["institutions"]
    assert number(1).encode() in files["practitioners"]
    _say(pair.follower, "SELECT pg_wal_replay_pause()")
    with monkeypatch.context() as impatient:
        impatient.setattr(replicas, "WAIT_SECONDS", 0.3)
        assert read_from() == primary, "the replica is behind"
        with service.work() as work:
            work.audit("export", object_kind="later")
        with service.long_reading(SYSTEM) as work:
            assert work.conn.engine.url.query["host"] == primary
    _say(pair.follower, "SELECT pg_wal_replay_resume()")
    assert read_from() == follower
    _say(pair.leader, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    _say(pair.follower, "SELECT pg_promote()")
    _wait(lambda: not _say(pair.follower, "SELECT pg_is_in_recovery()"))
    assert read_from() == primary, "a replica that was promoted beside the primary goes its own way"
    assert service.replicas.states()[0]["state"] == "no replica"
    pair.follower.stop()
    assert read_from() == primary
    assert service.replicas.states()[0]["state"] == "does not answer"


def test_replicas_are_named_one_by_one_beside_a_primary():
    names = {"SCORING_DATABASE_URL": "postgresql://web@one/scoring", "SCORING_DEMO": "off"}
    urls = "postgresql://web@two/scoring, postgresql://web@three:5433/scoring"
    settings = Settings.from_env(names | {"SCORING_DATABASE_REPLICA_URLS": urls})
    assert [make_url(url).host for url in settings.database_replica_urls] == ["two", "three"]
    assert "two" not in repr(settings)
    with pytest.raises(SettingsError, match="SCORING_DATABASE_REPLICA_URLS"):
        Settings.from_env({"SCORING_DEMO": "off", "SCORING_DATABASE_REPLICA_URLS": urls})
    with pytest.raises(SettingsError, match="SCORING_DATABASE_REPLICA_URLS"):
        Settings.from_env(names | {"SCORING_DATABASE_REPLICA_URLS": "mysql://two"})
