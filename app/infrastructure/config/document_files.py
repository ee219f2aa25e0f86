"""Configurations as their authors wrote them: read from files of any format, written as YAML. Not for their meaning.

References such as `env:NAME` stay what they are.
"""

import re
from typing import Any, Final

import yaml

from app.domain.entities.config import SECTIONS, ConfigError, ConfigProblem
from app.domain.entities.control import Documents
from app.infrastructure.config import field_path
from app.infrastructure.config.documents import DocumentError, parse
from app.infrastructure.config.plain import Plainer, TooMuch
from app.infrastructure.config.wording import listed, shown, unknown
from app.infrastructure.config.yaml_document import Loader

_IGNORED: Final = ("$schema",)
_WIDE: Final = 120


def read_value(data: bytes, suffix: str, source: str) -> Any:
    """The plain value of a document, by the suffix of its name. Raises ConfigError."""
    try:
        document = parse(data, suffix)
        plainer = Plainer(lambda text: text)
        value = plainer.copy(document.value)
    except DocumentError as error:
        raise ConfigError([ConfigProblem(source, "", "", error.reason, error.line)]) from None
    except TooMuch as error:
        raise ConfigError([ConfigProblem(source, "", "", str(error))]) from None
    found = [*document.problems, *plainer.problems]
    if found:
        raise ConfigError([
            ConfigProblem(
                source, field_path.render(path[:2]), field_path.render(path[2:]), reason, document.line_of(path)
            )
            for path, reason in found
        ])  # fmt: skip
    return value


def read_documents(data: bytes, suffix: str, source: str) -> Documents:
    """A whole configuration. Raises ConfigError.

    One that names no section is refused: a file that is empty by mistake would remove everything.
    """
    value = read_value(data, suffix, source)
    if not isinstance(value, dict) or not any(section in value for section in SECTIONS):
        reason = f"expected a mapping with {listed(SECTIONS)}; to remove everything, write `routes: {{}}`"
        raise ConfigError([ConfigProblem(source, "", "", reason)])
    problems = []
    documents: Documents = {}
    for key, content in value.items():
        if key in _IGNORED:
            continue
        if key not in SECTIONS:
            problems.append(ConfigProblem(source, key, "", unknown("key", key, SECTIONS)))
        elif content is not None and not isinstance(content, dict):
            reason = f"expected a mapping of ids to {key}, got {shown(content)}"
            problems.append(ConfigProblem(source, key, "", reason))
        else:
            documents[key] = content or {}
    if problems:
        raise ConfigError(problems)
    return documents


class _Dumper(yaml.SafeDumper):
    """Puts text in quotes that YAML 1.1, or our reading of YAML 1.2, would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Everything is written out."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """In double quotes where another style would fold what YAML 1.1 takes for line ends, or write what nobody sees."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _text)
_Dumper.yaml_implicit_resolvers = {
    first: [*yaml.SafeDumper.yaml_implicit_resolvers.get(first, []), *Loader.yaml_implicit_resolvers.get(first, [])]
    for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *Loader.yaml_implicit_resolvers}
}


def to_yaml(value: object) -> str:
    """`value`, which is plain, as YAML that this gateway reads back as the same."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE)
    # A scalar that is the whole document ends with a marker that nobody wants to see.
    return re.sub(r"\n\.\.\.\n\Z", "\n", text)
