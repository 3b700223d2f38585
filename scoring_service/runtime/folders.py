"""Who owns the data folder and who may look in: 0700, and owned by the database's system user under root.

Parents of its folders get the search bit (o+x), never the read bit.
"""

import stat
import sys
from pathlib import Path

from scoring_service.server_account import hand_over, server_account

CODE = Path(__file__).parents[1]


def own(path: Path) -> None:
    """Make `path` private (0700) and hand it to the server's account."""
    path.chmod(0o700)
    hand_over(path)


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


def prepare_data_dir(path: Path) -> None:
    """Make the data folder, 0700. A folder that holds other people's files keeps its owner and mode."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = {"postgres", "keys.json", ".lock"} & {child.name for child in path.iterdir()}
    if ours or not any(path.iterdir()):
        own(path)
    else:
        open_search(path / "postgres")
    open_search(path)
