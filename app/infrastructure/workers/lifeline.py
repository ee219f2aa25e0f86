"""The tie between a worker and its supervisor: a socket on the worker's standard input. The worker's side.

The worker writes one byte when it serves; it reads the end of the stream when the supervisor died.
"""

import importlib
import os
import signal
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, cast

READY: Final = b"R"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Lifeline:
    """`descriptor` is the socket; `grace` is how long exchanges may take, in seconds, once the supervisor is gone."""

    def __init__(self, grace: float, descriptor: int = 0) -> None:
        self._grace = grace
        self._descriptor = descriptor

    def ready(self) -> None:
        """Tell the supervisor that this worker serves."""
        try:
            os.write(self._descriptor, READY)
        except OSError:
            return  # The supervisor is gone: `_wait` ends this process.

    def watch(self) -> None:
        """End this process in the usual way, and after the grace in any way, when the supervisor is gone."""
        threading.Thread(target=self._wait, name="lifeline", daemon=True).start()

    def _wait(self) -> None:
        while os.read(self._descriptor, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(self._grace)
        os.kill(os.getpid(), signal.SIGKILL)


def load(target: str) -> Application:
    """The ASGI application named `module:attribute`."""
    module, _, attribute = target.partition(":")
    return cast("Application", getattr(importlib.import_module(module), attribute))


def announce(application: Application, ready: Callable[[], None]) -> Application:
    """`application`, calling `ready` once its lifespan has started.

    A lifespan that raises fails the start: servers would go on without it, with an application that never started.
    """

    def serve(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "lifespan":
            return _start(application, ready, (scope, receive, send))
        return application(scope, receive, send)

    return serve


async def _start(application: Application, ready: Callable[[], None], call: tuple[Scope, Receive, Send]) -> None:
    scope, receive, send = call
    settled = False

    async def pass_on(message: MutableMapping[str, Any]) -> None:
        nonlocal settled
        settled = True
        await send(message)
        if message["type"] == "lifespan.startup.complete":
            ready()

    try:
        await application(scope, receive, pass_on)
    except Exception as error:
        if settled:
            raise
        await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
