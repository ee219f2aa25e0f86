"""The configuration file as a store: read as it is written, and edited in place."""

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Documents, Edit
from app.infrastructure.config import file_store, yaml_render
from app.infrastructure.config.file_changes import state_of
from app.infrastructure.config.file_store import FileStore
from app.infrastructure.config.yaml_render import Style
from tests.sections import sections

YAML = """\
$schema: ./schema.json  # for editors
services:
  # who they are
  users:
    targets: [{url: "http://a:1"}]   # one
routes:
  hello:
    match: {paths: [/hello/*]}
    url: env:HELLO
"""
HELLO = {"match": {"paths": ["/hello/*"]}, "url": "env:HELLO"}
NEW = {"match": {"paths": ["/new"]}, "url": "http://n:1"}


def put(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.write_bytes(text.encode(encoding))


def text_of(path: Path, encoding: str = "utf-8") -> str:
    return path.read_bytes().decode(encoding)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    put(path, YAML)
    return path


async def documents(store: FileStore) -> Documents:
    return {
        section: {id_: entity.document for id_, entity in entities.items()}
        for section, entities in (await store.read()).items()
    }


async def version(store: FileStore, id_: str) -> str:
    return (await store.read())["routes"][id_].version


async def test_entities_are_read_as_they_are_written(path: Path) -> None:
    store = FileStore(path)
    assert store.name == f"file {path}"
    assert await documents(store) == sections(
        services={"users": {"targets": [{"url": "http://a:1"}]}}, routes={"hello": HELLO}
    )


async def test_anchors_and_merged_mappings_are_written_out(path: Path) -> None:
    put(path, "routes:\n  a: &a {url: one, enabled: true}\n  b: {<<: *a, url: two}\n  c: *a\n")
    assert (await documents(FileStore(path)))["routes"] == {
        "a": {"url": "one", "enabled": True},
        "b": {"url": "two", "enabled": True},
        "c": {"url": "one", "enabled": True},
    }


async def test_a_write_changes_its_lines_only(path: Path) -> None:
    await FileStore(path).write([Edit("routes", "hello", {**HELLO, "priority": 1}), Edit("routes", "new", NEW)])
    assert text_of(path) == YAML + ("    priority: 1\n  new:\n    match:\n      paths: [/new]\n    url: http://n:1\n")


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "gateway.yaml")
    assert await documents(store) == sections()
    await store.write([Edit("routes", "new", NEW, "")])
    assert await documents(store) == sections(routes={"new": NEW})
    assert stat.S_IMODE((tmp_path / "gateway.yaml").stat().st_mode) == 0o600


async def test_nothing_is_written_for_nothing(path: Path) -> None:
    before = state_of(path)
    store = FileStore(path)
    await store.write([])
    await store.write([Edit("routes", "hello", HELLO), Edit("routes", "gone", None)])
    assert state_of(path) == before


async def test_expected_versions(path: Path) -> None:
    store = FileStore(path)
    first = await version(store, "hello")
    await store.write([Edit("routes", "hello", NEW, first), Edit("routes", "other", NEW, "")])
    assert await version(store, "hello") == await version(store, "other") != first
    content = text_of(path)
    for edit in (
        Edit("routes", "hello", HELLO, first),
        Edit("routes", "hello", HELLO, ""),
        Edit("routes", "gone", HELLO, first),
    ):
        with pytest.raises(StoreConflict, match=f"routes.{edit.id} was changed by somebody else"):
            await store.write([Edit("routes", "more", NEW), edit])
    assert text_of(path) == content


async def test_a_file_is_parsed_once_until_it_changes(path: Path) -> None:
    store = FileStore(path)
    first = await store.read()
    assert await store.read() is first
    put(path, YAML.replace("hello:", "bye:"))
    assert (await documents(store))["routes"].keys() == {"bye"}
    put(path, "")
    assert await documents(store) == sections()


async def test_the_order_of_keys_makes_no_version(path: Path) -> None:
    store = FileStore(path)
    before = await version(store, "hello")
    put(path, 'routes: {hello: {url: "env:HELLO", match: {paths: [/hello/*]}}}')
    assert await version(store, "hello") == before


