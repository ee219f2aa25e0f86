"""Credentials that are guessed, stolen, replayed or made up, through a running gateway: A-18, A-64."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.domain.policies.http_signatures import RequestView
from tests.attacks.credential_site import Site, site
from tests.clients import Reply, connect, fetch
from tests.credentials import (
    COVERED,
    EXPIRED_KEY,
    KEY,
    OTHER_KEY,
    PASSWORD,
    UNKNOWN_KEY,
    basic,
    digest_of,
    sha256,
    signed,
)
from tests.unit.infrastructure.security.test_client_certificates import certificate, named

DER = certificate(named("machine"))
STRANGER = certificate(named("stranger"))
Fields = list[tuple[str, str]]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["builtin"])
async def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One gateway of each kind for all tests."""
    settings = {"auth_failures": "10000/min", "trusted_proxies": "127.0.0.2"}
    folder = tmp_path_factory.mktemp(request.param)
    async with site(folder, request.param, [{"subject": "CN=machine"}], 1, **settings) as found:
        yield found


@pytest.fixture
def scene(shared: Site) -> Site:
    shared.reached()
    return shared


def same(*replies: Reply) -> dict[str, Any]:
    """What all of them say but for the request's id, which is what a client learns."""
    bodies = []
    for reply in replies:
        body = json.loads(reply.body)
        del body["request_id"]
        lengths = {b"content-length", b"date", b"x-request-id"}
        bodies.append((reply.status, [one for one in reply.headers if one[0] not in lengths], body))
    assert all(body == bodies[0] for body in bodies)
    found: dict[str, Any] = bodies[0][2]
    return found


async def test_a64_api_keys(scene: Site) -> None:
    port = scene.gateway.port
    unknown, expired, cut, twice = [
        await fetch(port, "/key", headers=[("x-api-key", key)])
        for key in (UNKNOWN_KEY, EXPIRED_KEY, KEY[:-1], f"{KEY}, {KEY}")
    ]
    body = same(unknown, expired, cut, twice)
    assert (body["status"], body["code"], body["detail"]) == (
        401, "unauthenticated", "an API key was sent that is not valid",
    )  # fmt: skip
    assert unknown.field(b"www-authenticate") == b'ApiKey realm="gateway", header="x-api-key"'
    absent = await fetch(port, "/key")
    assert (absent.status, json.loads(absent.body)["detail"]) == (401, "an API key is required")
    assert scene.reached() == []

    taken = await fetch(port, "/key", headers=[("x-api-key", KEY), ("x-consumer-id", "admin"), ("x_consumer_id", "a")])
    assert taken.status == 200
    (head,) = scene.reached()
    assert b"\r\nx-consumer-id: mobile\r\nx-consumer-groups: apps, partners\r\nx-credential-id: " in head
    assert head.count(b"consumer") == 2
    assert KEY.encode() not in head
    await fetch(port, "/open", headers=[("X-Consumer-Id", "admin"), ("X-Credential-Id", "1"), ("Client-Cert", "x")])
    (head,) = scene.reached()
    assert b"consumer" not in head
    assert b"credential" not in head
    assert b"client-cert" not in head

    assert (await fetch(port, f"/key?a=1&badge={KEY}&b=2")).status == 200
    (head,) = scene.reached()
    assert head.startswith(b"GET /key?a=1&b=2 HTTP/1.1")
    assert (await fetch(port, f"/key?badge={UNKNOWN_KEY}")).status == 401
    assert (await fetch(port, f"/open?badge={KEY}")).status == 200
    scene.reached()
    record = await scene.gateway.record("/key?badge=REDACTED")
    assert (record["status"], record["error_detail"]) == (401, "the API key is unknown")
    await scene.gateway.record("/open?badge=REDACTED")
    logged = json.dumps(scene.gateway.records()) + "".join(scene.gateway.log)
    assert not [key for key in (KEY, EXPIRED_KEY, UNKNOWN_KEY, KEY[:-1]) if key in logged]
    assert (await scene.gateway.record("/key?a=1&b=2"))["consumer"] == "mobile"

    await revoked(scene)


async def revoked(scene: Site) -> None:
    """A key that is taken away is refused at once, as one that never was."""
    before = scene.gateway.config.read_text()
    config = json.loads(before)
    config["consumers"]["mobile"]["api_keys"] = []
    scene.gateway.save(config)
    gone = await until(scene, 401)
    same(gone, await fetch(scene.gateway.port, "/key", headers=[("x-api-key", UNKNOWN_KEY)]))
    scene.gateway.save(before)
    await until(scene, 200)


async def until(scene: Site, status: int) -> Reply:
    """Ask with the key until the answer has this status."""
    async with asyncio.timeout(10):
        while True:
            reply = await fetch(scene.gateway.port, "/key", headers=[("x-api-key", KEY)])
            if reply.status == status:
                return reply


def authorization(username: str, password: str) -> Fields:
    return [("authorization", basic(username, password).decode())]


async def test_basic_passwords(scene: Site) -> None:
    port = scene.gateway.port
    wrong = [await fetch(port, "/basic", headers=authorization(*pair)) for pair in (("jo", "x"), ("al", PASSWORD))]
    broken = await fetch(port, "/basic", headers=[("authorization", "Basic !")])
    assert same(*wrong, broken)["detail"] == "a user name with a password was sent that is not valid"
    assert broken.field(b"www-authenticate") == b'Basic realm="users", charset="UTF-8"'
    assert scene.reached() == []
    for _ in range(2):
        assert (await fetch(port, "/basic", headers=authorization("jo", PASSWORD))).status == 200
        (head,) = scene.reached()
        assert b"authorization" not in head
        assert b"x-consumer-id: mobile\r\n" in head


