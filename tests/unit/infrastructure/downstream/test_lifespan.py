"""The application's beginning and end: done, failed, given up."""

import asyncio

import pytest

from app.infrastructure.downstream.lifespan import Lifespan, LifespanFailed
from app.infrastructure.downstream.site import Receive, Scope, Send


class Life:
    """An application that lives as `script` says: what it sends, and `None` for waiting for the server."""

    def __init__(self, *script: str | Exception | None) -> None:
        self.script = script
        self.received: list[str] = []
        self.cancelled = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["seen"] = scope["type"]
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if step is None:
                    self.received.append((await receive())["type"])
                else:
                    await send({"type": f"lifespan.{step}", "message": "no disk"})
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_it_starts_and_ends() -> None:
    app = Life(None, "startup.complete", None, "shutdown.complete")
    state: dict[str, object] = {}
    lifespan = Lifespan(app, state)
    assert await lifespan.start(asyncio.Event())
    assert (app.received, state) == (["lifespan.startup"], {"seen": "lifespan"})
    await lifespan.stop()
    assert app.received == ["lifespan.startup", "lifespan.shutdown"]


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        (Life(None, "startup.failed"), "no disk"),
        (Life(None, "startup.failed", ValueError("after its answer")), "no disk"),
        (Life(None, "startup.failed", None, None), "no disk"),
        (Life(None, ValueError("x")), "ValueError: x"),
        (Life(None), "ended before it had started"),
    ],
)
async def test_one_that_does_not_start_says_why(app: Life, reason: str) -> None:
    with pytest.raises(LifespanFailed, match=reason):
        await Lifespan(app, {}).start(asyncio.Event())


async def test_a_start_is_given_up_when_the_server_is_to_stop() -> None:
    stop = asyncio.Event()
    app = Life(None, None)
    starting = asyncio.ensure_future(Lifespan(app, {}).start(stop))
    for _ in range(5):
        await asyncio.sleep(0)
    assert app.received == ["lifespan.startup"]
    stop.set()
    assert not await starting
    assert app.cancelled


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        (Life(None, "startup.complete", None, "shutdown.failed"), "no disk"),
        (Life(None, "startup.complete", None, OSError("x")), "OSError: x"),
        (Life(None, "startup.complete", OSError("before")), "OSError: before"),
    ],
)
async def test_one_that_does_not_end_well_says_why(app: Life, reason: str) -> None:
    lifespan = Lifespan(app, {})
    assert await lifespan.start(asyncio.Event())
    with pytest.raises(LifespanFailed, match=reason):
        await lifespan.stop()


async def test_one_that_never_started_has_no_end() -> None:
    await Lifespan(Life(), {}).stop()
