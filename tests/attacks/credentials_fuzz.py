"""`python -m tests.attacks.credentials_fuzz --cases 100000`: hostile API keys, passwords and signatures (G-06).

All go to the filters; one in fifty also through a gateway over a socket.
"""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click
import h11
from hypothesis import HealthCheck, Phase, given, settings

from app.application.filters.registry import KINDS
from app.application.services.failure_guard import FailureGuard
from app.domain.entities.headers import Headers
from app.domain.entities.units import Rate
from app.domain.errors import GatewayError
from app.domain.policies.http_signatures import RequestView
from tests.attacks import credential_cases as cases
from tests.attacks.credential_site import site
from tests.clients import connect
from tests.fakes import exchange, request
from tests.unit.application.filters.credential_scene import Scene, run

ALSO_SENT = 50
PATHS = {"api_key": "/key", "basic": "/basic", "signature": "/signed"}


class Case(NamedTuple):
    """One request with its credentials."""

    kind: str
    headers: Headers
    genuine: bool
    view: RequestView = cases.GENUINE


class Counts:
    """What became of the cases."""

    def __init__(self) -> None:
        self.cases = self.accepted = self.false_accepts = self.errors = 0
        self.sent = self.sent_accepted = self.sent_false = self.sent_errors = 0
        self.also: list[Case] = []
        self.strange: list[Case] = []

    def note(self, case: Case, accepted: bool | None) -> None:
        """`accepted` is None for what no answer is foreseen for."""
        self.cases += 1
        wrong = accepted is None or (accepted and not case.genuine)
        self.errors += accepted is None
        self.accepted += accepted is True
        self.false_accepts += wrong and accepted is not None
        if wrong:
            self.strange.append(case)
        if self.cases % ALSO_SENT == 0:
            self.also.append(case)

    @property
    def bad(self) -> int:
        """Cases that must not be."""
        return self.false_accepts + self.errors + self.sent_false + self.sent_errors


class Filters:
    """The filters, asked in this process."""

    def __init__(self) -> None:
        scene = Scene()
        scene.tools = scene.tools._replace(failures=FailureGuard(Rate(0, "s"), lambda: 0.0))
        self._steps = {kind: scene.step(KINDS[kind]) for kind in PATHS}

    async def accepts(self, case: Case) -> bool | None:
        """None when something else came of it than a verdict."""
        view = case.view
        asked = request(view.path, method=view.method, host=view.authority, query=view.query, headers=case.headers)
        one = exchange(asked)
        try:
            await run(self._steps[case.kind], one)
        except GatewayError as error:
            return None if error.status >= 500 else False
        except Exception:
            return None
        return one.identity is not None


def fuzz(number: int, counts: Counts) -> None:
    """`number` cases, a quarter of each kind."""
    loop = asyncio.new_event_loop()
    filters = Filters()
    options = settings(
        max_examples=number // 4, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    def ask(case: Case) -> None:
        counts.note(case, loop.run_until_complete(filters.accepts(case)))

    def single(kind: str, name: bytes, strategy: Any, genuine: Callable[[bytes], bool]) -> None:
        @options
        @given(strategy)
        def one(value: bytes) -> None:
            ask(Case(kind, [(name, value)], _or_false(genuine, value)))

        one()

    @options
    @given(cases.signatures())
    def fields(headers: Headers) -> None:
        ask(Case("signature", headers, _or_false(cases.is_signature, headers)))

    @options
    @given(cases.requests())
    def requests(view: RequestView) -> None:
        ask(Case("signature", cases.genuine_signature(), False, view))

    single("api_key", b"x-api-key", cases.keys(), cases.is_key)
    single("basic", b"authorization", cases.passwords(), cases.is_password)
    fields()
    requests()
    loop.close()


def _or_false(genuine: Callable[[Any], bool], value: Any) -> bool:
    try:
        return genuine(value)
    except ValueError:
        return False


async def send(counts: Counts) -> None:
    """Those that a client can send, through a gateway."""
    with tempfile.TemporaryDirectory() as folder:
        async with site(Path(folder), "builtin", [], auth_failures="off") as found:
            for case in counts.also:
                if case.view == cases.GENUINE:
                    await _send(case, found.gateway.port, counts)


async def _send(case: Case, port: int, counts: Counts) -> None:
    headers: Any = case.headers
    try:
        h11.Request(method="GET", target="/", headers=[("host", "test"), *headers])
    except h11.LocalProtocolError:
        return
    async with asyncio.timeout(10), connect(port) as connection:
        reply = await connection.exchange(target=PATHS[case.kind], headers=headers)
    counts.sent += 1
    # Signed long ago for the gateway's clock: not even the genuine one counts there.
    genuine = case.genuine and case.kind != "signature"
    counts.sent_accepted += reply.status == 200
    counts.sent_false += reply.status == 200 and not genuine
    counts.sent_errors += reply.status >= 500 or reply.status == 0
    if reply.status not in (200, 400, 401, 431) or (reply.status == 200 and not genuine):
        counts.strange.append(case)


@click.command()
@click.option("--cases", "number", default=100_000, show_default=True, help="How many.")
def main(number: int) -> None:
    """Ask, and print what came of it; ends with 1 when anything came that must not."""
    counts = Counts()
    fuzz(number, counts)
    asyncio.run(send(counts))
    click.echo(
        f"{counts.cases} cases: {counts.accepted} accepted, {counts.false_accepts} false accepts, "
        f"{counts.errors} answers of 500"
    )
    click.echo(
        f"{counts.sent} through a gateway: {counts.sent_accepted} accepted, {counts.sent_false} false accepts, "
        f"{counts.sent_errors} answers of 500"
    )
    for case in counts.strange[:10]:
        click.echo(repr(case))
    raise SystemExit(counts.bad > 0)


if __name__ == "__main__":
    main()
