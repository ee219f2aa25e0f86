"""Path patterns taken apart: what one pattern matches, by itself. Not for choosing among routes."""

import re
from typing import Final

import msgspec

from app.domain.errors import DownstreamError
from app.domain.policies.paths import canonical_text, fold
from app.domain.policies.routing_segments import Partial, Segment, Wild, place
from app.domain.ports import RegexCompiler, RegexSearch

_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")
_SLASHES: Final = re.compile(r"/{2,}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
"""A segment that is its own canonical form: most are."""
_PLAIN_PATH: Final = re.compile(rf"(?:/{_PLAIN.pattern})+")
"""A path of such segments."""

MAX_SEGMENTS: Final = 64
MAX_DEPTHS: Final = 2
"""How many `**`, a trailing one included, a pattern may hold; each costs a pass over the segments of a path."""


class PathPattern(msgspec.Struct, frozen=True, gc=False):
    """One pattern for paths: `exact`, `regex` or `segments`, one of them."""

    text: str
    """The pattern as it was written."""
    exact: str | None = None
    """The folded path, for a pattern without wildcards."""
    regex: RegexSearch | None = None
    segments: tuple[Segment, ...] = ()
    captures: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """Index of each segment with parameters, and their names."""
    whole: tuple[tuple[str, int], ...] = ()
    """Names and where they stand in `path.split("/")`, when all are whole segments that no `**` moves: as a rule."""

    def matches(self, path: str) -> bool:
        """Whether a folded path matches."""
        if self.exact is not None:
            return self.exact == path
        if self.regex is not None:
            return bool(self.regex.fullmatch(path))
        return place(self.segments, path.split("/")[1:]) is not None

    def values(self, path: str) -> dict[str, str]:
        """The parameters of a canonical path that matches: text as it stands in the path, never empty."""
        raw = path.split("/")
        values: dict[str, str] = {}
        if self.whole:
            for name, index in self.whole:
                values[name] = raw[index]
            return values
        places = place(self.segments, fold(path).split("/")[1:]) or []
        for index, names in self.captures:
            segment = self.segments[index]
            text = raw[places[index] + 1]
            found = segment.values(text) if isinstance(segment, Partial) else (text,)
            values.update(zip(names, found, strict=True))
        return values


ANY_PATH: Final = PathPattern("/*", segments=(Wild.DEPTH,))


def parse_path(text: str, compile_regex: RegexCompiler) -> PathPattern:
    """Take a pattern apart. Raises ValueError with the reason for one that cannot be used."""
    if text.startswith("~"):
        return PathPattern(text, regex=compile_regex(text[1:]))
    stem = text.removesuffix("/*")
    if _PLAIN_PATH.fullmatch(stem) and stem.count("/") < MAX_SEGMENTS:
        # As a rule; the long way would come to the same.
        return PathPattern(text, exact=text) if stem == text else PathPattern(text, segments=_below(stem))
    return _parse(text)


def _below(stem: str) -> tuple[Segment, ...]:
    return (*stem.split("/")[1:], Wild.DEPTH)


def _parse(text: str) -> PathPattern:
    if not text.startswith("/"):
        raise ValueError("a path pattern starts with / (or with ~ for a regular expression)")
    pieces = (_SLASHES.sub("/", text) if "//" in text else text).split("/")[1:]
    if pieces[-1] == "*":
        pieces[-1] = "**"
    if pieces.count("**") > 1:
        # Two in a row say no more than one.
        pieces = [piece for at, piece in enumerate(pieces) if piece != "**" or pieces[at - 1 : at] != ["**"]]
    if len(pieces) > MAX_SEGMENTS or pieces.count("**") > MAX_DEPTHS:
        raise ValueError(f"a path pattern holds at most {MAX_SEGMENTS} segments and {MAX_DEPTHS} times **")
    segments = tuple([_segment(piece) for piece in pieces])
    if "{" not in text:
        literals = [segment for segment in segments if isinstance(segment, str)]
        if len(literals) == len(segments):
            return PathPattern(text, exact="/" + "/".join(literals))
        return PathPattern(text, segments=segments)
    captures = tuple((at, tuple(names)) for at, piece in enumerate(pieces) if (names := _PARAMETER.findall(piece)))
    _check_names([name for _, names in captures for name in names])
    whole = tuple((names[0], at + 1) for at, names in captures if segments[at] is Wild.ONE)
    fixed = len(whole) == len(captures) and Wild.DEPTH not in segments[: captures[-1][0]]
    return PathPattern(text, segments=segments, captures=captures, whole=whole if fixed else ())


def _segment(piece: str) -> Segment:
    if _PLAIN.fullmatch(piece):
        return piece
    if piece == "**":
        return Wild.DEPTH
    if piece == "*":
        return Wild.ONE
    literals = tuple(_literal(part) for part in _PARAMETER.split(piece)[::2])
    if len(literals) == 1:
        if literals[0].partition(";")[0] in (".", ".."):
            raise ValueError("a path never holds a dot segment")
        return literals[0]
    if "" in literals[1:-1]:
        raise ValueError(f"two parameters need text between them: {piece}")
    return Wild.ONE if literals == ("", "") else Partial(literals)


def _literal(text: str) -> str:
    """The folded canonical form of literal text, which may be written as it reads: `/café`."""
    if "{" in text or "}" in text:
        raise ValueError("braces stand only around a parameter: {name}; a brace itself is %7B or %7D")
    if "*" in text:
        raise ValueError("* stands for a whole segment; part of one is {name}, and a star itself is %2A")
    if "?" in text:
        raise ValueError("? starts a query, which is matched by `query`; in a path it is %3F")
    raw = "".join(char if "!" <= char <= "~" else _escaped(char) for char in text)
    try:
        return fold(canonical_text(raw.encode("ascii")))
    except DownstreamError as error:
        raise ValueError(error.detail) from error


def _escaped(character: str) -> str:
    try:
        return "".join(f"%{byte:02X}" for byte in character.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ValueError("the path holds half a surrogate pair") from error


def _check_names(names: list[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"a parameter is named by letters, digits and _ and starts with no digit, got {name!r}")
        if names.count(name) > 1:
            raise ValueError(f"two parameters are named {name}")
