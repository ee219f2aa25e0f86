import asyncio
from collections.abc import Awaitable

import pytest

from app.application.services.several_issuers import SeveralIssuers
from app.domain.entities.identity import Identity
from app.domain.errors import GatewayError, GatewayRefusal
from app.domain.token_refusals import TokenRefused

ALICE = Identity("main:alice", "jwt", "a")
FOREIGN = TokenRefused("foreign", foreign=True)
FORGED = TokenRefused("forged")
EXPIRED = TokenRefused("expired", genuine=True)
DOWN = GatewayRefusal("down")

Answer = Identity | GatewayError


class Scripted:
    def __init__(self, answer: Answer, *, later: bool = False) -> None:
        self.answer = answer
        self.later = later
        self.asked = 0

    def identify(self, token: bytes) -> Identity | Awaitable[Identity]:
        self.asked += 1
        if self.later:
            return self._later()
        if isinstance(self.answer, Identity):
            return self.answer
        raise self.answer

    async def _later(self) -> Identity:
        await asyncio.sleep(0)
        if isinstance(self.answer, Identity):
            return self.answer
        raise self.answer


def test_the_first_that_believes_wins() -> None:
    last = Scripted(ALICE)
    assert SeveralIssuers([Scripted(FOREIGN), Scripted(ALICE), last]).identify(b"t") is ALICE
    assert last.asked == 0


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ((FOREIGN, FORGED), FORGED),
        ((FORGED, FOREIGN), FORGED),
        ((FOREIGN, DOWN, FORGED), DOWN),
        ((DOWN, EXPIRED), EXPIRED),
        ((FOREIGN, FOREIGN), FOREIGN),
    ],
)
@pytest.mark.parametrize("later", [False, True])
async def test_when_none_does_the_one_speaks_that_knows_best(
    answers: tuple[Answer, ...], told: Answer, later: bool
) -> None:
    several = SeveralIssuers([Scripted(answer, later=later) for answer in answers])
    with pytest.raises(GatewayError) as caught:
        await result(several)
    assert caught.value is told


async def result(several: SeveralIssuers) -> Identity:
    found = several.identify(b"t")
    return found if isinstance(found, Identity) else await found


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
async def test_one_may_have_to_be_waited_for(first: bool, second: bool) -> None:
    several = SeveralIssuers([Scripted(FOREIGN, later=first), Scripted(ALICE, later=second)])
    assert await result(several) is ALICE
