"""Hypercorn in the test's own process and event loop, on a free port of loopback. Not for the gateway's workers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config


@asynccontextmanager
async def serving(app: Any, **settings: Any) -> AsyncIterator[int]:
    """The port on which `app` is served, with `settings` of Hypercorn's configuration."""
    stop = asyncio.Event()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.errorlog = None
    for name, value in settings.items():
        setattr(config, name, value)
    port = listener.getsockname()[1]
    running = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))
    yield port
    stop.set()
    await asyncio.wait_for(running, 5)
    listener.detach()  # closed by the server
