"""The application `app.main:app` with one more page, `/-/soak`: what the worker holds, as JSON. Only for the soak.

Tasks and pools cannot be seen from outside of the process, and the gateway itself has no business to show them. The
page is answered in front of the gateway, by the same server on the same event loop; everything else is handed on in
one call. The transport is known because `app.main` makes it by a name of its module, which stands for a factory here
that remembers what it made.
"""

import asyncio
import gc
import sys
from collections.abc import Awaitable
from typing import Final

import msgspec

from app import main
from app.infrastructure.transport.dial import AddressProblem
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.interfaces.asgi import Receive, Scope, Send
from tests.soak.held import Held

PAGE: Final = "/-/soak"


_transports: Final[list[HttpTransport]] = []


def _remember(resolver: Resolver, problem: AddressProblem) -> HttpTransport:
    transport = HttpTransport(resolver, problem)
    _transports.append(transport)
    return transport


def held() -> Held:
    """What this process holds now."""
    pools = [upstream._pool for transport in _transports for upstream in list(transport._upstreams)]
    idle = sum(len(pool._idle) for pool in pools)
    return Held(
        tasks=len(asyncio.all_tasks()),
        upstreams=len(pools),
        busy=sum(pool.size for pool in pools) - idle,
        idle=idle,
        waiting=sum(len(pool._waiters) for pool in pools),
        watched=sum(len(transport._sweeper) for transport in _transports),
        blocks=sys.getallocatedblocks(),
        collections=gc.get_stats()[2]["collections"],
    )


def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """The gateway, and the page. With a query the garbage is collected first: what only waits for that is no leak."""
    if scope["type"] == "http" and scope["path"] == PAGE:
        if scope["query_string"]:
            gc.collect()
        return _show(send)
    return main.app(scope, receive, send)


async def _show(send: Send) -> None:
    body = msgspec.json.encode(held())
    fields = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": body})


setattr(main, "HttpTransport", _remember)  # noqa: B010  # a name of the module, which mypy takes for a type
