"""The way to the Redis that counts: opened, watched and opened again in the background. Not for what is asked there.

No retries and short timeouts (a client's defaults stall requests for seconds): after one failure nobody asks any
more until the background has found the server well again.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import hiredis

from app.domain.limit_ports import LimitStoreDown
from app.domain.ports import Clock, Events
from app.infrastructure.ratelimit.redis_opening import LinkOptions, Opener, Script, Wires, close, wire_of
from app.infrastructure.ratelimit.redis_wire import Asker, RedisWire, WireLost, Word

PAUSE: Final = 0.25
"""Seconds between two attempts."""
SETTLED: Final = 0.5
"""Seconds after which an open connection is a good one."""
TOO_OFTEN: Final = 3
"""Times in a row that connections may be lost before that."""


class RedisLink:
    """Usable while `run` runs and has found the server well."""

    def __init__(self, options: LinkOptions, scripts: Sequence[Script], clock: Clock, events: Events) -> None:
        self._options = options
        self._events = events
        self._opener = Opener(options, scripts, clock, self.lose)
        self._wires: Wires = []
        self._lost = asyncio.Event()
        self._problem = ""
        self._told = ""
        self.questions = 0
        """Scripts that were asked for."""

    @property
    def is_open(self) -> bool:
        """Whether questions can be asked now."""
        return bool(self._wires)

    def ask(self, script: Script, key: bytes, arguments: Sequence[Word], asker: Asker) -> None:
        """Run a script on a key. Raises LimitStoreDown."""
        if not self._wires:
            raise LimitStoreDown
        self.questions += 1
        wire = wire_of(self._wires, key)
        wire.ask(("EVALSHA", script.sha, 1, key, *arguments), _Resent(self, wire, script, (key, *arguments), asker))

    async def run(self) -> None:
        """Keep it open. Never ends, never raises."""
        lost_early = 0
        while True:
            self._lost.clear()
            try:
                self._wires = await self._opener.open()
            except (OSError, ValueError, WireLost) as error:
                self._tell(str(error) or type(error).__name__)
                await asyncio.sleep(PAUSE)
                continue
            lost_early = lost_early + 1 if await self._until_lost() else 0
            if lost_early:
                await asyncio.sleep(PAUSE)
            if lost_early >= TOO_OFTEN:
                self._tell(self._problem)

    async def _until_lost(self) -> bool:
        """Whether it was lost soon. Once it was not, all is well."""
        wires = self._wires
        try:
            try:
                async with asyncio.timeout(SETTLED):
                    await self._lost.wait()
            except TimeoutError:
                self._tell("")
            else:
                return True
            await self._lost.wait()
        finally:
            self._close(wires)
        return False

    def lose(self, why: str) -> None:
        """It cannot be used as it is: `run` opens it anew."""
        self._problem = why
        wires, self._wires = self._wires, []
        self._lost.set()
        self._close(wires)

    def _close(self, wires: Wires) -> None:
        self._wires = []
        close(wires)

    def _tell(self, problem: str) -> None:
        """Once for each change, not for what was well again at once."""
        if problem and not self._told:
            self._events.warning(
                f"the Redis that counts for limits of scope cluster cannot be used: {problem}; "
                "until it can, each route does what its on_store_failure says",
                store=self._options.name,
            )
        elif self._told and not problem:
            self._events.info(
                "the Redis that counts for limits of scope cluster is used again", store=self._options.name
            )
        self._told = problem


ANSWERS: Final = 7
"""Numbers that a script answers."""


class _Resent:
    """Sends a script again in full where the server has forgotten it, and tells the link of other errors."""

    __slots__ = ("_asker", "_link", "_script", "_wire", "_words")

    def __init__(self, link: RedisLink, wire: RedisWire, script: Script, words: tuple[Word, ...], asker: Asker) -> None:
        self._link = link
        self._wire = wire
        self._script = script
        self._words = words
        self._asker = asker

    def answered(self, answer: Any, sent: float, received: float) -> None:
        if isinstance(answer, list) and len(answer) == ANSWERS:
            self._asker.answered(answer, sent, received)
            return
        text = str(answer) if isinstance(answer, hiredis.ReplyError) else "answers what no script of ours does"
        if text.startswith("NOSCRIPT"):
            self._wire.ask(("EVAL", self._script.text, 1, *self._words), self)
            return
        if not text.startswith("WRONGTYPE"):
            self._link.lose(text)
        self._asker.failed()

    def failed(self) -> None:
        self._asker.failed()
