"""Filter `signature`."""

from typing import Any

import pytest

from app.application.filters.http_signature import KIND
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.policies.http_signatures import RequestView
from app.domain.refusals import BodyTooLarge, LimitExceeded, Unauthenticated
from tests.credentials import COVERED, digest_of, sha256, signed
from tests.fakes import exchange, request
from tests.transport_harness import Parts
from tests.unit.application.filters.credential_scene import NOW, Scene, run

TIME = int(NOW)
WITH_DIGEST = (*COVERED, "content-digest")


def asked(*chunks: bytes, digest: bytes = b"", created: int = TIME, scheme: str = "http", **params: Any) -> Exchange:
    """A signed request for /a?x=1, with `chunks` as its body."""
    headers: Headers = [(b"content-digest", digest)] if digest else []
    view = RequestView("PUT", scheme.replace("ws", "http"), "test", "/a", "x=1", [(b"host", b"test"), *headers])
    covered = params.pop("covered", WITH_DIGEST if digest else COVERED)
    headers = headers + signed(view, created, covered=covered, **params)
    body = Parts(*chunks) if chunks else b""
    length = None if chunks else 0
    return exchange(request("/a", method="PUT", query="x=1", headers=headers, body=body, length=length, scheme=scheme))


async def refusal(scene: Scene, of: Exchange, options: object = None) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as error:
        await run(scene.step(KIND, options), of)
    assert of.identity is None
    assert error.value.headers == [
        (b"www-authenticate", b'Signature realm="gateway", components="@method @authority @path @query content-digest"')
    ]
    return error.value


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
async def test_a_signature_tells_who_it_is(scheme: str) -> None:
    one, step = asked(scheme=scheme, covered=(*COVERED, "@scheme"), alg="hmac-sha256"), Scene().step(KIND)
    assert step.on_request(one) is None
    step.on_response(one, Response(200, []))
    assert one.identity is not None
    assert (one.consumer, one.identity.method, one.identity.credential) == ("mobile", "signature", sha256("k1")[:16])


async def test_a_signed_body_is_read_first_and_held() -> None:
    one = asked(b"ab", b"c", digest=digest_of(b"abc"))
    await run(Scene().step(KIND), one)
    assert (one.consumer, one.request.body, one.request.length) == ("mobile", b"abc", 3)
    empty = asked(digest=digest_of(b""))
    await run(Scene().step(KIND), empty)
    assert empty.consumer == "mobile"


async def test_another_body_is_a_failure() -> None:
    scene, one = Scene(), asked(b"abd", digest=digest_of(b"abc"))
    error = await refusal(scene, one)
    assert error.detail == "the body is not the one of Content-Digest"
    assert len(scene.failures) == 1


async def test_a_body_must_be_signed_and_not_too_large() -> None:
    error = await refusal(Scene(), asked(b"abc"))
    assert error.detail == "the signature does not cover content-digest"
    with pytest.raises(BodyTooLarge):
        await run(Scene().step(KIND, {"max_body": "2B"}), asked(b"abc", digest=digest_of(b"abc")))
    free = {"required": ["@method"], "max_body": "2B"}
    one = asked(b"abc")
    await run(Scene().step(KIND, free), one)
    assert one.consumer == "mobile"


async def test_without_a_signature() -> None:
    scene, one = Scene(), exchange()
    assert (await refusal(scene, one)).detail == "a signature is required"
    await run(scene.step(KIND, {"optional": True}), one)
    assert one.identity is None
    assert len(scene.failures) == 0


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (asked(secret="another shared secret of 32 bytes"), "the signature is not one by key k1"),  # noqa: S106
        (asked(keyid="k2"), "no key of the signatures is known"),
        (asked(alg="ed25519"), "the signature is not of the algorithm of key k1"),
    ],
)
async def test_what_the_client_is_not_told(one: Exchange, reason: str) -> None:
    error = await refusal(Scene(), one)
    assert (error.detail, one.error_detail) == ("a signature was sent that is not valid", reason)


@pytest.mark.parametrize(
    ("one", "options", "detail"),
    [
        (asked(covered=("@method",)), {}, "the signature does not cover @authority, @path, @query"),
        (asked(created=TIME - 66), {}, "the signature is too old"),
        (asked(created=TIME + 6), {}, "the signature was created in the future"),
        (asked(), {"nonce": True}, "the signature has no nonce"),
        (asked(), {"tag": "t"}, "the signature has not the tag t"),
        (asked(), {"label": "other"}, "there is no whole signature 'other'"),
    ],
)
async def test_what_the_client_is_told(one: Exchange, options: dict[str, object], detail: str) -> None:
    scene = Scene()
    assert (await refusal(scene, one, options)).detail == detail
    assert len(scene.failures) == 1


async def test_a_covered_field_that_is_gone_and_half_a_signature() -> None:
    one = asked(covered=(*COVERED, "host"))
    one.request.headers = one.request.headers[1:]
    assert (await refusal(Scene(), one)).detail == "the request has no field 'host', which is covered"
    for name in (b"signature", b"signature-input"):
        half = asked()
        del half.request.fields[name]
        await refusal(Scene(), half)


@pytest.mark.parametrize(
    "change",
    [{"method": "POST"}, {"path": "/b"}, {"query": "x=2"}, {"authority": "test:1"}],
)
async def test_what_is_covered_cannot_be_changed(change: dict[str, str]) -> None:
    one = asked()
    for name, value in change.items():
        setattr(one.request, name, value)
    await refusal(Scene(), one)


async def test_a_nonce_counts_once_whichever_route_it_comes_by() -> None:
    scene = Scene()
    await run(scene.step(KIND), asked(nonce="n"))
    again = asked(nonce="n")
    await refusal(scene, again)
    assert again.error_detail == "a nonce of key k1 came again"
    await run(scene.step(KIND), asked(nonce="n2"))


async def test_the_first_signature_with_a_known_key_counts() -> None:
    one = asked()
    fields = one.request.fields
    fields[b"signature-input"] = b'x=();keyid="unknown", ' + fields[b"signature-input"]
    fields[b"signature"] = b"x=:AA==:, " + fields[b"signature"]
    await run(Scene().step(KIND), one)
    assert one.consumer == "mobile"


async def test_guessing_is_stopped_before_anything_is_computed() -> None:
    scene = Scene()
    for _ in range(3):
        await refusal(scene, asked(keyid="k2"))
    with pytest.raises(LimitExceeded):
        scene.step(KIND).on_request(asked())


def test_options() -> None:
    assert KIND.identifies
    wrong = {"required": ["@path", "@status", "X"], "max_age": "0s", "leeway": "61s"}
    assert KIND.problems(wrong) == [
        "required[1]: '@status' is none of @method, @target-uri, @authority, @scheme, @request-target, @path, @query",
        "required[2]: 'X' is no field name in lower case",
        "max_age: expected 1s to 1h, got 0ms",
        "leeway: expected at most 60s, got 61s",
    ]
    assert KIND.problems({}) == []
    assert KIND.describe({"required": ["@path"], "optional": True}) == "covers @path, optional"
    assert KIND.describe({"required": ["@path", "x-a"]}) == "covers @path x-a"
