"""docs/operations.md names commands that there are, all of them, and a proxy's configuration that nginx takes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from reminder_servers import certified

from scoring_service.cli import group

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
# In a block, in a line of its own; or between two backticks.
WRITTEN = re.compile(r"(?:^ *(?:SCORING_\w+=\S+ )?|`)scoring-service +([a-z][^`\n]*)", re.MULTILINE)
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def test_each_command_that_is_written_is_there_with_its_options():
    written = WRITTEN.findall(OPERATIONS)
    assert len(written) > 25
    for line in written:
        context, command = click.Context(group), group
        for word in line.split("#")[0].split():
            if isinstance(command, click.Group):
                command = command.get_command(context, word)
                assert command is not None, line
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", line.split("#")[0])) - {"--help"} <= known, line


def test_each_command_is_told_of_at_the_end():
    commands = OPERATIONS.split("\n## Commands\n")[1]
    assert {name for name in group.commands if f"`{name}" not in commands} == set()


@pytest.mark.soak
def test_nginx_takes_the_configuration_as_it_is_printed(tmp_path):
    [shown] = re.findall(r"```nginx\n(.*?)```", OPERATIONS, re.DOTALL)
    certified(tmp_path)
    shown = re.sub(r"(ssl_certificate )\S+;", rf"\1{tmp_path}/certificate.pem;", shown)
    shown = re.sub(r"(ssl_certificate_key )\S+;", rf"\1{tmp_path}/key.pem;", shown)
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {shown} }}"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    assert NGINX is not None, "apt-get install nginx-light"
    done = subprocess.run([NGINX, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
