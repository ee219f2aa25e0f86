"""Options of filters as values."""

import msgspec
import pytest

from app.application.kinds import read
from app.domain.entities.units import Duration, Rate, Share, Size


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rate: Rate
    size: Size = Size(1)
    wait: Duration = Duration(1)
    part: Share = Share(0.5)


class Strange(msgspec.Struct, frozen=True):
    what: complex


def test_units_are_read_as_they_are_elsewhere() -> None:
    found = read({"rate": "100/min", "size": "1KiB", "wait": "5s", "part": "20%"}, Options)
    assert found == Options(Rate(100, "min"), Size(1024), Duration(5), Share(0.2))


def test_what_is_wrong_says_where() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"expected a rate such as 100/s.* - at `\$.rate`"):
        read({"rate": "100"}, Options)
    with pytest.raises(msgspec.ValidationError, match="unknown field `x`"):
        read({"rate": "1/s", "x": 1}, Options)


def test_a_type_that_no_option_has() -> None:
    with pytest.raises(NotImplementedError):
        read({"what": "1"}, Strange)
