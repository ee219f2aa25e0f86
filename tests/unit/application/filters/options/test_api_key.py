"""Where a route may look for a key."""

import pytest

from app.application.filters.options.api_key import Options, problems


@pytest.mark.parametrize("header", ["", "x api key", "x-k\u00e9y", "connection", "content-length", "x-request-id"])
def test_a_field_that_cannot_hold_a_key(header: str) -> None:
    [found] = problems(Options(header=header))
    assert found.startswith(f"header: {header!r} ")


def test_usual_places() -> None:
    assert problems(Options()) == []
    assert problems(Options(header="Authorization", query="key")) == []
