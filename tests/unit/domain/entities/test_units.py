"""Durations, sizes and shares: what users may write, and that what is printed reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.units import Duration, Rate, Share, Size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("5s", 5), ("1m", 60), ("1h30m", 5400), ("2d", 172800), ("1.5s", 1.5), ("0s", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert Duration.parse(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "s", "5 s", "-5s", "5sec", "5s ", "1h-30m", 5, None])
def test_what_is_no_duration_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="expected a duration such as 250ms"):
        Duration.parse(text)


@given(st.floats(0, 10**7))
def test_a_printed_duration_reads_back(seconds: float) -> None:
    duration = Duration(seconds)
    assert Duration.parse(str(duration)) == pytest.approx(duration, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512", 512), ("512B", 512), ("64KiB", 65536), ("10MiB", 10485760), ("1GiB", 1 << 30), ("5KB", 5000)],
)
def test_sizes(text: str, size: int) -> None:
    assert Size.parse(text) == size


@pytest.mark.parametrize("text", ["", "KiB", "1.5MiB", "-1", "64 KiB", "64kib", 512, None])
def test_what_is_no_size_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="expected a size such as 512B"):
        Size.parse(text)


@given(st.integers(0, 1 << 40))
def test_a_printed_size_reads_back(count: int) -> None:
    assert Size.parse(str(Size(count))) == count


@pytest.mark.parametrize(("text", "share"), [("0%", 0), ("20%", 0.2), ("12.5%", 0.125), ("100%", 1)])
def test_shares(text: str, share: float) -> None:
    assert Share.parse(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "20", "%", "101%", "-1%", 0.2, None])
def test_what_is_no_share_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="expected a percentage such as 20%"):
        Share.parse(text)


@given(st.floats(0, 1))
def test_a_printed_share_reads_back(part: float) -> None:
    assert Share.parse(str(Share(part))) == pytest.approx(part, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "count", "period", "seconds"),
    [
        ("100/s", 100, "s", 1.0),
        ("1/second", 1, "s", 1.0),
        ("60/m", 60, "min", 60.0),
        ("5000/day", 5000, "day", 86400.0),
        ("50/h", 50, "h", 3600.0),
        ("999999999999999/month", 999_999_999_999_999, "month", 2_592_000.0),
    ],
)
def test_rates(text: str, count: int, period: str, seconds: float) -> None:
    rate = Rate.parse(text)
    assert (rate.count, rate.period, rate.seconds) == (count, period, seconds)
    assert Rate.parse(str(rate)) == rate == Rate(count, period)
    assert hash(rate) == hash(Rate(count, period))
    assert rate != Rate(count + 1, period)
    assert rate != text


@pytest.mark.parametrize("text", ["", "100", "0/s", "100/", "/s", "1.5/s", "-1/s", "1/week", "1 /s", "01/s", 5, None])
def test_what_is_no_rate_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="expected a rate such as 100/s"):
        Rate.parse(text)


def test_a_rate_shows_itself() -> None:
    assert repr(Rate(5, "day")) == "Rate(5, 'day')"
