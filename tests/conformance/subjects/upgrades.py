"""Handshakes and other upgrades: P-60, P-61, A-41. Tunnels that open are tested with WebSockets."""

from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand, request

CASES: Final = Cases()
add, refuse = CASES.add, CASES.refuse

HANDSHAKE: Final = (
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip


@add("P-61", "upgrade-to-anything-else", "an upgrade to anything but WebSocket is a plain request")
async def other_upgrade(stand: Stand) -> None:
    said = await stand.talk(request("GET /P-61", "Upgrade: foo", "Connection: Upgrade, close"))
    assert said.status == 200
    assert "upgrade" not in stand.upstream("/P-61")


@add("P-61", "h2c", "`Upgrade: h2c` is a plain request")
async def h2c(stand: Stand) -> None:
    said = await stand.talk(
        request(
            "GET /P-61/h2c", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings, close", "HTTP2-Settings: AAMAAABk"
        ),
        seconds=1,
    )
    assert said.status == 200


refuse(
    "P-60", "handshake-with-framing-in-doubt", "a WebSocket handshake whose framing is in doubt",
    request("GET /P-60", *HANDSHAKE, "Transfer-Encoding: ,chunked", body=b"0\r\n\r\n" + request("GET /private/after")),
    "gateway 400", "server 501",
)  # fmt: skip


@add("P-60", "handshake-in-http-1-0", "a handshake in HTTP/1.0 is never a tunnel",
     granian="gateway 400", hypercorn="server 400", builtin="pass, a plain request")  # fmt: skip
async def in_http_1_0(stand: Stand) -> None:
    """RFC 9110 section 7.8: Upgrade is ignored there."""
    said = await stand.talk(request("GET /P-60/old", *HANDSHAKE, version="1.0"))
    assert said.status == (200 if stand.server == "builtin" else 400)
    assert said.closed
    if stand.server == "builtin":
        assert b"upgrade" not in stand.backend.heads[-1].lower()


for name, fields, *outcomes in (
    ("wrong-version", (*HANDSHAKE[:2], "Sec-WebSocket-Version: 8", HANDSHAKE[3]), "server 400 kept", "server 400"),
    ("without-key", HANDSHAKE[:3], "server 400 kept", "server 400"),
    ("with-a-short-key", (*HANDSHAKE[:3], "Sec-WebSocket-Key: c2hvcnQ="), "gateway 400 kept", "gateway 400"),
    ("with-a-body", (*HANDSHAKE, "Content-Length: 5"), "gateway 400"),
):
    refuse(
        "P-60", f"handshake-{name}", f"a WebSocket handshake {name.replace('-', ' ')}", request("GET /P-60", *fields),
        *outcomes, builtin="gateway 426" if "version" in name else "gateway 400",
    )  # fmt: skip


async def no_tunnel(stand: Stand, target: str, *parts: bytes) -> None:
    """What comes after a handshake that was answered plainly may be a request of its own, but is never tunnelled."""
    before = len(stand.backend.heads)
    said = await stand.talk(*parts, seconds=2, until=b"HTTP/1.1 403", pause=0.1)
    assert said.status in {200, 400, 502}
    assert said.closed or b" 403" in said.data
    assert stand.backend.targets()[before:] in ([], [target])
    assert b"/private/after" not in stand.backend.received


@add("P-60", "plain-answer", "a plain answer to a handshake is never a tunnel")
async def plain_answer(stand: Stand) -> None:
    await no_tunnel(stand, "/P-60/plain", request("GET /P-60/plain", *HANDSHAKE), request("GET /private/after"))


@add("A-41", "data-before-101", "bytes that come with the handshake never reach the service")
async def data_before_101(stand: Stand) -> None:
    await no_tunnel(stand, "/A-41", request("GET /A-41", *HANDSHAKE) + request("GET /private/after"))


@add("A-41", "partial-upgrade", "a handshake without its end is no request")
async def partial_upgrade(stand: Stand) -> None:
    before = len(stand.backend.received)
    said = await stand.talk(request("GET /A-41/partial", *HANDSHAKE)[:-4], seconds=0.3)
    assert said.data == b""
    assert len(stand.backend.received) == before
