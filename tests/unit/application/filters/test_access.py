"""Filter `access`."""

import asyncio
from collections.abc import Awaitable

import pytest

from app.application.filters.access import KIND, AccessFilter
from app.application.kinds import Place
from app.application.tools import Tools
from app.domain.entities.consumer import Consumer
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.errors import GatewayRefusal
from app.domain.refusals import Forbidden, Unauthenticated
from tests.fakes import exchange, tools


class Geography:
    def __init__(self, code: str = "DE") -> None:
        self.code = code
        self.asked = 0

    def country(self, address: str) -> str:
        return self.code

    def needed(self) -> None:
        self.asked += 1


class Listed:
    """An address file."""

    def __init__(self, *addresses: str, loading: "asyncio.Future[None] | None" = None) -> None:
        self.addresses = addresses
        self._loading = loading

    @property
    def loading(self) -> Awaitable[None] | None:
        return None if self._loading is None or self._loading.done() else self._loading

    def __contains__(self, address: str) -> bool:
        return address in self.addresses


def made(options: object, given: Tools | None = None) -> AccessFilter:
    step = KIND.build(options, given or tools(), Place("routes.r", "0", "r"))
    assert isinstance(step, AccessFilter)
    return step


def asked(who: Identity | None = None) -> Exchange:
    """An exchange of 192.0.2.1."""
    some = exchange()
    some.identity = who
    return some


APP = Identity("app", "api_key", "0" * 16, Consumer(groups=("partners",)))


def test_addresses_decide_before_anybody_must_say_who_it_is() -> None:
    step = made({"allow": {"consumers": ["app"]}, "deny": {"addresses": ["192.0.2.0/24"]}})
    with pytest.raises(Forbidden):
        step.on_request(asked())


def test_names_need_an_identity() -> None:
    step = made({"allow": {"groups": ["partners"]}})
    with pytest.raises(Unauthenticated):
        step.on_request(asked())
    assert step.on_request(asked(APP)) is None
    with pytest.raises(Forbidden):
        made({"deny": {"groups": ["partners"]}}).on_request(asked(APP))


def test_places_need_none() -> None:
    assert made({"allow": {"addresses": ["192.0.2.1"]}}).on_request(asked()) is None


def test_a71_countries_are_told_that_they_are_needed_and_unknown_is_a_country_of_its_own() -> None:
    nowhere = Geography("")
    step = made({"allow": {"countries": ["DE"]}}, tools(countries=nowhere))
    assert nowhere.asked == 1
    with pytest.raises(Forbidden):
        step.on_request(asked())
    with_unknown = made({"allow": {"countries": ["DE", "unknown"]}}, tools(countries=nowhere))
    assert with_unknown.on_request(asked()) is None
    made({"deny": {"addresses": ["10.0.0.0/8"]}}, tools(countries=nowhere))
    assert nowhere.asked == 2


def test_addresses_and_files_are_one_question() -> None:
    given = tools(address_file=lambda path: Listed("192.0.2.1"))
    assert made({"allow": {"addresses": ["10.0.0.0/8"], "address_files": ["f"]}}, given).on_request(asked()) is None
    with pytest.raises(Forbidden):
        made({"deny": {"address_files": ["f"]}}, given).on_request(asked())


def test_a_file_that_cannot_be_read_refuses_the_route() -> None:
    with pytest.raises(ValueError, match="f does not exist"):
        made({"deny": {"address_files": ["f"]}})


async def test_requests_wait_for_files_that_are_read_for_the_first_time() -> None:
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    files = {"a": Listed(loading=first), "b": Listed("192.0.2.1", loading=second)}
    step = made({"deny": {"address_files": ["a", "b"]}}, tools(address_file=files.__getitem__))
    waiting = step.on_request(asked())
    assert waiting is not None
    task = asyncio.ensure_future(waiting)
    first.set_result(None)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not task.done()
    second.set_result(None)
    with pytest.raises(Forbidden):
        await task


async def test_a_list_that_could_never_be_read_lets_nobody_pass() -> None:
    class Unreadable(Listed):
        def __contains__(self, address: str) -> bool:
            raise GatewayRefusal("a list of addresses cannot be read")

    step = made({"deny": {"address_files": ["a"]}}, tools(address_file=lambda _: Unreadable()))
    with pytest.raises(GatewayRefusal):
        step.on_request(asked())


def test_answers_are_left_alone() -> None:
    response = Response(200, [(b"x-a", b"1")])
    made({"deny": {"consumers": ["x"]}}).on_response(asked(), response)
    assert response.headers == [(b"x-a", b"1")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["allow: nothing is listed, nor below deny: the step would do nothing"]),
        ({"allow": {"countries": ["de"]}}, ["allow.countries[0]: expected two capital letters, or unknown, got 'de'"]),
        ({"deny": {"consumers": [""], "groups": ["a"]}}, ["deny.consumers[0]: is empty"]),
        (
            {"allow": {"addresses": ["10.0.0.0/8", "10.0.0.1/8"]}},
            [
                "allow.addresses[1]: expected an address or a network such as 10.0.0.0/8, got '10.0.0.1/8': "
                "10.0.0.1/8 has host bits set"
            ],
        ),
    ],
)
def test_everything_wrong_is_said(options: object, expected: list[str]) -> None:
    assert KIND.problems(options) == expected
    with pytest.raises(ValueError, match=r"\w"):
        made(options)


def test_it_is_described_in_the_order_in_which_it_decides() -> None:
    options = {"allow": {"countries": ["DE", "unknown"]}, "deny": {"address_files": ["bad.txt"]}}
    assert KIND.problems(options) == []
    assert KIND.describe(options) == "deny address files bad.txt; allow countries DE, unknown"
