"""Writes down what became live: its revision in the history, and the copy for a later start. Never delays a change."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from app.domain.control_ports import Recorder
from app.domain.entities.config import SECTIONS, ConfigChange, GatewayConfig
from app.domain.policies.config_changes import merged
from app.domain.ports import Clock, LastKnownGood

SAVE_EVERY: Final = 2.0
"""Seconds between two copies at least; and the time that one takes, ten times, so that large ones are rarer."""
ASK_AGAIN: Final = 0.05
"""Seconds until a number that another worker gives is asked for again."""
PATIENCE: Final = 40
"""How often it is asked for."""
KEPT_APART: Final = 200
"""Changes that wait to be written by themselves; more become one revision."""

Numbered = Callable[[str, int], None]
"""Is told the digest and the number of a revision."""


class Applied(msgspec.Struct):
    """A change that became live."""

    before: GatewayConfig
    after: GatewayConfig
    change: ConfigChange
    digest: str


class Bookkeeper:
    """`recorder` is None where no history is kept: revisions are then counted by this worker."""

    def __init__(self, last_known_good: LastKnownGood, recorder: Recorder | None, clock: Clock) -> None:
        self._last_known_good = last_known_good
        self._recorder = recorder
        self._clock = clock
        self._applied: list[Applied] = []
        self._unsaved: GatewayConfig | None = None
        self._save_at = 0.0
        self._count = 0
        self._noted = asyncio.Event()

    async def kept(self) -> GatewayConfig | None:
        """The copy of the last configuration that worked."""
        return await asyncio.to_thread(self._last_known_good.load)

    def note(self, before: GatewayConfig, after: GatewayConfig, change: ConfigChange, digest: str) -> None:
        """Remember what became live, to be written down soon."""
        if len(self._applied) >= KEPT_APART:
            last = self._applied[-1]
            self._applied[-1] = Applied(last.before, after, merged(last.change, change), digest)
        else:
            self._applied.append(Applied(before, after, change, digest))
        self._unsaved = after
        self._noted.set()

    async def settle(self, numbered: Numbered) -> None:
        """Write down everything that was noted. A number that another worker gives is left for `run` to ask for."""
        await self._record(numbered, patience=0)
        await self._save()

    def close(self) -> None:
        """Let another worker write the history."""
        if self._recorder is not None:
            self._recorder.close()

    async def run(self, numbered: Numbered) -> None:
        """Write down what is noted, for ever."""
        while True:
            await self._noted.wait()
            self._noted.clear()
            await self._record(numbered, PATIENCE)
            wait = self._save_at - self._clock()
            if wait > 0 and self._unsaved is not None:
                # Another change may come meanwhile: its number matters more than the copy.
                try:
                    # Not wait_for: that of Python 3.11 forgets a cancellation that comes together with the event.
                    async with asyncio.timeout(wait):
                        await self._noted.wait()
                except TimeoutError:
                    await self._save()
            else:
                await self._save()

    async def _record(self, numbered: Numbered, patience: int) -> None:
        while self._applied:
            applied = self._applied.pop(0)
            number = await self._number(applied)
            for _ in range(patience):
                if number or self._applied:
                    break
                await asyncio.sleep(ASK_AGAIN)
                number = await self._number(applied)
            numbered(applied.digest, number)
            if not number and not patience and not self._applied:
                self._applied.append(applied)
                self._noted.set()
                return

    async def _number(self, applied: Applied) -> int:
        if self._recorder is None:
            self._count += 1
            return self._count
        ids = {section: list(getattr(applied.change, section)) for section in SECTIONS}
        return await asyncio.to_thread(self._recorder.record, applied.before, applied.after, ids, applied.digest)

    async def _save(self) -> None:
        if self._unsaved is None:
            return
        config, self._unsaved = self._unsaved, None
        began = self._clock()
        await asyncio.to_thread(self._last_known_good.save, config)
        ended = self._clock()
        self._save_at = ended + max(SAVE_EVERY, 10 * (ended - began))
