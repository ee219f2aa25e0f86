"""Writes plain JSON values as YAML, the way a person would. Not for changing what is there."""

import json
import re
from typing import Any, Final

import msgspec

from app.infrastructure.config.yaml_document import Loader

WIDEST: Final = 88
"""Characters of the widest list or mapping in one line."""

_PLAIN: Final = re.compile(r"[\w./~^(\\$][\w ./~*^()\\$+@=;|<>?:%&!'-]*")
_RISKY: Final = re.compile(r": | #|[ :]$|^---|^\.\.\.")
_LITERAL: Final = re.compile(r"(?:[^\s#][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*\n)+")
_SPECIAL: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_DASH: Final = re.compile(r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n( *)- ", re.MULTILINE)
_INDENT: Final = re.compile(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n( +)[^\s#-]", re.MULTILINE)


class Style(msgspec.Struct, frozen=True):
    """How a file is indented."""

    indent: int = 2
    """Columns from a key to the keys inside."""
    dash: int = 2
    """Columns from a key to the dashes of its list."""
    literal: bool = True
    """Whether text of several lines is written in lines: a comment below it would become a part of it."""


def style_of(text: str) -> Style:
    """The style that the first places of a file have, the default where there is none."""
    inner, dash = _INDENT.search(text), _DASH.search(text)
    return Style(
        len(inner[1]) if inner is not None else 2,
        max(0, len(dash[2]) - len(dash[1])) if dash is not None else 2,
    )


def block(value: Any, column: int, style: Style) -> str:
    """What follows `key:` where the key stands in `column`: ` value`, or lines, without a line break at the end."""
    if style.literal and isinstance(value, str) and _LITERAL.fullmatch(value):
        pad = " " * (column + style.indent)
        return " |\n" + "\n".join(pad + line for line in value[:-1].split("\n"))
    if not _needs_lines(value):
        return f" {inline(value)}"
    if isinstance(value, dict):
        inner = column + style.indent
        return "\n" + "\n".join(entry(key, item, inner, style) for key, item in value.items())
    return "\n" + "\n".join(item(one, column + style.dash, style) for one in value)


def entry(key: str, value: Any, column: int, style: Style) -> str:
    """A key with its value, in lines of their own, without a line break at the end."""
    return f"{' ' * column}{scalar(key)}:{block(value, column, style)}"


def item(value: Any, column: int, style: Style) -> str:
    """An item of a list, its dash in `column`."""
    dash = " " * column + "-"
    if not _needs_lines(value):
        return f"{dash} {inline(value)}"
    inner = column + 2
    if isinstance(value, dict):
        lines = "\n".join(entry(key, one, inner, style) for key, one in value.items())
    else:
        lines = "\n".join(item(one, inner, style) for one in value)
    return f"{dash} {lines[inner:]}"


def inline(value: Any) -> str:
    """In one line, with brackets and braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A value without parts. Text is quoted when it would be read as something else."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and not _RISKY.search(value) and _is_text(value):
        return value
    return quoted(value, '"')


def quoted(value: str, quote: str) -> str:
    """Text in quotes: single ones only where that is possible."""
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    # JSON's quotes are YAML's, apart from some characters that YAML wants escaped.
    return _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _needs_lines(value: Any) -> bool:
    """Lists of short values stay in one line, mappings do not."""
    if not value or not isinstance(value, dict | list):
        return False
    if isinstance(value, dict) or any(isinstance(one, dict | list) for one in value):
        return True
    return len(inline(value)) > WIDEST


def _is_text(value: str) -> bool:
    """Whether the parser would take it for text."""
    found = Loader.yaml_implicit_resolvers.get(value[0], [])
    return not any(pattern.match(value) for _, pattern in found)
