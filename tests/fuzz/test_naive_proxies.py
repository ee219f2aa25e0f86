"""The harness finds what it is for: proxies that are easily fooled do not get through a few hundred streams."""

from collections.abc import Callable

import pytest

from tests.fuzz.campaign import Campaign, Tally
from tests.fuzz.message import request
from tests.fuzz.naive_proxy import Relay, believe_length, naive_proxy, pass_bytes
from tests.fuzz.raw_backend import raw_backend
from tests.fuzz.reading import GRANIAN
from tests.fuzz.rig import VALUE
from tests.fuzz.stream import Stream, make
from tests.fuzz.tokens import token

STREAMS = 250


async def found(relay: Relay, streams: dict[int, Stream]) -> Tally:
    async with raw_backend() as backend, naive_proxy(backend.port, relay) as port:
        return await Campaign(port, backend, GRANIAN, VALUE).run(streams.values(), streams.__getitem__)


def impatient(seed: int) -> dict[int, Stream]:
    """None that waits for an end of the connection: a naive proxy may never give it."""
    return {index: Stream(index, make(seed, index).parts) for index in range(STREAMS)}


def findings(tally: Tally, kind: str) -> list[str]:
    return [finding for failure in tally.failures for finding in failure.findings if finding.startswith(kind)]


@pytest.mark.parametrize("relay", [lambda: pass_bytes, lambda: believe_length(VALUE)], ids=["bytes", "length"])
async def test_a_naive_proxy_is_found_out(relay: Callable[[], Relay]) -> None:
    tally = await found(relay(), impatient(1))
    assert findings(tally, "smuggled: ")
    assert findings(tally, "doubt: ")
    assert findings(tally, "not sent: ")


async def test_a_hidden_request_is_found_though_the_proxy_marks_everything_that_it_passes() -> None:
    hidden = request(b"GET", b"/" + token(7, 1)).render()
    outer = request(b"POST", b"/" + token(7, 2), b"Content-Length: 0", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n")
    tally = await found(believe_length(VALUE), {7: Stream(7, (outer.render() + hidden,))})
    assert [failure.stream.index for failure in tally.failures] == [7]


async def test_plain_streams_leave_nothing_to_find() -> None:
    streams = {index: Stream(index, (request(b"GET", b"/" + token(index, 1)).render(),)) for index in range(20)}
    tally = await found(believe_length(VALUE), streams)
    assert (tally.streams, tally.forwarded, tally.failures) == (20, 20, [])
