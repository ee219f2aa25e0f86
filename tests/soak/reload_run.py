"""One soak of reloads, from an empty store to a verdict. How many changes, and over which store, is the caller's."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec

from app.infrastructure.control.journal_writer import JournalLimits
from benchmarks.load.backend import Connection
from tests.redis_server import standalone
from tests.soak.fit import HOUR, Fit, fit
from tests.soak.reload_changes import Changes
from tests.soak.reload_held import BACK, ReloadHeld
from tests.soak.reload_scene import Scene, scene
from tests.soak.reload_stores import Written, WrittenFile, WrittenRedis
from tests.soak.sample import MIB

Kind = Literal["redis", "file"]

SAMPLES: Final = 80
RESTS: Final = 20
RELOAD_EVERY: Final = 50
LAST: Final = 10**9 + 3
"""A version that is equal to that of no change, in nothing."""
STRAY: Final = {"fds": 4, "pools": 2, "regexes": 1, "conditions": 1}
"""How much more than before may be left: connections that are idle, and what was made first and is frozen."""
JOURNAL: Final = JournalLimits().most + JournalLimits().slack


class ReloadRun(msgspec.Struct):
    """What happened."""

    store: Kind
    before: ReloadHeld
    after: ReloadHeld
    """With the configuration of `before`, and the garbage collected."""
    samples: list[ReloadHeld]
    """As it is."""
    rests: list[ReloadHeld]
    """With the garbage collected: what only waits for that is no leak."""
    late: list[str]
    unexpected: list[str]

    @property
    def slope(self) -> Fit:
        """Of memory, in MiB for each thousand changes, after the first half."""
        half = self.rests[len(self.rests) // 2 :]
        return fit([(one.changes / 1000 * HOUR, one.rss / MIB) for one in half], group=1)

    def faults(self) -> list[str]:
        """What is not as it must be, memory apart."""
        found = [
            f"{name}: {getattr(self.after, name)}, before {getattr(self.before, name)}"
            for name in BACK
            if getattr(self.after, name) > getattr(self.before, name) + STRAY.get(name, 0)
        ]
        if max(one.journal for one in self.samples) > JOURNAL:
            found.append(f"journal: larger than {JOURNAL} bytes")
        return [*found, *(f"not in time: {one}" for one in self.late), *self.unexpected]


@asynccontextmanager
async def store_of(kind: Kind, folder: Path) -> AsyncIterator[tuple[Written, Path]]:
    """An empty store, and the configuration file, which only one of the kinds reads."""
    config = folder / "gateway.json"
    if kind == "file":
        yield WrittenFile(config), config
        return
    with standalone(folder / "redis") as server:
        yield WrittenRedis(server), config


async def run(kind: Kind, changes: int, tell: Callable[[int], None] = lambda _: None) -> ReloadRun:
    """So many changes over one store. `tell` hears of each."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reloads-")))
        ports = await stack.enter_async_context(service()), await stack.enter_async_context(service())
        store, config = await stack.enter_async_context(store_of(kind, folder))
        making = Changes(ports)
        await store.write(*making.all(0), *making.shared())
        seen = await stack.enter_async_context(scene(store, folder, config))
        return await _changed(seen, making, (kind, changes), tell)


@asynccontextmanager
async def service() -> AsyncIterator[int]:
    """The port of a service that remembers nothing: what it would keep could not be told from what the gateway does."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _changed(seen: Scene, making: Changes, amount: tuple[Kind, int], tell: Callable[[int], None]) -> ReloadRun:
    kind, changes = amount
    # What the first configuration made is kept for good (`gc.freeze` in app.main): not so the second.
    await seen.make(*making.all(LAST))
    before = seen.held(collect=True)
    samples, rests = [], []
    for number in range(1, changes + 1):
        await seen.make(making.number(number))
        if number % RELOAD_EVERY == 0:
            await seen.reload()
        if number % max(1, changes // SAMPLES) == 0:
            samples.append(seen.held())
        if number % max(1, changes // RESTS) == 0:
            rests.append(seen.held(collect=True))
        tell(number)
    await seen.make(*making.all(LAST + 1))
    after = seen.held(collect=True)
    late = [f"{one.section}.{one.id}" for one in seen.late]
    return ReloadRun(kind, before, after, samples, rests, late, seen.unexpected)
