"""Order of filters, early answers, and waiting only where a filter waits."""

import asyncio
from collections.abc import Awaitable

import pytest

from app.application.pipeline import compose
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.errors import GatewayError
from app.domain.refusals import Forbidden
from tests.fakes import FakeBody, exchange


class Note:
    def __init__(self, name: str, seen: list[str], answer: Response | None = None, waits: bool = False) -> None:
        self.name = name
        self.seen = seen
        self.answer = answer
        self.waits = waits

    def on_request(self, exchange: Exchange) -> Response | Awaitable[Response | None] | None:
        self.seen.append(f">{self.name}")
        return self._later() if self.waits else self.answer

    async def _later(self) -> Response | None:
        await asyncio.sleep(0)
        return self.answer

    def on_response(self, exchange: Exchange, response: Response) -> None:
        self.seen.append(f"<{self.name}")


async def endpoint(exchange: Exchange) -> Response:
    return Response(200, [], b"end")


def test_no_filters_leave_the_endpoint_alone() -> None:
    assert compose([], endpoint) is endpoint


async def test_filters_run_in_order_and_backwards() -> None:
    seen: list[str] = []
    response = await compose([Note("a", seen), Note("b", seen, waits=True), Note("c", seen)], endpoint)(exchange())
    assert response.body == b"end"
    assert seen == [">a", ">b", ">c", "<c", "<b", "<a"]


async def test_an_answer_ends_the_walk_and_only_those_before_see_it() -> None:
    for waits in (False, True):
        seen: list[str] = []
        stop = Note("b", seen, Response(403, []), waits)
        response = await compose([Note("a", seen), stop, Note("c", seen)], endpoint)(exchange())
        assert response.status == 403
        assert seen == [">a", ">b", "<b", "<a"]


async def test_an_answer_that_a_filter_breaks_on_is_let_go_of() -> None:
    class Broken(Note):
        def on_response(self, exchange: Exchange, response: Response) -> None:
            raise ZeroDivisionError

    for body in (FakeBody(b"ab"), b"ab"):

        async def stream(exchange: Exchange, body: FakeBody | bytes = body) -> Response:
            return Response(200, [], body)

        with pytest.raises(ZeroDivisionError):
            await compose([Broken("a", [])], stream)(exchange())
        assert isinstance(body, bytes) or body.closed == 1


class Tells(Note):
    """Adds a field to refusals."""

    def on_error(self, exchange: Exchange, error: GatewayError) -> None:
        self.seen.append(f"!{self.name}")
        error.headers.append((b"x-told-by", self.name.encode()))


class Refuses(Note):
    def on_request(self, exchange: Exchange) -> Response | Awaitable[Response | None] | None:
        raise Forbidden("no")


async def test_refusals_are_shown_to_those_that_add_fields_the_last_first() -> None:
    seen: list[str] = []
    handler = compose([Tells("a", seen), Refuses("b", seen), Note("c", seen), Tells("d", seen)], endpoint)
    with pytest.raises(Forbidden) as refused:
        await handler(exchange())
    assert refused.value.headers == [(b"x-told-by", b"d"), (b"x-told-by", b"a")]
    assert seen == [">a", "!d", "!a"]


async def test_answers_are_none_of_their_business() -> None:
    seen: list[str] = []
    assert (await compose([Tells("a", seen)], endpoint)(exchange())).status == 200
    assert seen == [">a", "<a"]
