"""Request bodies over ASGI: pieces, the client leaving, stalling, and draining what nobody wants."""

import pytest

from app.domain.errors import BodyTimeout, ClientGone
from app.interfaces.inbound_body import InboundBody
from tests.asgi import Server, part


async def test_yields_every_piece_and_counts() -> None:
    server = Server(part(b"ab", more=True), part(b"", more=True), part(b"c"))
    body = InboundBody(server.receive, 5)
    assert not body.ended
    assert [piece async for piece in body] == [b"ab", b"", b"c"]
    assert (body.ended, body.received) == (True, 3)
    assert [piece async for piece in body] == []


async def test_a_client_that_leaves_is_told_apart_from_one_that_stalls() -> None:
    server = Server(part(b"ab", more=True))
    body = InboundBody(server.receive, 0.05)
    assert await anext(body) == b"ab"
    with pytest.raises(BodyTimeout) as stalled:
        await anext(body)
    assert (stalled.value.status, stalled.value.close) == (408, True)
    server.leave()
    with pytest.raises(ClientGone):
        await anext(body)


async def test_draining_stops_at_the_end_the_limit_the_time_and_the_clients_leaving() -> None:
    whole = InboundBody(Server(part(b"ab", more=True), part(b"c")).receive, 5)
    await whole.drain(1000, 5)
    assert whole.ended
    limited = InboundBody(Server(*[part(b"x" * 10, more=True)] * 9).receive, 5)
    await limited.drain(25, 5)
    assert limited.received == 30
    stalled = InboundBody(Server(part(b"ab", more=True)).receive, 5)
    await stalled.drain(1000, 0.05)
    left = Server()
    left.leave()
    await InboundBody(left.receive, 5).drain(1000, 5)
    assert not stalled.ended
