"""Which media types a route takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.media_types import MediaTypes


@pytest.mark.parametrize(
    "value", [b"application/json", b"Application/JSON ; charset=utf-8", b"image/png", b"image/svg+xml;x"]
)
def test_listed_types_are_taken_whatever_their_case_and_parameters(value: bytes) -> None:
    assert MediaTypes(["application/json", "image/*"]).accepts(value)


@pytest.mark.parametrize(
    "value",
    [
        b"", b"text/plain", b"application/jsonx", b"application/json, text/html", b"image/", b"image/png, text/html",
        b"image/png/x", b"imagex/png", b";application/json", b"image", b"\xff/png",
    ],
)  # fmt: skip
def test_others_and_several_at_once_are_not(value: bytes) -> None:
    assert not MediaTypes(["application/json", "image/*"]).accepts(value)


@given(st.binary(max_size=30))
def test_any_takes_what_is_a_media_type(value: bytes) -> None:
    assert MediaTypes(["*/*"]).accepts(b"text/plain;" + value)
    assert not MediaTypes(["*/*"]).accepts(b"text plain/" + value)


@pytest.mark.parametrize("pattern", ["json", "application/", "*/json", "application/json; charset=utf-8", ""])
def test_what_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no media type"):
        MediaTypes([pattern])
