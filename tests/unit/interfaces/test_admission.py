"""Who is turned away before anything else, how, and that it is told."""

import json

import pytest

from app.domain.entities.units import Rate
from app.domain.errors import GatewayRefusal
from app.domain.policies.address_rate import AddressRate
from app.domain.policies.occasions import Occasions
from app.domain.policies.shedding import Shedder
from app.domain.refusals import LimitExceeded
from app.interfaces.admission import ADMITTED, AGAIN_AFTER, Admission
from tests.asgi import Server, http_scope
from tests.fakes import RecordedEvents


def late() -> Shedder:
    shedder = Shedder(1.0)
    for _ in range(60):
        shedder.observe(3.0)
    return shedder


def limited(events: RecordedEvents) -> Admission:
    return Admission(AddressRate(Rate(1, "min"), lambda _: False, lambda: 5.0), None, Occasions(events, lambda: 5.0))


def test_without_limits_everybody_passes() -> None:
    admission = Admission()
    assert admission.wait(http_scope(b"/")) == ADMITTED
    admission.check(http_scope(b"/"))


async def test_a07_a_client_that_asks_too_often_is_answered_at_once() -> None:
    events, server = RecordedEvents(), Server()
    admission, scope = limited(events), http_scope(b"/", peer="192.0.2.1")
    assert admission.wait(scope) == ADMITTED
    assert admission.wait(scope) == 60
    await admission.refuse(60, scope, server.send, [(b"date", b"now")])
    assert (server.status, server.headers[b"retry-after"], server.headers[b"date"]) == (429, b"60", b"now")
    assert json.loads(server.body)["code"] == "rate_limited"
    assert server.headers[b"content-length"] == str(len(server.body)).encode()
    with pytest.raises(LimitExceeded) as refused:
        admission.check(scope)
    assert refused.value.retry_after == 60
    [(level, message, fields)] = events.seen
    assert (level, fields) == ("warning", {"count": 1, "address": "192.0.2.1"})
    assert "client_rate" in message


async def test_head_gets_no_body_and_who_has_no_address_is_not_counted() -> None:
    events, server = RecordedEvents(), Server()
    admission = limited(events)
    await admission.refuse(1, {**http_scope(b"/"), "method": "HEAD"}, server.send, [])
    assert (server.status, server.body) == (429, b"")
    nobody = {**http_scope(b"/"), "client": None}
    assert [admission.wait(nobody) for _ in range(3)] == [ADMITTED] * 3
    assert isinstance(admission.refusal(1, nobody), LimitExceeded)


async def test_a07_a_late_worker_turns_requests_away() -> None:
    events, server = RecordedEvents(), Server()
    admission = Admission(None, late(), Occasions(events, lambda: 5.0))
    scope = http_scope(b"/")
    waits = [admission.wait(scope) for _ in range(100)]
    assert set(waits) == {ADMITTED, -AGAIN_AFTER}
    assert waits.count(ADMITTED) < 10
    await admission.refuse(-AGAIN_AFTER, scope, server.send, [])
    assert (server.status, server.headers[b"retry-after"]) == (503, b"2")
    assert json.loads(server.body)["code"] == "overloaded"
    refused = admission.refusal(-AGAIN_AFTER, scope)
    assert isinstance(refused, GatewayRefusal)
    assert (refused.status, refused.code, refused.retry_after) == (503, "overloaded", AGAIN_AFTER)
    assert [message for _, message, _ in events.seen] == ["requests refused: this worker is late (shed_lag)"]


async def test_without_events_nothing_is_told() -> None:
    server = Server()
    await Admission().refuse(1, http_scope(b"/"), server.send, [])
    assert server.status == 429