async def test_a_later_edit_comes_on_top(path: Path) -> None:
    store = FileStore(path)
    await store.write([Edit("routes", "hello", None), Edit("routes", "hello", NEW, "")])
    assert (await documents(store))["routes"] == {"hello": NEW}


async def test_the_other_formats(tmp_path: Path) -> None:
    file = tmp_path / "gateway.json"
    put(file, '{\n    "$schema": "x",\n    "routes": {}\n}\n')
    await FileStore(file).write([Edit("routes", "a", {"url": "é"})])
    assert text_of(file) == (
        '{\n    "$schema": "x",\n    "routes": {\n        "a": {\n            "url": "é"\n        }\n    }\n}\n'
    )
    toml = tmp_path / "gateway.toml"
    put(toml, '[routes.a]\nurl = "x"\n')
    assert (await documents(FileStore(toml)))["routes"] == {"a": {"url": "x"}}
    with pytest.raises(StoreRejected, match=r"gateway.toml: .toml is only read: edit the file yourself, or use YAML"):
        await FileStore(toml).write([Edit("routes", "a", None)])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("routes:\n  a: [\n", ":3: column 1: did not find expected node content"),
        ("routes:\n  a: {url: 1, url: 2}\n", ":2: routes.a.url: stands twice in its mapping"),
        ("routes:\n  a: {1: 2}\n", ":2: routes.a: expected text as key, got 1"),
        ("routes:\n  a: .inf\n", ":2: routes.a: expected a finite number"),
        ("[a]\n", ":1: expected a mapping of sections"),
        ("a: 1\nroutes: [a]\n", ":2: routes: expected a mapping of ids"),
        ("a: &a [1]\nb: &b [*a,*a]\nroutes: \xff", ""),
        (f"a: {'[' * 70}{']' * 70}", "nested more than 64 levels deep"),
        ("#" * 2000, "is larger than 1000 bytes"),
    ],
)
async def test_files_that_cannot_be_used(path: Path, text: str, reason: str) -> None:
    put(path, text, "latin-1")
    store = FileStore(path, 1000)
    for work in (store.read(), store.write([Edit("routes", "a", NEW)])):
        with pytest.raises(StoreRejected) as caught:
            await work
        assert str(caught.value).startswith(str(path))
        assert reason in str(caught.value)
    assert text_of(path, "latin-1") == text


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (Edit("plugins", "a", {}), "has no section 'plugins'"),
        (Edit("routes", "a", {"url": float("nan")}), "routes.a.url: expected a finite number"),
        (Edit("routes", "a", {"x": "\ud800"}), "is no Unicode text"),
        (Edit("routes", "a", json.loads("[" * 80 + "]" * 80)), "routes.a: nested more than"),
        (Edit("routes", "a", {"x": "y" * 2000}), "would be larger than 1000 bytes"),
    ],
)
async def test_documents_that_cannot_be_written(path: Path, edit: Edit, reason: str) -> None:
    with pytest.raises(StoreRejected) as caught:
        await FileStore(path, 1000).write([edit])
    assert reason in str(caught.value)
    assert text_of(path) == YAML


async def test_what_cannot_be_edited_is_not_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(path, "services: &x\n  a: {b: 1}\nroutes: *x\n")
    store = FileStore(path)
    await store.write([Edit("routes", "a", {"b": 2})])
    assert await documents(store) == sections(services={"a": {"b": 1}}, routes={"a": {"b": 2}})
    put(path, YAML)
    monkeypatch.setitem(file_store.EDITORS, ".yaml", lambda text, *_: text.replace("hello", "bye"))
    with pytest.raises(StoreRejected, match="is not what was asked for; edit the file yourself"):
        await store.write([Edit("routes", "new", NEW)])
    monkeypatch.undo()
    monkeypatch.setattr("app.infrastructure.config.yaml_edit._tried", lambda *_: None)
    with pytest.raises(StoreRejected, match="is not what was asked for; edit the file yourself"):
        await store.write([Edit("routes", "new", NEW)])
    assert text_of(path) == YAML


