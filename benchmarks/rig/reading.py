"""What a load generator printed, as figures: wrk, h2load, and the load programs of this package."""

import re
from dataclasses import dataclass

import msgspec

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3, "h": 3600e3}
"""Milliseconds."""


class UnreadableOutput(Exception):
    """A load generator printed something else than expected; the text is the end of it."""


@dataclass(frozen=True)
class Reading:
    """Figures of one load."""

    value: float
    """In the unit of the workload: requests/s, MB/s and so on."""
    count: int
    errors: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    seconds: float = 0.0
    """How long the load took, where it says so."""


def read_wrk(text: str) -> Reading:
    """What `wrk --latency` prints. Raises UnreadableOutput.

    wrk counts an answer with another status than 2xx and 3xx as a request like any other: here it is an error, and so
    is each failure of a socket.
    """
    rate = re.search(r"^Requests/sec:\s+([\d.]+)", text, re.MULTILINE)
    done = re.search(r"^\s+(\d+) requests in ", text, re.MULTILINE)
    if not rate or not done:
        raise UnreadableOutput(text[-300:])
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors = (int(wrong[1]) if wrong else 0) + (sum(map(int, sockets.groups())) if sockets else 0)
    return Reading(float(rate[1]), int(done[1]), errors, _wrk_percentile(text, 50), _wrk_percentile(text, 99))


def _wrk_percentile(text: str, percent: int) -> float | None:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m|h)$", text, re.MULTILINE)
    return float(found[1]) * _UNITS[found[2]] if found else None


def read_h2load(text: str) -> Reading:
    """What h2load prints. Raises UnreadableOutput. Everything but an answer with 2xx is an error."""
    rate = re.search(r"^finished in .*?, ([\d.]+) req/s", text, re.MULTILINE)
    done = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", text)
    codes = re.search(r"(\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text)
    if not rate or not done or not codes:
        raise UnreadableOutput(text[-300:])
    # "failed" is the sum of errored, timed out and answered with another status than 2xx and 3xx.
    errors = int(done[3]) + int(codes[2])
    return Reading(float(rate[1]), int(codes[1]), errors)


class _Printed(msgspec.Struct):
    """What each program in `benchmarks/load` prints."""

    unit: str
    value: float
    count: int
    seconds: float
    errors: int
    p50_ms: float | None = None
    p99_ms: float | None = None


def read_program(text: str) -> Reading:
    """The JSON object that a load program prints. Raises UnreadableOutput."""
    try:
        printed = msgspec.json.decode(text.strip(), type=_Printed)
    except msgspec.DecodeError as error:
        raise UnreadableOutput(f"{error}: {text[-300:]}") from None
    return Reading(printed.value, printed.count, printed.errors, printed.p50_ms, printed.p99_ms, printed.seconds)
