"""The command line against a real server named by SCORING_DATABASE_URL."""

import pytest
from click.testing import CliRunner
from database_addresses import application_url
from sqlalchemy import select

from scoring_service.cli import group, main
from scoring_service.cli.tables import EXPORTS, KINDS_OF_FILE
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import database_revision
from scoring_service.db.tables import accounts, audit_log
from scoring_service.law.yaml_files import FileError
from scoring_service.settings import SettingsError


@pytest.fixture
def command(fresh_url, tmp_path, monkeypatch):
    monkeypatch.setenv("SCORING_DATABASE_URL", application_url(fresh_url))
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))

    def run(*arguments, **options):
        return CliRunner().invoke(group, arguments, catch_exceptions=False, **options)

    return run


@pytest.mark.parametrize("name", [[], *([name] for name in group.commands), ["user", "add"]])
def test_every_command_explains_itself(name):
    answer = CliRunner().invoke(group, [*name, "--help"])
    assert answer.exit_code == 0
    assert "Usage:" in answer.output


def test_an_account_is_added_with_a_password_from_standard_input(command, fresh_engine):
    answer = command(
        "user", "add", "ann", "--role", "office.clerk", "--staff-no", "007", "--region", "1504", "--password-stdin",
        input="correct horse battery\n",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    with fresh_engine.connect() as conn:
        row = conn.execute(select(accounts)).one()
    assert (row.username, row.roles, row.staff_no, row.region) == ("ann", ["office.clerk"], "007", "1504")
    assert "horse" not in row.password_hash
    without = ("user", "add", "bea", "--role", "office.clerk", "--staff-no", "008", "--no-password")
    answer = command(*without, input="")
    assert (answer.exit_code, "assword" in answer.output) == (0, False), answer.output
    with fresh_engine.connect() as conn:
        assert conn.execute(select(accounts.c.password_hash).where(accounts.c.username == "bea")).scalar_one() is None
    assert command(*without, "--password-stdin").exit_code == 2


def test_lists_and_the_report_are_exported(command, fresh_engine, tmp_path):
    for kind in KINDS_OF_FILE:
        out = tmp_path / f"{kind}.csv"
        assert command("export", kind, "--out", str(out), "--year", "2025").exit_code == 0
        assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert command("export", "audit", "--out", str(tmp_path / "audit.pdf")).exit_code == 2
    with fresh_engine.connect() as conn:
        deeds = conn.execute(select(audit_log.c.object_kind).where(audit_log.c.action == "export")).scalars().all()
    assert deeds == [name for name in KINDS_OF_FILE[:-2] if name not in EXPORTS] + ["report"] * 2


def test_the_proofs_hold_on_an_empty_ledger(command):
    for arguments in (["verify-ledger"], ["rebuild"], ["rebuild", "--check"]):
        assert command(*arguments).exit_code == 0


@pytest.mark.parametrize("setting", ["SCORING_RULEBOOKS_DIR", "SCORING_CALENDAR_DIR"])
def test_a_folder_without_the_law_is_refused_before_anything_is_migrated(setting, empty_url, tmp_path, monkeypatch):
    monkeypatch.setenv("SCORING_DATABASE_URL", empty_url)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(setting, str(tmp_path))
    with pytest.raises(FileError, match=str(tmp_path)):
        CliRunner().invoke(group, ["migrate"], catch_exceptions=False)
    engine = make_owner_engine(empty_url)
    assert database_revision(engine) is None
    engine.dispose()


def test_the_demo_is_refused_on_a_database_that_is_not_embedded(command):
    with pytest.raises(SettingsError, match="SCORING_DATABASE_URL"):
        command("demo")


def test_a_refusal_is_told_and_exits_with_1(command, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["scoring-service", "user", "add", "x", "--role", "practitioner", "--staff-no", "1"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    assert " / " in capsys.readouterr().err
