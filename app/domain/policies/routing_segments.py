"""What one segment of a path pattern accepts: text, a parameter, a part of it, or any depth. Not for whole paths."""

import re
from enum import Enum
from itertools import pairwise
from typing import Final

import msgspec

from app.domain.policies.paths import fold

_TOKEN: Final = re.compile(r"%[0-9A-F]{2}|.")


class Wild(Enum):
    """Segments without text of their own."""

    ONE = "*"
    """Exactly one segment that is not empty; `{name}` too."""
    DEPTH = "**"
    """Any number of segments, none included."""


class Partial(msgspec.Struct, frozen=True, gc=False):
    """A segment of parameters and the texts around them: `v{major}.{minor}` is `("v", ".", "")`."""

    literals: tuple[str, ...]
    """Folded; the first and the last may be empty, those between never are."""

    def spans(self, text: str) -> list[tuple[int, int]] | None:
        """Start and end of each parameter in a folded segment, or None. A parameter is never empty and takes as
        little as it can; an escape is never cut.
        """
        first, last = self.literals[0], self.literals[-1]
        end = len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last) or _inside_escape(text, end):
            return None
        spans = []
        start = len(first)
        for literal in self.literals[1:-1]:
            found = _find(text, literal, start + 1, end)
            if found < 0:
                return None
            spans.append((start, found))
            start = found + len(literal)
        if start >= end:
            return None
        spans.append((start, end))
        return spans

    def values(self, raw: str) -> list[str]:
        """The parameters of a canonical segment that matches, as they stand in it, not folded."""
        folded = fold(raw)
        spans = self.spans(folded) or []
        if folded == raw:
            return [raw[start:end] for start, end in spans]
        # Where each folded character begins in the raw text.
        begins: list[int] = []
        at = 0
        for token in _TOKEN.findall(raw):
            begins += range(at, at + len(token)) if len(fold(token)) > 1 else [at]
            at += len(token)
        begins.append(at)
        return [raw[begins[start] : begins[end]] for start, end in spans]


Segment = str | Partial | Wild


def accepts(wanted: Segment, text: str) -> bool:
    """Whether a segment other than DEPTH accepts a folded segment of a path."""
    if isinstance(wanted, str):
        return wanted == text
    if isinstance(wanted, Partial):
        return wanted.spans(text) is not None
    return text != ""


def place(wanted: tuple[Segment, ...], given: list[str]) -> list[int] | None:
    """For each segment of a pattern the index of the path's segment that it takes, or None when they do not match.

    Every `**` takes as little as it can. Time is at most the product of both lengths.
    """
    depths = [index for index, segment in enumerate(wanted) if segment is Wild.DEPTH]
    if not depths:
        return list(range(len(given))) if _fits(wanted, given, 0) and len(wanted) == len(given) else None
    tail = wanted[depths[-1] + 1 :]
    end = len(given) - len(tail)
    if depths[0] > end or not _fits(wanted[: depths[0]], given, 0) or not _fits(tail, given, end):
        return None
    places = list(range(depths[0]))
    at = depths[0]
    for depth, following in pairwise(depths):
        chunk = wanted[depth + 1 : following]
        found = next((start for start in range(at, end - len(chunk) + 1) if _fits(chunk, given, start)), None)
        if found is None:
            return None
        places += [found, *range(found, found + len(chunk))]
        at = found + len(chunk)
    return [*places, end, *range(end, len(given))]


def _fits(wanted: tuple[Segment, ...], given: list[str], start: int) -> bool:
    return start + len(wanted) <= len(given) and all(
        accepts(segment, given[start + index]) for index, segment in enumerate(wanted)
    )


def _find(text: str, literal: str, start: int, end: int) -> int:
    found = text.find(literal, start, end)
    while found >= 0 and _inside_escape(text, found):
        found = text.find(literal, found + 1, end)
    return found


def _inside_escape(text: str, index: int) -> bool:
    return "%" in text[max(index - 2, 0) : index]
