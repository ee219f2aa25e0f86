"""Settings between text and value."""

from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from app.domain.entities.units import Duration, Size
from app.infrastructure.config.setting_values import CHECKS, read, write

Number = Annotated[int, Meta(ge=1, le=9)]
Choice = Literal["json", "text"]
Many = tuple[str, ...]


@pytest.mark.parametrize(
    ("annotation", "text", "value", "written"),
    [
        (str, "x", "x", "x"),
        (bool, "on", True, "on"), (bool, "TRUE", True, "on"), (bool, "0", False, "off"), (bool, "no", False, "off"),
        (Number, " 5 ", 5, "5"), (Choice, "JSON", "json", "json"),
        (Duration, "5s", 5.0, "5s"), (Size, "1KiB", 1024, "1KiB"),
        (Many, "a, b,,c", ("a", "b", "c"), "a,b,c"), (Many, "none", (), "none"),
    ],
)  # fmt: skip
def test_values(annotation: Any, text: str, value: object, written: str) -> None:
    assert read(annotation, text) == value
    assert write(value if not isinstance(value, float) else Duration(value)) in (written, "1024")
    assert read(annotation, written) == value


@pytest.mark.parametrize(
    ("annotation", "text", "reason"),
    [
        (bool, "maybe", "expected on or off, got 'maybe'"),
        (Number, "x", "expected a whole number, got 'x'"),
        (Number, "٣", "expected a whole number"),
        (Number, "-1", "expected a whole number, got '-1'"),
        (Number, "10", "expected a whole number <= 9, got 10"),
        (Choice, "xml", "expected one of json, text, got 'xml'"),
        (Duration, "5", "expected a duration"),
        (Size, "x", "expected a size"),
    ],
)
def test_what_is_refused(annotation: Any, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(annotation, text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "127.0.0.1:8000"), ("listen", "[::1]:0"), ("listen", ":80"), ("listen", "localhost:65535"),
        ("trusted_proxies", ("10.0.0.0/8", "::1")), ("status_allow", ()), ("via", "edge-1"), ("max_head", 1),
    ],
)  # fmt: skip
def test_sound_values(name: str, value: object) -> None:
    CHECKS[name](value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "8000"), ("listen", "::1:80"), ("listen", "a:"), ("listen", "a:65536"), ("listen", "a b:1"),
        ("listen", "[x]:1"), ("trusted_proxies", ("10.0.0.1/8",)), ("status_allow", ("x",)), ("via", "a b"),
        ("max_head", 0), ("head_timeout", Duration(0)),
    ],
)  # fmt: skip
def test_values_that_only_their_setting_refuses(name: str, value: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        CHECKS[name](value)
