"""Who may sign in to the embedded PostgreSQL as whom: by the user of the operating system, whatever was there before.

Who started the service may be the owner (the superuser) and the application; the server's own account, which the
workers have, the application only. Both files are written before each start of the server.
"""

import os
import pwd
from pathlib import Path

from scoring_service.db.engine import APPLICATION_ROLE
from scoring_service.server_account import hand_over, server_account

SUPERUSER = "postgres"
_HBA = f"""\
# Written by the service at each start of the server.
local all         {SUPERUSER}    peer map=owner
local all         {APPLICATION_ROLE} peer map=application
local replication {SUPERUSER}    peer map=copier
"""


def write_access(cluster: Path) -> None:
    """Write pg_hba.conf and pg_ident.conf of a cluster; anybody whom they do not name is refused."""
    starters = {0, os.geteuid()}
    account = server_account()
    servers = {account.pw_uid} if account else set()
    # A copy of the cluster is made with its files in hand, which the server's account has anyway.
    maps = {"owner": starters, "application": starters | servers, "copier": starters | servers}
    roles = {"application": APPLICATION_ROLE}
    lines = [
        f'{name} "{pwd.getpwuid(user).pw_name}" {roles.get(name, SUPERUSER)}\n'
        for name, users in maps.items()
        for user in sorted(users)
    ]
    _write(cluster / "pg_hba.conf", _HBA)
    _write(cluster / "pg_ident.conf", "".join(lines))


def _write(path: Path, content: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(content, encoding="utf-8")
    draft.chmod(0o600)
    hand_over(draft)
    draft.rename(path)
