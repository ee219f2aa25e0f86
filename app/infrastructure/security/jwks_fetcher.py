"""Fetches key sets by HTTP, within limits and only from addresses that are allowed. Not for what is in them.

The name is looked up once and the connection goes to the address that was checked: an answer of the DNS that changes
in between changes nothing (A-67). Redirects are not followed, and the environment's proxies are not used.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from app.domain.token_ports import KeysUnavailable

AddressProblem = Callable[[str, int], str]
"""Why an address and port may not be connected to, empty when they may."""

MOST: Final = 512 * 1024
"""Bytes of a key set."""
SECONDS: Final = 5.0
"""For everything, from the look-up of the name to the last byte."""
_MOST_ADDRESSES: Final = 4
_PORTS: Final = {"http": 80, "https": 443}


class _Place(NamedTuple):
    """A URL in parts."""

    scheme: str
    host: str
    port: int
    authority: str
    target: str

    def at(self, address: str) -> httpx.URL:
        return httpx.URL(scheme=self.scheme, host=address, port=self.port, raw_path=self.target.encode())


class JwksFetcher:
    """One for all issuers; every fetch has a connection of its own, for they are rare."""

    def __init__(self, address_problem: AddressProblem, verify: ssl.SSLContext | None = None) -> None:
        """`verify` is for certificates of a CA of one's own; the system's are the default."""
        self._address_problem = address_problem
        self._verify = verify

    async def __call__(self, url: str) -> bytes:
        """The content of `url`. Raises KeysUnavailable."""
        place = _place(url)
        try:
            async with asyncio.timeout(SECONDS):
                return await self._fetch(place)
        except TimeoutError:
            raise KeysUnavailable(f"took more than {SECONDS:g} seconds") from None
        except httpx.HTTPError as error:
            raise KeysUnavailable(str(error) or type(error).__name__) from None

    async def _fetch(self, place: _Place) -> bytes:
        addresses = await self._addresses(place)
        if self._verify is None:
            # Reads some hundred certificates, which takes a while.
            self._verify = await asyncio.to_thread(ssl.create_default_context)
        async with httpx.AsyncClient(verify=self._verify, trust_env=False, timeout=SECONDS) as client:
            for address in addresses[:-1]:
                try:
                    return await _read(client, place, address)
                except httpx.ConnectError:
                    continue
            return await _read(client, place, addresses[-1])

    async def _addresses(self, place: _Place) -> list[str]:
        """The addresses of the host that may be connected to; there is one at least."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise KeysUnavailable("the name of the host cannot be resolved") from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        reasons = [(address, self._address_problem(address, place.port)) for address in addresses]
        allowed = [address for address, reason in reasons if not reason]
        if not allowed:
            raise KeysUnavailable(reasons[0][1] if reasons else "the name of the host has no address")
        return allowed[:_MOST_ADDRESSES]


async def _read(client: httpx.AsyncClient, place: _Place, address: str) -> bytes:
    request = client.build_request(
        "GET",
        place.at(address),
        headers={
            "host": place.authority,
            "accept": "application/jwk-set+json, application/json",
            "accept-encoding": "identity",
            "user-agent": "api-gateway",
        },
        extensions={"sni_hostname": place.host},
    )
    response = await client.send(request, stream=True)
    try:
        _check_head(response)
        data = bytearray()
        async for chunk in response.aiter_raw():
            data += chunk
            if len(data) > MOST:
                raise KeysUnavailable(f"the key set is larger than {MOST} bytes")
        return bytes(data)
    finally:
        await response.aclose()


def _check_head(response: httpx.Response) -> None:
    if response.is_redirect:
        raise KeysUnavailable(f"answers {response.status_code}, and redirects are not followed: name the final URL")
    if response.status_code != 200:
        raise KeysUnavailable(f"answers {response.status_code}")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "text/json") and not kind.endswith("+json"):
        raise KeysUnavailable(f"is no JSON by its content-type, {kind[:64]!r}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise KeysUnavailable("is compressed although that was not asked for")


def _place(url: str) -> _Place:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise KeysUnavailable("the URL cannot be read") from None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise KeysUnavailable("expected a URL of http or https, without a user name")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Place(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.netloc, target)
