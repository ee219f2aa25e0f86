"""Opening handshakes between clients, the gateway and services: P-60. Those that are no handshake are in `upgrades`."""

from typing import Final

from tests.backends import Answer, Wire
from tests.conformance.case import Cases, Limit
from tests.conformance.stand import Stand, request
from tests.conformance.websocket_frames import text
from tests.conformance.websocket_script import closes_cleanly
from tests.conformance.websocket_tunnel import HANDSHAKE, settled, switching, tunnel

CASES: Final = Cases()
add, refuse = CASES.add, CASES.refuse

UPGRADE, CONNECTION, VERSION, KEY_FIELD = HANDSHAKE

for name, pair in (
    ("upgrade-in-capitals", ("Upgrade: WebSocket", CONNECTION)),
    ("connection-in-a-list", (UPGRADE, "Connection: keep-alive, Upgrade")),
    ("connection-in-small-letters", (UPGRADE, "Connection: upgrade")),
):

    @add("P-60", f"handshake-{name}", f"a handshake with {' and '.join(f'`{field}`' for field in pair)} is one")
    async def opens(stand: Stand, fields: tuple[str, ...] = pair, name: str = name) -> None:
        async with tunnel(stand, f"/P-60/{name}", handshake=(*fields, VERSION, KEY_FIELD)) as ends:
            assert b"sec-websocket-extensions" not in ends.head.lower()
            await closes_cleanly(ends, by_client=True)


for name, fields, *outcomes in (
    ("without-version", (UPGRADE, CONNECTION, KEY_FIELD), "server 400 kept", "server 400"),
    ("version-14", (UPGRADE, CONNECTION, "Sec-WebSocket-Version: 14", KEY_FIELD), "server 400 kept", "server 400"),
    ("with-two-keys", (*HANDSHAKE, KEY_FIELD), "gateway 400 kept", "gateway 400"),
    ("with-an-empty-key", (*HANDSHAKE[:3], "Sec-WebSocket-Key:"), "gateway 400 kept", "gateway 400"),
    ("with-a-long-key", (*HANDSHAKE[:3], "Sec-WebSocket-Key: " + "A" * 32), "gateway 400 kept", "gateway 400"),
):
    refuse(
        "P-60", f"handshake-{name}", f"a WebSocket handshake {name.replace('-', ' ')}",
        request("GET /P-60/refused", *fields), *outcomes,
        builtin="gateway 426" if "version" in name else "gateway 400",
    )  # fmt: skip


@add("P-60", "handshake-post", "a handshake with POST is never a tunnel",
     granian=Limit("served as a handshake with GET: ASGI tells no method of one"))  # fmt: skip
async def post(stand: Stand) -> None:
    said = await stand.talk(request("POST /P-60/post", *HANDSHAKE), seconds=1, until=b"served")
    assert said.status == 200
    assert b"upgrade" not in stand.backend.heads[-1].lower()


async def answered(stand: Stand, target: str, answer: Answer, *fields: str) -> None:
    """The service's answer to the handshake is a 502, not a tunnel."""
    stand.backend.answers[target] = answer
    said = await stand.talk(request(f"GET {target}", *HANDSHAKE, *fields), until=b"}")
    assert said.status == 502
    assert b"upstream_malformed" in said.body


for name, what, more in (
    ("extension", "an extension that was not offered", b"Sec-WebSocket-Extensions: permessage-deflate\r\n"),
    ("subprotocol", "a subprotocol that was not offered", b"Sec-WebSocket-Protocol: other\r\n"),
    ("subprotocols", "two subprotocols", b"Sec-WebSocket-Protocol: chat, log\r\n"),
    ("accepts", "a second Sec-WebSocket-Accept", b"Sec-WebSocket-Accept: AAAA\r\n"),
):

    @add("P-60", f"service-{name}", f"a service that agrees with {what}: 502")
    async def agrees(stand: Stand, name: str = name, more: bytes = more) -> None:
        async def switch(wire: Wire) -> None:
            await wire.say(switching(await wire.head(), more))
            await wire.reader.read()

        offer = ("Sec-WebSocket-Protocol: chat, log", "Sec-WebSocket-Extensions: permessage-deflate")
        await answered(stand, f"/P-60/service/{name}", switch, *offer)


for name, what, old, new in (
    ("key", "another key's Sec-WebSocket-Accept", b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: A"),
    ("upgrade", "no Upgrade", b"Upgrade: websocket\r\n", b""),
    ("protocol", "an Upgrade to something else", b"Upgrade: websocket\r\n", b"Upgrade: h2c\r\n"),
):

    @add("P-60", f"service-{name}", f"a 101 with {what}: 502")
    async def wrong(stand: Stand, name: str = name, old: bytes = old, new: bytes = new) -> None:
        async def switch(wire: Wire) -> None:
            await wire.say(switching(await wire.head()).replace(old, new))
            await wire.reader.read()

        await answered(stand, f"/P-60/service/{name}", switch)


@add("P-60", "subprotocol", "the subprotocol that the service chooses reaches the client")
async def subprotocol(stand: Stand) -> None:
    chosen = b"Sec-WebSocket-Protocol: log\r\n"
    async with tunnel(stand, "/P-60/subprotocol", "Sec-WebSocket-Protocol: chat, log", answer=chosen) as ends:
        assert b"sec-websocket-protocol: log\r\n" in ends.head.lower()
        assert stand.upstream("/P-60/subprotocol")["Sec-WebSocket-Protocol".lower()] == ["chat, log"]
        await closes_cleanly(ends, by_client=True)


@add("P-60", "frames-with-101", "frames that come with the service's 101 reach the client")
async def frames_with_101(stand: Stand) -> None:
    frames = text("first").encode(False) + text("second").encode(False)
    async with tunnel(stand, "/P-60/with-101", first=frames) as ends:
        await settled(lambda: len(ends.client.messages) == 2)
        assert ends.client.messages == ["first", "second"]
        assert stand.backend.targets()[-1] == "/P-60/with-101"
