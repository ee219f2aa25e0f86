"""Which keys of Consul are which entities, and what a list of keys says. Not for asking Consul."""

import binascii
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

import msgspec

from app.domain.control_ports import StoreUnavailable
from app.domain.entities.config import SECTIONS, ConfigProblem
from app.infrastructure.config.entity_steps import Steps, at_once
from app.infrastructure.config.field_checks import id_problem
from app.infrastructure.config.wording import listed, shown

ALLOW_EMPTY: Final = "allow-empty"
"""`<prefix>/allow-empty`: removing most entities at once is meant (F-07)."""

MOST_PROBLEMS: Final = 100
"""Keys that are told of; there may be any number."""


class Entry(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """One key, as `GET /v1/kv/` gives it."""

    key: str
    modify_index: int
    value: str | None = None
    """Base64; None for a key without a value."""

    def content(self) -> bytes:
        """The value itself; empty for what is no base64, which is no entity either."""
        try:
            return binascii.a2b_base64(self.value or "")
        except ValueError:
            return b""


Entries = Mapping[str, Mapping[str, Entry]]
"""Section to id to key."""


class Tree(NamedTuple):
    """Everything below a prefix."""

    entries: Entries
    problems: tuple[ConfigProblem, ...]
    """Keys that stand for no entity."""
    wiped: bool
    """Whether removing most entities at once is meant."""


AT_A_TIME: Final = 500
"""Keys that are read without a pause: about a millisecond of them."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw] | None)
_ENTRY: Final = msgspec.json.Decoder(Entry)


def place(prefix: str, section: str = "", id_: str = "") -> str:
    """Where something is, for people: `consul gateway/routes/hello`."""
    return f"consul {key_of(prefix, section, id_).rstrip('/')}"


def key_of(prefix: str, section: str, id_: str) -> str:
    """The key of an entity. What is not a letter, a digit or one of `-._~` in an id is percent-encoded."""
    return f"{prefix}/{section}/{quote(id_, safe='')}"


def read_tree(body: bytes, prefix: str, name: str) -> Tree:
    """What a recursive `GET` of `<prefix>/` answered. Raises StoreUnavailable for what is no list of keys."""
    return at_once(reading_tree(body, prefix, name))


def reading_tree(body: bytes, prefix: str, name: str) -> Steps[Tree]:
    """`read_tree` in steps, but for finding where each key begins: less than a microsecond for each."""
    entries: dict[str, dict[str, Entry]] = {section: {} for section in SECTIONS}
    problems: list[ConfigProblem] = []
    wiped = False
    try:
        for count, raw in enumerate(_LIST.decode(body) or (), start=1):
            entry = _ENTRY.decode(raw)
            section, _, rest = entry.key.removeprefix(f"{prefix}/").partition("/")
            if section == ALLOW_EMPTY and not rest:
                wiped = True
            elif not entry.key.endswith("/"):  # what user interfaces make as folders
                _take(entry, section, rest, entries, problems)
            if count % AT_A_TIME == 0:
                yield
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise StoreUnavailable(f"{name}: the answer is no list of keys: is it Consul?") from None
    return Tree(entries, tuple(problems), wiped)


def _take(
    entry: Entry, section: str, rest: str, entries: dict[str, dict[str, Entry]], problems: list[ConfigProblem]
) -> None:
    if section in entries and _PLAIN.fullmatch(rest):
        entries[section][rest] = entry
        return
    id_ = unquote(rest)
    reason = _key_problem(section, rest, id_)
    if not reason:
        entries[section][id_] = entry
    elif len(problems) < MOST_PROBLEMS:
        problems.append(ConfigProblem(f"consul {entry.key}", "", "", reason))


def _key_problem(section: str, rest: str, id_: str) -> str:
    if section not in SECTIONS:
        return f"is the key of no entity: expected {listed(SECTIONS, 'or')} and an id, got {shown(section)}"
    if id_problem(id_):
        return id_problem(id_)
    if quote(id_, safe="") != rest:
        return f"is no key of an id: expected {section}/{quote(id_, safe='')}"
    return ""
