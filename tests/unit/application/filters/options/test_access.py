"""What a route may list."""

import pytest

from app.application.filters.options.access import Lists, Options, problems


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (Options(), "allow: nothing is listed"),
        (Options(allow=Lists(addresses=("10.0.0.0/8", "here"))), "allow.addresses[1]: "),
        (Options(deny=Lists(countries=("de",))), "deny.countries[0]: expected two capital letters"),
        (Options(deny=Lists(groups=("",))), "deny.groups[0]: is empty"),
    ],
)
def test_each_mistake_is_told_with_its_place(options: Options, place: str) -> None:
    [found] = problems(options)
    assert found.startswith(place)


def test_a_good_one_has_no_problems() -> None:
    assert problems(Options(allow=Lists(consumers=("a",), countries=("DE", "unknown"), addresses=("::1",)))) == []
