"""Tokens that are forged, broken, stolen or stale, and issuers that fail, through a running gateway: A-50..A-63."""

import asyncio
import base64
import json
import sys
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.attacks import jwt_fuzz
from tests.attacks.jwt_cases import ATTACKS, EC, GOOD, RSA, a54
from tests.attacks.jwt_site import JSON, Site, key_set, site
from tests.backends import eventually, ok
from tests.clients import Reply, connect, fetch, raw
from tests.token_forge import claims, signer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["builtin"])
async def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One gateway of each kind for all tests."""
    async with site(tmp_path_factory.mktemp(request.param), request.param, auth_failures="off") as found:
        yield found


@pytest.fixture
def scene(shared: Site) -> Site:
    shared.reached()
    return shared


def bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]


def good(**more: object) -> str:
    return RSA.token(claims(time.time(), **more))


async def ask(scene: Site, path: str, token: str | None = None) -> Reply:
    return await fetch(scene.gateway.port, f"/{path}", headers=[] if token is None else bearer(token))


async def until(scene: Site, path: str, token: str, status: int, seconds: float = 8) -> None:
    """Wait until a token is answered so."""
    async with asyncio.timeout(seconds):
        while (await ask(scene, path, token)).status != status:  # noqa: ASYNC110  # the gateway is another process
            await asyncio.sleep(0.05)


async def all_refused(scene: Site, attack: str, *paths: str) -> int:
    """How many tokens of an attack were refused with 401, as RFC 6750 says; fails when one was not."""
    tokens = list(ATTACKS[attack](time.time()))
    wrong = []
    async with connect(scene.gateway.port) as connection:
        for path in paths:
            for token in tokens:
                reply = await connection.exchange("GET", f"/{path}", bearer(token))
                if reply.status != 401 or b'error="invalid_token"' not in (reply.field(b"www-authenticate") or b""):
                    wrong.append((path, reply.status, token[:200]))
                assert set(json.loads(reply.body)) == {"status", "title", "detail", "code", "source", "request_id"}
    assert wrong == []
    assert scene.reached() == []
    return len(tokens)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_good_tokens_pass(scene: Site, algorithm: str) -> None:
    made = {"RS256": RSA, "ES256": EC, "EdDSA": GOOD[2]}.get(algorithm)
    if made is None:
        made = type(RSA)("PS256", "rsa", RSA.key)
    for path in ("main", "mixed", "both", "optional"):
        assert (await ask(scene, path, made.token(claims(time.time())))).status == 200
    inline = made.token(claims(time.time(), iss="https://inline.test"))
    assert (await ask(scene, "inline", inline)).status == 200


async def test_g06_random_tokens_are_401_or_good() -> None:
    counts = jwt_fuzz.run(4000)
    assert counts.tokens >= 4000
    assert counts.accepted > 10
    assert (counts.false, counts.denied, counts.errors) == ([], [], [])


async def test_good_tokens_of_files_and_secrets_pass(scene: Site) -> None:
    secret = signer("HS256").token(claims(time.time(), iss="https://secret.test"))
    pem = good(iss="https://pem.test")
    for path, token in (("secret", secret), ("both", secret), ("pem", pem), ("both", pem)):
        assert (await ask(scene, path, token)).status == 200
    assert (await ask(scene, "secret", pem)).status == 401
    assert (await ask(scene, "pem", secret)).status == 401


async def test_no_token_is_asked_for(scene: Site) -> None:
    reply = await ask(scene, "asked")
    assert reply.status == 401
    assert reply.field(b"www-authenticate") == b'Bearer realm="api"'
    assert reply.field(b"content-type") == b"application/problem+json"
    assert (await ask(scene, "optional")).status == 200
    assert (await ask(scene, "optional", "broken")).status == 401


async def test_a50_the_algorithm_is_none_of_the_tokens_choice(scene: Site) -> None:
    assert await all_refused(scene, "A-50", "main", "both", "optional", "secret") > 40


async def test_a51_a_public_key_is_no_secret(scene: Site) -> None:
    assert await all_refused(scene, "A-51", "main", "both", "secret", "pem") > 15


async def test_a52_algorithms_are_listed(scene: Site) -> None:
    assert await all_refused(scene, "A-52", "main", "both") > 4


async def test_a53_key_ids_are_looked_up(scene: Site) -> None:
    before = scene.keys.asked["/main"]
    assert await all_refused(scene, "A-53", "main", "inline") > 15
    for n in range(50):
        assert (await ask(scene, "main", RSA.token(claims(time.time()), {"kid": f"k{n}"}))).status == 401
    assert scene.keys.asked["/main"] <= before + 1


async def test_a54_keys_are_never_taken_from_a_token(scene: Site) -> None:
    assert await all_refused(scene, "A-54", "main", "both") > 4
    port = scene.backend.port
    for token in a54(time.time(), f"http://127.0.0.1:{port}/evil"):
        assert (await ask(scene, "main", token)).status == 401
    assert scene.reached() == []


async def test_a55_critical_extensions_are_refused(scene: Site) -> None:
    assert await all_refused(scene, "A-55", "main", "both") > 9


async def test_a56_tokens_end(scene: Site) -> None:
    assert await all_refused(scene, "A-56", "main", "both") > 16


async def test_a56_a_remembered_token_ends(scene: Site) -> None:
    token = good(iat=int(time.time()) - 100, exp=int(time.time()) - 28)
    assert (await ask(scene, "main", token)).status == 200
    await until(scene, "main", token, 401)


async def test_a57_tokens_are_for_somebody(scene: Site) -> None:
    assert await all_refused(scene, "A-57", "main", "both") > 30


async def test_a58_a_broken_key_does_not_stop_the_others(scene: Site) -> None:
    assert (await ask(scene, "mixed", good())).status == 200
    line = await scene.gateway.said("are not used", "mixed")
    assert "symmetric" in line
    assert signer("HS256").token(claims(time.time()))
    forged = type(RSA)("HS256", "rsa", base64.urlsafe_b64decode("AAAA")).token(claims(time.time()))
    assert (await ask(scene, "mixed", forged)).status == 401


async def test_a59_nothing_that_is_no_token_is_an_error(scene: Site) -> None:
    assert await all_refused(scene, "A-59", "main", "both", "inline") >= 40


async def test_a59_bytes_that_no_token_has(scene: Site) -> None:
    for value in (b"\xff\xfe.\xff.\xff", "é.é.é".encode(), b"a.b.c\t", b"\xed\xa0\x80", b"a b c"):
        answer = await raw(
            scene.gateway.port, b"GET /main HTTP/1.1\r\nhost: t\r\nconnection: close\r\nauthorization: Bearer "
            + value + b"\r\n\r\n",
        )  # fmt: skip
        assert answer.split(b" ")[1] in (b"400", b"401")
    assert scene.reached() == []


async def test_a60_encrypted_tokens_are_not_opened(scene: Site) -> None:
    assert await all_refused(scene, "A-60", "main", "both") > 4


async def test_a61_a_token_in_the_query(scene: Site) -> None:
    token = good()
    for path in ("main", "query"):
        assert (await ask(scene, f"{path}?access_token={token}")).status == 401
    assert scene.reached() == []
    reply = await ask(scene, f"query?a=1&badge={token}&b=2")
    assert reply.status == 200
    assert reply.field(b"cache-control") == b"private"
    [head] = scene.reached()
    assert head.startswith(b"GET /query?a=1&b=2 HTTP/1.1\r\n")
    assert token.encode() not in head
    record = await scene.gateway.record("/query?a=1&b=2")
    assert record["consumer"] == "main:alice"
    assert (await ask(scene, f"query?badge={token}x")).status == 401
    await scene.gateway.record("/query?badge=REDACTED")
    await scene.gateway.record("/main?access_token=REDACTED")
    assert not any(token in json.dumps(record) for record in scene.gateway.records())
    assert not any(token in line for line in scene.gateway.log)


async def test_a61_two_tokens_are_none(scene: Site) -> None:
    token = good()
    twice = bearer(token) + bearer(token)
    assert (await fetch(scene.gateway.port, "/main", headers=twice)).status == 401
    assert (await fetch(scene.gateway.port, "/optional", headers=bearer(f"{token}, Bearer x"))).status == 401
    assert (await ask(scene, f"query?badge={token}&badge={token}")).status == 401
    cookie = [("cookie", f"session={token}; session=x")]
    assert (await fetch(scene.gateway.port, "/cookie", headers=cookie)).status == 401
    assert scene.reached() == []


async def test_a61_a_cookie_is_kept_from_the_service(scene: Site) -> None:
    cookie = [("cookie", f"a=1; session={good()}; b=2")]
    assert (await fetch(scene.gateway.port, "/cookie", headers=cookie)).status == 200
    assert b"cookie: a=1; b=2\r\n" in scene.reached()[0]


async def test_a62_keys_change(scene: Site) -> None:
    new = signer("RS256", "new", 7)
    old_token, new_token = good(), new.token(claims(time.time()))
    assert (await ask(scene, "rotating", old_token)).status == 200
    scene.keys.answers["/rotating"] = key_set(RSA, new)
    # An unknown key is fetched at once, while the request waits.
    assert (await ask(scene, "rotating", new_token)).status == 200
    assert (await ask(scene, "rotating", old_token)).status == 200
    scene.keys.answers["/rotating"] = key_set(new)
    # A key that is gone counts no more after the next refresh, though its token is remembered.
    await until(scene, "rotating", old_token, 401)
    assert (await ask(scene, "rotating", new_token)).status == 200
    scene.keys.answers["/rotating"] = key_set(*GOOD)
    await until(scene, "rotating", old_token, 200)


async def test_a63_signatures_are_verified_by_native_code() -> None:
    code = (
        "import sys; import app.protection; from tests.attacks.jwt_cases import EC;"
        "from app.infrastructure.security.jose_verifier import from_jwk;"
        "print(type(from_jwk(EC.jwk()).raw_value).__module__, 'ecdsa' in sys.modules, 'jose' in sys.modules)"
    )
    done = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(done.communicate(), 60)
    assert said.decode().split() == ["cryptography.hazmat.bindings._rust.openssl.ec", "False", "False"]


async def test_f33_good_keys_outlive_their_server(scene: Site) -> None:
    token = good()
    assert (await ask(scene, "failing", token)).status == 200
    answer = scene.keys.answers.pop("/failing")
    for bad in (ok(b"<html>", b"content-type: text/html"), ok(b'{"keys":[]}', JSON), None):
        if bad is not None:
            scene.keys.answers["/failing"] = bad
        asked = scene.keys.asked["/failing"]
        await eventually(lambda asked=asked: scene.keys.asked["/failing"] >= asked + 2, 10)  # type: ignore[misc]
        assert (await ask(scene, "failing", good())).status == 200
        scene.keys.answers.pop("/failing", None)
    scene.keys.answers["/failing"] = answer
    await scene.gateway.said("the last ones stay", "failing")


@pytest.mark.parametrize("path", ["down", "html", "empty", "large", "redirect", "inward", "slow"])
async def test_f34_without_keys_only_its_own_routes_answer_503(scene: Site, path: str) -> None:
    await until(scene, path, good(), 503, 15)
    reply = await ask(scene, path, good())
    assert reply.status == 503
    assert reply.field(b"retry-after") == b"5"
    assert json.loads(reply.body)["code"] == "issuer_unavailable"
    assert (await ask(scene, path, "broken")).status == 401
    assert (await ask(scene, "open")).status == 200
    assert (await ask(scene, "main", good())).status == 200
    assert b"/main" not in scene.reached()[0]
    await scene.gateway.said("cannot be fetched", f'"{path}"')


async def test_claims_are_told_and_forgeries_are_not(scene: Site) -> None:
    forged = [("x-user-id", "root"), ("x-email", "root@x"), ("connection", "x-user-id"), ("X_User_Id", "root")]
    reply = await fetch(scene.gateway.port, "/told", headers=[*bearer(good()), *forged])
    assert reply.status == 200
    [head] = scene.reached()
    assert b"x-user-id: alice\r\n" in head
    assert b"root" not in head
    assert b"authorization" not in head
    injected = good(email="a@b\r\nx-admin: 1")
    assert (await fetch(scene.gateway.port, "/told", headers=bearer(injected))).status == 200
    assert b"x-admin" not in scene.reached()[0]


async def test_too_little_is_403(scene: Site) -> None:
    reply = await ask(scene, "asked", good(role="admin"))
    assert reply.status == 403
    assert reply.field(b"www-authenticate") == b'Bearer realm="api", error="insufficient_scope", scope="read"'
    assert json.loads(reply.body)["code"] == "insufficient_scope"
    assert (await ask(scene, "asked", good(scope="read"))).status == 403
    assert (await ask(scene, "asked", good(scope="write read", role=["user", "ops"]))).status == 200
    assert (await ask(scene, "asked", good(sub="machine", role="ops"))).status == 200


async def test_the_operator_learns_why(scene: Site) -> None:
    token = RSA.token(claims(time.time(), aud="other"))
    await fetch(scene.gateway.port, "/main?why", headers=bearer(token))
    record = await scene.gateway.record("/main?why")
    assert record["error_detail"] == "'aud' names nobody that is meant here"
    assert record["error"] == "unauthenticated"


async def test_a_websocket_needs_a_token_too(scene: Site) -> None:
    handshake = [
        ("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]  # fmt: skip
    for fields in (handshake, [*handshake, *bearer("broken")]):
        reply = await fetch(scene.gateway.port, "/main", headers=fields)
        assert reply.status == 401
        assert (reply.field(b"www-authenticate") or b"").startswith(b"Bearer")
    assert scene.reached() == []
    await fetch(scene.gateway.port, f"/query?badge={good()}", headers=handshake)
    [head] = scene.reached()
    assert head.startswith(b"GET /query HTTP/1.1\r\n")
