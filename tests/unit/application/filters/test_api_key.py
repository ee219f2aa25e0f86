"""Filter `api_key`."""

import pytest

from app.application.filters.api_key import KIND
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.refusals import LimitExceeded, Unauthenticated
from tests.credentials import EXPIRED_KEY, KEY, UNKNOWN_KEY, sha256
from tests.fakes import exchange, request
from tests.unit.application.filters.credential_scene import Scene


def asked(key: str | bytes | None = None, query: str = "", name: bytes = b"x-api-key") -> Exchange:
    value = key.encode() if isinstance(key, str) else key
    return exchange(request(query=query, headers=[] if value is None else [(name, value), (b"x-other", b"1")]))


def refusal(scene: Scene, of: Exchange, options: object = None) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as error:
        scene.step(KIND, options).on_request(of)
    assert of.identity is None
    return error.value


def test_a_key_tells_who_it_is_and_goes_no_further() -> None:
    one = asked(KEY)
    scene = Scene()
    step = scene.step(KIND)
    step.on_request(one)
    step.on_response(one, Response(200, []))
    assert one.identity is not None
    assert (one.consumer, one.identity.method, one.identity.credential) == ("mobile", "api_key", sha256(KEY)[:16])
    assert one.identity.groups == {"partners", "apps"}
    assert one.request.headers == [(b"host", b"test"), (b"x-other", b"1")]
    assert b"x-api-key" not in one.request.fields
    assert scene.redacted == []


def test_it_may_be_forwarded_and_stand_in_another_field() -> None:
    options = {"header": "X-Token", "forward": True, "query": "key"}
    one = asked(KEY, name=b"x-token", query="key=1")
    Scene().step(KIND, options).on_request(one)
    assert one.consumer == "mobile"
    assert one.request.fields[b"x-token"] == KEY.encode()
    assert one.request.query == "key=1"


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (f"key={KEY}", ""),
        (f"a=1&key={KEY}&b=%20", "a=1&b=%20"),
        (f"a=1&k%65y={KEY}", "a=1"),
        (f"key={KEY.replace('_', '%5F')}&keys=1&&a", "keys=1&&a"),
    ],
)
def test_a_key_in_the_query_where_the_route_allows_it(query: str, left: str) -> None:
    scene, one = Scene(), asked(query=query)
    scene.step(KIND, {"query": "key"}).on_request(one)
    assert (one.consumer, one.request.query) == ("mobile", left)
    assert scene.redacted == ["key"]
    assert refusal(Scene(), asked(query=query)).detail == "an API key is required"


def test_the_field_comes_first_and_the_query_is_cleared_all_the_same() -> None:
    one = asked(KEY, query="key=wrong&a=1")
    Scene().step(KIND, {"query": "key"}).on_request(one)
    assert (one.consumer, one.request.query) == ("mobile", "a=1")


def test_without_a_key() -> None:
    scene = Scene()
    error = refusal(scene, asked())
    assert error.detail == "an API key is required"
    assert error.headers == [(b"www-authenticate", b'ApiKey realm="gateway", header="x-api-key"')]
    one = asked(query="a=1")
    scene.step(KIND, {"optional": True, "query": "key"}).on_request(one)
    assert one.identity is None
    assert len(scene.failures) == 0


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (UNKNOWN_KEY, "the API key is unknown"),
        (EXPIRED_KEY, "an API key of consumer mobile has expired"),
        (KEY + "x", "the API key is unknown"),
        (f"{KEY}, {KEY}", "the API key is malformed"),
        ("x" * 257, "the API key is malformed"),
        ("", "the API key is malformed"),
        (b"\xff\x00", "the API key is malformed"),
        (sha256(KEY), "the API key is unknown"),
    ],
)
def test_a64_every_wrong_key_is_refused_alike(key: str | bytes, reason: str) -> None:
    scene, one = Scene(), asked(key)
    error = refusal(scene, one, {"optional": True})
    assert (error.status, error.detail) == (401, "an API key was sent that is not valid")
    assert one.error_detail == reason
    assert len(scene.failures) == 1
    shown = key if isinstance(key, str) else repr(key)
    assert not key or shown not in f"{error!r} {error.headers} {one.error_detail}"


@pytest.mark.parametrize("query", ["key=", f"key={KEY}&key={KEY}", "key=%FF", "key", f"key={KEY}%00", f"key=+{KEY}"])
def test_wrong_keys_in_the_query(query: str) -> None:
    assert refusal(Scene(), asked(query=query), {"query": "key"}).detail == "an API key was sent that is not valid"


def test_a18_guessing_is_stopped_before_a_key_is_looked_at() -> None:
    scene = Scene()
    step = scene.step(KIND)
    for _ in range(3):
        refusal(scene, asked(UNKNOWN_KEY))
    with pytest.raises(LimitExceeded):
        step.on_request(asked(KEY))
    assert refusal(scene, asked()).status == 401


def test_options() -> None:
    assert KIND.identifies
    assert KIND.problems({"header": "X-Key"}) == []
    assert KIND.problems({"header": "a b"}) == ["header: 'a b' is no field name"]
    assert KIND.problems({"header": ""}) == ["header: '' is no field name"]
    for name in ("Host", "x-consumer-id", "connection", "content-length"):
        assert KIND.problems({"header": name}) == [f"header: {name!r} has a meaning of its own"]
    assert KIND.describe({"query": "k", "optional": True}) == "field x-api-key or query k, optional"
    assert KIND.describe({}) == "field x-api-key"
    assert KIND.references({}) == []
