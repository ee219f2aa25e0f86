"""Chooses where the keys of an issuer come from, as its configuration says. Not for reading or fetching them."""

from typing import Final

from app.domain.entities.issuer import Issuer
from app.domain.ports import Clock, Events
from app.domain.token_ports import KeySource
from app.infrastructure.security.jwks_source import Fetch, JwksSource
from app.infrastructure.security.key_files import KeyFiles
from app.infrastructure.security.key_reading import KeysRead, of_jwks, of_secret


class FixedKeys:
    """Implements KeySource: keys that stand in the configuration."""

    version = 0

    def __init__(self, read: KeysRead) -> None:
        self.keys: Final = read.keys

    def more(self) -> None:
        """There will never be others."""

    async def run(self) -> None:
        """Nothing is to be kept up to date."""


class KeySourceMaker:
    """Implements KeySources."""

    def __init__(self, fetch: Fetch, events: Events, clock: Clock, random: Clock) -> None:
        """`random` gives numbers between 0 and 1."""
        self._fetch = fetch
        self._events = events
        self._clock = clock
        self._random = random

    def __call__(self, id_: str, issuer: Issuer) -> KeySource:
        """See KeySources."""
        if issuer.jwks:
            return JwksSource(id_, issuer, self._fetch, self._events, (self._clock, self._random))
        if issuer.pem:
            return KeyFiles(id_, issuer.pem, issuer.algorithms, self._events)
        read = of_secret(issuer.secret, issuer.algorithms) if issuer.secret else of_jwks(issuer.keys, issuer.algorithms)
        if read.skipped:
            self._events.warning("keys of an issuer cannot be used", issuer=id_, problem="; ".join(read.skipped))
        return FixedKeys(read)
