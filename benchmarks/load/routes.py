"""What a table of many routes costs: time to find one, memory of each, time to make it. In this process, no sockets.

A table is a configuration as a file has it, decoded, checked and compiled: what a worker keeps, all of it. A tenth of
the routes have a parameter in the path, a tenth look at a field; the rest are prefixes. Matching is timed over the
four kinds of outcome: prefix, parameter, field, and no route.
"""

import argparse
import asyncio
import gc
import json
import sys
import time
import timeit
from functools import partial
from typing import Any, Final

import psutil

from app.application.services.snapshot import Snapshot
from app.assembly import make_balancing, make_compiler, make_decoder
from app.domain.policies.via import Via
from app.infrastructure.config.documents import parse
from app.infrastructure.config.settings import Settings
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.protection import make_protection
from benchmarks.micro import request
from tests.fakes import RecordedEvents

CALLS: Final = 20_000
REPEATS: Final = 5
KINDS: Final = 10
"""Every tenth route is of the same kind."""


def document(count: int) -> dict[str, Any]:
    """A configuration of `count` routes to one service."""
    routes = {f"r{number}": {"match": match(number), "service": "backend"} for number in range(count)}
    return {"services": {"backend": {"targets": [{"url": "http://127.0.0.1:9000"}]}}, "routes": routes}


def match(number: int) -> dict[str, Any]:
    """What the route of this number asks for."""
    if number % KINDS == 1:
        return {"paths": [f"/s{number}/{{id}}/detail"], "methods": ["GET"]}
    if number % KINDS == 2:
        return {"paths": [f"/s{number}/*"], "headers": {"user-agent": "~(?i)iphone|android"}}
    return {"paths": [f"/s{number}/*"]}


async def compiled(count: int) -> Snapshot:
    """The table, as a worker makes it of a file. The transport of a gateway needs a running loop."""
    text = json.dumps(document(count)).encode()
    config = make_decoder(Settings()).decode(parse(text, ".json"), "benchmark")
    tools = make_protection(Settings(), RecordedEvents()).tools
    return await make_compiler(make_balancing(HttpTransport(Resolver())), tools, Via("gateway")).compile(config)


def microseconds(snapshot: Snapshot, count: int) -> float:
    """The best mean of a few runs over all outcomes: the other runs were disturbed."""
    last = count - count % KINDS - KINDS
    paths = (f"/s{last}/a/b", f"/s{last + 1}/42/detail", f"/s{last + 2}/a/b", "/nowhere/a/b")
    calls = [partial(snapshot.table.match, request(path)) for path in paths]
    return sum(min(timeit.repeat(call, number=CALLS, repeat=REPEATS)) for call in calls) / CALLS / len(calls) * 1e6


def resident() -> int:
    """Bytes of this process, without what is garbage."""
    gc.collect()
    return psutil.Process().memory_info().rss


def main() -> None:
    """Run it, and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.routes", description=__doc__)
    parser.add_argument("--routes", type=int, required=True, help="10 or more")
    count = parser.parse_args().routes
    asyncio.run(compiled(KINDS))  # What every table needs, whatever its size, is there before memory is read.
    before, began = resident(), time.perf_counter()
    snapshot = asyncio.run(compiled(count))
    seconds = time.perf_counter() - began
    kib = (resident() - before) / count / 1024
    printed = {
        "unit": "us",
        "value": round(microseconds(snapshot, count), 3),
        "count": count,
        "seconds": round(seconds, 3),
        "errors": 0,
        "kib_per_route": round(kib, 3),
    }
    sys.stdout.write(json.dumps(printed) + "\n")


if __name__ == "__main__":
    main()
