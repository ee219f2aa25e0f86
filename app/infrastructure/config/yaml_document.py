"""YAML 1.2's meaning of plain scalars over PyYAML's C parser, duplicates of keys, and where things stand.

YAML 1.1 would read the key `on` as true, `12:30` as a number and `010` as eight. Anchors, aliases and `<<` stay.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from app.infrastructure.config.field_path import Found, Path

Node = yaml.Node

_MERGE: Final = "tag:yaml.org,2002:merge"


class Loader(yaml.CSafeLoader):
    """Safe: makes plain values only."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # the base class has it like this

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._merged: list[tuple[yaml.MappingNode, list[tuple[Node, Node]]]] = []

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Puts in what `<<` names: a key of the mapping itself wins, then that of the earliest mapping in a list.

        (https://yaml.org/type/merge.html; PyYAML 6.0.4 lets other keys win where one merged mapping merges another.)
        """
        written = node.value
        sources = [value for key, value in written if key.tag == _MERGE]
        if not sources:
            return
        self._merged.append((node, written))
        # Also what a mapping that merges itself finds.
        node.value = own = [pair for pair in written if pair[0].tag != _MERGE]
        names = {_identity(key) for key, _ in own}
        merged: dict[object, tuple[Node, Node]] = {}
        for source in sources:
            for mapping in source.value if isinstance(source, yaml.SequenceNode) else [source]:
                if not isinstance(mapping, yaml.MappingNode):
                    raise yaml.constructor.ConstructorError(
                        "while merging", node.start_mark, "expected a mapping", mapping.start_mark
                    )
                self.flatten_mapping(mapping)
                for pair in mapping.value:
                    merged.setdefault(_identity(pair[0]), pair)
        node.value = [pair for name, pair in merged.items() if name not in names] + own

    def unflatten(self) -> None:
        """Make nodes again as they were written: a key that wins over a merged one does not stand twice."""
        for node, written in self._merged:
            node.value = written


def _identity(key: Node) -> object:
    """Equal for keys that name the same; keys that are no scalars are all different."""
    return (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key)


def _integer(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


_KINDS: Final = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("merge", r"<<", "<"),
)
for _name, _pattern, _first in _KINDS:
    Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})$"), ["" if one == "\0" else one for one in _first]
    )
Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def compose(text: str) -> Node | None:
    """The tree of nodes, None for an empty document. Raises yaml.YAMLError."""
    loader = Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def load(text: str) -> tuple[object, Node | None]:
    """The value, and the nodes that it was made of. Raises yaml.YAMLError, ValueError, RecursionError."""
    loader = Loader(text)
    try:
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
        loader.unflatten()
        return value, node
    finally:
        loader.dispose()


def duplicates(node: Node | None) -> list[Found]:
    """Keys that stand twice in one mapping, where the second would silently win."""
    return [] if node is None else list(_duplicates(node, (), set()))


def line_in(node: Node | None, path: Path) -> int:
    """Line, from 1, of the key or item at `path`, or of the innermost thing above it that is there."""
    line = 0
    for part in path:
        inner = _inside(node, part)
        if inner is None:
            return line
        place, node = inner
        line = place.start_mark.line + 1
    return line or (node.start_mark.line + 1 if node is not None else 0)


def _inside(node: Node | None, part: str | int) -> tuple[Node, Node] | None:
    """The node that names `part` (of two equal keys the later), and the node that it names."""
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if key.value == part:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _duplicates(node: Node, path: Path, seen: set[int]) -> Iterator[Found]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        lines: dict[tuple[str, str], int] = {}
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                name, line = (key.tag, key.value), key.start_mark.line + 1
                if name in lines:
                    yield (*path, key.value), f"stands twice in its mapping, first in line {lines[name]}"
                lines.setdefault(name, line)
                yield from _duplicates(value, (*path, key.value), seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _duplicates(item, (*path, index), seen)
