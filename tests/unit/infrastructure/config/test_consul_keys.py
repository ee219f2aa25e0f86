import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.control_ports import StoreUnavailable
from app.infrastructure.config.consul_keys import MOST_PROBLEMS, Entry, key_of, place, read_tree
from app.infrastructure.config.field_checks import id_problem
from tests.sections import sections


def listed(*keys: str | dict[str, Any]) -> bytes:
    """An answer with these keys, or entries."""
    entries = [{"Key": key, "ModifyIndex": 7, "Value": "e30="} if isinstance(key, str) else key for key in keys]
    return json.dumps(entries).encode()


@pytest.mark.parametrize(
    ("id_", "key"),
    [
        ("hello", "gateway/routes/hello"),
        ("a.b-c_d~e", "gateway/routes/a.b-c_d~e"),
        ("a/b", "gateway/routes/a%2Fb"),
        ("é%", "gateway/routes/%C3%A9%25"),
    ],
)
def test_keys_of_ids(id_: str, key: str) -> None:
    assert key_of("gateway", "routes", id_) == key
    assert list(read_tree(listed(key), "gateway", "store").entries["routes"]) == [id_]


@given(st.text(min_size=1, max_size=20).filter(lambda text: not id_problem(text)))
def test_every_id_comes_back(id_: str) -> None:
    tree = read_tree(listed(key_of("a/b", "services", id_)), "a/b", "store")
    assert list(tree.entries["services"]) == [id_]
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (("", ""), "consul gateway"),
        (("routes", ""), "consul gateway/routes"),
        (("routes", "a/b"), "consul gateway/routes/a%2Fb"),
    ],
)
def test_places_for_people(where: tuple[str, str], text: str) -> None:
    assert place("gateway", *where) == text


@pytest.mark.parametrize(("value", "content"), [("e30=", b"{}"), (None, b""), ("", b""), ("x", b""), ("é", b"")])
def test_values_are_base64(value: str | None, content: bytes) -> None:
    assert Entry("k", 1, value).content() == content


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("gateway/routes/a/b", "expected routes/a%2Fb"),
        ("gateway/routes/%61", "expected routes/a"),
        ("gateway/routes/a%20b", "no blanks"),
        ("gateway/routes", "an id has"),
        ("gateway/things/a", "got 'things'"),
        ("gateway/allow-empty/a", "got 'allow-empty'"),
    ],
)
def test_other_keys_are_told_of(key: str, reason: str) -> None:
    tree = read_tree(listed(key), "gateway", "store")
    [problem] = tree.problems
    assert (problem.source, reason in problem.reason) == (f"consul {key}", True)
    assert not any(tree.entries.values())


def test_not_all_of_very_many_are_told_of() -> None:
    keys = [f"gateway/things/{number}" for number in range(MOST_PROBLEMS + 50)]
    assert len(read_tree(listed(*keys), "gateway", "store").problems) == MOST_PROBLEMS


def test_folders_are_passed_over_and_the_tombstone_is_seen() -> None:
    folders = ("gateway/", "gateway/routes/", "gateway/routes/a/")
    assert read_tree(listed(*folders), "gateway", "store") == (sections(), (), False)
    assert read_tree(listed("gateway/allow-empty"), "gateway", "store").wiped


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[1]", b'[{"Key": 1}]', b'[{"Key": "a"}]', b"\xff"])
def test_what_is_no_list_of_keys_is_not_believed(body: bytes) -> None:
    with pytest.raises(StoreUnavailable, match="store: the answer is no list of keys"):
        read_tree(body, "gateway", "store")


def test_null_is_an_empty_list() -> None:
    assert not any(read_tree(b"null", "gateway", "store").entries.values())
