"""What guards keep out, over real sockets and both servers: A-14, A-15, A-19, A-21, A-37, A-38, A-40, A-71, F-32.

A-20 and A-39 are about lines of logs: tests/unit/infrastructure/telemetry and tests/conformance.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from tests.attacks.guards_site import (
    APP,
    BOMB,
    EVIL,
    GERMAN,
    LIMIT,
    LISTED,
    NOWHERE,
    RUSSIAN,
    Site,
    site,
)
from tests.clients import Reply
from tests.geo_database import country, write_database
from tests.h2_client import connect_h2

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEBIBYTE = 1024 * 1024


@pytest_asyncio.fixture(params=["builtin", "granian", "hypercorn"], scope="module", loop_scope="module")
async def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The gateway under each server."""
    async with site(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running
        assert not any("Traceback" in line for line in running.gw.log)


def problem(reply: Reply) -> tuple[int, str]:
    """Status and code of a refusal."""
    return reply.status, json.loads(reply.body)["code"]


def cors_fields(reply: Reply) -> dict[bytes, bytes]:
    return {name: value for name, value in reply.headers if name.startswith(b"access-control-")}


async def test_a71_an_unknown_country_passes_only_where_the_route_says_so(at: Site) -> None:
    sources = (GERMAN, RUSSIAN, NOWHERE, "10.0.0.1", "2001:db8::1")
    assert [await at.status("/de/", source) for source in sources] == [200, 403, 403, 403, 403]
    assert [await at.status("/not-ru/", source) for source in sources] == [200, 403, 200, 200, 200]
    assert [await at.status("/known/", source) for source in sources] == [200, 200, 403, 403, 403]


async def test_a71_no_way_of_writing_an_address_changes_its_country_or_its_lists(at: Site) -> None:
    assert await at.status("/de/", f"::ffff:{GERMAN}") == 200
    assert await at.status("/not-ru/", f"::ffff:{RUSSIAN}") == 403
    assert await at.status("/not-ru/", f"{GERMAN}, {RUSSIAN}") == 403
    assert await at.status("/listed/", f"::ffff:{LISTED}") == 403
    assert await at.status("/listed/", f"[::ffff:{LISTED}]:80") == 403
    lies = [("x-real-ip", GERMAN), ("cf-connecting-ip", GERMAN), ("forwarded", f"for={GERMAN}")]
    assert (await at.ask("/de/", "GET", *lies, source=RUSSIAN)).status == 403


async def test_addresses_of_a_file_that_changes(at: Site) -> None:
    assert [await at.status("/listed/", source) for source in (LISTED, NOWHERE)] == [403, 200]
    at.save_listed(f"{NOWHERE}\n")
    await at.until("/listed/", NOWHERE, 403)
    assert await at.status("/listed/", LISTED) == 200
    at.save_listed("nonsense\n")
    await at.gw.said("a file of addresses cannot be used: the last content stays")
    assert await at.status("/listed/", NOWHERE) == 403
    at.save_listed(f"{LISTED}\n")
    await at.until("/listed/", LISTED, 403)


async def test_f32_a_database_that_breaks_changes_nothing_and_one_that_is_replaced_does(at: Site) -> None:
    whole = at.database.read_bytes()
    at.database.write_bytes(whole[: len(whole) // 2])
    await at.gw.said("the database of countries cannot be used: the last content stays")
    assert [await at.status("/de/", source) for source in (GERMAN, RUSSIAN)] == [200, 403]
    at.database.unlink()
    write_database(at.database, {f"{GERMAN}/32": country("AT"), f"{RUSSIAN}/32": country("DE")})
    await at.until("/de/", GERMAN, 403)
    assert await at.status("/de/", RUSSIAN) == 200
    write_database(at.database, {f"{GERMAN}/32": country("DE"), f"{RUSSIAN}/32": country("RU")})
    await at.until("/de/", GERMAN, 200)


async def test_who_does_not_say_who_it_is_gets_401_and_a_page_can_read_it(at: Site) -> None:
    reply = await at.ask("/named/", "GET", ("origin", APP))
    assert problem(reply) == (401, "unauthenticated")
    assert cors_fields(reply)[b"access-control-allow-origin"] == APP.encode()


async def test_a38_only_listed_origins_may_read_answers(at: Site) -> None:
    allowed = {
        b"access-control-allow-origin": APP.encode(),
        b"access-control-allow-credentials": b"true",
        b"access-control-expose-headers": b"x-total",
    }
    reply = await at.ask("/cors/", "GET", ("origin", APP))
    assert (reply.status, cors_fields(reply), reply.field(b"vary")) == (200, allowed, b"origin")
    deep = await at.ask("/cors/", "GET", ("origin", "https://a.b.example.org"))
    assert cors_fields(deep)[b"access-control-allow-origin"] == b"https://a.b.example.org"
    for origin in (EVIL, "null", f"{APP}.evil.example", "https://example.org", "https://evilexample.org", ""):
        reply = await at.ask("/cors/", "GET", ("origin", origin))
        assert (reply.status, cors_fields(reply), reply.field(b"vary")) == (200, {}, b"origin")


async def test_a38_a_preflight_is_answered_by_the_route_that_it_is_about_and_nobody_else(at: Site) -> None:
    before = len(at.backend.heads)
    asked = ("access-control-request-method", "PUT")
    reply = await at.ask("/cors/x", "OPTIONS", ("origin", APP), asked)
    assert (reply.status, reply.body) == (204, b"")
    assert cors_fields(reply)[b"access-control-allow-origin"] == APP.encode()
    assert b"PUT" in cors_fields(reply)[b"access-control-allow-methods"]
    refused = await at.ask("/cors/x", "OPTIONS", ("origin", EVIL), asked)
    assert (problem(refused), cors_fields(refused)) == ((403, "origin_not_allowed"), {})
    named = await at.ask("/named/x", "OPTIONS", ("origin", APP), asked)
    assert named.status == 204
    other = await at.ask("/cors/x", "OPTIONS", ("origin", APP), ("access-control-request-method", "DELETE"))
    assert (other.status, other.body) == (200, b"options")
    assert (await at.ask("/cors/x", "OPTIONS")).body == b"options"
    assert len(at.backend.heads) == before


async def test_a_body_that_says_that_it_is_too_large_is_refused_before_the_service_is_asked(at: Site) -> None:
    connections = at.backend.connections
    reply = await at.ask("/limit/early", "POST", body=bytes(LIMIT + 1))
    assert problem(reply) == (413, "body_too_large")
    assert (await at.ask("/limit/", "POST", body=bytes(LIMIT))).status == 200
    head = b"POST /limit/early HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n" % (LIMIT * 9)
    # Hypercorn sends 100 by itself (P-29), Granian does not.
    assert (await at.say(head)).removeprefix(b"HTTP/1.1 100 \r\n\r\n").startswith(b"HTTP/1.1 413")
    assert at.backend.connections <= connections + 1
    assert not any(b"/early" in head for head in at.backend.heads)


async def test_a_body_that_does_not_say_is_cut_and_never_looks_complete_to_the_service(at: Site) -> None:
    bodies = len(at.backend.bodies)
    async with at.connection() as client:
        client.writer.write(b"POST /limit/late HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(40):
            client.writer.write(b"1000\r\n" + bytes(4096) + b"\r\n")
            await asyncio.sleep(0.001)
        answer = await client.reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert len(at.backend.bodies) == bodies
    assert (await at.gw.record("/limit/late"))["error"] == "body_too_large"


@pytest.mark.parametrize("length", [[], [("content-length", str(LIMIT * 4))]], ids=["unsaid", "said"])
async def test_over_http2_too(at: Site, length: list[tuple[str, str]]) -> None:
    bodies = len(at.backend.bodies)
    async with asyncio.timeout(20), connect_h2(at.gw.port, at.ca) as client:
        stream = client.request("POST", "/limit/h2", length, ended=False)
        await client.send(stream, bytes(LIMIT * 4))
        reply = await client.answer(stream)
        assert (reply.status, json.loads(reply.body)["code"]) == (413, "body_too_large")
        assert len(at.backend.bodies) == bodies
        assert (await client.exchange("POST", "/limit/h2", body=bytes(LIMIT))).status == 200


async def test_a14_more_or_longer_fields_than_a_route_needs_are_refused(at: Site) -> None:
    many = [(f"x-{number}", "1") for number in range(9)]
    assert problem(await at.ask("/fields/", "GET", *many)) == (431, "fields_too_large")
    assert problem(await at.ask("/fields/", "GET", ("x-long", "v" * 1020))) == (431, "fields_too_large")
    assert problem(await at.ask("/fields/?a&b&c&d")) == (400, "too_many_parameters")
    assert (await at.ask("/fields/?a&b&c", "GET", ("x-a", "1"))).status == 200
    # Before any route is known there are limits for all: P-65 of the conformance cases has both servers' ways.
    assert (await at.ask("/nowhere", "GET", *[(f"x-{number}", "1") for number in range(101)])).status == 431


async def test_a15_bombs_are_never_decoded_in_either_direction(at: Site) -> None:
    bomb = gzip.compress(BOMB)
    worker = at.gw.workers()[0]
    first = worker.memory_info().rss
    for _ in range(4):
        reply = await at.ask("/plain/bomb", "POST", ("content-encoding", "gzip"), body=bomb)
        assert (reply.status, reply.body, reply.field(b"content-encoding")) == (200, bomb, b"gzip")
        assert at.backend.bodies[-1] == bomb
    assert psutil.Process(worker.pid).memory_info().rss - first < 16 * MEBIBYTE


async def test_a19_what_clients_make_up_makes_no_series(at: Site) -> None:
    async def series() -> int:
        reply = await at.ask("/-/metrics", source="127.0.0.1")
        assert reply.status == 200
        return len(reply.body.splitlines())

    async def made_up(number: int) -> None:
        await at.ask(
            f"/plain/{number}?q={number}", f"M{number}", ("host", f"h{number}.example"), source=f"9.9.9.{number}"
        )
        await at.ask(f"/none/{number}", "GET", ("user-agent", f"agent-{number}"))

    for number in range(3):
        await made_up(number)
    before = await series()
    for number in range(3, 60):
        await made_up(number)
    assert await series() <= before + 5


@pytest.mark.parametrize("nested", ["[", '{"a":', "(", "%5B"])
async def test_a21_depth_in_what_clients_send_breaks_nothing(at: Site, nested: str) -> None:
    deep = nested * 1500
    reply = await at.ask(f"/plain/?q={'x' if nested == '{' else ''}", "GET", ("x-json", deep), ("cookie", f"a={deep}"))
    assert reply.status == 200
    body = await at.ask("/json/", "POST", ("content-type", "application/json"), body=(nested * 100_000).encode())
    assert body.status == 200


async def test_a37_what_could_poison_a_cache_does_not_reach_the_service(at: Site) -> None:
    names = ["forwarded", "x-original-url", "x-rewrite-url", "x-host", "x-http-method-override", "x-forwarded-prefix"]
    told = [(name, "evil") for name in (*names, "x-forwarded-host")]
    async with at.connection("127.0.0.2") as client:
        assert (await client.exchange("GET", "/plain/a37", told)).status == 200
    seen = at.backend.heads[-1].decode().lower().split("\r\n")
    assert seen[0] == "get /plain/a37 http/1.1"
    assert not [line for line in seen if line.partition(":")[0] in names or "evil" in line]
    assert "x-forwarded-host: test" in seen


async def test_a37_a_get_with_a_body_is_the_services_matter_and_is_passed_on_whole(at: Site) -> None:
    """RFC 9110 section 9.3.1: it has no meaning of its own, but a gateway that drops it desynchronises (P-25)."""
    assert (await at.ask("/plain/fat", "GET", body=b"content")).status == 200
    assert at.backend.bodies[-1] == b"content"
    assert problem(await at.ask("/json/fat", "GET", body=b"content")) == (415, "media_type_not_allowed")


async def test_media_types_methods_and_programs_that_a_route_does_not_take(at: Site) -> None:
    form = ("content-type", "application/x-www-form-urlencoded")
    refused = await at.ask("/json/", "POST", form, body=b"a=1")
    assert (problem(refused), refused.field(b"accept")) == ((415, "media_type_not_allowed"), b"application/json")
    assert (await at.ask("/json/", "POST", ("content-type", "application/json"), body=b"{}")).status == 200
    method = await at.ask("/safe/", "DELETE")
    assert (problem(method), method.field(b"allow")) == ((405, "method_not_allowed"), b"GET")
    assert problem(await at.ask("/bots/", "GET", ("user-agent", "EvilBot/1"))) == (403, "bot_refused")
    assert problem(await at.ask("/bots/")) == (403, "bot_refused")
    assert (await at.ask("/bots/", "GET", ("user-agent", "Mozilla/5.0"))).status == 200


async def test_requests_with_cookies_need_a_page_that_is_trusted(at: Site) -> None:
    cookie, own = ("cookie", "session=1"), ("origin", "https://test")
    assert (await at.ask("/csrf/", "POST", cookie, own, body=b"x")).status == 200
    assert (await at.ask("/csrf/", "POST", cookie, ("origin", APP), body=b"x")).status == 200
    assert (await at.ask("/csrf/", "POST", ("origin", EVIL), body=b"x")).status == 200
    for origin in (EVIL, "null", "http://test"):
        reply = await at.ask("/csrf/", "POST", cookie, ("origin", origin), body=b"x")
        assert problem(reply) == (403, "cross_site_request")
    assert problem(await at.ask("/csrf/", "POST", cookie, body=b"x")) == (403, "cross_site_request")


async def test_a40_a_handshake_with_cookies_needs_a_page_that_is_trusted(at: Site) -> None:
    def handshake(origin: str, cookie: str) -> bytes:
        return (
            f"GET /csrf/ws HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n{cookie}"
            f"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\norigin: {origin}\r\n\r\n"
        ).encode()

    before = len(at.backend.heads)
    assert (await at.say(handshake(EVIL, "cookie: session=1\r\n"))).startswith(b"HTTP/1.1 403")
    assert len(at.backend.heads) == before
    await at.say(handshake("https://test", "cookie: session=1\r\n"))
    await at.say(handshake(EVIL, ""))
    assert len(at.backend.heads) == before + 2


async def test_security_fields_are_on_answers_and_refusals(at: Site) -> None:
    for reply in (await at.ask("/safe/"), await at.ask("/safe/", "PUT")):
        fields = dict(reply.headers)
        assert fields[b"strict-transport-security"] == b"max-age=31536000"
        assert fields[b"x-content-type-options"] == b"nosniff"
        # Granian names itself where nobody does.
        assert fields.get(b"server") in (None, b"granian")
    assert (await at.ask("/plain/")).field(b"server") == b"nginx/1.2"


async def test_a71_a_list_of_a_running_gateway_is_loaded_before_anybody_passes(at: Site, tmp_path: Path) -> None:
    listed = tmp_path / "large.txt"
    listed.write_text("\n".join([f"10.{n >> 8}.{n & 255}.0/24" for n in range(60_000)] + [NOWHERE]))
    before = at.gw.config.read_text()
    config = json.loads(before)
    config["routes"]["large"] = {
        "match": {"paths": ["/large"]},
        "respond": {},
        "filters": [{"access": {"deny": {"address_files": [str(listed)]}}}],
    }
    at.gw.save(config)
    async with asyncio.timeout(15):
        while (status := await at.status("/large", NOWHERE)) == 404:  # noqa: ASYNC110  # nobody would set an event
            await asyncio.sleep(0.01)
    assert status == 403
    assert await at.status("/large", GERMAN) == 200
    at.gw.save(before)
