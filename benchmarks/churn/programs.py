"""Programs of the benchmark as children: started on a core, read at their end, and ended whatever happens."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from benchmarks.rig.cores import pinned
from benchmarks.rig.runner import LoadFailed

T = TypeVar("T")

LIMIT = 240.0
"""Seconds beyond the measured ones after which a program is given up."""


def fixed_rate(port: int, rate: float, seconds: float) -> tuple[str, ...]:
    """Traffic through the route that is changed."""
    where = f"http://127.0.0.1:{port}/traffic"
    return ("benchmarks.load.fixed_rate", "--url", where, "--rate", str(rate), "--seconds", str(seconds))


@contextlib.contextmanager
def program(
    words: tuple[str, ...], environment: dict[str, str] | None = None, core: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of this package, on a core; ended at the end whatever happens."""
    with pinned(core):
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
    with process:
        try:
            yield process
        finally:
            process.kill()


def printed(process: "subprocess.Popen[bytes]", kind: type[T], seconds: float) -> T:
    """The JSON object that a program prints at its end. Raises LoadFailed."""
    name = " ".join(map(str, process.args[2:3])) if isinstance(process.args, list) else "the program"
    try:
        output, said = process.communicate(timeout=seconds + LIMIT)
    except subprocess.TimeoutExpired:
        raise LoadFailed(f"{name} did not end") from None
    if process.returncode:
        raise LoadFailed(f"{name} ended with {process.returncode}: {said.decode(errors='replace')[-600:]}")
    try:
        return msgspec.json.decode(output, type=kind)
    except msgspec.DecodeError as error:
        raise LoadFailed(f"{name}: {error}: {output[-200:]!r}") from None
