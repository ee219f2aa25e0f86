"""An http server of Node.js as the backend, with its lenient parser. It tells of each request on standard output."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from tests.fuzz.sighting import Sighting, head_problem, sighting

_SCRIPT: Final = Path(__file__).with_name("node_backend.js")


class _Line(msgspec.Struct):
    method: str
    target: str
    head: str
    body: str
    complete: bool
    problem: str


class NodeBackend:
    """`drain` gives what was seen since the last time."""

    name = "node"

    def __init__(self, port: int) -> None:
        self.port = port
        self._seen: list[Sighting] = []

    def drain(self) -> list[Sighting]:
        """Every request since the last call."""
        seen, self._seen = self._seen, []
        return seen

    async def listen(self, stream: asyncio.StreamReader) -> None:
        """Keep reading what it tells."""
        while line := await stream.readline():
            self._seen.append(_sighting(msgspec.json.decode(line, type=_Line)))


def _sighting(told: _Line) -> Sighting:
    if told.problem:
        return _refused(told.problem)
    head = f"{told.method} {told.target} HTTP/1.1\r\n{told.head}\r\n\r\n".encode("latin-1", "replace")
    return sighting(head, bytes.fromhex(told.body), complete=told.complete)


def _refused(problem: str) -> Sighting:
    """Node.js knows some methods and no others: a plain head with such a one is no finding, everything else is."""
    code, _, raw = problem.partition(" ")
    head = raw.encode("latin-1").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    doubt = head_problem(head) if code == "HPE_INVALID_METHOD" else f"{code} {raw[:300]!r}"
    return sighting(head, b"", complete=False, problem=doubt)


def node_missing() -> str:
    """Why there is no such backend; empty when there is."""
    return "" if shutil.which("node") else "Node.js is not installed"


@asynccontextmanager
async def node_backend() -> AsyncIterator[NodeBackend]:
    """One on a free loopback port."""
    process = await asyncio.create_subprocess_exec(
        shutil.which("node") or "node", str(_SCRIPT),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=4 * 1024 * 1024,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(10):
            backend = NodeBackend(int(await process.stdout.readline()))
        reading = asyncio.ensure_future(backend.listen(process.stdout))
        yield backend
        reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
