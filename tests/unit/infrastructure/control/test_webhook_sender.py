"""Which changes are told, and that nobody waits for it."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, cast

import httpx
import pytest
import respx

from app.domain.entities.control import Revision
from app.domain.entities.notices import ChangeNotice
from app.infrastructure.control.webhook_receiver import Delivery, Receiver
from app.infrastructure.control.webhook_sender import WebhookSender
from tests.backends import eventually
from tests.fakes import RecordedEvents

A, B = "http://a.example/hook", "http://b.example/hook"


class Rig:
    """A sender to A and B; `revisions` is what becomes live."""

    def __init__(self, *urls: str) -> None:
        self.events = RecordedEvents()
        self.revisions: asyncio.Queue[Revision | Exception] = asyncio.Queue()
        self.refusals: asyncio.Queue[ChangeNotice] = asyncio.Queue()
        receivers = [
            Receiver(url, Delivery("key", 60.0, (3600.0,)), lambda: 1.0, self.events) for url in urls or (A, B)
        ]
        ids = count(1)
        self.sender = WebhookSender(receivers, self.watch, self.refuse, lambda: f"id-{next(ids)}", self.events)

    async def watch(self) -> AsyncIterator[Revision]:
        while True:
            found = await self.revisions.get()
            if isinstance(found, Exception):
                raise found
            yield found

    async def refuse(self) -> AsyncIterator[ChangeNotice]:
        while True:
            yield await self.refusals.get()


def events_at(route: respx.Route) -> list[Any]:
    return [json.loads(cast("Any", call).request.content) for call in route.calls]


@respx.mock
async def test_every_change_is_told_once_to_everybody() -> None:
    first, second = respx.post(A).respond(200), respx.post(B).respond(200)
    rig = Rig()
    async with rig.sender.running():
        rig.sender.notice(ChangeNotice("applied", "put", "token:read-write", 1.0, revision=7))
        rig.revisions.put_nowait(Revision(7, "abc", 1.0, "file gateway.yaml"))
        await eventually(lambda: first.call_count == second.call_count == 1)
        rig.sender.notice(ChangeNotice("refused", "put", "token:read-write", 2.0))
        await eventually(lambda: first.call_count == second.call_count == 2)
    for route in (first, second):
        assert [(event["id"], event["event"]) for event in events_at(route)] == [
            ("id-1", "config.applied"),
            ("id-2", "config.refused"),
        ]
    assert rig.sender.dropped == 0


@respx.mock
async def test_a_receiver_that_hangs_delays_nobody_and_ends_in_time() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    respx.post(A).mock(side_effect=never)
    other = respx.post(B).respond(200)
    rig = Rig()
    async with asyncio.timeout(10):
        async with rig.sender.running():
            for _ in range(3):
                rig.sender.notice(ChangeNotice("refused", "put", "x", 1.0))
            await eventually(lambda: other.call_count == 3)
            before = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - before < 5


@respx.mock
async def test_what_the_store_holds_and_workers_refuse_is_told() -> None:
    route = respx.post(A).respond(200)
    rig = Rig(A)
    async with rig.sender.running():
        rig.refusals.put_nowait(ChangeNotice("refused", "store", "store", 3.0, changed=1))
        await eventually(lambda: route.called)
    assert [(event["event"], event["by"]) for event in events_at(route)] == [("config.refused", "store")]


@respx.mock
async def test_what_waits_at_the_end_still_goes_out() -> None:
    route = respx.post(A).respond(200)
    rig = Rig(A)
    async with rig.sender.running():
        for _ in range(20):
            rig.sender.notice(ChangeNotice("refused", "put", "x", 1.0))
    assert route.call_count == 20


async def test_a_journal_that_fails_is_told() -> None:
    rig = Rig(A)
    async with rig.sender.running():
        rig.revisions.put_nowait(OSError("no journal"))
        await eventually(lambda: bool(rig.events.seen))
    assert rig.events.seen[0][:2] == ("error", "webhooks are not sent any more")


async def test_the_owners_own_failure_stays_what_it_is() -> None:
    rig = Rig(A)
    with pytest.raises(KeyError):
        async with rig.sender.running():
            raise KeyError


async def test_without_receivers_nothing_runs() -> None:
    rig = Rig()
    sender = WebhookSender([], rig.watch, rig.refuse, lambda: "id", rig.events)
    async with sender.running():
        sender.notice(ChangeNotice("refused", "put", "x", 1.0))
    assert sender.dropped == 0
