"""If-Match and If-None-Match."""

import pytest
from starlette.datastructures import Headers

from app.interfaces.admin.preconditions import expected_version, has_preconditions, not_modified
from app.interfaces.admin.problems import Refusal


class Current:
    """The version that is stored now; counts how often it is asked for."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        return self.version


def fields(**values: str) -> Headers:
    return Headers({name.replace("_", "-"): value for name, value in values.items()})


@pytest.mark.parametrize(
    ("headers", "expected", "asked"),
    [
        (fields(), None, 0),
        (fields(if_match='"v1"'), "v1", 0),
        (fields(if_match='"old"'), "old", 0),
        (fields(if_match="*"), "v1", 1),
        (fields(if_match='"v0", "v1"'), "v1", 1),
        (fields(if_none_match="*"), "", 0),
        (fields(if_none_match='"v0"'), "v1", 1),
        (fields(if_none_match="nonsense"), "v1", 1),
        (fields(if_match='"v1"', if_none_match="*"), "v1", 0),
    ],
)
async def test_the_version_that_must_be_stored(headers: Headers, expected: str | None, asked: int) -> None:
    current = Current("v1")
    assert await expected_version(headers, current) == expected
    assert current.asked == asked


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        (fields(if_match='"v0", "v2"'), "v1"),
        (fields(if_match="*"), ""),
        (fields(if_match='W/"v1"'), "v1"),
        (fields(if_match="v1"), "v1"),
        (fields(if_match='""'), "v1"),
        (fields(if_match=""), "v1"),
        (fields(if_none_match='"v1"'), "v1"),
        (fields(if_none_match='W/"v1"'), "v1"),
    ],
)
async def test_a_precondition_that_does_not_hold(headers: Headers, version: str) -> None:
    with pytest.raises(Refusal) as refused:
        await expected_version(headers, Current(version))
    assert refused.value.problem.status == 412


async def test_tags_on_several_lines_are_one_list() -> None:
    headers = Headers(raw=[(b"if-match", b'"v0"'), (b"if-match", b'"v1"')])
    assert await expected_version(headers, Current("v1")) == "v1"


def test_a_reader_that_has_it_already() -> None:
    assert not_modified(fields(if_none_match='"a", W/"v1"'), "v1")
    assert not_modified(fields(if_none_match="*"), "v1")
    assert not not_modified(fields(if_none_match='"a"'), "v1")
    assert not not_modified(fields(), "v1")


def test_whether_there_are_any() -> None:
    assert has_preconditions(fields(if_match="*"))
    assert has_preconditions(fields(if_none_match="*"))
    assert not has_preconditions(fields(accept="*"))
