"""A gateway that believes the tokens of several issuers, whose key servers do what a test says. Not the tests."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.attacks.jwt_cases import GOOD
from tests.backends import RawBackend, Wire, keep_answering, ok, raw_backend
from tests.integration.gateway_process import GatewayProcess, gateway
from tests.token_forge import SECRET, Signer, signer

JSON = b"content-type: application/json"
REDIRECT = b"HTTP/1.1 302 Found\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n"
SLOW = b"slow"
"""Stands for an answer that never ends."""


def key_set(*signers: Signer, more: list[Any] | None = None) -> bytes:
    """The answer of a server that has the keys of `signers`."""
    return ok(json.dumps({"keys": [*(more or []), *(one.jwk() for one in signers)]}).encode(), JSON)


class KeyServer:
    """Answers by path; counts who asked for what."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()

    async def answer(self, wire: Wire) -> None:
        head = await wire.head()
        path = head.split(b" ")[1].decode()
        self.asked[path] += 1
        found = self.answers.get(path, b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n")
        if found == SLOW:
            await wire.say(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
            while True:
                await wire.say(b" ")
                await asyncio.sleep(0.05)
        await wire.say(found)


class Site(NamedTuple):
    """What attackers find, and what they must not reach."""

    gateway: GatewayProcess
    backend: RawBackend
    keys: KeyServer

    def reached(self) -> list[bytes]:
        """Heads that the service got since it was asked last."""
        heads, self.backend.heads[:] = self.backend.heads.copy(), []
        return heads


MIXED = [
    None, "x", {}, {"kty": "RSA"}, {"kty": "oct", "kid": "rsa", "k": "AAAA"},
    {"kty": "EC", "kid": "bad", "crv": "P-256"}, {"kty": "unknown", "kid": "u"},
    {**signer("RS256", "weak").jwk(), "n": "AQAB"},
]  # fmt: skip
ISSUERS = ("main", "mixed", "rotating", "failing", "down", "html", "empty", "large", "redirect", "inward", "slow")


def _answers(port: int) -> dict[str, bytes]:
    good = key_set(*GOOD)
    return {
        "/main": good,
        "/mixed": key_set(*GOOD, more=MIXED),
        "/rotating": good,
        "/failing": good,
        "/html": ok(b"<html></html>", b"content-type: text/html"),
        "/empty": ok(b'{"keys":[]}', JSON),
        "/large": ok(b'{"keys":[' + b" " * 10_485_760 + b"]}", JSON),
        "/redirect": REDIRECT % b"http://169.254.169.254/latest/meta-data/",
        "/inward": REDIRECT % b"http://127.0.0.1:%d/main" % port,
        "/slow": SLOW,
    }


def issuer(**more: Any) -> dict[str, Any]:
    """As the configuration has it."""
    usual = {"issuer": "https://issuer.test", "audience": ["api"], "algorithms": ["RS256", "PS256", "ES256", "EdDSA"]}
    return {**usual, **more}


def issuers(port: int, pem: Path) -> dict[str, Any]:
    urls = {name: issuer(jwks=f"http://127.0.0.1:{port}/{name}") for name in ISSUERS}
    urls["rotating"]["refresh"] = urls["failing"]["refresh"] = "1s"
    urls["down"]["jwks"] = "http://127.0.0.1:9/jwks"
    secret = issuer(issuer="https://secret.test", secret=SECRET, algorithms=["HS256"])
    inline = issuer(issuer="https://inline.test", keys=[one.jwk() for one in GOOD])
    return {**urls, "secret": secret, "inline": inline, "pem": issuer(issuer="https://pem.test", pem=[str(pem)])}


FILTERS: dict[str, dict[str, Any]] = {
    "both": {"issuer": ["secret", "main", "pem"]},
    "cookie": {"issuer": "main", "from": {"cookie": "session"}, "forward_token": False},
    "query": {"issuer": "main", "from": {"query": "badge"}},
    "optional": {"issuer": "main", "optional": True},
    "told": {"issuer": "main", "forward_claims": {"sub": "x-user-id", "email": "x-email"}, "forward_token": False},
    "asked": {"issuer": "main", "require": {"scope": ["read"], "claims": {"role": ["admin", "ops"]}}, "realm": "api"},
    **{name: {"issuer": name} for name in (*ISSUERS, "secret", "inline", "pem")},
}


@asynccontextmanager
async def site(tmp_path: Path, server: str, **settings: str) -> AsyncIterator[Site]:
    keys, pem = KeyServer(), tmp_path / "issuer.pem"
    pem.write_bytes(GOOD[0].pem())
    async with raw_backend(keep_answering(ok(b"in"))) as backend, raw_backend(keys.answer) as place:
        keys.answers = _answers(place.port)
        end = {"url": f"http://127.0.0.1:{backend.port}"}
        routes = {
            name: {"match": {"paths": [f"/{name}"]}, **end, "filters": [{"jwt": options}]}
            for name, options in FILTERS.items()
        }
        consumers = {"app": {"subjects": [{"issuer": "main", "subject": "machine"}], "scopes": ["read"]}}
        config = {"issuers": issuers(place.port, pem), "consumers": consumers, "routes": routes}
        config["routes"]["open"] = {"match": {"paths": ["/open"]}, **end}
        async with gateway(tmp_path, config, server, 1, **settings) as running:
            yield Site(running, backend, keys)
