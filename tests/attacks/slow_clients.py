"""G-08: how good clients fare while thousands hold connections: `python -m tests.attacks.slow_clients [COUNT]`.

Prints, for each server and way of holding, when connections were dropped, what one costs, and how a good client fared.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.attacks.flood_site import SERVERS, flood_site, held_elsewhere, use
from tests.attacks.probe import probe

KINDS = ("head", "body", "read", "silent")
SETTLED = 2.0
SECONDS = 60.0
QUIET = {"silent_timeout": "15s"}


def told(kind: str, ages: list[float | None]) -> str:
    """When the connections of a kind were dropped."""
    dropped = sorted(age for age in ages if age is not None)
    if not dropped:
        return f"{kind}: none of {len(ages)} dropped"
    return f"{kind}: {len(dropped)} of {len(ages)} dropped after {dropped[0]:.1f} to {dropped[-1]:.1f} s"


async def attack(tmp_path: Path, server: str, kinds: tuple[str, ...], each: int, *, tls: bool) -> None:
    """One server under one attack."""
    async with flood_site(tmp_path, server, QUIET, tls=tls) as running:
        if tls:
            before = None
        else:
            before = await probe(running.port, 5)
        start = use(running)
        async with asyncio.TaskGroup() as group:
            holding = [group.create_task(held_elsewhere(kind, running.port, each, SECONDS, tls=tls)) for kind in kinds]
            good = None if tls else group.create_task(probe(running.port, 12))
            await asyncio.sleep(8 if tls else 4)
            held = use(running)
        total = held.files - start.files
        print(f"{server}{' TLS' if tls else ''}: {held.files - start.files} more files, ", end="")
        print(f"{(held.memory - start.memory) / 1024 / max(1, total):.1f} KiB a file", flush=True)
        for kind, task in zip(kinds, holding, strict=True):
            print("  " + told(kind, task.result()))
        if before is not None and good is not None:
            print(f"  good client before: {before}\n  good client during: {good.result()}")
        await asyncio.sleep(SETTLED)
        print(f"  afterwards: {use(running).files - start.files:+d} files", flush=True)


async def main(count: int) -> None:
    """Everything in turn."""
    for server in SERVERS:
        with tempfile.TemporaryDirectory() as directory:
            await attack(Path(directory), server, KINDS, count // len(KINDS), tls=False)
        with tempfile.TemporaryDirectory() as directory:
            await attack(Path(directory), server, ("silent",), count, tls=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 5000))
