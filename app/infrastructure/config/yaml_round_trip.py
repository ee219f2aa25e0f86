"""Changes a whole YAML text by way of ruamel.yaml, which keeps comments, anchors, quotes and order.

For what cannot be changed in its place: spacing may change where nothing else does.
"""

from collections import Counter
from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.resolver import BaseResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, PlainScalarString

from app.infrastructure.config import yaml_render
from app.infrastructure.config.json_values import differ
from app.infrastructure.config.yaml_document import Loader
from app.infrastructure.config.yaml_render import Style

WIDTH = 2**30


class Resolver(BaseResolver):
    """Plain scalars mean here what they mean where the configuration is read."""

    yaml_implicit_resolvers = Loader.yaml_implicit_resolvers

    def __init__(self, version: object = None, loader: Any = None, loadumper: Any = None) -> None:
        super().__init__(loader if loadumper is None else loadumper)

    @property
    def processing_version(self) -> tuple[int, int]:
        """The version of YAML."""
        return (1, 2)


def round_trip(text: str, old: Mapping[str, Any], new: Mapping[str, Any], style: Style) -> str:
    """The text of `old` as that of `new`; both have sections of entities. Raises ruamel.yaml.error.YAMLError."""
    yaml = YAML()
    yaml.Resolver = Resolver
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.indent(mapping=style.indent, sequence=style.dash + 2, offset=style.dash)
    root = yaml.load(text)
    if not isinstance(root, CommentedMap):
        root = CommentedMap()
    _Merger(root).change(root, dict(old), dict(new))
    written = StringIO()
    yaml.dump(root, written)
    return written.getvalue()


class _Merger:
    """Changes nodes in place, but none that stands in several places at once."""

    def __init__(self, root: Any) -> None:
        self._uses: Counter[int] = Counter()
        self._count(root)

    def change(self, node: Any, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Make a mapping that is `old` one that is `new`."""
        own = {key for key, _ in node.non_merged_items()}
        for key in [key for key in old if key not in new]:
            del node[key]
        for key, value in new.items():
            if key not in old:
                node[_text(key)] = plain(value)
            elif differ(old[key], value):
                node[key] = self._changed(node[key], old[key], value) if key in own else plain(value)

    def _changed(self, node: Any, old: Any, new: Any) -> Any:
        both = isinstance(old, dict) and isinstance(new, dict) and isinstance(node, CommentedMap)
        if not both or self._uses[id(node)] > 1 or any(key not in new for merged in node.merge for key in merged):
            return plain(new)
        self.change(node, old, new)
        return node

    def _count(self, node: Any) -> None:
        if not isinstance(node, CommentedMap | CommentedSeq):
            return
        self._uses[id(node)] += 1
        if self._uses[id(node)] > 1:
            return
        if isinstance(node, CommentedSeq):
            for item in node:
                self._count(item)
            return
        for merged in node.merge:
            self._count(merged)
        for _, value in node.non_merged_items():
            self._count(value)


def plain(value: Any) -> Any:
    """A JSON value as nodes; short lists of short values in one line."""
    if isinstance(value, dict):
        return CommentedMap((_text(key), plain(item)) for key, item in value.items())
    if isinstance(value, list):
        items = CommentedSeq(map(plain, value))
        if not any(isinstance(item, dict | list) for item in value) and len(yaml_render.inline(value)) < 80:
            items.fa.set_flow_style()
        return items
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    """Quoted when a person would quote it."""
    made = PlainScalarString if yaml_render.scalar(value) == value else DoubleQuotedScalarString
    text: str = made(value)
    return text
