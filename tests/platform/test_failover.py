"""The primary is killed under load and its synchronous standby takes over: acknowledged writes are there, each once."""

import itertools
import shutil
import subprocess
import time

import psycopg
import pytest
from killed_world import KilledWorld, check, proven, wait_ready
from platform_serving import serving

from scoring_service.db.engine import APPLICATION_ROLE
from scoring_service.db.migrate import upgrade
from scoring_service.runtime.addresses import Addresses
from scoring_service.runtime.embedded import BIN, SUPERUSER, EmbeddedServer, _as_server
from scoring_service.runtime.start import application_service, keyed
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.accounts.signing_in import issue_token
from scoring_service.settings import Settings

ROLES = {"admin": "office.admin", "clerk": "office.clerk", "reviewer": "office.reviewer", "settlement": "settlement"}
PATIENCE_SECONDS = 60


class Pair:
    """Two servers, of which one leads and the other follows it commit by commit."""

    def __init__(self, folder):
        self.leader, self.follower = (EmbeddedServer(data_dir=folder / name) for name in ("one", "two"))
        self.leader.start()
        self.follow()

    @property
    def addresses(self):
        """Return addresses that lead to whichever of them takes writes."""
        hosts = ",".join(str(server._socket_dir()) for server in (self.leader, self.follower))
        at = f"@/scoring?host={hosts}&port=5432,5432&target_session_attrs=read-write"
        application = f"postgresql+psycopg://{APPLICATION_ROLE}{at}"
        return Addresses(application=application, direct=application, owner=f"postgresql+psycopg://{SUPERUSER}{at}")

    def follow(self):
        """Copy the leader anew, and let no commit be acknowledged without the copy."""
        shutil.rmtree(self.follower.data_dir, ignore_errors=True)
        self.follower.data_dir.mkdir(parents=True)
        shutil.chown(self.follower.data_dir, *_owner(self.leader.cluster))
        copied = [str(BIN / "pg_basebackup"), "-h", str(self.leader._socket_dir()), "-U", "postgres", "-R", "-X", "stream"]
        copied += ["--checkpoint=fast", "--no-sync", "-D", str(self.follower.cluster)]
        done = subprocess.run(copied, **_as_server(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        self.follower.start()
        _say(self.leader, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        _wait(lambda: _say(self.leader, "SELECT sync_state FROM pg_stat_replication") == "sync")

    def fail_over(self):
        """Kill the leader for good and promote the one that followed; return the seconds that it took."""
        began = time.monotonic()
        self.leader._running().kill()
        _wait(lambda: not self.leader._server_processes())
        _say(self.follower, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_promote()")
        # Two hands, or Patroni and one: the second promotion is refused, and changes nothing.
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            _say(self.follower, "SELECT pg_promote()")
        self.leader, self.follower = self.follower, self.leader
        return time.monotonic() - began

    def stop(self):
        for server in (self.follower, self.leader):
            server.stop()


def _owner(path):
    state = path.stat()
    return state.st_uid, state.st_gid


def _say(server, *statements):
    with psycopg.connect(host=str(server._socket_dir()), user="postgres", dbname="scoring", autocommit=True) as conn:
        for statement in statements:
            row = conn.execute(statement)
        return row.fetchone()[0] if row.description and row.rowcount else None


def _wait(condition):
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def pair(tmp_path):
    pair = Pair(tmp_path / "servers")
    yield pair
    pair.stop()


@pytest.fixture
def service(pair, tmp_path):
    addresses = pair.addresses
    settings = Settings(data_dir=tmp_path / "web", demo="off", database_url=addresses.application)
    upgrade(addresses.owner)
    service = application_service(keyed(settings, addresses), addresses)
    yield service
    service.engine.dispose()


def _tokens(service):
    tokens = {}
    for number, (name, role) in enumerate(ROLES.items()):
        with service.work() as work:
            account = add_account(work, username=name, roles=[role], staff_no=f"F{number}")
            tokens[name] = issue_token(work.conn, account, hours=12).token
    return tokens


def _drilled(pair, service, tmp_path, port, times):
    """Fail over so many times; return what was told of each."""
    told, tokens = [], _tokens(service)
    settings = {"SCORING_DATABASE_URL": pair.addresses.application}
    with serving(tmp_path / "web", port, output=subprocess.DEVNULL, **settings):
        wait_ready(port)
        world = KilledWorld(port, tokens)
        world.start()
        try:
            for _ in range(times):
                time.sleep(2)
                took = pair.fail_over()
                wait_ready(port)
                time.sleep(1)
                assert not world.faults, world.faults
                proven(service)
                told.append(f"promoted in {took:.1f} s")
                pair.follow()
        finally:
            world.stop()
        wait_ready(port)
        answered = sorted(moment for caller in (world.admin, world.reviewer) for moment in caller.answered_at)
        longest = max(later - earlier for earlier, later in itertools.pairwise(answered))
        counted = check(world, *proven(service))
    return f"{', '.join(told)}; {counted}; at most {longest:.1f} s without a write"


def test_a_standby_takes_over_and_has_what_was_acknowledged(pair, service, tmp_path, port):
    print(_drilled(pair, service, tmp_path, port, 1))  # noqa: T201 -- figures


@pytest.mark.soak
def test_ten_times_in_a_row(pair, service, tmp_path, port):
    print(_drilled(pair, service, tmp_path, port, 10))  # noqa: T201 -- figures
