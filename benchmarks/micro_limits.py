"""Times decisions of limits in this process, and in four at once. Not what a refused request costs: `refusals`."""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.application.filters import concurrency, rate_limit
from app.application.kinds import Place as FilterPlace
from app.application.pipeline import Filter
from app.domain.entities.exchange import Exchange
from app.domain.entities.limit import Limit
from app.domain.entities.request import Client
from app.domain.entities.response import Response
from app.infrastructure.ratelimit.shared_memory_counters import SharedCounters
from app.infrastructure.ratelimit.shared_memory_place import HostMemory, Place, memory_directory
from app.infrastructure.ratelimit.slots import LazySlots
from benchmarks.micro import report, request
from tests.fakes import RecordedEvents, tools

KEY: Final = b"k" * 16
LIMITS: Final = {
    "gcra, allowed": Limit("allowed", 10**9, 1.0, 10**9),
    "gcra, refused": Limit("refused", 1, 86400.0, 1),
    "quota": Limit("quota", 10**9, 86400.0, 0, "quota", "day"),
    "sliding window of 60": Limit("exact", 60, 0.01, 0, "sliding_window"),
    "sliding window of 10^6": Limit("grains", 10**6, 60.0, 0, "sliding_window"),
}
WORKERS: Final = 4
DECISIONS: Final = 100_000


def memory(name: str) -> HostMemory:
    directory = memory_directory(Path(tempfile.gettempdir()))
    return HostMemory(Place(directory, f"{os.getpid()}-{name}", None, 65536), RecordedEvents())


def store(of: HostMemory) -> SharedCounters:
    return SharedCounters(of.table, time.monotonic_ns, time.time)


def bench_decisions(counters: SharedCounters) -> None:
    for name, limit in LIMITS.items():
        counter = counters.counter(limit)
        report(f"decision, {name}", lambda counter=counter: counter.take(KEY, 1))  # type: ignore[misc]
    fresh = counters.counter(Limit("fresh", 10, 60.0, 1))
    report("decision, gcra, a key that is new (A-18)", lambda: fresh.take(os.urandom(16), 1))


def bench_filters(counters: SharedCounters, slots: LazySlots) -> None:
    given, place = tools(counters={"host": counters}, slots=slots), FilterPlace("routes.r", "0", "r")
    one = rate_limit.KIND.build({"rate": "999999999/s"}, given, place)
    several = rate_limit.KIND.build({"rate": ["999999999/s", "999999999/day"]}, given, place)
    at_once = concurrency.KIND.build({"max": 1000}, given, place)
    exchange = Exchange("id", request("/"), 0.0)

    def run(step: Filter) -> Callable[[], None]:
        def both() -> None:
            exchange.limits = None
            step.on_request(exchange)
            step.on_response(exchange, Response(200, []))

        return both

    def hold() -> None:
        taken = Exchange("id", exchange.request, 0.0)
        at_once.on_request(taken)
        if taken.release is not None:
            taken.release()

    report("filter rate_limit with its fields, IPv4", run(one))
    report("filter rate_limit, two rates", run(several))
    report("filter concurrency, taken and given back", hold)
    exchange.request.client = Client("2001:db8::1", "2001:db8::1")
    report("filter rate_limit with its fields, IPv6", run(one))


def worker(name: str, parent: int, out: "multiprocessing.SimpleQueue[float]") -> None:
    """Decide about few keys, as fast as possible; CPU time of one decision."""
    directory = memory_directory(Path(tempfile.gettempdir()))
    own = HostMemory(Place(directory, f"{parent}-{name}", None, 65536), RecordedEvents())
    counter = store(own).counter(Limit("shared", 10**6, 1.0, 1000))
    keys = [bytes([number + 1]) * 16 for number in range(4)]
    started = time.process_time()
    for number in range(DECISIONS):
        counter.take(keys[number & 3], 1)
    out.put((time.process_time() - started) / DECISIONS * 1e6)
    own.close()


def bench_workers() -> None:
    context = multiprocessing.get_context("spawn")
    out: multiprocessing.SimpleQueue[float] = context.SimpleQueue()
    started = [context.Process(target=worker, args=("workers", os.getpid(), out)) for _ in range(WORKERS)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    costs = [out.get() for _ in started]
    print(f"decision, gcra, {WORKERS} workers on 4 keys (CPU)         {sum(costs) / len(costs):8.2f} us", flush=True)


def main() -> int:
    host = memory("micro")
    try:
        bench_decisions(store(host))
        bench_filters(store(host), LazySlots(host.slots))
        bench_workers()
    finally:
        host.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
