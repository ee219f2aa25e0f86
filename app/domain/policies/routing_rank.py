"""Which of two routes that match the same request comes first: priority, then specificity. Not for what matches.

A rank is compared part by part, and the lowest wins:
1. priority, the higher first;
2. host: exact, then `*.suffix` (more labels first), then a regular expression, then any;
3. path: exact, then patterns of fixed length, then regular expressions, then patterns with `**` or a trailing `/*`.
   Two patterns of one kind are compared segment by segment from the left: text, then a part (more characters of text
   first), then a whole segment, then `**`; when all are alike the longer pattern comes first;
4. number of conditions, more first (the methods count as one);
5. id of the route, in the order of its characters, so that the order never depends on chance.
"""

from typing import Final

from app.domain.policies.routing_hosts import HostKind, HostPattern
from app.domain.policies.routing_patterns import PathPattern
from app.domain.policies.routing_segments import Partial, Wild

Rank = tuple[int, int, int, bytes, int, str, int]
"""Priority negated, kind of host, labels negated, path, conditions negated, id, position among the route's paths."""

_EXACT: Final = b"\x00"
_FIXED: Final = 1
_REGEX: Final = b"\x02"
_DEPTH: Final = 3

_TEXT: Final = 0
_PART_MOST: Final = 1
_PART_LEAST: Final = 0xE0
_ONE: Final = 0xF0
_ANY_DEPTH: Final = 0xF1
_END: Final = 0xFF
"""Above every segment, so that of two patterns that begin alike the longer one comes first."""


def labels(host: HostPattern) -> int:
    """How many labels a suffix has; 0 for other patterns, which need no further order."""
    return host.value.count(".") + 1 if host.kind is HostKind.SUFFIX else 0


def path_rank(path: PathPattern) -> bytes:
    """The third part of a rank: bytes whose order is the order of specificity."""
    if path.exact is not None:
        return _EXACT
    if path.regex is not None:
        return _REGEX
    ranks = [_TEXT if isinstance(segment, str) else _segment_rank(segment) for segment in path.segments]
    return bytes([_DEPTH if _ANY_DEPTH in ranks else _FIXED, *ranks, _END])


def _segment_rank(segment: Partial | Wild) -> int:
    if isinstance(segment, Partial):
        return max(_PART_MOST, _PART_LEAST - sum(len(literal) for literal in segment.literals))
    return _ONE if segment is Wild.ONE else _ANY_DEPTH
