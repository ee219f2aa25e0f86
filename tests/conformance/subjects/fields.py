"""Header fields through the gateway, both ways: P-01 to P-18, but for Host."""

from typing import Final

from tests.backends import ok
from tests.conformance.case import Cases
from tests.conformance.stand import TRUSTED, Stand, request

CASES: Final = Cases()
add, refuse = CASES.add, CASES.refuse

ALIASES: Final = (
    "X-Forwarded-Prefix", "X_Forwarded_For", "Client-IP", "True-Client-IP", "X-Original-URL", "X-Rewrite-URL",
    "X-HTTP-Method-Override", "Forwarded",
)  # fmt: skip


@add("P-01", "hop-by-hop-request", "fields of one connection end at the gateway")
async def hop_by_hop_request(stand: Stand) -> None:
    names = ["Proxy-Connection", "Keep-Alive", "TE", "Trailer", "Proxy-Authenticate", "Proxy-Authorization", "Upgrade"]
    await stand.get("/P-01", *(f"{name}: hop" for name in names), "HTTP2-Settings: hop", "X-Kept: yes")
    fields = stand.upstream("/P-01")
    assert not {name.lower() for name in names} & set(fields)
    assert not {"connection", "transfer-encoding", "http2-settings"} & set(fields)
    assert fields["x-kept"] == ["yes"]


@add("P-01", "te-trailers", "`TE: trailers` goes on, alone, with `Connection: TE`")
async def te_trailers(stand: Stand) -> None:
    await stand.talk(request("GET /P-01/te", "TE: gzip, trailers", "Connection: TE, close"))
    fields = stand.upstream("/P-01/te")
    assert (fields["te"], fields["connection"]) == (["trailers"], ["te"])


@add("P-02", "named-by-connection", "fields named in Connection are dropped, in any line, case and spacing")
async def named_by_connection(stand: Stand) -> None:
    lines = ["Connection: X-One ,  x-two", "CONNECTION: X-THREE", "X-One: 1", "x-TWO: 2", "X-Three: 3", "X-Four: 4"]
    await stand.get("/P-02", *lines)
    fields = stand.upstream("/P-02")
    assert not {"x-one", "x-two", "x-three", "connection"} & set(fields)
    assert fields["x-four"] == ["4"]


@add("P-02", "gateways-own-cannot-be-named", "Connection cannot delete what the gateway writes")
async def own_fields_cannot_be_named(stand: Stand) -> None:
    own = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via", "x-request-id", "host"]
    await stand.get("/P-02/own", f"Connection: {', '.join(own)}, traceparent, content-length")
    assert not set(own) - set(stand.upstream("/P-02/own"))


@add("P-03", "hop-by-hop-response", "the same for answers")
async def hop_by_hop_response(stand: Stand) -> None:
    names = ["keep-alive", "proxy-authenticate", "upgrade", "x-named", "proxy-connection"]
    lines = [f"{name}: hop".encode() for name in names]
    said = await stand.ask("/P-03", ok(b"x", b"connection: X-Named", *lines, b"x-kept: yes"))
    assert [name for name in names if said.field(name)] == []
    assert said.field("x-kept") == ["yes"]


@add("P-04", "untrusted-peer", "what an untrusted peer says of the client is dropped and written anew")
async def untrusted_peer(stand: Stand) -> None:
    lies = [f"{name}: 6.6.6.6" for name in ("X-Forwarded-For", "X-Real-IP", *ALIASES)]
    told = ["X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Forwarded-Port: 666"]
    await stand.get("/P-04", *lies, *told)
    fields = stand.upstream("/P-04")
    assert fields["x-forwarded-for"] == fields["x-real-ip"] == ["127.0.0.1"]
    assert (fields["x-forwarded-proto"], fields["x-forwarded-host"]) == (["http"], ["test"])
    assert fields["x-forwarded-port"] == ["80"]
    assert not {name.lower() for name in ALIASES} & set(fields)


@add("P-05", "trusted-peer", "a trusted peer's list is appended to; the client is the first untrusted from the right")
async def trusted_peer(stand: Stand) -> None:
    chain = f"6.6.6.6, [2001:db8::1]:99, {TRUSTED}"
    await stand.get("/P-05", f"X-Forwarded-For: {chain}", source=TRUSTED)
    fields = stand.upstream("/P-05")
    assert fields["x-forwarded-for"] == [f"{chain}, {TRUSTED}"]
    assert fields["x-real-ip"] == ["2001:db8::1"]


@add("P-05", "malformed-element", "an element that is no address ends the walk")
async def malformed_element(stand: Stand) -> None:
    await stand.get("/P-05/bad", "X-Forwarded-For: 6.6.6.6, unknown", source=TRUSTED)
    assert stand.upstream("/P-05/bad")["x-real-ip"] == [TRUSTED]


@add("P-06", "forwarded", "Forwarded is never sent beside X-Forwarded-*, whoever sent it")
async def forwarded(stand: Stand) -> None:
    for target, source in (("/P-06/client", ""), ("/P-06/proxy", TRUSTED)):
        await stand.get(target, "Forwarded: for=6.6.6.6", source=source)
        assert "forwarded" not in stand.upstream(target)


