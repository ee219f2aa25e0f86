"""The site that tests of faults share: starting two gateways for each would take longer than the faults."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.site import Site, reset, site


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Started once."""
    async with site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="package")
async def stand(shared: Site) -> Site:
    """The shared site as every test finds it."""
    await reset(shared)
    return shared
