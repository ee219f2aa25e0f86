"""What a case is, and how tables of them are written. Not for running them."""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from tests.conformance.stand import Said, Stand

SERVERS: Final = ("granian", "hypercorn")
Check = Callable[[Stand], Awaitable[None]]


class Limit(str):
    """Why a server cannot pass a case: the case is expected to fail, strictly."""

    __slots__ = ()


class Case(NamedTuple):
    """One case; `id` is of the project's list, `name` makes it one of several."""

    id: str
    name: str
    what: str
    check: Check
    outcome: dict[str, str]
    """By server: what a pass means there, or a Limit."""

    @property
    def label(self) -> str:
        """Unique."""
        return f"{self.id}-{self.name}"


class Cases(list[Case]):
    """The cases of a subject."""

    def add(
        self, ref: str, name: str, what: str, granian: str = "pass", hypercorn: str = "pass"
    ) -> Callable[[Check], Check]:
        """Make the decorated check a case."""

        def keep(check: Check) -> Check:
            self.append(Case(ref, name, what, check, {"granian": granian, "hypercorn": hypercorn}))
            return check

        return keep

    def refuse(self, ref: str, name: str, what: str, sent: bytes, *outcomes: str, streamed: bool = False) -> None:
        """`sent` must be refused: `outcomes` say by whom and how, as in `gateway 400`, for both servers or for each.

        A Limit says why it is not. Of a `streamed` body the backend may see the beginning, but never a whole request.
        """
        outcome = dict(zip(SERVERS, outcomes * 2, strict=False))

        async def check(stand: Stand) -> None:
            expected = outcome[stand.server]
            # A limit is about a request that is served though it should be a 400.
            refusal = Refusal.parse("server 400" if isinstance(expected, Limit) else expected)
            before = len(stand.backend.received), len(stand.backend.bodies)
            refusal.check(await stand.talk(sent, until=refusal.until))
            after = len(stand.backend.received), len(stand.backend.bodies)
            assert before[streamed:] == after[streamed:], "the backend was sent something"

        self.append(Case(ref, name, what, check, outcome))


class Refusal(NamedTuple):
    """`gateway 400`: a problem+json of the gateway. `server 400`: the server's own. `kept`: the connection goes on."""

    by_gateway: bool
    status: int
    closes: bool

    @classmethod
    def parse(cls, text: str) -> "Refusal":
        """From the words of a table."""
        who, status, *kept = text.split()
        return cls(who == "gateway", int(status), not kept)

    @property
    def until(self) -> bytes:
        """What to read up to: the end of a problem, of an empty answer, or of what must not be served at all."""
        if self.closes:
            return b"served"
        return b"}" if self.by_gateway else b"\r\n\r\n"

    def check(self, said: Said) -> None:
        """Fails when `said` is something else."""
        assert said.status == self.status, said.data
        assert said.closed is self.closes, "the connection was kept" if self.closes else "the connection was closed"
        assert said.answers == 1, said.data
        problem = said.field("content-type") == ["application/problem+json"]
        assert problem is self.by_gateway, said.data
