"""Signatures for services, judged by another implementation and by the guard that services copy."""

import datetime
import re
import time
from typing import Any

import pytest
from gateway_guard import Signed, Verifier
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver, algorithms

from app.domain.entities.headers import Headers
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.service import Isolation
from app.domain.policies.upstream_signing import RequestSigner

KEY = "k" * 32
NOW = 1_800_000_000.0


def signed(
    target: str = "/a/b?x=1&y=%20",
    method: str = "GET",
    headers: Headers | None = None,
    now: float = NOW,
    **options: Any,
) -> UpstreamRequest:
    nonces = iter(f"{number:032x}" for number in range(100))
    signer = RequestSigner(Isolation(KEY, **options), lambda: now, lambda: next(nonces))
    request = UpstreamRequest(method, target, [(b"host", b"API.example.com:80"), *(headers or [])])
    signer.sign(request)
    return request


def judged(request: UpstreamRequest, verifier: Verifier | None = None, **changes: Any) -> str:
    path, _, query = request.target.partition("?")
    seen = Signed(request.method, path.encode(), query.encode(), request.headers)._replace(**changes)
    return (verifier or Verifier({"gateway": KEY.encode()}, clock=lambda: NOW)).problem(seen)


class Message:
    """What the library wants of a request."""

    def __init__(self, request: UpstreamRequest) -> None:
        self.method = request.method
        self.url = f"http://api.example.com{request.target}"
        self.headers = {name.decode(): value.decode() for name, value in request.headers}


@pytest.mark.parametrize("target", ["/", "/a/b?x=1&y=%20", "/%C3%A4/?", "/a?b?c"])
def test_another_implementation_takes_the_signature(target: str) -> None:
    request = signed(target, "POST", [(b"x-consumer-id", b"mobile"), (b"accept", b"*/*")], now=time.time())
    keys = MappingKeyResolver(public_keys={"gateway": KEY.encode()}, private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=keys)
    age = datetime.timedelta(seconds=60)
    assert [found.label for found in verifier.verify(Message(request), max_age=age, expect_tag="gateway")] == [
        "gateway"
    ]
    request.method = "PUT"
    with pytest.raises(InvalidSignature):
        verifier.verify(Message(request), max_age=age, expect_tag="gateway")


def test_what_is_signed_cannot_be_changed() -> None:
    fields: Headers = [(b"x-consumer-id", b"mobile"), (b"x-other", b"1")]
    request = signed(headers=fields)
    assert judged(request) == ""
    for change in ({"method": "PUT"}, {"path": b"/a"}, {"query": b"x=2"}):
        assert judged(request, **change) == "its signature does not fit"
    other = [(name, b"admin" if name == b"x-consumer-id" else value) for name, value in request.headers]
    assert judged(request, fields=other) == "its signature does not fit"
    assert judged(request, fields=[*request.headers, (b"x-consumer-id", b"admin")]) == "its signature does not fit"
    unsigned = [field for field in request.headers if field[0] != b"x-other"]
    assert judged(request, fields=unsigned) == ""
    added = [*request.headers, (b"x-consumer-groups", b"admins")]
    assert judged(request, fields=added) == "its signature does not cover what it must"


def test_each_attempt_is_signed_anew_in_place_of_whatever_was_there() -> None:
    request = signed(headers=[(b"signature", b"mine=:AA==:"), (b"signature-input", b'mine=("@method")')])
    names = [name for name, _ in request.headers]
    assert names == [b"host", b"signature-input", b"signature"]
    verifier = Verifier({"gateway": KEY.encode()}, clock=lambda: NOW)
    assert judged(request, verifier) == ""
    assert judged(request, verifier) == "it came before"


def test_other_keys_times_and_forms_are_refused() -> None:
    request = signed()
    assert judged(request, Verifier({"old": KEY.encode()}, clock=lambda: NOW)) == "its signature is of an unknown key"
    other = Verifier({"gateway": b"x" * 32}, clock=lambda: NOW)
    assert judged(request, other) == "its signature does not fit"
    late = Verifier({"gateway": KEY.encode()}, clock=lambda: NOW + 61)
    assert judged(request, late) == "its signature is too old, or the clocks differ"
    for name in (b"signature", b"signature-input"):
        left = [field for field in request.headers if field[0] != name]
        assert judged(request, fields=left) == "it has no signature of the gateway"


def test_a_key_id_and_the_fields_can_be_chosen() -> None:
    request = signed(headers=[(b"x-user-id", b" a "), (b"x-user-id", b"b")], key_id="2026", fields=("X-User-Id",))
    given = dict(request.headers)[b"signature-input"].decode()
    assert re.match(r'gateway=\("@method" "@authority" "@path" "@query" "x-user-id"\);created=1800000000;', given)
    assert judged(request, Verifier({"2026": KEY.encode()}, ("x-user-id",), clock=lambda: NOW)) == ""


def test_a_guard_needs_a_real_key() -> None:
    for keys in ({}, {"gateway": b"short"}):
        with pytest.raises(ValueError, match="32 bytes"):
            Verifier(keys)


def test_nonces_are_forgotten_in_time() -> None:
    now = NOW
    verifier = Verifier({"gateway": KEY.encode()}, clock=lambda: now)
    request = signed()
    assert judged(request, verifier) == ""
    now += 59
    assert judged(request, verifier) == "it came before"
    now += 100
    assert judged(request, verifier) == "its signature is too old, or the clocks differ"
