"""A pooler that lends one session to several connections is refused at the start."""

import itertools

import pytest

from scoring_service.runtime import pooling
from scoring_service.runtime.pooling import are_shared, refuse_shared_sessions
from scoring_service.runtime.start import keyed, prepare
from scoring_service.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        ([5, 5, 5], [6, 6], False),  # a session each
        ([5, 5, 5], [5, 5], True),  # the session of one is lent to the other
        ([5, 6, 5], [7, 7], True),  # one connection is moved between sessions
        ([5, 5, 6], [6, 5], True),  # the sessions take turns
    ],
)
def test_sessions_are_told_apart_by_their_numbers(mine, theirs, shared):
    assert are_shared(mine, theirs) is shared


def test_the_server_itself_is_not_refused(fresh_url):
    refuse_shared_sessions(fresh_url)


def test_a_start_behind_a_pooler_in_transaction_mode_is_refused_with_a_sentence(fresh_url, tmp_path, monkeypatch):
    # Such a pooler gives a number of its own at the connection, and then any of its sessions.
    sessions = itertools.cycle([-1, -2])
    monkeypatch.setattr(pooling, "_session", lambda _conn: next(sessions))
    settings = Settings(data_dir=tmp_path, database_url=fresh_url, demo="off")
    for start in (prepare, keyed):
        with pytest.raises(SettingsError, match=r"SCORING_DATABASE_URL.*pool_mode = session"):
            start(settings, fresh_url)
    assert list(tmp_path.iterdir()) == []


def test_a_pooler_in_session_mode_is_taken(fresh_url, monkeypatch):
    numbers = {}
    monkeypatch.setattr(pooling, "_session", lambda conn: numbers.setdefault(conn, -len(numbers) - 1))
    refuse_shared_sessions(fresh_url)
