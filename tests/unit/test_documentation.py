"""The documents say what the code does: examples are valid, links lead somewhere, tables of fields are complete.

`python -m tests.unit.test_documentation` prints the table of settings for docs/settings.md.
"""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

import msgspec
import pytest

from app.application.filters import registry
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.domain.policies.routing import problems_of
from app.infrastructure.config.decoder import Checks, Decoder
from app.infrastructure.config.documents import Document, parse
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.route_checks import ENDS
from app.infrastructure.config.secrets import SecretReader
from app.infrastructure.config.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK: Final = re.compile(r"^( *)```yaml *(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
ROW: Final = re.compile(r"^\| `([\w.\[\]]+)` \| `?(.*?)`? \|", re.MULTILINE)
ENVIRONMENT: Final = {"ADMIN_TOKEN": "secret", "USERS_KEY": "k" * 64}
FILES: Final = ("ca.pem", "client.pem", "client.key")
"""What examples may name."""
BASES: Final = {"refused", "upstream_error"}
"""Codes of classes that are only ever raised as one of their kinds."""


class Example(NamedTuple):
    """A block of YAML: a whole file, or the fields of a `route` or a `service`."""

    place: str
    kind: str
    text: str


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def examples() -> Iterator[Example]:
    for page in PAGES:
        content = page.read_text()
        for found in BLOCK.finditer(content):
            line = content.count("\n", 0, found.start()) + 1
            yield Example(f"{name_of(page)}:{line}", found[2], found[3])


def whole(example: Example) -> Document:
    """The example as a file of its own: what it leaves out is filled in."""
    value: Any = parse(example.text.encode(), ".yaml").value
    somewhere = {"targets": [{"url": "http://127.0.0.1:9000"}]}
    if example.kind == "service":
        place = {} if "discover" in value else somewhere
        return Document({"services": {"example": {**place, **value}}})
    if example.kind == "route":
        end: dict[str, Any] = {} if any(name in value for name in ENDS) else {"respond": {}}
        services = {value["service"]: somewhere} if "service" in value else {}
        return Document({"services": services, "routes": {"example": {**end, **value}}})
    assert not example.kind
    return Document(value)


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.place)
def test_examples_are_valid(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FILES:
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    checks = Checks(registry.problems, lambda route: problems_of(route, compile_regex))
    config = Decoder(checks, SecretReader(ENVIRONMENT)).decode(whole(example), example.place)
    assert config.services or config.routes


def test_there_are_examples_of_every_kind() -> None:
    assert {example.kind for example in examples()} == {"", "route", "service"}


def anchors(page: Path) -> set[str]:
    """The names that headings of a page have in links, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for path, anchor in LINK.findall(page.read_text()):
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{name_of(page)}: {path}#{anchor}")
    assert broken == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page.is_dir():
            ahead += page.glob("*.md")
        elif page.suffix == ".md" and page not in reached:
            reached.add(page)
            ahead += [(page.parent / path).resolve() for path, _ in LINK.findall(page.read_text()) if path]
    assert set(PAGES) - reached == set()


def settings_table() -> str:
    rows = [(f"`{one.variable}`", f"`{one.value}`" if one.value else "", one.help) for one in Settings().describe()]
    return "\n".join(f"| {' | '.join(row)} |" for row in [("variable", "default", "meaning"), ("---",) * 3, *rows])


def test_the_table_of_settings_is_current() -> None:
    assert settings_table() in (ROOT / "docs/settings.md").read_text()


def reference(kind: type, above: str = "") -> Iterator[tuple[str, str]]:
    """Every field that users may write, by its path, with its default."""
    for field in msgspec.structs.fields(kind):
        part = struct_in(field.type)
        if part is None:
            yield above + field.name, default_of(field)
        else:
            many = get_origin(bare(field.type)) is tuple
            yield from reference(part, f"{above}{field.name}{'[]' if many else ''}.")


def bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def struct_in(annotation: Any) -> type | None:
    kind = bare(annotation)
    if get_origin(kind) in (tuple, Union, types.UnionType):
        kind = get_args(kind)[0]
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def default_of(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "none" if value in ("", {}, None) else str(value)


@pytest.mark.parametrize(("heading", "kind"), [("Services", Service), ("Routes", Route)])
def test_every_field_of_a_configuration_is_described(heading: str, kind: type) -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    section = re.split(rf"^## {heading}$", page, flags=re.MULTILINE)[1]
    section = re.split(r"^##+ ", section, flags=re.MULTILINE)[0]
    assert dict(ROW.findall(section)) == dict(reference(kind))


def test_every_error_code_is_described() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    codes = set(re.findall(r'\bcode ?= ?"(\w+)"', code)) - BASES
    assert len(codes) > 20
    page = (ROOT / "docs/operations.md").read_text()
    assert {code for code in codes if f"`{code}`" not in page} == set()


if __name__ == "__main__":
    print(settings_table())
