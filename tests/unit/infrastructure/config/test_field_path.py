"""Places, as people read them."""

import pytest

from app.infrastructure.config.field_path import Path, parse, render


@pytest.mark.parametrize(
    ("path", "text"),
    [((), ""), (("url",), "url"), (("targets", 0, "url"), "targets[0].url"), (("a", 1, 2), "a[1][2]")],
)
def test_places(path: Path, text: str) -> None:
    assert render(path) == text
    assert parse(text) == path
