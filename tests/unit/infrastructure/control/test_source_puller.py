"""Reading a source: what is sent, from which addresses, and within which limits."""

import asyncio
import socket
from typing import Any

import httpx
import pytest
import respx

from app.domain.webhook_ports import SourceUnavailable
from app.infrastructure.control.source_puller import HttpSourcePuller, PullLimits

URL = "https://git.example/raw/gateway%20x.yaml?token=s3cret"


def nothing_wrong(_: str, __: int) -> str:
    return ""


def puller(most: int = 100, seconds: float = 5.0, **parts: Any) -> HttpSourcePuller:
    return HttpSourcePuller(PullLimits(most, seconds), parts.get("address_problem", nothing_wrong))


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What every name resolves to; twice, as happens."""
    found = ["192.0.2.7"]

    async def look_up(_: object, host: str, port: int, **__: object) -> list[Any]:
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in [*found, *found]]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    return found


@respx.mock
async def test_the_connection_goes_to_the_address_that_was_checked(addresses: list[str]) -> None:
    asked: list[tuple[str, int]] = []

    def problem(address: str, port: int) -> str:
        asked.append((address, port))
        return ""

    route = respx.get("https://192.0.2.7/raw/gateway%20x.yaml?token=s3cret").respond(content=b"routes: {}")
    assert await puller(address_problem=problem).pull(URL) == b"routes: {}"
    request = route.calls.last.request
    assert request.headers["host"] == "git.example"
    assert request.headers["accept-encoding"] == "identity"
    assert request.extensions["sni_hostname"] == "git.example"
    assert asked == [("192.0.2.7", 443)]


@respx.mock
async def test_addresses_that_are_not_allowed_are_passed_over(addresses: list[str]) -> None:
    addresses[:] = ["169.254.169.254", "192.0.2.7"]

    def problem(address: str, _: int) -> str:
        return "is link-local" if address.startswith("169.254.") else ""

    respx.get("http://192.0.2.7:8080/x").respond(content=b"ok")
    assert await puller(address_problem=problem).pull("http://a.example:8080/x") == b"ok"
    addresses[:] = ["169.254.169.254"]
    with pytest.raises(SourceUnavailable, match=r"^http://a\.example:8080/x: is link-local$"):
        await puller(address_problem=problem).pull("http://a.example:8080/x")


@respx.mock
async def test_the_next_address_is_tried_when_one_is_dead(addresses: list[str]) -> None:
    addresses[:] = ["192.0.2.7", "192.0.2.8"]
    respx.get("http://192.0.2.7/x").mock(side_effect=httpx.ConnectError("refused"))
    respx.get("http://192.0.2.8/x").respond(content=b"ok")
    assert await puller().pull("http://a.example/x") == b"ok"
    respx.get("http://192.0.2.8/x").mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(SourceUnavailable, match="refused"):
        await puller().pull("http://a.example/x")


@respx.mock
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status_code": 404}, "answers 404"),
        ({"status_code": 204}, "answers 204"),
        ({"status_code": 302, "headers": {"location": "http://192.0.2.9/"}}, "redirects are not followed"),
        ({"content": b"x" * 101}, "is larger than 100 bytes"),
        ({"content": b"x", "headers": {"content-encoding": "br"}}, "is compressed"),
    ],
)
async def test_what_is_no_plain_answer_is_told_without_the_query(
    addresses: list[str], answer: dict[str, Any], reason: str
) -> None:
    respx.get(host="192.0.2.7").respond(**answer)
    with pytest.raises(SourceUnavailable, match=reason) as caught:
        await puller().pull(URL)
    assert str(caught.value).startswith("https://git.example/raw/gateway%20x.yaml: ")
    assert "s3cret" not in str(caught.value)


@respx.mock
async def test_failures_without_words_have_a_name(addresses: list[str]) -> None:
    respx.get(host="192.0.2.7").mock(side_effect=httpx.ReadError(""))
    with pytest.raises(SourceUnavailable, match="ReadError"):
        await puller().pull(URL)


async def test_a_name_that_is_unknown_is_told(addresses: list[str]) -> None:
    addresses.clear()
    with pytest.raises(SourceUnavailable, match="cannot be resolved: Name or service not known"):
        await puller().pull(URL)


@respx.mock
async def test_time_is_bounded(addresses: list[str]) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    respx.get(host="192.0.2.7").mock(side_effect=never)
    with pytest.raises(SourceUnavailable, match=r"took more than 0\.05 seconds"):
        await puller(seconds=0.05).pull(URL)


async def test_a_name_without_addresses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object, **__: object) -> list[Any]:
        return []

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", nothing)
    with pytest.raises(SourceUnavailable, match="has no address"):
        await puller().pull(URL)
