"""The first part of a request body: when it is all of it, and that nothing of the rest is lost or read early."""

import pytest

from app.application.services.resumed_body import ResumedBody, first_part
from app.domain.entities.request import BodyStream
from app.domain.errors import BodyTimeout
from app.domain.refusals import BodyTooLarge
from app.interfaces.inbound_body import InboundBody
from app.interfaces.limits import Pace
from tests.asgi import Server, part
from tests.transport_harness import Parts


async def rest(body: bytes | BodyStream) -> list[bytes]:
    assert isinstance(body, ResumedBody)
    return [chunk async for chunk in body]


@pytest.mark.parametrize("length", [3, None])
async def test_a_body_of_one_part_becomes_bytes(length: int | None) -> None:
    assert await first_part(Parts(b"abc"), length) == b"abc"


@pytest.mark.parametrize("length", [0, None])
async def test_a_stream_without_any_part_is_an_empty_body(length: int | None) -> None:
    assert await first_part(Parts(), length) == b""


async def test_the_declared_length_tells_the_end_before_the_stream_does() -> None:
    body = InboundBody(Server(part(b"abc", more=True)).receive, Pace(5))
    assert await first_part(body, 3) == b"abc"
    assert not body.ended


async def test_without_a_length_only_the_end_of_the_stream_tells() -> None:
    open_end = InboundBody(Server(part(b"abc", more=True), part(b"")).receive, Pace(5))
    assert await rest(await first_part(open_end, None)) == [b"abc", b""]
    assert await first_part(InboundBody(Server(part(b"abc")).receive, Pace(5)), None) == b"abc"


async def test_a_longer_body_is_a_stream_of_all_its_parts_in_order() -> None:
    assert await rest(await first_part(Parts(b"ab", b"c", b"d"), 4)) == [b"ab", b"c", b"d"]


@pytest.mark.parametrize("parts", [(b"abcd",), (b"ab",)], ids=["more", "less"])
async def test_a_part_that_does_not_fit_the_length_is_left_for_the_transport_to_refuse(parts: tuple[bytes]) -> None:
    assert await rest(await first_part(Parts(*parts), 3)) == list(parts)


async def test_an_empty_first_part_is_not_yielded_again() -> None:
    assert await rest(await first_part(Parts(b"", b"abc"), 3)) == [b"abc"]


async def test_it_has_ended_when_both_the_first_part_and_the_rest_were_taken() -> None:
    body = await first_part(Parts(b"ab", b"c"), 3)
    assert isinstance(body, ResumedBody)
    assert not body.ended
    assert [body.ended async for _ in body] == [False, True]
    held_back = ResumedBody(b"ab", Parts())
    assert not held_back.ended


async def test_only_the_first_part_is_read_ahead() -> None:
    parts = Parts(b"ab", BodyTimeout("slow"))
    body = await first_part(parts, 4)
    assert isinstance(body, ResumedBody)
    assert await anext(body) == b"ab"
    with pytest.raises(BodyTimeout):
        await anext(body)


async def test_a_client_that_fails_before_its_first_part_fails_the_request() -> None:
    with pytest.raises(BodyTimeout):
        await first_part(Parts(BodyTimeout("slow")), 4)


async def test_a_limit_counts_the_first_part_too() -> None:
    body = await first_part(InboundBody(Server(part(b"ab", more=True), part(b"cd")).receive, Pace(5)), None)
    assert isinstance(body, ResumedBody)
    body.limit_to(3)
    assert await anext(body) == b"ab"
    with pytest.raises(BodyTooLarge):
        await anext(body)


async def test_giving_up_closes_what_is_below() -> None:
    parts = Parts(b"ab", b"c")
    body = await first_part(parts, 3)
    assert isinstance(body, ResumedBody)
    await body.aclose()
    assert parts.closed == 1
