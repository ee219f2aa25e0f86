"""Workloads of the programs in `benchmarks/load`: large bodies, WebSockets, and connections that do nothing."""

import sys

from benchmarks.rig.model import Amount, Metric
from benchmarks.rig.reading import Reading, read_program
from benchmarks.rig.requests import CPU, RESIDENT
from benchmarks.rig.subject import Ability
from benchmarks.rig.usage import MIB, Usage
from benchmarks.rig.workload import Aim, Workload

SOCKETS = 100
MESSAGE = 128
SPEED = Metric("speed", "MiB/s", "MiB/s", "higher", compared=True)
CPU_OF_GIB = Metric("cpu_gib", "CPU ms/GiB", "ms", "lower", compared=True)
GROWTH = Metric("growth_mib", "RSS growth MiB", "MiB", "lower", digits=1)


class Program(Workload):
    """A load program of this package, before the backend of bodies and WebSockets."""

    backend = "streams"

    def command(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        return (sys.executable, "-m", f"benchmarks.load.{self.name}", "--url", aim.url(""), *self.options(aim, amount))

    def options(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        """What the program is told beside the URL."""
        raise NotImplementedError

    def read(self, text: str) -> Reading:
        return read_program(text)


class Transfer(Program):
    """One body on one connection. How much memory grows says whether it is held back or piled up."""

    ability = Ability.STREAMS
    metrics = (SPEED, CPU_OF_GIB, GROWTH, RESIDENT)

    def __init__(self, name: str, way: str) -> None:
        self.name = name
        self.title = f"One large body {way}, HTTP/1.1"

    def options(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        return ("--bytes", str(amount.body))

    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        figures = {"speed": reading.value}
        if usage and reading.value:
            gib = reading.value * reading.seconds / 1024
            figures["cpu_gib"] = usage.cpu_seconds * 1e3 / gib
            figures |= {"growth_mib": usage.growth / MIB, "rss_mib": usage.resident / MIB}
        return figures


class WebSocket(Program):
    """Each client sends a message when the one before has come back."""

    name = "websocket"
    title = f"WebSocket echo, {SOCKETS} connections, messages of {MESSAGE} bytes"
    ability = Ability.WEBSOCKET
    metrics = (
        Metric("rate", "messages/s", "messages/s", "higher", compared=True),
        Metric("cpu_us", "CPU us/message", "us", "lower", compared=True, digits=1),
        Metric("p99_ms", "p99 ms", "ms", "lower", digits=2),
        RESIDENT,
    )

    def options(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        return ("--seconds", str(amount.seconds), "--connections", str(SOCKETS), "--size", str(MESSAGE))

    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        figures = {"rate": reading.value, "p99_ms": reading.p99_ms or 0.0}
        if usage and reading.count:
            figures |= {CPU.key: usage.cpu_seconds / reading.count * 1e6, "rss_mib": usage.resident / MIB}
        return figures


class Idle(Program):
    """Connections that each have made one request. The program reads the subject's memory itself, and warms it up."""

    name = "idle"
    title = "Memory of an idle keep-alive connection"
    ability = Ability.STREAMS
    warms_up = False
    metrics = (Metric("kib", "KiB/connection", "KiB", "lower", compared=True, digits=1), RESIDENT)

    def options(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        return ("--connections", str(amount.connections), "--pid", str(aim.pid))

    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        return {"kib": reading.value, **({"rss_mib": usage.resident / MIB} if usage else {})}
