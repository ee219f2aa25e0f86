"""Reads structured field values (RFC 9651): dictionaries and items, all types but display strings. Not for writing."""

import binascii
import re
from decimal import Decimal
from typing import Final, NamedTuple


class Token(str):
    """A word without quotes."""

    __slots__ = ()


class Date(int):
    """Seconds since 1970."""

    __slots__ = ()


BareItem = int | Decimal | str | bytes | bool
"""Also Token and Date, which are a str and an int of their own."""
Parameters = dict[str, BareItem]


class Item(NamedTuple):
    """A value with its parameters."""

    value: BareItem
    params: Parameters


class InnerList(NamedTuple):
    """Items in parentheses."""

    items: tuple[Item, ...]
    params: Parameters


Dictionary = dict[str, Item | InnerList]

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_TOKEN: Final = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_ESCAPED: Final = re.compile(r"\\(.)")


def parse_dictionary(text: str) -> Dictionary:
    """The members by key; of several with the same key the last counts (section 3.2). Raises ValueError."""
    reader = _Reader(text)
    found: Dictionary = {}
    reader.skip(" ")
    while not reader.ended():
        key = reader.key()
        found.pop(key, None)
        found[key] = reader.member() if reader.take("=") else Item(True, reader.parameters())
        reader.skip(" \t")
        if reader.ended():
            break
        reader.expect(",")
        reader.skip(" \t")
        if reader.ended():
            raise ValueError("a comma at the end")
    return found


def parse_item(text: str) -> Item:
    """Raises ValueError."""
    reader = _Reader(text)
    reader.skip(" ")
    item = reader.item()
    reader.skip(" ")
    if not reader.ended():
        raise ValueError(f"more after an item, at {reader.at}")
    return item


class _Reader:
    """Text with a place in it. Nothing nests, so that its depth is bounded; its time is linear."""

    def __init__(self, text: str) -> None:
        self._text = text.rstrip(" ")
        self.at = 0

    def ended(self) -> bool:
        return self.at >= len(self._text)

    def skip(self, characters: str) -> None:
        text, at = self._text, self.at
        while at < len(text) and text[at] in characters:
            at += 1
        self.at = at

    def take(self, character: str) -> bool:
        found = self._text.startswith(character, self.at)
        self.at += found
        return found

    def expect(self, character: str) -> None:
        if not self.take(character):
            raise ValueError(f"expected {character!r} at {self.at}")

    def _match(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        found = pattern.match(self._text, self.at)
        if found is None:
            raise ValueError(f"expected {what} at {self.at}")
        self.at = found.end()
        return found

    def key(self) -> str:
        return self._match(_KEY, "a key")[0]

    def member(self) -> Item | InnerList:
        return self._inner_list() if self.take("(") else self.item()

    def item(self) -> Item:
        return Item(self._bare_item(), self.parameters())

    def parameters(self) -> Parameters:
        found: Parameters = {}
        while self.take(";"):
            self.skip(" ")
            key = self.key()
            found.pop(key, None)
            found[key] = self._bare_item() if self.take("=") else True
        return found

    def _inner_list(self) -> InnerList:
        items: list[Item] = []
        while True:
            self.skip(" ")
            if self.take(")"):
                return InnerList(tuple(items), self.parameters())
            items.append(self.item())
            if not self._text.startswith((" ", ")"), self.at):
                raise ValueError(f"expected a blank or the end of the inner list at {self.at}")

    def _bare_item(self) -> BareItem:
        first = self._text[self.at : self.at + 1]
        if first == '"':
            text = self._match(_STRING, "a string")[1]
            return _ESCAPED.sub(r"\1", text) if "\\" in text else text
        if first == ":":
            return _bytes(self._match(_BYTES, "a byte sequence")[1])
        if first == "?":
            self.at += 1
            return self._match(_BOOLEAN, "0 or 1")[0] == "1"
        if first == "@":
            self.at += 1
            return Date(_integer(self._match(_NUMBER, "a date")[0]))
        if first == "-" or first.isdecimal():
            return _number(self._match(_NUMBER, "a number")[0])
        return Token(self._match(_TOKEN, "an item")[0])


_BOOLEAN: Final = re.compile("[01]")


def _number(text: str) -> int | Decimal:
    whole, point, fraction = text.partition(".")
    if not point:
        return _integer(text)
    if len(whole.lstrip("-")) > 12 or not 1 <= len(fraction) <= 3:
        raise ValueError("a decimal has at most 12 digits before and 1 to 3 after its point")
    return Decimal(text)


def _integer(text: str) -> int:
    if "." in text or len(text.lstrip("-")) > 15:
        raise ValueError("an integer has at most 15 digits")
    return int(text)


def _bytes(text: str) -> bytes:
    """Padding may be left out (section 4.2.7)."""
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        raise ValueError("not base64") from None
