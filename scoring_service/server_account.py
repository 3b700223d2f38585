"""The system user `pgserver`, as whom the embedded PostgreSQL and the workers run when we were started as root.

PostgreSQL refuses to run as root; the workers read what strangers send. It is made on the first start.
"""

import functools
import os
import pwd
import subprocess
from pathlib import Path

SERVER_USER = "pgserver"


@functools.cache
def server_account() -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs under, None for our own. Made on the first start as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run(["/usr/sbin/useradd", *options, SERVER_USER], check=True, capture_output=True)
        return pwd.getpwnam(SERVER_USER)


def hand_over(path: Path) -> None:
    """Give `path` to the server's account. Only needed as root."""
    account = server_account()
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def leave_root() -> None:
    """Go on as the server's account, for good, when this process runs as root."""
    account = server_account()
    if account is not None:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
