"""Parses YAML, JSON and TOML into one shape. Not for what the values mean."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import yaml

from app.infrastructure.config import yaml_document
from app.infrastructure.config.field_path import Found, Path

LineOf = Callable[[Path], int]

_PLACE: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def _unknown(_: Path) -> int:
    return 0


class Document(NamedTuple):
    """A parsed document; `line_of` tells the line of a place, 0 when it is not known."""

    value: object
    line_of: LineOf = _unknown
    problems: list[Found] = []  # noqa: RUF012  # never changed


class DocumentError(Exception):
    """Text that is not of its format: why, and in which line (0 when it is not known)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def parse(data: bytes, suffix: str) -> Document:
    """The document in `data`, by the suffix of its name. Raises DocumentError."""
    parser = PARSERS.get(suffix.lower())
    if parser is None:
        raise DocumentError(f"expected a name that ends with one of {', '.join(PARSERS)}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("is not UTF-8 text", data.count(b"\n", 0, error.start) + 1) from None
    if not text.strip():
        return Document(None)
    try:
        return parser(text)
    except RecursionError:
        raise DocumentError("is nested too deeply") from None


def _yaml(text: str) -> Document:
    try:
        value, node = yaml_document.load(text)
    except yaml.YAMLError as error:
        raise _yaml_error(error, text) from None
    except (ValueError, KeyError) as error:
        # A scalar with an explicit tag that its text does not fit.
        raise DocumentError(f"holds a value that cannot be read: {error}") from None
    return Document(value, partial(yaml_document.line_in, node), yaml_document.duplicates(node))


def _yaml_error(error: yaml.YAMLError, text: str) -> DocumentError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        context, problem = getattr(error, "context", None), getattr(error, "problem", None)
        reason = ": ".join(part for part in (problem, context) if part)
        return DocumentError(f"column {mark.column + 1}: {reason}", mark.line + 1)
    position = getattr(error, "position", None)
    line = text.count("\n", 0, position) + 1 if position is not None else 0
    return DocumentError(getattr(error, "reason", None) or str(error).partition("\n")[0], line)


def read_json(text: str) -> tuple[Any, list[str]]:
    """What JSON text holds, and the keys that stand twice in one object. Raises DocumentError, or RecursionError."""
    twice: list[str] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            twice.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return made

    try:
        return json.loads(text, object_pairs_hook=mapping, parse_constant=_no_constant), twice
    except json.JSONDecodeError as error:
        raise DocumentError(f"column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}", error.lineno) from None
    except ValueError as error:
        raise DocumentError(str(error)) from None


def _json(text: str) -> Document:
    value, twice = read_json(text)
    nodes = _Nodes(text)
    problems: list[Found] = []
    if twice:
        problems = nodes.duplicates() or [((), f"key {name!r} stands twice in one object") for name in twice]
    return Document(value, nodes.line_of, problems)


class _Nodes:
    """JSON is YAML, nearly always: its lines are looked up there, and only when something is wrong."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._node: yaml.Node | None = None
        self._composed = False

    def line_of(self, path: Path) -> int:
        return yaml_document.line_in(self._nodes(), path)

    def duplicates(self) -> list[Found]:
        return yaml_document.duplicates(self._nodes())

    def _nodes(self) -> yaml.Node | None:
        if not self._composed:
            self._composed = True
            try:
                self._node = yaml_document.compose(self._text)
            except (yaml.YAMLError, RecursionError):
                self._node = None
        return self._node


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _toml(text: str) -> Document:
    try:
        return Document(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.fullmatch(str(error))
        reason = found[1] if found else str(error)
        reason = reason[:1].lower() + reason[1:]
        if found and found[2]:
            raise DocumentError(f"column {found[3]}: {reason}", int(found[2])) from None
        raise DocumentError(f"end of the file: {reason}" if found else reason, text.count("\n") + 1) from None
    except ValueError as error:
        raise DocumentError(f"holds a value that cannot be read: {error}") from None


PARSERS: Final[dict[str, Callable[[str], Document]]] = {".yaml": _yaml, ".yml": _yaml, ".json": _json, ".toml": _toml}
