"""20,000 mutated streams, and every stream that ever failed, through every server: no request that was not sent (G-03).

`make fuzz` sends many more.
"""

from itertools import chain
from pathlib import Path

import pytest

from tests.fuzz import corpus
from tests.fuzz.report import explain
from tests.fuzz.rig import SERVERS, missing, rig
from tests.fuzz.stream import make

SEED = 20240229
FIRST = 8_000_000
"""Far from the indices of streams that are kept."""
SHARE = {"raw": 5000, "nginx": 2500, "node": 2500}
"""Streams for the gateway's own server, by backend; half as many for each of the others: 20,000 in all."""


@pytest.mark.parametrize("backend", SHARE)
@pytest.mark.parametrize("server", SERVERS)
async def test_the_backend_sees_no_request_that_was_not_sent(server: str, backend: str, tmp_path: Path) -> None:
    if missing(backend):
        pytest.skip(f"streams before {backend} were NOT sent: {missing(backend)}")
    first = FIRST + list(SHARE).index(backend) * SHARE["raw"]
    many = SHARE[backend] if server == "builtin" else SHARE[backend] // 2
    kept = corpus.load_all()
    streams = chain(kept.values(), (make(SEED, index) for index in range(first, first + many)))
    async with rig(server, backend, tmp_path / "rig") as running:
        tally = await running.run(streams, lambda index: kept[index] if index in kept else make(SEED, index))
    assert tally.failures == [], explain(tally.failures)
    assert tally.streams == many + len(kept)
    assert 0.2 < tally.forwarded / tally.streams < 0.7, "of refusals alone nothing can be learnt"
