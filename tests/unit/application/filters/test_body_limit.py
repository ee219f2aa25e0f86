"""Filter `body_limit`."""

import pytest

from app.application.filters.body_limit import KIND, BodyLimitFilter
from app.application.kinds import Place
from app.domain.entities.request import BodyStream
from app.domain.entities.response import Response
from app.domain.refusals import BodyTooLarge
from app.interfaces.inbound_body import InboundBody
from app.interfaces.limits import Pace
from tests.asgi import Server, part
from tests.fakes import exchange, request, tools


def made(most: str) -> BodyLimitFilter:
    step = KIND.build({"max": most}, tools(), Place("routes.r", "0", "r"))
    assert isinstance(step, BodyLimitFilter)
    return step


def check(step: BodyLimitFilter, body: bytes | BodyStream, length: int | None = None) -> None:
    step.on_request(exchange(request(method="POST", body=body, length=length)))


def test_a_body_that_says_that_it_is_too_large_is_refused_unread() -> None:
    server = Server()
    with pytest.raises(BodyTooLarge) as caught:
        check(made("1KiB"), InboundBody(server.receive, Pace(5), 1025), 1025)
    assert caught.value.status == 413
    assert caught.value.detail == "the request body has 1025 bytes, and 1024 are allowed"


async def test_a_body_that_does_not_say_is_counted() -> None:
    parts = (part(b"x" * 4, more=True), part(b"x" * 4, more=True), part(b"x"))
    large, fits = InboundBody(Server(*parts).receive, Pace(5)), InboundBody(Server(*parts).receive, Pace(5))
    check(made("8B"), large)
    check(made("9B"), fits)
    assert [await anext(large), await anext(large)] == [b"x" * 4, b"x" * 4]
    with pytest.raises(BodyTooLarge):
        await anext(large)
    assert b"".join([chunk async for chunk in fits]) == b"x" * 9


def test_no_body_and_one_that_is_there_pass_up_to_the_limit() -> None:
    check(made("0B"), b"")
    check(made("3B"), b"abc")
    with pytest.raises(BodyTooLarge):
        check(made("2B"), b"abc")


def test_answers_are_left_alone() -> None:
    made("1B").on_response(exchange(), Response(200, [], b"abc"))


def test_it_is_described_and_checked() -> None:
    assert KIND.problems({"max": "10MiB"}) == []
    assert KIND.describe({"max": "10MiB"}) == "at most 10MiB"
    with pytest.raises(ValueError, match="expected a size"):
        KIND.problems({"max": "ten"})
