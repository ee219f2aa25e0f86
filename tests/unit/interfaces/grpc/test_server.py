"""The start and the end of the server; calls are in tests/integration/test_grpc.py."""

import asyncio
import socket

import grpc
import pytest

from app.interfaces.grpc.authorization import Tokens
from app.interfaces.grpc.options import GrpcOptions
from app.interfaces.grpc.server import GrpcStartError, make_grpc_server
from tests.grpc_harness import TOKENS, calling, make_plane, serving


async def test_it_serves_from_start_to_stop() -> None:
    async with serving() as plane:
        async with calling(plane) as caller:
            await caller.get()
        before = asyncio.all_tasks()
        assert plane.server is not None
        await plane.server.stop(0)
        assert {task for task in before if not task.done()} == {asyncio.current_task()}
        async with calling(plane) as caller:
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await caller.get()
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("address", ["localhost:0", ":0"])
async def test_where_it_listens(address: str) -> None:
    async with serving(options=GrpcOptions(address)) as plane, calling(plane) as caller:
        await caller.get()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("192.0.2.1:0", "this machine does not have that address"),
        ("nowhere.invalid:0", "nowhere.invalid:0"),
        ("127.0.0.1:http-or-so", "127.0.0.1:http-or-so"),
        ("127.0.0.1", "expected host:port"),
    ],
)
async def test_where_it_cannot_listen(address: str, reason: str) -> None:
    server = make_grpc_server(make_plane().parts(), TOKENS, GrpcOptions(address))
    with pytest.raises(GrpcStartError, match=f"cannot listen on .*{reason}"):
        await server.start()


async def test_a_port_that_somebody_else_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = make_grpc_server(make_plane().parts(), TOKENS, GrpcOptions(f"127.0.0.1:{taken.getsockname()[1]}"))
        with pytest.raises(GrpcStartError, match="the port is in use"):
            await server.start()


async def test_it_needs_a_token() -> None:
    with pytest.raises(ValueError, match="token is empty"):
        make_grpc_server(make_plane().parts(), Tokens(""), GrpcOptions("127.0.0.1:0"))
