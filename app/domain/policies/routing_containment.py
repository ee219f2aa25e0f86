"""Whether one pattern or set of conditions is certain to hold wherever another does. False means: not certain."""

from functools import cache

from app.domain.policies.routing_conditions import Conditions, ValueTest
from app.domain.policies.routing_hosts import HostKind, HostPattern
from app.domain.policies.routing_patterns import PathPattern
from app.domain.policies.routing_segments import Partial, Segment, Wild, accepts


def host_covers(wide: HostPattern, narrow: HostPattern) -> bool:
    """Whether every host of `narrow` is one of `wide`."""
    if wide.kind is HostKind.ANY:
        return True
    if wide.kind is HostKind.SUFFIX and narrow.kind in (HostKind.EXACT, HostKind.SUFFIX):
        return narrow.value.endswith(f".{wide.value}") or (
            narrow.kind is HostKind.SUFFIX and narrow.value == wide.value
        )
    return wide.kind is narrow.kind and wide.value == narrow.value


def path_covers(wide: PathPattern, narrow: PathPattern) -> bool:
    """Whether every path of `narrow` is one of `wide`."""
    if wide.regex is not None or narrow.regex is not None:
        return wide.text == narrow.text or wide.segments == (Wild.DEPTH,)
    if wide.exact is not None or narrow.exact is not None:
        return narrow.exact is not None and wide.matches(narrow.exact)
    return _cover(wide.segments, narrow.segments)


def conditions_cover(wide: Conditions | None, narrow: Conditions | None) -> bool:
    """Whether `wide` holds for every request for which `narrow` does."""
    if wide is None:
        return True
    if narrow is None:
        return False
    methods = not wide.methods or (bool(narrow.methods) and narrow.methods <= wide.methods)
    return (
        methods
        and _tests_cover(_fields(wide), _fields(narrow))
        and _tests_cover(wide.query, narrow.query)
        and _tests_cover(wide.cookies, narrow.cookies)
    )


def segment_covers(wide: Segment, narrow: Segment) -> bool:
    """Whether a segment other than `**` accepts every text that `narrow` accepts."""
    if narrow is Wild.DEPTH:
        return False
    if isinstance(narrow, str):
        return accepts(wide, narrow)
    if wide is Wild.ONE or wide == narrow:
        return True
    return isinstance(wide, Partial) and isinstance(narrow, Partial) and _part_covers(wide, narrow)


def _part_covers(wide: Partial, narrow: Partial) -> bool:
    if len(wide.literals) > 2:
        return False
    before, after = wide.literals
    last = narrow.literals[-1]
    # A `%20b` at the end is no `0b` at the end: the escape would be cut.
    cut = "%" in last[: len(last) - len(after)][-2:]
    return narrow.literals[0].startswith(before) and last.endswith(after) and not cut


def _cover(wide: tuple[Segment, ...], narrow: tuple[Segment, ...]) -> bool:
    @cache
    def covers(at: int, other: int) -> bool:
        if at == len(wide):
            return other == len(narrow)
        if wide[at] is Wild.DEPTH:
            return covers(at + 1, other) or (other < len(narrow) and covers(at, other + 1))
        if other == len(narrow):
            return False
        return segment_covers(wide[at], narrow[other]) and covers(at + 1, other + 1)

    return covers(0, 0)


def _fields(conditions: Conditions) -> tuple[ValueTest, ...]:
    return tuple(test for _, test in conditions.headers)


def _tests_cover(wide: tuple[ValueTest, ...], narrow: tuple[ValueTest, ...]) -> bool:
    """Each test of `wide` asks for no more than one of `narrow` on the same name: the same, or any value at all."""
    given = {test.name: test.text for test in narrow}
    return all(test.name in given and test.text in ("*", given[test.name]) for test in wide)
