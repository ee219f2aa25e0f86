"""What a route asks of a request besides host and path: methods, fields, query parameters, cookies."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl

import msgspec

from app.domain.entities.request import Request
from app.domain.entities.route import Match
from app.domain.ports import RegexCompiler, RegexSearch


class ValueTest(msgspec.Struct, frozen=True, gc=False):
    """A name that must be there, with a value that passes: any, one that is equal, or one in which `regex` is found."""

    name: str
    text: str
    """The pattern as it was written."""
    exact: str | None = None
    regex: RegexSearch | None = None

    def accepts(self, value: str) -> bool:
        """Whether a value passes."""
        if self.exact is not None:
            return value == self.exact
        return self.regex is None or bool(self.regex.search(value))

    def accepts_any(self, values: list[str] | None) -> bool:
        """Whether one of several values passes; one is enough."""
        return values is not None and any(self.accepts(value) for value in values)


def value_test(name: str, text: str, compile_regex: RegexCompiler) -> ValueTest:
    """The test that a pattern stands for. Raises ValueError for a bad expression."""
    if text == "*":
        return ValueTest(name, text)
    if text.startswith("~"):
        return ValueTest(name, text, regex=compile_regex(text[1:]))
    return ValueTest(name, text, exact=text)


class Conditions(msgspec.Struct, frozen=True, weakref=True):
    """All must hold. Empty parts set no condition."""

    methods: frozenset[str] = frozenset()
    headers: tuple[tuple[bytes, ValueTest], ...] = ()
    """Lower-case name of the field, and the test of its lines joined."""
    query: tuple[ValueTest, ...] = ()
    cookies: tuple[ValueTest, ...] = ()

    @property
    def count(self) -> int:
        """For specificity: the methods count as one, every other test by itself."""
        return bool(self.methods) + len(self.headers) + len(self.query) + len(self.cookies)

    def hold(self, request: Request) -> bool:
        """Whether all hold for `request`."""
        if self.methods and request.method not in self.methods:
            return False
        for name, test in self.headers:
            value = request.fields.get(name)
            if value is None or not test.accepts(field_text(value)):
                return False
        return (not self.query or self._query_holds(request)) and (not self.cookies or self._cookies_hold(request))

    def _query_holds(self, request: Request) -> bool:
        found = query_parameters(request.query)
        return all(test.accepts_any(found.get(test.name)) for test in self.query)

    def _cookies_hold(self, request: Request) -> bool:
        found = cookies(request.fields.get(b"cookie", b""))
        return all(test.accepts_any(found.get(test.name)) for test in self.cookies)


def compile_conditions(match: Match, compile_regex: RegexCompiler) -> Conditions | None:
    """The conditions of a match, None when it has none. Raises ValueError for a bad expression."""
    conditions = Conditions(
        frozenset(match.methods),
        tuple((test.name.encode(), test) for test in _tests(match.headers, compile_regex, lower=True)),
        tuple(_tests(match.query, compile_regex)),
        tuple(_tests(match.cookies, compile_regex)),
    )
    return conditions if conditions.count else None


def _tests(patterns: Mapping[str, str], compile_regex: RegexCompiler, *, lower: bool = False) -> Iterator[ValueTest]:
    for name, text in patterns.items():
        yield value_test(name.lower() if lower else name, text, compile_regex)


def field_text(value: bytes) -> str:
    """The value of a field as text; what is no UTF-8 can equal nothing that a pattern says."""
    return value.decode("utf-8", "replace")


# One is remembered, so that all routes that look at one request share the work, and nothing outlives it for long.
@lru_cache(maxsize=1)
def query_parameters(query: str) -> dict[str, list[str]]:
    """Names to decoded values, as services read them: `+` is a blank, a name may come more than once."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


@lru_cache(maxsize=1)
def cookies(field: bytes) -> dict[str, list[str]]:
    """Names to values of a Cookie field (RFC 6265 section 5.4); quotes around a value are dropped."""
    found: dict[str, list[str]] = {}
    for pair in field_text(field).split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:
            found.setdefault(name, []).append(value.removeprefix('"').removesuffix('"'))
    return found
