"""`rulebooks check` and `rulebooks adopt`: what a file would change, and two people who adopt it by their passwords."""

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from database_addresses import application_url

from scoring_service.cli import group
from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY
from scoring_service.problems import Problem

CAP = "credits.points_cap_per_year"
SECRETS = {"zheng": "correct horse battery", "gao": "another staple gun", "clerk": "a third long secret"}


@pytest.fixture
def command(fresh_url, tmp_path, monkeypatch):
    monkeypatch.setenv("SCORING_DATABASE_URL", application_url(fresh_url))
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))

    def run(*arguments, **options):
        return CliRunner().invoke(group, arguments, catch_exceptions=False, **options)

    for number, (name, secret) in enumerate(SECRETS.items()):
        role = "office.clerk" if name == "clerk" else "office.admin"
        added = ("user", "add", name, "--role", role, "--staff-no", f"S{number}", "--password-stdin")
        assert run(*added, input=f"{secret}\n").exit_code == 0
    return run


@pytest.fixture
def file(tmp_path):
    """The national file with another cap from next month on."""
    day = date.today() + timedelta(days=30)  # noqa: DTZ011 -- far enough from today in any zone
    text = (RULEBOOKS_DIRECTORY / "national.yaml").read_text(encoding="utf-8")
    before, cap, after = text.partition("    points_cap_per_year:\n")
    title, values, rest = after.partition("      values:\n")
    path = tmp_path / "national.yaml"
    dated = f"        {day}: {{value: 6, source: D-TJ, verified: true}}\n"
    path.write_text(before + cap + title + values + dated + rest, encoding="utf-8")
    return path, day


def adopt(command, path, name, *more):
    return command("rulebooks", "adopt", str(path), "--as", name, "--password-stdin", *more, input=f"{SECRETS[name]}\n")


def test_a_file_is_checked_proposed_and_adopted(command, file):
    path, day = file
    checked = command("rulebooks", "check", str(path))
    assert checked.exit_code == 0
    assert f"{day} {CAP}: 4 (assumed) -> 6 (national, chifeng" in checked.output
    with pytest.raises(Problem, match="draft"):
        adopt(command, path, "gao", "--approve")
    proposed = adopt(command, path, "zheng")
    assert f"draft 1 of national, in force from {day}" in proposed.output
    with pytest.raises(Problem) as same:
        adopt(command, path, "zheng", "--approve")
    assert same.value.code == "same_person"
    with pytest.raises(Problem):
        adopt(command, path, "clerk", "--approve")
    adopted = adopt(command, path, "gao", "--approve")
    assert adopted.output.splitlines()[-1] == f"Adopted draft 1 of national, in force from {day}."
    with pytest.raises(Problem) as nothing:
        command("rulebooks", "check", str(path))
    assert nothing.value.code == "changes_nothing"


def test_what_is_wrong_is_told_with_its_line(command, tmp_path):
    path = tmp_path / "national.yaml"
    text = (RULEBOOKS_DIRECTORY / "national.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("value: 9", "value: 0", 1), encoding="utf-8")
    with pytest.raises(Problem, match=r"national\.yaml:\d+: .* / ") as faulty:
        command("rulebooks", "check", str(path))
    assert faulty.value.code == "rulebook_faulty"
    with pytest.raises(Problem, match="wrong username or password"):
        command("rulebooks", "adopt", str(path), "--as", "zheng", "--password-stdin", input="no\n")
