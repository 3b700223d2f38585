"""The service on a full disk: `python -m bench.full_disk`, as root, for it mounts a small file system for the data.

The disk is filled to its last block; then it is asked to read and to write, has room again, and is asked again.
"""

import json
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from bench.stage import Stage, stage, unwind_when_stopped
from bench.world import code_of, institution_of

# More than a gigabyte: the copy of the present takes nothing of the last one, and is to be there when the disk is full.
MEGABYTES = 2_000
PEOPLE = 2_000
TIMES = 200


def main() -> None:
    unwind_when_stopped()
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk())
        tempfile.tempdir = str(disk)
        on = stack.enter_context(stage(PEOPLE))
        workers = {child.pid for child in psutil.Process(on.server_pid).children()}
        told("with room", on)
        ballast = fill(disk)
        told("full", on)
        ballast.unlink()
        told("with room again", on)
        same = workers == {child.pid for child in psutil.Process(on.server_pid).children()}
        print(f"all processes are still the same: {same}")


@contextmanager
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="scoring-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", folder], check=True)  # noqa: S607
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607
        folder.rmdir()


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return ballast


def told(what: str, on: Stage) -> None:
    print(f"{what}:")
    for name, (account, path, body) in questions().items():
        statuses = Counter(
            ask(on, account, path(number), body and body(number)) for number in range(1, TIMES + 1)
        )
        print(f"  {name}: {dict(statuses)}")


def questions() -> dict[str, tuple]:  # type: ignore[type-arg]
    serial = iter(range(10**6))
    return {
        "eligibility": (
            "settlement",
            lambda number: f"/eligibility/{code_of(number)}?institution={institution_of(number)}",
            None,
        ),
        "standing": ("clerk", lambda number: f"/practitioners/{code_of(number)}/standing", None),
        "a case drafted": (
            "clerk",
            lambda _number: "/cases",
            lambda number: {
                "institution": institution_of(number),
                "summary": "检查发现" * 200,
                "handling": {
                    "kind": "penalty", "authority": "医疗保障局", "document_no": f"满〔{next(serial)}〕号",
                    "decided_on": "2026-01-05",
                },
                "findings": [
                    {"practitioner": code_of(number), "item": "overtreatment", "degree": "main", "points": 5}
                ],
            },
        ),
    }  # fmt: skip


def ask(on: Stage, account: str, path: str, body: object) -> str:
    headers = {"Authorization": f"Bearer {on.tokens[account]}", "Content-Type": "application/json"}
    asked = urllib.request.Request(
        f"http://127.0.0.1:{on.port}/api/v1{path}", json.dumps(body).encode() if body else None, headers
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 -- the loopback
            return str(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {json.load(error)['code']}"
    except OSError as error:
        return type(error).__name__


if __name__ == "__main__":
    main()
