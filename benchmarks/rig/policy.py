"""The workload of the full chain of policies: what a gateway is bought for, on every request."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.rig import tokens
from benchmarks.rig.model import Amount, Metric
from benchmarks.rig.reading import Reading, read_wrk
from benchmarks.rig.requests import CPU, RESIDENT, THROUGHPUT, costs, whole
from benchmarks.rig.subject import Ability
from benchmarks.rig.usage import Usage
from benchmarks.rig.workload import Aim, Workload

SCRIPT: Final = Path(__file__).parents[1] / "load" / "policy.lua"


class Policy(Workload):
    """HTTP/1.1 as in `http1`, behind a route with three matchers, a token, a limit, metrics and an access log."""

    name = "policy"
    title = "Three matchers, JWT (RS256), a limit for each consumer, JSON access log; HTTP/1.1, 32 connections"
    ability = Ability.POLICY
    tools = (("wrk", "wrk"),)
    metrics = (THROUGHPUT, CPU, Metric("p99_ms", "p99 ms", "ms", "lower", digits=2), RESIDENT)

    def command(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        load = ("wrk", "--threads", "1", "--connections", "32", "--latency", "--duration", whole(amount.seconds))
        return (*load, "--script", str(SCRIPT), aim.url(), "--", str(_tokens()))

    def read(self, text: str) -> Reading:
        return read_wrk(text)

    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        return {"rate": reading.value, "p99_ms": reading.p99_ms or 0.0, **costs(reading, usage)}


@cache
def _tokens() -> Path:
    """The file of tokens, made once and removed at the end."""
    directory = Path(tempfile.mkdtemp(prefix="bench-tokens-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return tokens.write(directory)
