"""What one end of a tunnel sends and what must come of it, as tables that are played from either end.

The ids are those of the Autobahn test suite with `WS-` before them, so that each can be looked up there.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tests.conformance.case import SERVERS, Case, Cases, Limit
from tests.conformance.stand import Stand
from tests.conformance.websocket_ends import End, Goodbye, Message
from tests.conformance.websocket_frames import BINARY, TEXT, Frame, close
from tests.conformance.websocket_tunnel import Tunnel, settled, tunnel

BREACH: Final = (1002,)
NO_TEXT: Final = (1007,)
TOO_BIG: Final = (1009,)
FRAME_BY_FRAME: Final = -1
DONE: Final = Goodbye(1000, "done")
LIMIT_TEXT: Final = Limit("closed with 1002: Granian tells of any broken frame alike, so that 1007 cannot be told")


class Script(NamedTuple):
    """What one end sends."""

    frames: Sequence[Frame]
    messages: Sequence[Message] = ()
    """What the other end receives."""
    pongs: Sequence[bytes] = ()
    """What comes back."""
    closes: tuple[int, ...] = ()
    """The gateway fails the connection with one of these codes; none: this end closes with 1000."""
    chop: int = 0
    """Bytes a write; 0: all in one, FRAME_BY_FRAME: a write for each frame."""
    route: str = ""
    """First segment of the path."""


def echo(*frames: Frame, pongs: Sequence[bytes] = (), chop: int = 0, route: str = "") -> Script:
    """A legal script: the messages are those that `frames` make up."""
    messages: list[Message] = []
    parts, opcode = b"", 0
    for frame in frames:
        if frame.opcode > BINARY:
            continue
        opcode = frame.opcode or opcode
        parts += frame.payload
        if frame.fin:
            messages.append(parts.decode() if opcode == TEXT else parts)
            parts = b""
    return Script(frames, messages, pongs, (), chop, route)


def breach(*frames: Frame, messages: Sequence[Message] = (), chop: int = 0, closes: tuple[int, ...] = BREACH) -> Script:
    """An illegal script; `messages` are those before the breach."""
    return Script(frames, messages, (), closes, chop)


class Table:
    """Adds scripts to `cases`, as played by the client and as played by the service."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def both(self, ref: str, what: str, script: Script, granian: str = "pass", service: str = "pass") -> None:
        """Two cases: the outcome of `service` is that of both servers, because none of them sees those frames."""
        self.client(ref, what, script, granian)
        self.service(ref, what, script, service)

    def client(self, ref: str, what: str, script: Script, granian: str = "pass") -> None:
        """The client plays."""

        async def check(stand: Stand) -> None:
            await play(stand, f"/{script.route or 'all'}/WS-{ref}/client", script, by_client=True)

        self._cases.append(
            Case(f"WS-{ref}", "client", what, check, {"builtin": "pass", "granian": granian, "hypercorn": "pass"})
        )

    def service(self, ref: str, what: str, script: Script, outcome: str = "pass") -> None:
        """The service plays."""

        async def check(stand: Stand) -> None:
            await play(stand, f"/{script.route or 'all'}/WS-{ref}/service", script, by_client=False)

        case = Case(f"WS-{ref}", "service", f"{what}, from the service", check, dict.fromkeys(SERVERS, outcome))
        self._cases.append(case)

    def services(self, ref: str, what: str, scripts: Sequence[Script]) -> None:
        """The service plays each of `scripts`: one case."""

        async def check(stand: Stand) -> None:
            for number, script in enumerate(scripts):
                await play(stand, f"/all/WS-{ref}/service/{number}", script, by_client=False)

        self._cases.append(
            Case(
                f"WS-{ref}",
                "service",
                f"{what}, from the service",
                check,
                dict.fromkeys(SERVERS, "pass"),
            )
        )


async def play(stand: Stand, target: str, script: Script, by_client: bool) -> None:
    """Play `script` from one end and look at both."""
    async with tunnel(stand, target) as ends:
        sender, other = (ends.client, ends.service) if by_client else (ends.service, ends.client)
        await _send(sender, script)
        if script.closes:
            await failed(sender, other, script.closes)
            assert other.messages == list(script.messages)
            assert sender.messages == list(script.messages)[: len(sender.messages)]
        else:
            await delivered(sender, other, script)
            await closes_cleanly(ends, by_client)
        assert sender.pongs == list(script.pongs)
        assert (sender.illegal, other.illegal) == ("", "")


async def _send(sender: End, script: Script) -> None:
    if script.chop > 0:
        await sender.dribble(sender.encode(*script.frames), script.chop)
    elif script.chop == FRAME_BY_FRAME:
        for frame in script.frames:
            await sender.dribble(sender.encode(frame), 1 << 30)
    else:
        sender.write(*script.frames)


async def delivered(sender: End, other: End, script: Script, seconds: float = 10.0) -> None:
    """Every message reached the other end, once and in order, and came back when that is the service."""
    echoed = other.echo
    await settled(
        lambda: (
            len(other.messages) >= len(script.messages)
            and len(sender.pongs) >= len(script.pongs)
            and (not echoed or len(sender.messages) >= len(script.messages))
        ),
        seconds,
    )
    assert same(other.messages, script.messages)
    assert not echoed or same(sender.messages, script.messages)


def same(got: Sequence[Message], wanted: Sequence[Message]) -> bool:
    """Whether two lists of messages are equal; pytest would take minutes to show how large ones differ."""
    return list(got) == list(wanted)


async def closes_cleanly(ends: Tunnel, by_client: bool, goodbye: Goodbye = DONE) -> None:
    """One end closes: the other one is told the same, and both connections end. Granian drops a client's reason."""
    sender, other = (ends.client, ends.service) if by_client else (ends.service, ends.client)
    sender.write(close(goodbye.code, goodbye.reason.encode()))
    await ended(ends)
    assert sender.goodbye is not None
    assert sender.goodbye.code == goodbye.code
    assert other.goodbye in ({goodbye, Goodbye(goodbye.code)} if by_client else {goodbye})


async def ended(ends: Tunnel) -> None:
    """Both ends heard a close frame, and the client's connection was ended."""
    await settled(lambda: ends.client.goodbye and ends.client.ended and ends.service.goodbye)
    assert ends.client.goodbye is not None, "the client was not told"
    assert ends.client.ended, "the client's connection was left open"
    assert ends.service.goodbye is not None, "the service was not told"


async def failed(sender: End, other: End, codes: tuple[int, ...]) -> None:
    """The gateway failed the connection of `sender` with one of `codes`, and told the other end of it."""
    await settled(lambda: sender.ended and other.goodbye)
    assert sender.goodbye is not None, "no close frame"
    assert sender.goodbye.code in codes, sender.goodbye
    assert sender.ended, "the connection was left open"
    assert other.goodbye is not None, "the other end was not told"
