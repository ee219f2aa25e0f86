"""Consumers: who may use routes, and how they prove it. The configuration value; nothing here is a secret in clear."""

from typing import Annotated, Literal

from msgspec import Meta

from app.domain.entities.units import Rate
from app.domain.entities.value import Entity, Value, without

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
"""SHA-256 in hex digits."""
Group = Annotated[str, Meta(pattern=r"^[!-~]{1,128}$")]


class ApiKey(Value, frozen=True):
    """One key, by its digest: the key itself is shown once, when `gateway consumers add-key` makes it."""

    sha256: Digest
    name: str = ""
    """For people: which key this is."""
    expires: str = ""
    """Date or time (RFC 3339) after which it is not taken any more; empty for none."""


class BasicAccount(Value, frozen=True):
    """A user name with a password (RFC 7617)."""

    username: str
    password: str
    """argon2id (`$argon2id$…`) or bcrypt (`$2b$…`) hash."""

    def __repr__(self) -> str:
        return without(self, "password")


class SignatureKey(Value, frozen=True):
    """A key that signs requests (RFC 9421)."""

    id: str
    """`keyid` of the signatures."""
    algorithm: Literal["hmac-sha256", "ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512"] = "hmac-sha256"
    secret: str = ""
    """Of hmac-sha256: at least 32 bytes; best as `env:NAME` or `file:/path`."""
    public_key: str = ""
    """Of the others: PEM text, or a file of it as `file:/path`."""

    def __repr__(self) -> str:
        return without(self, "secret")


class Certificate(Value, frozen=True):
    """A client certificate: by its digest, or by a name that the authority vouches for."""

    sha256: str = ""
    """Digest of the whole certificate (DER), in hex digits."""
    subject: str = ""
    """RFC 4514 name, `CN=mobile,O=Example`."""
    dns: str = ""
    """A DNS name among the alternative names."""


class Subject(Value, frozen=True):
    """Tokens of one subject of one issuer."""

    issuer: str
    """Id of the issuer."""
    subject: str
    """`sub` of the tokens."""


class ConsumerLimit(Value, frozen=True):
    """How often a consumer may ask, over all routes that know it."""

    rate: Rate
    burst: int = 0
    """Requests that may come at once; the count of `rate` when 0."""
    scope: Literal["host", "cluster"] = "host"


class Consumer(Entity, frozen=True):
    """Who asks: a person, a program, a partner."""

    groups: tuple[Group, ...] = ()
    scopes: tuple[str, ...] = ()
    """What it may do, in the words of OAuth; those of a token come on top."""
    api_keys: tuple[ApiKey, ...] = ()
    basic: tuple[BasicAccount, ...] = ()
    signatures: tuple[SignatureKey, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    subjects: tuple[Subject, ...] = ()
    """Whose tokens stand for this consumer."""
    limits: tuple[ConsumerLimit, ...] = ()
