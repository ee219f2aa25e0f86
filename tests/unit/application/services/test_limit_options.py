"""What limits are counted by, as users write it."""

import msgspec
import pytest

from app.application.services.limit_options import By, describe, keys, problems
from tests.fakes import exchange, request


def read(by: object) -> By:
    return msgspec.convert(by, By)  # type: ignore[no-any-return]  # a union is no type to mypy


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("address", "address"),
        (["consumer", "route"], "consumer and route"),
        ({"header": "X-Plan"}, "header x-plan"),
        (["api_key", {"cookie": "id"}], "api_key and cookie id"),
    ],
)
def test_every_way_to_write_it(written: object, words: str) -> None:
    by = read(written)
    assert problems(by) == []
    assert describe(by) == words
    assert len(keys(by).of(exchange(request(headers=[(b"x-plan", b"gold")])))[0]) == 16


@pytest.mark.parametrize("written", [[], {}, {"header": "a", "cookie": "b"}, ["address", {}]])
def test_what_names_nothing_is_told(written: object) -> None:
    [problem] = problems(read(written))
    assert problem.startswith("by: expected ")


@pytest.mark.parametrize("written", ["adress", {"hedder": "x"}, 5])
def test_what_is_misspelt_is_refused(written: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(written)
