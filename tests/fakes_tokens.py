"""Issuers in memory for unit tests: keys that change when a test says so, and consumers that are told of."""

import asyncio
from collections.abc import Awaitable

from app.application.tools import Known
from app.domain.entities.consumer import Consumer
from app.domain.entities.issuer import Issuer
from app.domain.token_ports import Keys, TokenVerifier
from app.infrastructure.security.key_reading import of_jwks
from tests.fakes import Nobody
from tests.token_forge import Signer

NOW = 1_800_000_000.0
ISSUER = Issuer(
    issuer="https://issuer.test", audience=("api",), algorithms=("RS256", "ES256", "EdDSA"), jwks="http://issuer.test"
)


class FakeKeys:
    """A KeySource; `coming` are the keys that somebody gets who waits."""

    def __init__(self, *signers: Signer) -> None:
        self.keys: Keys | None = None
        self.version = 0
        self.found = 0
        """How often a verifier was looked for."""
        self.coming: tuple[Signer, ...] | None = None
        self.runs = asyncio.Event()
        self.ended = False
        if signers:
            self.become(*signers)

    def become(self, *signers: Signer) -> None:
        self.keys = _Counted(self, of_jwks([one.jwk() for one in signers], ISSUER.algorithms).keys)
        self.version += 1

    def lose(self) -> None:
        self.keys = None
        self.version += 1

    def more(self) -> Awaitable[None] | None:
        return None if self.coming is None else self._come(self.coming)

    async def _come(self, signers: tuple[Signer, ...]) -> None:
        await asyncio.sleep(0)
        self.coming = None
        if signers:
            self.become(*signers)

    async def run(self) -> None:
        self.runs.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


class _Counted:
    def __init__(self, source: FakeKeys, keys: Keys | None) -> None:
        self._source = source
        self._keys = keys

    def find(self, kid: str | None, algorithm: str) -> TokenVerifier | None:
        self._source.found += 1
        return None if self._keys is None else self._keys.find(kid, algorithm)


class FakeConsumers(Nobody):
    """Consumers by their subjects."""

    def __init__(self) -> None:
        self.version = 1
        self.known: dict[tuple[str, str], Known] = {}

    def add(self, id_: str, issuer: str, subject: str, consumer: Consumer | None = None) -> None:
        self.known[issuer, subject] = Known(id_, consumer or Consumer())
        self.version += 1

    def by_subject(self, issuer: str, subject: str) -> Known | None:  # type: ignore[override]  # Nobody has none
        return self.known.get((issuer, subject))
