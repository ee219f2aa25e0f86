"""G-09: one address, then many, open ten times what they may: `python -m tests.attacks.connection_flood [CAP]`.

Prints how a good client of another address fared, and the most files that the worker had open.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.attacks.flood_site import SERVERS, flood_site, most_files, use
from tests.attacks.flooding import flooded_elsewhere
from tests.attacks.probe import Service, probe
from tests.integration.gateway_process import GatewayProcess

SECONDS = 10.0
GOOD = "127.0.0.3"


async def under_flood(
    running: GatewayProcess, sources: list[str], count: int, seconds: float
) -> tuple[Service, int, int]:
    """A good client meanwhile, which connects for every request; connections opened; files more than before."""
    before = use(running).files
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        files = group.create_task(most_files(running, over))
        opening = group.create_task(flooded_elsewhere(running.port, sources, count, seconds))
        good = await probe(running.port, seconds - 1, GOOD, anew=True)
        opened = await opening
        over.set()
    return good, opened, files.result() - before


async def main(cap: int) -> None:
    """Each server under each flood."""
    crowd = [f"127.0.1.{number}" for number in range(1, 201)]
    for server in SERVERS:
        for sources, settings in (
            (["127.0.0.2"], {"client_connections": str(cap)}),
            (crowd, {"client_connections": str(cap), "max_connections": str(cap)}),
        ):
            with tempfile.TemporaryDirectory() as directory:
                async with flood_site(Path(directory), server, {"client_exempt": "none", **settings}) as running:
                    before = await probe(running.port, 4, GOOD, anew=True)
                    good, opened, files = await under_flood(running, sources, 10 * cap, SECONDS)
            print(f"{server}, {len(sources)} addresses, cap {cap}: {opened} opened, at most {files} more files")
            print(f"  good client before: {before}\n  good client during: {good}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 256))