@add("P-07", "via", "one more line of Via, both ways")
async def via(stand: Stand) -> None:
    said = await stand.ask("/P-07", ok(b"x", b"via: 1.0 inner"), "Via: 1.0 outer")
    assert stand.upstream("/P-07")["via"] == ["1.0 outer", "1.1 gateway"]
    assert said.field("via") == ["1.0 inner", "1.1 gateway"]


refuse("P-07", "loop", "a request that came through twice", request("GET /P-07/loop", "Via: 1.1 gateway, 1.1 gateway"),
       "gateway 508 kept")  # fmt: skip


@add("P-09", "underscores", "names with `_` are dropped: services take `X_User` for `X-User`")
async def underscores(stand: Stand) -> None:
    await stand.get("/P-09", "X_User: admin", "X-User_Id: 1", "X-User: me")
    fields = stand.upstream("/P-09")
    assert fields["x-user"] == ["me"]
    assert not {"x_user", "x-user_id"} & set(fields)


@add("P-10", "repeated-fields", "same count, same order, same bytes, both ways")
async def repeated_fields(stand: Stand) -> None:
    answer = ok(
        b"x", b"set-cookie: a=1; Path=/", b"x-a: 1", b"set-cookie: b=2", b"x-a: 2,3", b"set-cookie: a=1; Path=/"
    )
    said = await stand.ask("/P-10", answer, "X-B: 2", "X-B: 1, 1", "X-B: 2")
    assert stand.upstream("/P-10")["x-b"] == ["2", "1, 1", "2"]
    assert said.field("set-cookie") == ["a=1; Path=/", "b=2", "a=1; Path=/"]
    assert said.field("x-a") == ["1", "2,3"]


@add("P-11", "letter-case", "names may be in lower case, values are as they came")
async def letter_case(stand: Stand) -> None:
    said = await stand.ask("/P-11", ok(b"x", b"X-MiXed: VaLue"), "X-MiXed: VaLue")
    assert stand.upstream("/P-11")["x-mixed"] == ["VaLue"]
    assert said.field("x-mixed") == ["VaLue"]


for name, value, *outcomes in (
    ("nul", "a\x00b", "server 400"),
    ("control-1", "a\x01b", "server 400", "gateway 400"),
    ("escape", "a\x1bb", "server 400", "gateway 400"),
    ("delete", "a\x7fb", "server 400", "gateway 400"),
):
    refuse(
        "P-12", f"value-{name}", f"`{ascii(value)[1:-1]}` in a value",
        request("GET /P-12", f"X-A: {value}"), *outcomes,
    )  # fmt: skip
for name, line in (
    ("blank", "X A: 1"), ("control", "X\x01A: 1"), ("nothing", ": 1"), ("no-colon", "X-A"), ("non-ascii", "X-\xe9: 1"),
):  # fmt: skip
    refuse("P-12", f"name-{name}", f"`{ascii(line)[1:-1]}` as a field", request("GET /P-12/name", line), "server 400")


@add("P-12", "answers-with-controls", "an answer with control characters is a 502")
async def answers_with_controls(stand: Stand) -> None:
    for number, byte in enumerate(b"\x00\x01\x0b\x1f\x7f\r"):
        said = await stand.ask(f"/P-12/answer-{number}", ok(b"x", b"x-a: a" + bytes([byte]) + b"b"))
        assert said.status == 502, byte


@add("P-13", "date-and-server", "the service's Date and Server, exactly once")
async def date_and_server(stand: Stand) -> None:
    date = "Mon, 01 Jan 2024 00:00:00 GMT"
    said = await stand.ask("/P-13", ok(b"x", f"Date: {date}".encode(), b"Server: inner"))
    assert (said.field("date"), said.field("server")) == ([date], ["inner"])


@add("P-13", "date-added", "a Date where the service sends none")
async def date_added(stand: Stand) -> None:
    assert len((await stand.get("/P-13/none")).field("date")) == 1


@add("P-14", "nothing-injected", "the gateway adds no Accept, Accept-Encoding, User-Agent or Connection")
async def nothing_injected(stand: Stand) -> None:
    await stand.get("/P-14")
    own = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-real-ip"}
    assert set(stand.upstream("/P-14")) == own | {"host", "via", "x-request-id", "traceparent"}


@add("P-15", "cookies", "a cookie that one client was given is never sent for another")
async def cookies(stand: Stand) -> None:
    await stand.ask("/P-15", ok(b"x", b"set-cookie: session=of-a"))
    await stand.get("/P-15/other")
    assert "cookie" not in stand.upstream("/P-15/other")


@add("P-16", "environment", "proxy variables of the environment are ignored")
async def environment(stand: Stand) -> None:
    assert (await stand.get("/P-16")).body == b"served"


@add("P-17", "redirects", "redirects are passed on, not followed")
async def redirects(stand: Stand) -> None:
    answer = b"HTTP/1.1 302 Found\r\nlocation: /P-17/elsewhere\r\ncontent-length: 0\r\n\r\n"
    said = await stand.ask("/P-17", answer)
    assert (said.status, said.field("location")) == (302, ["/P-17/elsewhere"])
    assert "/P-17/elsewhere" not in stand.backend.targets()


@add("P-18", "content-encoding", "encoded bodies pass byte for byte")
async def content_encoding(stand: Stand) -> None:
    body = b"\x1f\x8b this is no gzip at all \x00\xff"
    said = await stand.ask("/P-18", ok(body, b"content-encoding: gzip"))
    assert (said.body, said.field("content-encoding")) == (body, ["gzip"])
