"""G-10: one address asks as fast as it can: `python -m tests.attacks.request_flood [SECONDS]` (needs wrk).

Prints what a request costs the worker that is proxied, and one that is refused, and how a client of another address
fared meanwhile.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from pathlib import Path

from tests.attacks.flood_site import SERVERS, flood_site, use
from tests.attacks.probe import probe
from tests.integration.gateway_process import GatewayProcess

GOOD = "127.0.0.3"
LIMITED = {"client_exempt": "none", "client_rate": "200/s"}


async def flood(port: int, seconds: int) -> int:
    """Ask from 127.0.0.1, over HTTP/1.1; how many were answered."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("wrk is not installed (Debian: wrk)")
    process = await asyncio.create_subprocess_exec(
        *(program, "-t1", "-c32", f"-d{seconds}s", f"http://127.0.0.1:{port}/"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    found = re.search(r"(\d+) requests in", out.decode())
    return int(found[1]) if found else 0


async def cost(running: GatewayProcess, seconds: int) -> float:
    """CPU of the worker for each request, in microseconds."""
    await flood(running.port, 1)
    before = use(running).cpu
    answered = await flood(running.port, seconds)
    return (use(running).cpu - before) / max(1, answered) * 1e6


async def main(seconds: int) -> None:
    """Each server."""
    for server in SERVERS:
        with tempfile.TemporaryDirectory() as directory:
            async with flood_site(Path(directory), server, {"client_rate": "off"}) as running:
                proxied = await cost(running, seconds)
        with tempfile.TemporaryDirectory() as directory:
            async with flood_site(Path(directory), server, LIMITED) as running:
                before = await probe(running.port, seconds, GOOD)
                refused = await cost(running, seconds)
                flooding = asyncio.ensure_future(flood(running.port, seconds))
                during = await probe(running.port, seconds, GOOD)
                await flooding
        share = refused / proxied * 100
        print(f"{server}: proxied {proxied:.0f} us, refused {refused:.0f} us of CPU each: {share:.0f} %")
        print(f"  other client before: {before}\n  other client during: {during}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 4))
