"""What is shipped for more than one machine: units, image and compose file, read as far as it can be without them."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from scoring_service.cli import group
from scoring_service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
SETTINGS = {PREFIX + field.name.upper() for field in fields(Settings)}
SECRETS = re.compile(r"\$\{\w+:\?\}")


def _variables(path):
    return set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text(encoding="utf-8")))


def test_each_file_names_settings_that_there_are():
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    assert len(files) >= 8
    with_files = SETTINGS | {f"{name}_FILE" for name in SETTINGS if name.endswith(("_KEY", "_KEY_PREVIOUS"))}
    assert {path.name: _variables(path) - with_files for path in files if _variables(path) - with_files} == {}


def test_the_example_of_an_environment_is_one_that_the_service_takes():
    lines = (DEPLOY / "environment.example").read_text(encoding="utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    keys = {"SCORING_SECRET_KEY": "s" * 40, "SCORING_IDENTITY_KEY": "i" * 40}
    settings = Settings.from_env(environment | keys)
    assert settings.production
    assert not settings.embedded


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_a_command_that_there_is_and_is_sealed_off(unit, tmp_path):
    text = unit.read_text(encoding="utf-8")
    [command] = re.findall(r"^ExecStart=\S+ -m scoring_service (\w+)$", text, re.MULTILINE)
    assert command in group.commands
    for sealed in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "SystemCallFilter=@system-service"):
        assert f"\n{sealed}\n" in text
    if verify := shutil.which("systemd-analyze"):
        here = tmp_path / unit.name
        here.write_text(text.replace("/opt/scoring-service/.venv/bin/python", sys.executable), encoding="utf-8")
        told = subprocess.run([verify, "verify", "--man=no", here], capture_output=True, text=True, check=False)
        assert unit.name not in told.stderr, told.stderr
        assert told.returncode == 0, told.stderr


def test_a_command_on_a_host_has_what_the_service_there_has():
    """As the same user, with the same settings and keys; and the owner's address, where it is kept."""
    unit, migrate = ((DEPLOY / f"scoring-{name}.service").read_text(encoding="utf-8") for name in ("service", "migrate"))
    text = (DEPLOY / "scoring-service").read_text(encoding="utf-8")
    given = set(re.findall(r"-p (\S+)", text))
    for name in ("User", "Group", "UMask", "StateDirectory", "StateDirectoryMode", "EnvironmentFile", "LoadCredential"):
        assert {line for line in unit.splitlines() if line.startswith(f"{name}=")} <= given
    assert given - {line.replace("=/", "=-/") if line.endswith("/owner") else line for line in migrate.splitlines()} == set()
    environment = dict(re.findall(r"^Environment=(\w+)=(\S+)$", unit, re.MULTILINE))
    credentials = "/run/credentials/$unit.service"
    assert dict(re.findall(r'-E (\w+)="?([^"\s]+)', text)) == {
        name: value.replace("%d", credentials) for name, value in environment.items()
    }


def test_the_compose_file_has_two_web_hosts_a_primary_and_a_standby():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"primary", "standby", "migrate", "web1", "web2"}
    for name in ("web1", "web2", "migrate"):
        environment = {
            variable: SECRETS.sub("p", value)
            for variable, value in services[name]["environment"].items()
            if not variable.endswith("_FILE")
        }
        keys = {"SCORING_SECRET_KEY": "s" * 40, "SCORING_IDENTITY_KEY": "i" * 40}
        assert Settings.from_env(environment | keys).production
        assert set(services[name]["secrets"]) == set(compose["secrets"])
    mounted = [mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounted if not mount.startswith("./")} == set(compose["volumes"])
    assert all((DEPLOY / mount).is_file() for mount in mounted if mount.startswith("./"))


def test_the_image_takes_what_the_locks_name_and_what_there_is():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.txt" in text
    copied = [path for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for path in line.split()[:-1]]
    assert all((ROOT / path).exists() for path in copied)


SCRIPTS = [*sorted((DEPLOY / "postgres").glob("*.sh")), DEPLOY / "scoring-service"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_one_that_the_shell_reads(script):
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
