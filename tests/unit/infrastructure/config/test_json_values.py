"""JSON values and whether they are equal."""

import pytest

from app.infrastructure.config.json_values import canonical, differ, version_of


def test_the_order_of_keys_does_not_count() -> None:
    one, other = {"a": 1, "b": [{"c": 1, "d": 2}]}, {"b": [{"d": 2, "c": 1}], "a": 1}
    assert canonical(one) == canonical(other)
    assert version_of(one) == version_of(other)
    assert len(version_of(one)) == 16
    assert not differ(one, other)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False), (None, ""), ([1, 2], [2, 1]), ({}, [])])
def test_kinds_and_the_order_of_items_do(one: object, other: object) -> None:
    assert differ(one, other)
    assert version_of(one) != version_of(other)
