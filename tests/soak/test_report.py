"""What a report says of where its figures come from."""

import pytest

from tests.soak.report import versions


@pytest.mark.parametrize(
    ("server", "package"), [("builtin", "api-gateway"), ("granian", "granian"), ("hypercorn", "hypercorn")]
)
def test_a_report_names_the_version_of_the_server(server: str, package: str) -> None:
    assert set(versions(server)) == {"python", package, "uvloop", "httptools"}
