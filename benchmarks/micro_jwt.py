"""Times what the filter `jwt` costs a request, with a remembered and with a new token, in this process.

Not a measure of throughput. Compare figures of one run with one another.
"""

import base64
import json
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.application.filters import jwt
from app.application.kinds import Place
from app.domain.entities.config import GatewayConfig
from app.domain.entities.exchange import Exchange
from app.domain.entities.issuer import Issuer
from app.infrastructure.config.settings import Settings
from app.infrastructure.telemetry.logging import configure
from app.protection import Protection, make_protection
from benchmarks.micro import FIELDS, REPEATS, report, request

ISSUER: Final = "https://login.example.com"
ROUNDS: Final = 300
KEY: Final = rsa.generate_private_key(65537, 2048)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(**claims: Any) -> bytes:
    """A token as identity providers make them, of about 700 bytes."""
    now = int(time.time())
    said = {
        "iss": ISSUER,
        "aud": "api",
        "sub": "3f1c2a",
        "iat": now,
        "exp": now + 3600,
        "scope": "read write",
        **claims,
    }
    head = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
    signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(said).encode())}"
    return f"{signed}.{b64(KEY.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}".encode()


def protection() -> Protection:
    """Everything that the filter uses, as a gateway has it."""
    numbers = KEY.public_key().public_numbers()
    jwk = {"kty": "RSA", "kid": "k1", "n": b64(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
    made = make_protection(Settings(), configure())
    issuer = Issuer(issuer=ISSUER, audience=("api",), algorithms=("RS256",), keys=(jwk,))
    other = Issuer(issuer="https://elsewhere.example", audience=("api",), algorithms=("RS256",), keys=(jwk,))
    made.follow(GatewayConfig(issuers={"main": issuer, "other": other}))
    return made


def asking(presented: bytes) -> Exchange:
    """An exchange that brings a token."""
    asked = request("/s1/a/b")
    asked.headers = [*FIELDS, (b"authorization", b"Bearer " + presented)]
    asked.fields = dict(asked.headers)
    return Exchange("id", asked, 0.0)


def step(made: Protection, options: Mapping[str, Any]) -> jwt.JwtFilter:
    return jwt.build({"issuer": "main", **options}, made.tools, Place("routes.r", "0", "r"))


def again(filter_: jwt.JwtFilter, exchange: Exchange) -> None:
    """As if nobody were known yet."""
    exchange.identity = None
    filter_.on_request(exchange)


def main() -> None:
    made, one = protection(), token(note="x" * 120)
    print(f"a token of {len(one)} bytes")
    for name, options in (
        ("remembered token", {}),
        ("remembered token, scope", {"require": {"scope": ["read"]}}),
        ("remembered token, one claim told", {"forward_claims": {"sub": "x-user-id"}}),
        ("remembered token, of the second issuer", {"issuer": ["other", "main"]}),
    ):
        report(name, partial(again, step(made, options), asking(one)))
    report("of that, the issuer", partial(made.tools.issuers.issuer("main").identify, one))
    new = iter([asking(token(n=n)) for n in range(ROUNDS * REPEATS)])
    report("new token, RS256", lambda: again(step(made, {}), next(new)), ROUNDS)


if __name__ == "__main__":
    main()
