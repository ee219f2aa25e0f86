"""Reads a configuration from a URL, within limits and only from addresses that are allowed. Not for which URLs are.

The name is looked up once and the connection goes to the address that was checked: an answer of the DNS that changes
in between changes nothing (A-67). Redirects are not followed.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

import httpx
import msgspec

from app.domain.policies.webhook_sources import Place, parse
from app.domain.webhook_ports import SourceUnavailable

AddressProblem = Callable[[str, int], str]
"""Why an address and port may not be connected to, empty when they may."""

_MOST_ADDRESSES: Final = 4


class PullLimits(msgspec.Struct, frozen=True):
    """What a source may cost."""

    most: int = 10 * 1024 * 1024
    """Bytes."""
    seconds: float = 10.0
    """For everything, from the look-up of the name to the last byte."""


class HttpSourcePuller:
    """Implements SourcePuller. The environment's proxies are not used: they would connect to what nobody checked."""

    def __init__(
        self, limits: PullLimits, address_problem: AddressProblem, verify: ssl.SSLContext | None = None
    ) -> None:
        """`verify` is for certificates of a CA of one's own; the system's are the default."""
        self._limits = limits
        self._address_problem = address_problem
        self._verify = verify or ssl.create_default_context()

    async def pull(self, url: str) -> bytes:
        """See SourcePuller."""
        place = parse(url)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._pull(place)
        except TimeoutError:
            raise _unavailable(place, f"took more than {self._limits.seconds:g} seconds") from None
        except httpx.HTTPError as error:
            raise _unavailable(place, str(error) or type(error).__name__) from None

    async def _pull(self, place: Place) -> bytes:
        addresses = await self._addresses(place)
        client = httpx.AsyncClient(verify=self._verify, trust_env=False, timeout=None)  # noqa: S113  # `pull` bounds it
        async with client:
            for address in addresses[:-1]:
                try:
                    return await self._read(client, place, address)
                except httpx.ConnectError:
                    continue
            return await self._read(client, place, addresses[-1])

    async def _addresses(self, place: Place) -> list[str]:
        """The addresses of the host that may be connected to; there is one at least."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise _unavailable(place, f"the name cannot be resolved: {error.strerror or error}") from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        reasons = [(address, self._address_problem(address, place.port)) for address in addresses]
        allowed = [address for address, reason in reasons if not reason]
        if not allowed:
            raise _unavailable(place, reasons[0][1] if reasons else "the name has no address")
        return allowed[:_MOST_ADDRESSES]

    async def _read(self, client: httpx.AsyncClient, place: Place, address: str) -> bytes:
        request = client.build_request(
            "GET",
            _url(place, address),
            headers={"host": _authority(place), "accept-encoding": "identity", "user-agent": "api-gateway"},
            extensions={"sni_hostname": place.host},
        )
        response = await client.send(request, stream=True)
        try:
            if response.status_code != 200:
                raise _unavailable(place, _refusal(response))
            return await self._body(place, response)
        finally:
            await response.aclose()

    async def _body(self, place: Place, response: httpx.Response) -> bytes:
        data = bytearray()
        async for chunk in response.aiter_raw():
            data += chunk
            if len(data) > self._limits.most:
                raise _unavailable(place, f"is larger than {self._limits.most} bytes (GATEWAY_WEBHOOK_MAX)")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise _unavailable(place, "is compressed although that was not asked for")
        return bytes(data)


def _refusal(response: httpx.Response) -> str:
    if response.is_redirect:
        return f"answers {response.status_code}, and redirects are not followed: name the final URL"
    return f"answers {response.status_code}"


def _url(place: Place, address: str) -> httpx.URL:
    target = place.path + (f"?{place.query}" if place.query else "")
    return httpx.URL(scheme=place.scheme, host=address, port=place.port, raw_path=target.encode())


def _authority(place: Place) -> str:
    return place.shown.partition("://")[2].partition("/")[0]


def _unavailable(place: Place, why: str) -> SourceUnavailable:
    return SourceUnavailable(f"{place.shown}: {why}")
