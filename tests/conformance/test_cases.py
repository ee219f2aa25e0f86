"""Every case against both servers, over real sockets. Which cases there are is in `subjects`."""

import pytest

from tests.conformance.case import SERVERS, Case, Limit
from tests.conformance.catalogue import CASES
from tests.conformance.stand import Stand, tracebacks

PARAMETERS = [
    pytest.param(
        case, server, id=f"{case.label}[{server}]",
        marks=[pytest.mark.xfail(reason=str(case.outcome[server]), strict=True, raises=AssertionError)]
        if isinstance(case.outcome[server], Limit) else [],
    )
    for case in CASES for server in SERVERS
]  # fmt: skip


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(("case", "server"), PARAMETERS)
async def test_case(stands: dict[str, Stand], case: Case, server: str) -> None:
    stand = stands[server]
    before = len(tracebacks(stand.log))
    await case.check(stand)
    assert len(tracebacks(stand.log)) == before, stand.log


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("server", SERVERS)
async def test_no_hidden_request_ever_came_through(stands: dict[str, Stand], server: str) -> None:
    """Runs last: what the cases hide in bodies and fields is called /smuggled."""
    assert [target for target in stands[server].backend.targets() if "smuggled" in target] == []
    assert tracebacks(stands[server].log) == []


def test_every_case_has_a_name_of_its_own() -> None:
    labels = [case.label for case in CASES]
    assert sorted(set(labels)) == sorted(labels)