async def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreRejected, match="is no regular file"):
        await FileStore(tmp_path).read()
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(StoreRejected, match="is no regular file"):
        await FileStore(tmp_path / "pipe.yaml").read()
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        await FileStore(tmp_path / "loop.yaml").read()
    with pytest.raises(StoreRejected, match="leads nowhere"):
        await FileStore(tmp_path / "loop.yaml").write([])


texts = st.text(max_size=6) | st.sampled_from(
    [
        "on",
        "true",
        "12",
        "1e3",
        ".5",
        "~",
        "a: b",
        "a #b",
        "- a",
        "one\ntwo\n",
        " x",
        "x\n",
        "<<",
        "é😀",
        "\u2028",
        "{a}",
        "env:X",
        "http://a:1",
        "/v{version}/**",
        "'",
        '"',
        "\\",
        "a:",
        "?",
        "\t",
        "---",
        "2024-01-01",
        "=",
        "*.b",
        "[::1]",
    ]
)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
ids = st.sampled_from(["a", "b", "c", "d", "true", "1", "é"])
entities = st.dictionaries(ids, values, max_size=4)
configurations = st.fixed_dictionaries({}, optional={section: entities | st.none() for section in SECTIONS})
styles = st.builds(Style, st.integers(2, 4), st.integers(0, 2))


@st.composite
def written(draw: st.DrawFn) -> tuple[Documents, str, dict[tuple[str, str], str]]:
    """Documents, a text of them as a person may write it, and the lines of each entity."""
    chosen, style = draw(configurations), draw(styles)
    blanks = st.sampled_from(["", "", "\n", "# one\n", f"{' ' * style.indent}# two\n", "          # three\n"])
    text, blocks = draw(blanks), {}
    after = blanks
    for section, entities in chosen.items():
        text += f"{section}:\n" if entities is None or entities else f"{section}: {{}} # none\n"
        for id_, entity in (entities or {}).items():
            block = yaml_render.entry(id_, entity, style.indent, style) + draw(st.sampled_from(["\n", "   # four\n"]))
            multiline = "|\n" in block
            blocks[section, id_] = block.replace("   # four", "") if multiline else block
            text += draw(after) + blocks[section, id_]
            # A deep comment below text in lines would be a part of it.
            after = st.sampled_from(["", "# one\n"]) if multiline else blanks
    whole = {section: dict(chosen.get(section) or {}) for section in SECTIONS}
    return whole, text + draw(after), blocks


edits = st.lists(st.tuples(st.sampled_from(SECTIONS), ids, values | st.just("remove")), max_size=4)


@given(written(), edits)
async def test_what_is_written_is_read_and_the_rest_stays(
    start: tuple[Documents, str, dict[tuple[str, str], str]], changes: list[tuple[str, str, Any]]
) -> None:
    expected, text, blocks = start
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "gateway.yaml"
        put(path, text)
        store = FileStore(path)
        assert await documents(store) == expected
        await store.write(
            [Edit(section, id_, None if document == "remove" else document) for section, id_, document in changes]
        )
        for section, id_, document in changes:
            if document in ("remove", None):
                expected[section].pop(id_, None)
            else:
                expected[section][id_] = document
        assert await documents(store) == expected
        touched = {(section, id_) for section, id_, _ in changes}
        content = text_of(path)
        for place, block in blocks.items():
            assert place in touched or block in content


@given(entities, edits, st.sampled_from([None, 2, "\t"]))
async def test_json_as_well(start: dict[str, Any], changes: list[tuple[str, str, Any]], indent: Any) -> None:

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "gateway.json"
        put(path, json.dumps({"routes": start}, indent=indent))
        store = FileStore(path)
        expected: Documents = sections(routes=dict(start))
        for section, id_, document in changes:
            await store.write([Edit(section, id_, None if document == "remove" else document)])
            if document in ("remove", None):
                expected[section].pop(id_, None)
            else:
                expected[section][id_] = document
        assert await documents(store) == expected
