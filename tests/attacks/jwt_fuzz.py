"""`python -m tests.attacks.jwt_fuzz --tokens 100000`: hostile tokens, for issuers with keys of every family (G-06).

All go to an issuer; one in fifty also through a gateway over a socket.
"""

import asyncio
import string
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Final

import click
from hypothesis import HealthCheck, Phase, given, settings

from app.application.services.issuer_service import IssuerService
from app.domain.entities.identity import Identity
from app.domain.entities.issuer import Algorithm, Issuer
from app.domain.refusals import Unauthenticated
from app.infrastructure.security.key_reading import of_jwks
from app.infrastructure.security.key_sources import FixedKeys
from tests.attacks.jwt_cases import GOOD, RSA
from tests.attacks.jwt_site import site
from tests.attacks.jwt_strategies import CASES, NOW, Case, variants
from tests.clients import connect
from tests.fakes_tokens import FakeConsumers
from tests.token_forge import claims

ALSO_SENT = 50
VARIANTS = 24
ALGORITHMS: Final[tuple[Algorithm, ...]] = ("RS256", "ES256", "EdDSA")
SENDABLE = frozenset(f"{string.digits}{string.ascii_letters}{string.punctuation} ".encode())


class Counts:
    """What became of the tokens."""

    def __init__(self) -> None:
        keys = FixedKeys(of_jwks([one.jwk() for one in GOOD], ALGORITHMS))
        issuers = IssuerService(lambda _, __: keys, FakeConsumers(), lambda: float(NOW))
        issuers.follow({"main": Issuer(issuer="https://issuer.test", audience=("api",), algorithms=ALGORITHMS)})
        self._issuer = issuers.issuer("main")
        self.tokens = self.accepted = self.sent = 0
        self.false: list[Case] = []
        """Believed although they must not be."""
        self.denied: list[Case] = []
        """Not believed although they must be."""
        self.errors: list[tuple[Case, str]] = []
        """For which there is no answer but 500."""
        self.also: list[Case] = []

    def judge(self, case: Case) -> None:
        self.tokens += 1
        try:
            believed = isinstance(self._issuer.identify(case.token), Identity)
        except Unauthenticated:
            believed = False
        except Exception as error:
            self.errors.append((case, repr(error)))
            return
        self.accepted += believed
        if believed != case.genuine:
            (self.false if believed else self.denied).append(case)
        if self.tokens % ALSO_SENT == 0 and len(case.token) < 6000 and SENDABLE.issuperset(case.token.strip() or b"\n"):
            self.also.append(case)

    def bad(self) -> int:
        return len(self.false) + len(self.denied) + len(self.errors)


def run(tokens: int) -> Counts:
    """Judge so many tokens: those that are drawn, and variants of each, which cost less to make."""
    counts, random = Counts(), Random(tokens)

    @settings(
        max_examples=tokens // (VARIANTS + 1) + 1, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(CASES)
    def judge(case: Case) -> None:
        for one in (case, *variants(case, VARIANTS, random)):
            counts.judge(one)

    judge()
    return counts


async def send(counts: Counts) -> None:
    """The same through a gateway, whose clock is another: none of them counts there, and a fresh one does."""
    with tempfile.TemporaryDirectory() as folder:
        async with site(Path(folder), "builtin", auth_failures="off") as place, connect(place.gateway.port) as client:
            fresh = RSA.token(claims(time.time()))
            good = await client.exchange("GET", "/main", [("authorization", f"Bearer {fresh}")])
            assert good.status == 200, good
            for case in counts.also:
                text = case.token.decode().strip()
                reply = await client.exchange("GET", "/main", [("authorization", f"Bearer {text}")])
                counts.sent += 1
                if reply.status != 401:
                    where = counts.false if reply.status == 200 else None
                    if where is None:
                        counts.errors.append((case, f"answered {reply.status}"))
                    else:
                        where.append(case)


@click.command()
@click.option("--tokens", default=100_000, show_default=True, help="How many.")
def main(tokens: int) -> None:
    """Print what became of them; the exit code is 1 when one was believed wrongly or made an error."""
    started = time.monotonic()
    counts = run(tokens)
    asyncio.run(send(counts))
    click.echo(
        f"{counts.tokens} tokens, {counts.accepted} good ones accepted, {counts.sent} also sent to a gateway: "
        f"{len(counts.errors)} x 500, {len(counts.false)} false accepts, {len(counts.denied)} good ones refused "
        f"({time.monotonic() - started:.0f} s)"
    )
    for case in [*counts.false, *counts.denied, *(case for case, _ in counts.errors)][:5]:
        click.echo(repr(case))
    if counts.bad():
        raise SystemExit(1)


if __name__ == "__main__":
    main()
