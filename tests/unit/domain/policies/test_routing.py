"""Which route a request gets: by example, against a plain matcher, and through every spelling of its path (P-54)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities.request import Request
from app.domain.entities.route import Match, Route
from app.domain.errors import DownstreamError
from app.domain.policies.paths import canonical_path
from app.domain.policies.routing import RouteTable, problems_of
from app.domain.policies.routing_explain import explain
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_naive import naive_match
from tests.unit.domain.policies.routing_samples import ask, found, route, table_of

HOSTS = ["x", "a.x", "b.a.x"]
HOST_PATTERNS = ["x", "a.x", "b.a.x", "*.x", "*.a.x", "*", r"~[ab]\..*", "~.*x"]
SEGMENTS = ["a", "b", "a", "b", "*", "{}", "a{}", "{}b", "{}-{}", "**"]
VALUES = ["1", "*", "~1|2"]


@st.composite
def path_patterns(draw: st.DrawFn) -> str:
    """A pattern whose parameters have names of their own."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["~/a/.*", "~/[ab]+", "~.*b"]))
    text = "/" + "/".join(draw(st.lists(st.sampled_from(SEGMENTS), max_size=4))) + draw(st.sampled_from(["", "", "/"]))
    for number in range(text.count("{}")):
        text = text.replace("{}", f"{{p{number}}}", 1)
    return text.replace("//", "/")


