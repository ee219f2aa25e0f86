"""Every integration test that asks for `server` runs against each, or those that its module names in SERVERS."""

import pytest

from tests.consul_content import consul, followed

__all__ = ["consul", "followed"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What does not depend on the server is tested with the gateway's own alone. Where `server` is a store, the module
    says so with a fixture of its own."""
    if "server" in metafunc.fixturenames and not hasattr(metafunc.module, "server"):
        metafunc.parametrize("server", getattr(metafunc.module, "SERVERS", ("builtin", "granian", "hypercorn")))
