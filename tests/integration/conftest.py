"""Every integration test that asks for `server` runs against both."""

import pytest


@pytest.fixture(params=["granian", "hypercorn"])
def server(request: pytest.FixtureRequest) -> str:
    """Name of the server under test."""
    name: str = request.param
    return name
