"""One gateway for each server, for all cases. Not for the cases."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.conformance.case import SERVERS
from tests.conformance.stand import Stand, stand


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Stand]]:
    """The running gateways by the name of their server."""
    async with AsyncExitStack() as stack:
        yield {
            server: await stack.enter_async_context(stand(server, tmp_path_factory.mktemp(server)))
            for server in SERVERS
        }
