"""The open loop, as the program that the rig runs."""

import asyncio
import json
import sys
from typing import Any

from tests.backends import Answer, Wire, keep_answering, ok, raw_backend


async def fixed_rate(answer: Answer, *options: str) -> dict[str, Any]:
    async with raw_backend(answer) as backend:
        command = ["-m", "benchmarks.load.fixed_rate", "--url", f"http://127.0.0.1:{backend.port}/", *options]
        process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
        async with asyncio.timeout(30):
            printed, _ = await process.communicate()
        assert process.returncode == 0
        found: dict[str, Any] = json.loads(printed)
        return found


async def test_every_request_is_sent_and_answered() -> None:
    printed = await fixed_rate(keep_answering(ok(b"x" * 116)), "--rate", "200", "--seconds", "0.5")
    assert (printed["count"], printed["errors"], printed["value"]) == (100, 0, 200.0)
    assert 0 < printed["p50_ms"] <= printed["p99_ms"]


async def test_waiting_for_a_connection_counts_from_the_moment_when_a_request_was_due() -> None:
    """Nothing is answered for a while. A closed loop would count that once for each connection, this one for all."""

    async def answer(wire: Wire) -> None:
        await wire.request()
        await stalled
        await wire.say(ok(b"x"))
        await keep_answering(ok(b"x"))(wire)

    loop = asyncio.get_running_loop()
    stalled = loop.create_future()
    loop.call_later(1.0, stalled.set_result, None)
    printed = await fixed_rate(answer, "--rate", "500", "--seconds", "0.4")
    assert (printed["count"], printed["errors"]) == (200, 0)
    assert printed["p50_ms"] > 300  # of 200, 64 were on their connections: the others were due and waited


async def test_another_status_is_an_error() -> None:
    refused = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"
    printed = await fixed_rate(keep_answering(refused), "--rate", "100", "--seconds", "0.2")
    assert (printed["count"], printed["errors"]) == (20, 20)


async def test_a_closed_connection_is_an_error() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()

    printed = await fixed_rate(answer, "--rate", "100", "--seconds", "0.2")
    assert printed["errors"] == 20
    assert printed["p50_ms"] is None
