"""Workloads of small requests: HTTP/1.1, HTTP/2 over TLS, and latency at a fixed rate."""

import math
import sys

from benchmarks.rig.model import Amount, Metric
from benchmarks.rig.reading import Reading, read_h2load, read_program, read_wrk
from benchmarks.rig.subject import Ability
from benchmarks.rig.usage import MIB, Usage
from benchmarks.rig.workload import Aim, Workload

RATE = 2000
THROUGHPUT = Metric("rate", "requests/s", "requests/s", "higher", compared=True)
CPU = Metric("cpu_us", "CPU us/request", "us", "lower", compared=True, digits=1)
RESIDENT = Metric("rss_mib", "RSS MiB", "MiB", "lower")


def costs(reading: Reading, usage: Usage | None) -> dict[str, float]:
    """Processor time of each request, and memory."""
    if usage is None or not reading.count:
        return {}
    return {"cpu_us": usage.cpu_seconds / reading.count * 1e6, "rss_mib": usage.resident / MIB}


class Http1(Workload):
    """As many requests as a subject can take from 32 keep-alive connections."""

    name = "http1"
    title = "HTTP/1.1, 32 keep-alive connections, answers of 116 bytes"
    ability = Ability.HTTP1
    tools = (("wrk", "wrk"),)
    metrics = (THROUGHPUT, CPU, Metric("p99_ms", "p99 ms", "ms", "lower", digits=2), RESIDENT)

    def command(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        return (
            "wrk",
            "--threads",
            "1",
            "--connections",
            "32",
            "--latency",
            "--duration",
            whole(amount.seconds),
            aim.url(),
        )

    def read(self, text: str) -> Reading:
        return read_wrk(text)

    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        return {"rate": reading.value, "p99_ms": reading.p99_ms or 0.0, **costs(reading, usage)}


class Http2(Workload):
    """The same over TLS and HTTP/2. The backend alone is asked over HTTP/1.1, as the subjects ask it."""

    name = "h2"
    title = "HTTP/2 over TLS, 8 connections with 16 streams each, answers of 116 bytes"
    ability = Ability.HTTP2
    tools = (("h2load", "nghttp2-client"),)
    metrics = (THROUGHPUT, CPU, RESIDENT)

    def command(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        shape = ("--clients", "8", "--max-concurrent-streams", "16") if aim.secure else ("--h1", "--clients", "32")
        return ("h2load", *shape, "--duration", whole(amount.seconds), aim.url())

    def read(self, text: str) -> Reading:
        return read_h2load(text)

    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        return {"rate": reading.value, **costs(reading, usage)}


class Latency(Workload):
    """How long a request takes when a subject has little to do."""

    name = "latency"
    title = f"Latency at a fixed rate of {RATE:,} requests/s, HTTP/1.1"
    ability = Ability.HTTP1
    metrics = (
        Metric("p50_ms", "p50 ms", "ms", "lower", compared=True, digits=3),
        Metric("p99_ms", "p99 ms", "ms", "lower", compared=True, digits=3),
        CPU,
    )

    def command(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        program = (sys.executable, "-m", "benchmarks.load.fixed_rate")
        return (*program, "--url", aim.url(), "--rate", str(RATE), "--seconds", str(amount.seconds))

    def read(self, text: str) -> Reading:
        return read_program(text)

    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        return {"p50_ms": reading.p50_ms or 0.0, "p99_ms": reading.p99_ms or 0.0, **costs(reading, usage)}


def whole(seconds: float) -> str:
    """Seconds for programs that know no fractions."""
    return str(max(1, math.ceil(seconds)))
