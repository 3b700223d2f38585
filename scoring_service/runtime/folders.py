"""Who owns the data folder and who may look in: 0700, and owned by the database's system user under root.

PostgreSQL refuses to run as root. Started as root, the embedded server runs as the system user `pgserver`,
which is made on the first start; parents of its folders get the search bit (o+x), never the read bit. The workers,
who read what strangers send, go on as that user too.
"""

import functools
import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

SERVER_USER = "pgserver"
CODE = Path(__file__).parents[1]


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


def own(path: Path) -> None:
    """Make `path` private (0700) and hand it to the server's account."""
    path.chmod(0o700)
    hand_over(path)


def hand_over(path: Path) -> None:
    """Give `path` to the server's account. Only needed as root."""
    account = server_account()
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def open_search(path: Path) -> None:
    """Let the server's account pass through the parents of `path` (o+x). Only needed as root."""
    if server_account() is None:
        return
    for parent in path.resolve().parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def open_read(folder: Path) -> None:
    """Let the server's account read and run what lies in `folder`, when a tight umask kept it out."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def open_code() -> None:
    """Let the server's account read the service itself and what it imports, when a tight umask kept it out."""
    if server_account() is None:
        return
    for folder in (CODE, CODE.parent / "config", Path(sys.prefix), Path(sys.base_prefix)):
        open_search(folder / "-")
        if not folder.stat().st_mode & stat.S_IROTH:
            open_read(folder)


def leave_root() -> None:
    """Go on as the server's account, for good, when this process runs as root."""
    account = server_account()
    if account is not None:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)


def prepare_data_dir(path: Path) -> None:
    """Make the data folder, 0700. A folder that holds other people's files keeps its owner and mode."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = {"postgres", "keys.json", ".lock"} & {child.name for child in path.iterdir()}
    if ours or not any(path.iterdir()):
        own(path)
    else:
        open_search(path / "postgres")
    open_search(path)
