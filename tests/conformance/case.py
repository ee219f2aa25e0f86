"""What a case is, and how tables of them are written. Not for running them."""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from tests.conformance.stand import Said, Stand

SERVERS: Final = ("builtin", "granian", "hypercorn")
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
        self, ref: str, name: str, what: str, granian: str = "pass", hypercorn: str = "pass", builtin: str = "pass"
    ) -> Callable[[Check], Check]:
        """Make the decorated check a case."""

        def keep(check: Check) -> Check:
            outcome = {"builtin": builtin, "granian": granian, "hypercorn": hypercorn}
            self.append(Case(ref, name, what, check, outcome))
            return check

        return keep

    def refuse(
        self, ref: str, name: str, what: str, sent: bytes, *outcomes: str, streamed: bool = False, builtin: str = ""
    ) -> None:  # fmt: skip
        """`sent` must be refused: `outcomes` say by whom and how, as in `gateway 400`, for both other servers or each.

        Under our own server, it is always the gateway that refuses, and with the last of their statuses unless
        `builtin` tells. A Limit says why a request is not refused. Of a `streamed` body the backend may see the
        beginning, but never a whole request.
        """
        outcome = dict(zip(SERVERS, (builtin or _by_gateway(outcomes), *outcomes * 2), strict=False))

        async def check(stand: Stand) -> None:
            expected = outcome[stand.server]
            # A limit is about a request that is served though it should be a 400.
            refusal = Refusal.parse("server 400" if isinstance(expected, Limit) else expected)
            before = len(stand.backend.received), len(stand.backend.bodies)
            refusal.check(await stand.talk(sent, until=refusal.until))
            after = len(stand.backend.received), len(stand.backend.bodies)
            assert before[streamed:] == after[streamed:], "the backend was sent something"

        self.append(Case(ref, name, what, check, outcome))


def _by_gateway(outcomes: tuple[str, ...]) -> str:
    known = [outcome for outcome in outcomes if not isinstance(outcome, Limit)]
    if not known:
        return "gateway 400"
    return known[-1] if known[-1].startswith("gateway") else "gateway " + known[-1].split()[1]


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
