"""Times what it costs to know a consumer by its credentials, alone and in this process. Not a measure of throughput."""

import hashlib
import time
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.application.filters.registry import KINDS
from app.application.kinds import Place
from app.application.services.consumer_service import ConsumerService
from app.application.tools import Tools
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import ApiKey, Consumer, SignatureKey
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.request import Client, Request
from app.domain.policies.http_signatures import RequestView
from app.domain.policies.http_signatures_signing import sign_hmac, signature_fields
from app.domain.policies.identities import identity_fields
from app.domain.policies.structured_fields import Parameters
from app.infrastructure.config.settings import Settings
from app.infrastructure.telemetry.logging import configure
from app.protection import make_protection
from benchmarks.micro import FIELDS, report

COUNT = 100_000
COVERED = ("@method", "@authority", "@path", "@query")


def consumer(number: int) -> Consumer:
    key = ApiKey(hashlib.sha256(b"key-%d" % number).hexdigest())
    return Consumer(groups=("partners",), api_keys=(key,))


def exchange(headers: Headers) -> Exchange:
    fields = [*FIELDS, *headers]
    client = Client(address="192.0.2.1", peer="192.0.2.1", port=40000)
    request = Request("GET", "https", "api.example.com", "api.example.com", "/a", "b=1", fields, dict(fields), client)
    return Exchange("0" * 36, request, 0.0)


def ask(kind: str, tools: Tools, headers: Headers) -> None:
    step = KINDS[kind].build({}, tools, Place("routes.r", "0", "r"))
    made = exchange(headers)
    plain, fields = made.request.headers, made.request.fields

    def once() -> None:
        made.identity = None
        made.request.headers, made.request.fields = plain, dict(fields)
        step.on_request(made)

    report(f"filter {kind}, {COUNT:,} consumers", once, number=500)
    if made.identity is None:
        raise AssertionError(f"{kind} did not accept")


def bench_filters() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    signing = (SignatureKey("k1", "hmac-sha256", "s" * 32), SignatureKey("k2", "ed25519", "", public))
    found = {f"consumer-{number}": consumer(number) for number in range(COUNT)}
    found["signing"] = Consumer(signatures=signing)
    protection = make_protection(Settings(), configure("error", "text"))
    protection.follow(GatewayConfig(consumers=found))
    tools = protection.tools
    ask("api_key", tools, [(b"x-api-key", b"key-500")])
    view = RequestView("GET", "https", "api.example.com", "/a", "b=1", FIELDS)
    keys: dict[str, Callable[[bytes], bytes]] = {"k1": partial(sign_hmac, secret=b"s" * 32), "k2": private.sign}
    for keyid, sign in keys.items():
        params: Parameters = {"created": int(time.time()), "keyid": keyid}
        ask("signature", tools, signature_fields("a", COVERED, view, params, sign))
    made = exchange([(b"x-api-key", b"key-500")])
    KINDS["api_key"].build({}, tools, Place("routes.r", "0", "r")).on_request(made)
    if made.identity is not None:
        report("fields that tell the service who it is", partial(identity_fields, made.identity))
    protection.close()


def bench_changes() -> None:
    service = ConsumerService()
    found = {f"consumer-{number}": consumer(number) for number in range(COUNT)}
    service.follow(GatewayConfig(consumers=found))
    configs = [GatewayConfig(consumers={**found, "consumer-7": consumer(COUNT + number)}) for number in range(2)]

    def both() -> None:
        for config in configs:
            service.follow(config)

    report(f"two changes of one consumer of {COUNT:,}", both, number=10)


if __name__ == "__main__":
    bench_filters()
    bench_changes()
