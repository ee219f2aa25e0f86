"""One receiver: signatures, further attempts, and what happens when it is gone."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import respx

from app.infrastructure.control.webhook_messages import Message
from app.infrastructure.control.webhook_receiver import QUEUED, Delivery, Receiver
from tests.backends import eventually
from tests.fakes import RecordedEvents

URL = "https://hooks.example/T0/s3cret?x=s3cret"
MESSAGE = Message("id-1", b'{"a":1}')


class Rig:
    """A receiver with its surroundings; the clock moves on by one second an attempt."""

    def __init__(self, *retries: float, seconds: float = 5.0) -> None:
        self.now = 1_700_000_000.0
        self.events = RecordedEvents()
        self.receiver = Receiver(URL, Delivery("key", seconds, retries), self.clock, self.events)

    def clock(self) -> float:
        self.now += 1
        return self.now

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Receiver]:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.TaskGroup() as tasks:
            tasks.create_task(self.receiver.run(client))
            yield self.receiver
            self.receiver.close()


@respx.mock
async def test_a_message_is_signed_by_the_recipe() -> None:
    route = respx.post(URL).respond(204)
    rig = Rig()
    async with rig.running() as receiver:
        receiver.put(MESSAGE)
        await eventually(lambda: route.called)
    request = route.calls.last.request
    assert request.content == MESSAGE.body
    assert request.headers["x-gateway-delivery"] == "id-1"
    assert request.headers["x-gateway-timestamp"] == "1700000001"
    wanted = hmac.new(b"key", b"1700000001." + MESSAGE.body, hashlib.sha256).hexdigest()
    assert request.headers["x-gateway-signature-256"] == f"sha256={wanted}"
    assert receiver.dropped == 0


@respx.mock
async def test_a_receiver_that_fails_is_tried_again_with_a_new_time() -> None:
    answers: list[httpx.Response | Exception] = [
        httpx.Response(500),
        httpx.ConnectError("refused"),
        httpx.Response(429),
        httpx.Response(200),
    ]
    route = respx.post(URL).mock(side_effect=answers)
    rig = Rig(0.0, 0.0, 0.0)
    async with rig.running() as receiver:
        receiver.put(MESSAGE)
        await eventually(lambda: route.call_count == 4)
    times = [call.request.headers["x-gateway-timestamp"] for call in route.calls]
    assert len(set(times)) == 4
    assert {call.request.headers["x-gateway-delivery"] for call in route.calls} == {"id-1"}
    assert (receiver.dropped, rig.events.seen) == (0, [])


@respx.mock
@pytest.mark.parametrize(
    ("answer", "attempts", "reason"),
    [
        (httpx.Response(500), 3, "answers 500"),
        (httpx.ReadError(""), 3, "ReadError"),
        (httpx.Response(410), 1, "answers 410"),
        (httpx.Response(302, headers={"location": "https://other.example"}), 1, "answers 302"),
    ],
)
async def test_what_no_attempt_delivers_is_told_without_the_secret_path(
    answer: httpx.Response | Exception, attempts: int, reason: str
) -> None:
    route = respx.post(URL).mock(side_effect=[answer] * attempts)
    rig = Rig(0.0, 0.0)
    async with rig.running() as receiver:
        receiver.put(MESSAGE)
        await eventually(lambda: receiver.dropped == 1)
    assert route.call_count == attempts
    [(level, text, fields)] = rig.events.seen
    assert (level, text) == ("warning", "a webhook was not delivered")
    assert fields == {"url": "https://hooks.example/…", "delivery": "id-1", "reason": reason}


@respx.mock
async def test_an_attempt_is_bounded() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    respx.post(URL).mock(side_effect=never)
    rig = Rig(seconds=0.02)
    async with rig.running() as receiver:
        receiver.put(MESSAGE)
        await eventually(lambda: receiver.dropped == 1)
    assert rig.events.seen[0][2]["reason"] == "no answer within 0.02 seconds"


@respx.mock
async def test_closing_waits_for_no_further_attempt() -> None:
    route = respx.post(URL).respond(500)
    rig = Rig(3600.0)
    async with asyncio.timeout(5):
        async with rig.running() as receiver:
            receiver.put(MESSAGE)
            receiver.put(MESSAGE)
            await eventually(lambda: route.called)
    assert receiver.dropped == 2
    assert route.call_count == 2


def test_too_many_are_dropped_and_told_once() -> None:
    rig = Rig()
    for _ in range(QUEUED + 3):
        rig.receiver.put(MESSAGE)
    assert rig.receiver.dropped == 3
    assert [text for _, text, _ in rig.events.seen] == ["webhooks are dropped: too many wait"]


@pytest.mark.parametrize("url", ["nonsense", "ftp://a/x", "http://", "http://[::1/x"])
def test_what_is_no_url_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        Receiver(url, Delivery("key"), lambda: 0.0, RecordedEvents())


def test_nothing_is_sent_unsigned() -> None:
    with pytest.raises(ValueError, match="expected a secret"):
        Receiver(URL, Delivery(""), lambda: 0.0, RecordedEvents())
