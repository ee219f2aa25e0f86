"""What filters may use of the gateway, on one page. A filter gets it when its route is compiled.

Not for what a route configures: those are options.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol

from app.domain.entities.certificate import CertificateFacts
from app.domain.entities.consumer import ApiKey, BasicAccount, Consumer, SignatureKey
from app.domain.entities.identity import Identity
from app.domain.limit_ports import CounterStore, Slots
from app.domain.ports import Clock, RegexCompiler


class TokenIssuer(Protocol):
    """One issuer of the configuration, by its id: the same object for as long as the gateway runs."""

    def identify(self, token: bytes) -> Identity | Awaitable[Identity]:
        """Who the token is about. Awaitable only when keys must be fetched first.

        Raises, now or when awaited, Unauthenticated for whatever is wrong with the token, and GatewayRefusal (503)
        when there are no keys to judge it by.
        """
        ...


class TokenIssuers(Protocol):
    """The issuers of the configuration."""

    def issuer(self, id_: str) -> TokenIssuer:
        """The issuer of this id. It need not be live yet: until it is, it answers 503."""
        ...


class Known(NamedTuple):
    """A consumer with its id."""

    id: str
    consumer: Consumer


class Consumers(Protocol):
    """The enabled consumers of the live configuration. Looked up at each request, so that a change counts at once."""

    @property
    def version(self) -> int:
        """Another one after every change: what was remembered of consumers before is out of date."""
        ...

    def by_key(self, digest: str) -> tuple[Known, ApiKey] | None:
        """Whose API key has this SHA-256, in hex digits; also when it has expired."""
        ...

    def by_name(self, username: str) -> tuple[Known, BasicAccount] | None: ...

    def by_signature_key(self, keyid: str) -> tuple[Known, SignatureKey] | None: ...

    def by_certificate(self, sha256: str, subject: str, dns: tuple[str, ...]) -> Known | None: ...

    def by_subject(self, issuer: str, subject: str) -> Known | None:
        """Whose tokens these are; `issuer` is its id."""
        ...


class Failures(Protocol):
    """Who failed to prove itself too often lately: guessing is slowed down before it costs anything (A-18, A-64)."""

    def check(self, address: str) -> None:
        """Raises LimitExceeded (429) for an address that has failed too often."""
        ...

    def failed(self, address: str) -> None:
        """Note a failure."""
        ...


class Passwords(Protocol):
    """Compares passwords with their hashes, which takes tens of milliseconds by intent: never on the loop."""

    def verify(self, password: bytes, hashed: str) -> bool | Awaitable[bool]:
        """Whether `password` is the one of `hashed`; an empty hash takes as long, and is False.

        Awaitable unless the pair was right lately. Raises GatewayRefusal (503), when awaited, if too many wait.
        """
        ...


class SignatureKeys(Protocol):
    """Checks signatures with the keys of the configuration."""

    def verify(self, key: SignatureKey, base: bytes, signature: bytes) -> bool:
        """Whether `signature` is one of `base` by `key`; False also for a key that cannot be used."""
        ...


class Nonces(Protocol):
    """Values that count once."""

    def take(self, keyid: str, nonce: str, seconds: float) -> bool:
        """Whether `nonce` was not taken with this key in the last `seconds`; it is taken from now on."""
        ...


class Countries(Protocol):
    """Where addresses are."""

    def country(self, address: str) -> str:
        """ISO 3166-1 alpha-2 code in capitals; empty when it is not known."""
        ...

    def needed(self) -> None:
        """Some route asks for countries: open the database now, or tell the operator that there is none."""
        ...


class AddressFile(Protocol):
    """A file of addresses and networks, a line each, read again when it changes. Holds what it read last."""

    @property
    def loading(self) -> Awaitable[None] | None:
        """What to wait for before the first question: a large file is read in the background. None once it was read."""
        ...

    def __contains__(self, address: str) -> bool:
        """Raises GatewayRefusal (503) for a file that could never be read."""
        ...


class Tools(NamedTuple):
    """One value for every filter of the gateway."""

    issuers: TokenIssuers
    consumers: Consumers
    failures: Failures
    passwords: Passwords
    signature_keys: SignatureKeys
    nonces: Nonces
    certificate: Callable[[bytes], CertificateFacts | None]
    """What a client certificate (DER) says; None when it cannot be read."""
    redact: Callable[[str], None]
    """Keep the values of the query parameter of this name out of the logs from now on."""
    counters: Mapping[str, CounterStore]
    """By scope: `host`, and `cluster` where the gateway has a Redis for it."""
    slots: Slots
    countries: Countries
    address_file: Callable[[str], AddressFile]
    """The file of this path. Raises ValueError when it cannot be read now."""
    compile_regex: RegexCompiler
    clock: Clock
    wall: Clock
    """Seconds since 1970."""
