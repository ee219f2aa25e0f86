"""Results for tests of what is made of them."""

from typing import Any

from benchmarks.rig.model import BACKEND, Amount, Metric, Report, Result, Sample, Settings

RATE = Metric("rate", "requests/s", "requests/s", "higher", compared=True)
AMOUNT = Amount(5.0, 2**20, 100)
CPU = Metric("cpu_us", "CPU us/request", "us", "lower", digits=1)


def sample(subject: str, turn: int, rate: float, **more: Any) -> Sample:
    return Sample(subject, turn, {"rate": rate, "cpu_us": 1e6 / rate}, int(rate), **more)


def result(*samples: Sample, backend: float = 100_000.0, reference: str = "Envoy") -> Result:
    alone = Sample(BACKEND, 0, {"rate": backend}, int(backend))
    return Result("http1", "Small requests", [RATE, CPU], reference, list(samples), alone)


def report(*results: Result) -> Report:
    machine = {"processor": "2 x Test CPU", "python": "CPython 3.11.9"}
    return Report(
        "2026-11-24T20:00:00+00:00", machine, {"Envoy": "1.40.0"}, Settings(3, AMOUNT, AMOUNT), [], list(results)
    )