def fields_of(*headers: tuple[bytes, bytes]) -> Fields:
    return [(name.decode(), value.decode()) for name, value in headers]


def view(method: str, path: str, *headers: tuple[bytes, bytes]) -> RequestView:
    return RequestView(method, "http", "test", path, "", list(headers))


async def test_signatures_and_their_replays(scene: Site) -> None:
    port, now = scene.gateway.port, int(time.time())
    once = fields_of(*signed(view("GET", "/signed"), now, nonce="n-1"))
    assert (await fetch(port, "/signed", headers=once)).status == 200
    assert (await fetch(port, "/signed", headers=once)).status == 401
    plain = fields_of(*signed(view("GET", "/signed"), now))
    for target, method in (("/signed/b", "GET"), ("/signed?x=1", "GET"), ("/signed", "DELETE")):
        assert (await fetch(port, target, method, plain)).status == 401
    old = fields_of(*signed(view("GET", "/signed"), now - 120))
    assert (await fetch(port, "/signed", headers=old)).status == 401
    assert len(scene.reached()) == 1

    digest = (b"content-digest", digest_of(b"pay 1"))
    paid = fields_of(digest, *signed(view("POST", "/signed", digest), now, covered=(*COVERED, "content-digest")))
    assert (await fetch(port, "/signed", "POST", paid, b"pay 9")).status == 401
    assert (await fetch(port, "/signed", "POST", plain, b"pay 9")).status == 401
    assert scene.reached() == []
    assert (await fetch(port, "/signed", "POST", paid, b"pay 1")).status == 200
    assert len(scene.reached()) == 1
    large = b"x" * (1024 * 1024 + 1)
    digest = (b"content-digest", digest_of(large))
    paid = fields_of(digest, *signed(view("POST", "/signed", digest), now, covered=(*COVERED, "content-digest")))
    assert (await fetch(port, "/signed", "POST", paid, large)).status == 413
    assert scene.reached() == []


def client_cert(der: bytes) -> Fields:
    return [("client-cert", f":{base64.b64encode(der).decode()}:")]


async def test_certificates_are_believed_from_trusted_proxies_only(scene: Site) -> None:
    port = scene.gateway.port
    assert (await fetch(port, "/certificate", headers=client_cert(DER))).status == 401
    assert scene.reached() == []
    assert (await by_proxy(port, "/certificate", client_cert(STRANGER))).status == 401
    assert (await by_proxy(port, "/certificate", [("client-cert", "x")])).status == 401
    assert scene.reached() == []
    assert (await by_proxy(port, "/certificate", client_cert(DER))).status == 200
    (head,) = scene.reached()
    assert b"x-consumer-id: machine\r\n" in head


async def by_proxy(port: int, target: str, headers: Fields) -> Reply:
    async with asyncio.timeout(15), connect(port, source="127.0.0.2") as connection:
        return await connection.exchange(target=target, headers=headers)


async def test_any_and_all(scene: Site) -> None:
    port = scene.gateway.port
    key, password = [("x-api-key", KEY)], authorization("jo", PASSWORD)
    for headers in (key, password, [*key, *authorization("jo", "x")], [("x-api-key", UNKNOWN_KEY), *password]):
        assert (await fetch(port, "/any", headers=headers)).status == 200
        (head,) = scene.reached()
        assert b"authorization" not in head
        assert b"x-api-key" not in head
    refused = await fetch(port, "/any", headers=[("x-api-key", UNKNOWN_KEY)])
    same(refused, await fetch(port, "/any"))
    assert [value.partition(b" ")[0] for name, value in refused.headers if name == b"www-authenticate"] == [
        b"ApiKey", b"Basic", b"Certificate",
    ]  # fmt: skip
    for headers in (key, password, [("x-api-key", OTHER_KEY), *password]):
        assert (await fetch(port, "/all", headers=headers)).status == 401
    assert scene.reached() == []
    assert (await fetch(port, "/all", headers=[*key, *password])).status == 200
    (head,) = scene.reached()
    assert f"x-credential-id: {sha256(KEY)[:16]}\r\n".encode() in head


async def test_a18_guessing_is_answered_with_429_and_nobody_else_is(tmp_path: Path) -> None:
    async with site(tmp_path, "builtin", [], auth_failures="20/min", trusted_proxies="127.0.0.1") as scene:
        port = scene.gateway.port

        async def ask(key: str, address: str) -> int:
            headers = [("x-api-key", key), ("x-forwarded-for", address)]
            return (await fetch(port, "/key", headers=headers)).status

        guesses = [await ask(f"guess-{n}", f"2001:db8::{n:x}") for n in range(60)]
        assert guesses == [401] * 20 + [429] * 40
        assert await ask(KEY, "2001:db8::ffff") == 429
        assert await ask(KEY, "2001:db8:0:1::1") == 200
        reply = await fetch(port, "/key", headers=[("x-api-key", KEY), ("x-forwarded-for", "2001:db8::1")])
        assert 1 <= int(reply.field(b"retry-after") or b"0") <= 3
        assert json.loads(reply.body)["code"] == "too_many_failures"
        assert (await fetch(port, "/key", headers=[("x-forwarded-for", "2001:db8::1")])).status == 401


async def test_a_replay_is_refused_by_every_worker_of_the_host(tmp_path: Path) -> None:
    async with site(tmp_path, "builtin", [], workers=2, auth_failures="off") as scene:
        for number in range(3):
            nonce = f"n-{number}"
            sent = fields_of(*signed(view("GET", "/signed"), int(time.time()), nonce=nonce))
            replies = await asyncio.gather(*(fetch(scene.gateway.port, "/signed", headers=sent) for _ in range(12)))
            assert sorted(reply.status for reply in replies) == [200] + [401] * 11
        assert len(scene.reached()) == 3
