"""Every integration test that asks for `server` runs against both."""

import pytest

from tests.consul_content import consul, followed

__all__ = ["consul", "followed", "server"]


@pytest.fixture(params=["granian", "hypercorn"])
def server(request: pytest.FixtureRequest) -> str:
    """Name of the server under test."""
    name: str = request.param
    return name
