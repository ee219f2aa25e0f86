"""Three formats, one shape; mistakes with their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.config.documents import PARSERS, Document, DocumentError, parse


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".yaml", "a: {b: [1, x]}"),
        (".yml", "\ufeffa:\n  b:\n  - 1\n  - x\n"),
        (".YAML", "a: {b: [1, x]}"),
        (".json", '{"a": {"b": [1, "x"]}}'),
        (".toml", "[a]\nb = [1, 'x']"),
    ],
)
def test_formats(suffix: str, text: str) -> None:
    assert parse(text.encode(), suffix).value == {"a": {"b": [1, "x"]}}


@pytest.mark.parametrize("suffix", PARSERS)
@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_nothing(suffix: str, data: bytes) -> None:
    assert parse(data, suffix) == Document(None)


@pytest.mark.parametrize(
    ("suffix", "data", "line", "reason"),
    [
        (".yaml", b"a: 1\nb: [1,\n", 3, "column 1: "),
        (".yaml", b"a: 1\n b: 2\n", 2, "column 3: mapping values are not allowed in this context"),
        (".yaml", b"a: 1\n---\nb: 2\n", 2, "column 1: but found another document"),
        (".yaml", b"a: 1\nb: \x01\n", 2, "control characters are not allowed"),
        (".yaml", b"a: *b\n", 1, "column 4: found undefined alias"),
        (".yaml", b"[" * 5000, 1, "column 1001: exceeded maximum nesting depth"),
        (".yaml", b"a: 1\nb: \xff\n", 2, "is not UTF-8 text"),
        (".yaml", b"a: !!int x\n", 0, "holds a value that cannot be read"),
        (".yaml", b"a: !!bool x\n", 0, "holds a value that cannot be read"),
        (".yaml", b"{[a]: b}\n", 1, "column 2: found unhashable key"),
        (".json", b'{"a": 1,\n "b" 2}', 2, "column 6: expecting ':' delimiter"),
        (".json", b'{"a": NaN}', 0, "NaN is no number of JSON"),
        (".json", b"[" * 100_000, 0, "is nested too deeply"),
        (".json", b"9" * 5000, 0, "Exceeds the limit"),
        (".toml", b"a = 1\nb = \n", 2, "column 5: invalid value"),
        (".toml", b"a = 1\na = 2\n", 2, "column 6: cannot overwrite a value"),
        (".toml", b"a = [1,\n", 2, "end of the file: "),
        (".toml", b"a = " + b"[" * 100_000, 0, "is nested too deeply"),
        (".toml", b"a = " + b"9" * 5000, 0, "holds a value that cannot be read"),
        (".ini", b"", 0, "expected a name that ends with one of .yaml, .yml, .json, .toml"),
        ("", b"", 0, "expected a name that ends with one of .yaml, .yml, .json, .toml"),
    ],
)
def test_what_is_not_of_its_format(suffix: str, data: bytes, line: int, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(data, suffix)
    assert caught.value.reason.startswith(reason)
    assert caught.value.line == line


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_places_and_duplicates(suffix: str) -> None:
    document = parse(b'{"a": {"b": 1,\n"c": 2,\n"b": 3}}', suffix)
    assert document.problems == [(("a", "b"), "stands twice in its mapping, first in line 1")]
    assert document.line_of(("a", "c")) == 2
    assert document.line_of(("a", "b")) == 3


def test_json_that_is_no_yaml_has_no_lines() -> None:
    document = parse(b'{"a": 1,\n\t"\\ud800": 2, "\\ud800": 3}', ".json")
    assert document.line_of(("a",)) in (0, 1)
    assert len(document.problems) == 1


def test_toml_has_no_lines() -> None:
    assert parse(b"a = 1", ".toml").line_of(("a",)) == 0


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")), st.sampled_from(sorted(PARSERS)))
def test_nothing_but_document_errors_comes_out(data: bytes, suffix: str) -> None:
    try:
        document = parse(data, suffix)
    except DocumentError as error:
        reason = error.reason
        assert reason
    else:
        assert document.line_of(("a", 0)) >= 0
