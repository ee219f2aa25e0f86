"""Tells receivers of every change that became live, and of every one that was refused. Not for deciding what those are.

What became live comes from the journal of revisions, so that changes made in the store by hand are told too, and each
just once; refusals come from the admin service and from what workers refuse of the store. A receiver that is slow or
gone delays nobody.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx

from app.domain.entities.control import Revision
from app.domain.entities.notices import ChangeNotice
from app.domain.ports import Events
from app.infrastructure.control.webhook_messages import Message, applied, refused
from app.infrastructure.control.webhook_receiver import Receiver

CLOSING: Final = 1.5
"""Seconds in which what waits may still go out at the end."""

NewRevisions = Callable[[], AsyncIterator[Revision]]
"""Revisions that become live from now on, for ever."""
NewRefusals = Callable[[], AsyncIterator[ChangeNotice]]
"""What workers refuse of the store from now on, for ever."""


class WebhookSender:
    """`notice` is for whoever refuses changes, `running` for whoever owns the process."""

    def __init__(
        self,
        receivers: Sequence[Receiver],
        revisions: NewRevisions,
        refusals: NewRefusals,
        new_id: Callable[[], str],
        events: Events,
    ) -> None:
        self._receivers = receivers
        self._revisions = revisions
        self._refusals = refusals
        self._new_id = new_id
        self._events = events

    @property
    def dropped(self) -> int:
        """Messages that a receiver did not get."""
        return sum(receiver.dropped for receiver in self._receivers)

    def notice(self, notice: ChangeNotice) -> None:
        """Tell of a refused change; applied ones are told when their revision is live. Never waits, never raises."""
        if notice.outcome == "refused":
            self._tell(refused(self._new_id(), notice))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send as long as the block runs, and for `CLOSING` seconds more if something waits then."""
        if not self._receivers:
            yield
            return
        task = asyncio.get_running_loop().create_task(self._run())
        task.add_done_callback(self._report)
        try:
            yield
        finally:
            for receiver in self._receivers:
                receiver.close()
            await asyncio.wait([task], timeout=CLOSING)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        # Receivers bound each attempt as a whole.
        client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=None)  # noqa: S113  # see above
        async with client, asyncio.TaskGroup() as tasks:
            followers = [tasks.create_task(self._follow()), tasks.create_task(self._follow_refusals())]
            sending = [tasks.create_task(receiver.run(client)) for receiver in self._receivers]
            await asyncio.wait(sending)
            for follower in followers:
                follower.cancel()

    async def _follow(self) -> None:
        async for revision in self._revisions():
            self._tell(applied(self._new_id(), revision))

    async def _follow_refusals(self) -> None:
        async for notice in self._refusals():
            self.notice(notice)

    def _tell(self, message: Message) -> None:
        for receiver in self._receivers:
            receiver.put(message)

    def _report(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._events.error("webhooks are not sent any more", error=repr(error))
