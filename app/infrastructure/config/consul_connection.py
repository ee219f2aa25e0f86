"""One connection to Consul's HTTP API. Not for what is asked, nor for what an answer means."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx
import msgspec

from app.domain.control_ports import StoreUnavailable
from app.infrastructure.config.consul_errors import unanswered
from app.infrastructure.config.consul_options import ConsulOptions

_LIMITS: Final = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=5.0)

_FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, UnicodeError)
"""UnicodeError is what looking up a name with a part of more than 63 letters raises."""


class ConsulAnswer(msgspec.Struct, frozen=True):
    """What Consul said."""

    status: int
    index: int
    """`X-Consul-Index`; -1 when it is not there, which no answer of Consul to a blocking query lacks."""
    body: bytes
    filtered: bool
    """Whether ACLs hide a part. Consul 1.11 and later say so, to those who give a token."""
    leaderless: bool
    """Whether the servers know no leader, so that the answer may be old, or empty after a restart."""


class ConsulConnection:
    """Asks one question at a time. Connects when asked, and after a failure anew, with TLS files as they are then.

    A failed client is thrown away: httpcore 1.0.9 may lose the slot of a connection whose request was cancelled.
    """

    def __init__(self, options: ConsulOptions) -> None:
        self._options = options
        self._origin = options.origin
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self, method: str, path: str, parameters: Mapping[str, str], content: bytes = b"", patience: float = 0.0
    ) -> ConsulAnswer:
        """The answer, whatever its status. `patience` in seconds is for a server that waits before it answers.

        Raises StoreUnavailable.
        """
        limit = self._options.timeout
        try:
            async with asyncio.timeout(2 * limit + patience):
                client = self._client or await self._connect()
                timeout = httpx.Timeout(limit, read=limit + patience)
                wanted = {**self._options.parameters, **parameters}
                async with client.stream(method, path, params=wanted, content=content, timeout=timeout) as response:
                    return _answer(response, await self._body(response))
        except _FAILURES as error:
            await self.aclose()
            raise unanswered(self._options.url, error) from None
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close the connection; the next question opens another."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_FAILURES):
                await client.aclose()

    async def _connect(self) -> httpx.AsyncClient:
        options = self._options
        headers = {"accept-encoding": "identity"}
        if options.token:
            headers["x-consul-token"] = options.token
        tls = await asyncio.to_thread(_context, options) if self._origin.startswith("https") else False
        self._client = httpx.AsyncClient(
            base_url=self._origin, headers=headers, verify=tls, trust_env=False, limits=_LIMITS
        )
        return self._client

    async def _body(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._options.max_answer:
                raise StoreUnavailable(f"{self._options.url} answers more than {self._options.max_answer} bytes")
            parts.append(part)
        return b"".join(parts)


def _context(options: ConsulOptions) -> ssl.SSLContext:
    """Raises OSError that names the file, and SSLError for one that holds something else."""
    for name in (options.ca, options.cert, options.key):
        if name:
            Path(name).open("rb").close()
    context = ssl.create_default_context(cafile=options.ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.cert:
        context.load_cert_chain(options.cert, options.key or None)
    return context


def _answer(response: httpx.Response, body: bytes) -> ConsulAnswer:
    index = response.headers.get("x-consul-index", "")
    return ConsulAnswer(
        status=response.status_code,
        index=int(index) if index.isascii() and index.isdigit() and len(index) <= 20 else -1,
        body=body,
        filtered=response.headers.get("x-consul-results-filtered-by-acls", "").lower() == "true",
        leaderless=response.headers.get("x-consul-knownleader", "").lower() == "false",
    )
