"""Units between text and number."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.units import Duration, Share, Size
from app.infrastructure.config.secrets import Secret
from app.infrastructure.config.units_codec import from_text, to_text


class Everything(msgspec.Struct):
    duration: Duration
    size: Size
    share: Share


@pytest.mark.parametrize(
    ("kind", "text", "value"), [(Duration, "250ms", 0.25), (Size, "64KiB", 65536), (Share, "20%", 0.2)]
)
def test_text_becomes_a_number_of_its_kind(kind: type, text: str, value: float) -> None:
    made = from_text(kind, text)
    assert made == value
    assert type(made) is kind
    assert to_text(made) == text


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (Duration, 5, "expected a duration such as"),
        (Duration, "9999d", "expected a duration of at most 8784h"),
        (Duration, "9" * 400 + "d", "expected a duration of at most"),
        (Size, 5, "expected a size such as"),
        (Size, "9999999GiB", "expected a size of at most"),
        (Share, 0.2, "expected a percentage such as"),
    ],
)
def test_what_is_refused(kind: type, value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        from_text(kind, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(Duration(0), "0ms"), (Duration(1e-12), "0.000000000001s"), (Duration(1 / 3), "0.3333333333333333s")],
)
def test_values_that_the_short_form_would_round(value: Duration, text: str) -> None:
    assert to_text(value) == text
    assert from_text(Duration, text) == value


def test_the_reason_shows_no_secret() -> None:
    with pytest.raises(ValueError, match="got 'env:A'"):
        from_text(Duration, Secret("hunter2", "env:A"))
    assert to_text(Secret("hunter2", "env:A")) == "env:A"


@pytest.mark.parametrize("call", [lambda: from_text(dict, "x"), lambda: to_text(object())])
def test_other_types_are_not_known(call: object) -> None:
    assert callable(call)
    with pytest.raises(NotImplementedError):
        call()


@given(
    st.floats(0, 366 * 86400).map(Duration),
    st.integers(0, 2**50).map(Size),
    st.decimals(0, 100, places=4).map(lambda percent: Share.parse(f"{percent:f}%")),
)
def test_writing_is_exact(duration: Duration, size: Size, share: Share) -> None:
    value = Everything(duration, size, share)
    data = msgspec.json.encode(value, enc_hook=to_text)
    assert msgspec.json.decode(data, type=Everything, dec_hook=from_text) == value
