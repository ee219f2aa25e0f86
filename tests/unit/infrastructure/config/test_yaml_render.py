"""JSON values as YAML."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.config.yaml_document import load
from app.infrastructure.config.yaml_render import Style, block, entry, inline, item, quoted, scalar, style_of

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=12
)
styles = st.builds(Style, st.integers(1, 5), st.integers(0, 4))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ("http://a:1/x?y=1&z", "http://a:1/x?y=1&z"),
        ("/users/*", "/users/*"),
        ("~(?i)iphone|android", "~(?i)iphone|android"),
        ("env:NAME", "env:NAME"),
        ("10s", "10s"),
        ("on", "on"),
        ("true", '"true"'),
        ("1", '"1"'),
        ("1e3", '"1e3"'),
        ("~", '"~"'),
        ("", '""'),
        ("*.example", '"*.example"'),
        ("/v{version}", '"/v{version}"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("a:", '"a:"'),
        ("a ", '"a "'),
        ("---", '"---"'),
        ("... x", '"... x"'),
        ("\u2028\x85", '"\\u2028\\u0085"'),
        ("é", "é"),
    ],
)
def test_scalars(value: object, text: str) -> None:
    assert scalar(value) == text


def test_shapes() -> None:
    value: dict[str, Any] = {
        "paths": ["/a", "/b"],
        "targets": [{"url": "http://a:1", "weight": 1}, {"url": "http://b:1"}],
        "empty": {},
        "body": "one\n two\n",
        "deep": [[{"a": 1}]],
        "long": ["x" * 50, "y" * 50],
    }
    assert entry("a", value, 2, Style(4, 2)) == (
        "  a:\n"
        "      paths: [/a, /b]\n"
        "      targets:\n"
        "        - url: http://a:1\n"
        "          weight: 1\n"
        "        - url: http://b:1\n"
        "      empty: {}\n"
        '      body: "one\\n two\\n"\n'
        "      deep:\n"
        "        - - a: 1\n"
        "      long:\n"
        f"        - {'x' * 50}\n"
        f"        - {'y' * 50}"
    )


def test_text_in_lines() -> None:
    assert block("one\ntwo # x\n", 2, Style()) == " |\n    one\n    two # x"


def test_quotes() -> None:
    assert quoted("it's", "'") == "'it''s'"
    assert quoted("a\nb", "'") == '"a\\nb"'
    assert quoted("a", '"') == '"a"'


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("", Style(2, 2)),
        ("a:\n    b:\n    - 1\n", Style(4, 0)),
        ("a:  # x\n  b:\n    - 1\n", Style(2, 2)),
        ("a:\n   b: 1\n", Style(3, 2)),
        ("a: {b: [1]}\n", Style(2, 2)),
    ],
)
def test_styles_are_those_of_the_file(text: str, style: Style) -> None:
    assert style_of(text) == style


@given(values, styles, st.integers(0, 5))
def test_what_is_written_is_read(value: object, style: Style, column: int) -> None:
    assert load(f"key:{block(value, 0, style)}\n")[0] == {"key": value}
    assert load(f"{entry('key', value, column, style)}\n")[0] == {"key": value}
    assert load(f"{item(value, column, style)}\n")[0] == [value]
    assert load(f"[{inline(value)}]")[0] == [value]