def some(patterns: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(patterns, max_size=2).map(tuple)


def named(*names: str) -> st.SearchStrategy[dict[str, str]]:
    return st.just({}) | st.dictionaries(st.sampled_from(names), st.sampled_from(VALUES), max_size=1)


MATCHES = st.builds(
    Match,
    hosts=some(st.sampled_from(HOST_PATTERNS)),
    paths=some(path_patterns()),
    methods=st.just(()) | some(st.sampled_from(["GET", "POST"])),
    headers=named("h", "i"),
    query=named("q"),
    cookies=named("c"),
)
ROUTES = st.builds(Route, match=MATCHES, priority=st.sampled_from([0, 0, 0, 1, -1]), url=st.just("http://u"))
TABLES = st.dictionaries(st.sampled_from("stuvwxyz"), ROUTES, min_size=1, max_size=8).filter(
    lambda routes: not any(problems_of(route, compile_regex) for route in routes.values())
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    segments = draw(st.lists(st.sampled_from(["a", "b", "ab", "a-b", "aab"]), max_size=4))
    fields = draw(st.dictionaries(st.sampled_from(["h", "i"]), st.sampled_from(["1", "2", "3"])))
    fields |= draw(st.sampled_from([{}, {"cookie": "c=1"}, {"cookie": "c=3; c=2"}, {"cookie": "d=1"}]))
    return ask(
        "/" + "/".join(segments) + (draw(st.sampled_from(["", "", "/"])) if segments else ""),
        host=draw(st.sampled_from(HOSTS)),
        method=draw(st.sampled_from(["GET", "POST"])),
        query=draw(st.sampled_from(["", "q=1", "q=3&q=2", "r=1", "q=3"])),
        **fields,
    )


@settings(max_examples=300)
@given(TABLES, st.lists(requests(), min_size=1, max_size=5))
def test_the_table_chooses_what_a_plain_matcher_chooses(routes: dict[str, Route], asked: list[Request]) -> None:
    table = RouteTable.compile(routes, compile_regex)
    for request in asked:
        match = table.match(request)
        assert (None if match is None else (match[0].id, match[1])) == naive_match(routes, request)
        chosen = [one.id for one in explain(table, request) if one.chosen]
        assert chosen == ([] if match is None else [match[0].id])


@given(TABLES, requests())
def test_the_order_of_the_configuration_makes_no_difference(routes: dict[str, Route], request: Request) -> None:
    turned = dict(reversed(routes.items()))
    assert found(RouteTable.compile(routes, compile_regex), request) == found(
        RouteTable.compile(turned, compile_regex), request
    )


PROTECTED = ["/admin", "/admin/", "/users/@me", "/a+b;c=d", "/caf\u00e9/x", "/v1.0/~jo", "/a b|c", "/x(1)'!*$&,:=y"]


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, bytes]:
    """A protected path, and the same with any of its bytes escaped and its slashes repeated."""
    path = draw(st.sampled_from(PROTECTED))
    spelled = b""
    for byte in path.encode():
        plain = bytes((byte,)) if 0x20 < byte < 0x7F else f"%{byte:02X}".encode()
        forms = [plain, plain, f"%{byte:02x}".encode(), f"%{byte:02X}".encode()]
        spelled += draw(st.sampled_from([*forms, b"//"] if plain == b"/" else forms))
    return path, spelled


@settings(max_examples=500)
@given(spellings())
def test_no_spelling_of_a_path_leads_around_its_route(spelling: tuple[str, bytes]) -> None:
    path, raw = spelling
    protected = path.replace("*", "%2A")
    table = table_of(public="/*", parameter="/{x}", users="/users/{id}", below="/v{n}/*", protected=protected)
    try:
        canonical, encoded_slash = canonical_path(raw)
    except DownstreamError:
        return
    if encoded_slash:
        # Refused after the match, unless a route lets the slash be data and so another path.
        return
    assert found(table, ask(canonical)) == "protected"


@given(st.lists(st.sampled_from(["a", "%40", "@", "%2b", ".", "%2e", "/", "%7e"]), max_size=6).map("".join))
def test_a_path_and_its_canonical_form_get_the_same_route(text: str) -> None:
    table = table_of(one="/{x}", part="/@{x}", two="/a/{x}", regex="~/[a@]+", rest="/*")
    try:
        request = ask(f"/{text}")
    except DownstreamError:
        return
    assert table.match(request) == table.match(ask(request.path))


def test_hosts_from_exact_to_any() -> None:
    table = table_of(
        any=route("/"),
        regex=route("/", hosts=("~.*x",)),
        short=route("/", hosts=("*.x",)),
        long=route("/", hosts=("*.a.x",)),
        exact=route("/", hosts=("b.a.x",)),
    )
    asked = ("b.a.x", "c.a.x", "c.x", "x", "y")
    assert [found(table, ask(host=host)) for host in asked] == ["exact", "long", "short", "regex", "any"]


def test_the_host_comes_before_the_path_and_the_priority_before_both() -> None:
    table = table_of(exact="/a", hosted=route("/*", hosts=("example.com",)))
    assert found(table, ask("/a")) == "hosted"
    table = table_of(exact=route("/a", priority=1), hosted=route("/*", hosts=("example.com",)))
    assert found(table, ask("/a")) == "exact"


def test_more_conditions_win_and_fail_over_to_fewer() -> None:
    phones = Match(paths=("/hello/*",), headers={"user-agent": "~(?i)iphone|android"})
    table = table_of(hello="/hello/*", phones=phones)
    assert found(table, ask("/hello/x", user_agent="Mozilla (iPhone)")) == "phones"
    assert found(table, ask("/hello/x", user_agent="curl")) == "hello"


def test_a_route_for_get_is_not_one_for_head() -> None:
    table = table_of(r=Match(paths=("/",), methods=("GET",)))
    assert found(table, ask(method="HEAD")) is None


def test_the_id_decides_between_equals() -> None:
    assert found(table_of(b="/a", a="/a"), ask("/a")) == "a"


def test_parameters_are_text_of_the_path() -> None:
    match = table_of(r="/v{major}.{minor}/{name}/*").match(ask("/v1.2/a%20%40b/rest"))
    assert match is not None
    assert match[1] == {"major": "1", "minor": "2", "name": "a%20%40b"}


def test_an_encoded_slash_stays_inside_its_segment() -> None:
    table = RouteTable.compile(
        {"r": Route(match=Match(paths=("/queues/{vhost}/x",)), encoded_slashes="keep")}, compile_regex
    )
    match = table.match(ask("/queues/%2F/x"))
    assert match is not None
    assert match[1] == {"vhost": "%2F"}


def test_an_empty_table_matches_nothing() -> None:
    assert RouteTable.compile({}, compile_regex).match(ask()) is None


@pytest.mark.parametrize("count", [10, 5_000])
def test_a_look_up_visits_few_routes_whatever_their_number(count: int) -> None:
    table = table_of(**{f"r{n}": Match(paths=(f"/s{n}/*", f"/t/{{x}}/s{n}"), methods=("GET",)) for n in range(count)})
    root = table.indexes("example.com")[0].root
    assert root is not None
    assert sum(len(entries) for entries in root.reach("/s7/a/b")) == 1
    assert sum(len(entries) for entries in root.reach("/t/a/s7")) == 1
    assert found(table, ask("/t/a/s7")) == "r7"
