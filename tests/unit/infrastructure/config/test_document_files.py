"""Configurations as they are written: read from any format, and written so that they read back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.config import ConfigError
from app.infrastructure.config.document_files import read_documents, read_value, to_yaml

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


def problems(data: bytes, suffix: str = ".yaml") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_documents(data, suffix, "f")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"routes: {a: {url: env:A, priority: 010}}\nservices:\n$schema: x\n", ".yaml"),
        (b'{"routes": {"a": {"url": "env:A", "priority": 10}}, "services": null}', ".json"),
        (b'[routes.a]\nurl = "env:A"\npriority = 10\n[services]\n', ".toml"),
    ],
)
def test_references_stay_what_they_are(data: bytes, suffix: str) -> None:
    wanted = {"routes": {"a": {"url": "env:A", "priority": 10}}, "services": {}}
    assert read_documents(data, suffix, "f") == wanted


def test_everything_that_is_wrong_is_told() -> None:
    assert problems(b"routes: [1]\nrutes: {}\n") == [
        "f: routes: expected a mapping of ids to routes, got a list",
        "f: rutes: unknown key 'rutes'; did you mean routes?",
    ]
    assert problems(b"routes: {a: 1, a: 2}") == ["f:1: routes.a: stands twice in its mapping, first in line 1"]
    assert problems(b"routes: {1: {}}")[0].startswith("f:1: routes")
    assert problems(b"a: [}")[0].startswith("f:1: column 5")
    assert problems(b"{}", ".ini")[0].startswith("f: expected a name that ends with")


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[]", b"text", b"$schema: x"])
def test_an_empty_file_removes_nothing_by_mistake(data: bytes) -> None:
    assert problems(data) == [
        "f: expected a mapping with services, issuers, consumers, chains and routes; "
        "to remove everything, write `routes: {}`"
    ]


def test_bombs_are_refused() -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(7)
    )
    assert "too many values" in problems(bomb)[0]


def test_a_value_may_be_anything_plain() -> None:
    assert read_value(b"{url: http://a}", ".yaml", "f") == {"url": "http://a"}
    assert read_value(b"7", ".yaml", "f") == 7


@given(PLAIN)
def test_what_is_written_reads_back_the_same(value: object) -> None:
    assert read_value(to_yaml({"x": value}).encode(), ".yaml", "f") == {"x": value}


@pytest.mark.parametrize(
    "text", ["on", "yes", "12:30", "010", "0o17", "1e3", "~", "null", "<<", "2024-01-01", "", "0x1F"]
)
def test_text_stays_text(text: str) -> None:
    assert read_value(to_yaml([text]).encode(), ".yaml", "f") == [text]


def test_yaml_for_people() -> None:
    shared = {"paths": ["/a"]}
    written = to_yaml({"b": shared, "a": shared, "n": "käse"})
    assert written == "b:\n  paths:\n  - /a\na:\n  paths:\n  - /a\nn: käse\n"
    assert to_yaml("x") == "x\n"
