"""Targets on their way to the service (P-47, P-49, P-53), and redirects that stay where their author sends them."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.request import Client, Request
from app.domain.entities.route import Redirect, Rewrite, Route
from app.domain.errors import DownstreamError
from app.domain.policies.rewriting import compile_redirect, compile_rewrite


def rewritten(rewrite: Rewrite, path: str, query: str = "", params: dict[str, str] | None = None) -> str:
    change = compile_rewrite(Route(rewrite=rewrite))
    assert change is not None
    return change(path, query, params or {})


@pytest.mark.parametrize(
    "rewrite", [Rewrite(), Rewrite(host="target"), Rewrite(strip_prefix="/"), Rewrite(add_prefix="/")]
)
def test_nothing_to_change_is_no_rewrite(rewrite: Rewrite) -> None:
    assert compile_rewrite(Route(rewrite=rewrite)) is None


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/users/7", "/7"), ("/users", "/"), ("/users/", "/"), ("/usersx/7", "/usersx/7"), ("/other", "/other"),
        ("/users/users/7", "/users/7"), ("/", "/"), ("/Users/7", "/Users/7"),
    ],
)  # fmt: skip
def test_a_prefix_is_stripped_on_segment_boundaries(path: str, target: str) -> None:
    assert rewritten(Rewrite(strip_prefix="/users"), path) == target
    assert rewritten(Rewrite(strip_prefix="/users/"), path) == target


@pytest.mark.parametrize(("path", "target"), [("/7", "/api/7"), ("/", "/api/"), ("/api", "/api/api")])
def test_a_prefix_is_added(path: str, target: str) -> None:
    assert rewritten(Rewrite(add_prefix="/api"), path) == target


@pytest.mark.parametrize(
    ("path", "target"), [("/v1/7", "/api/7"), ("/v1", "/api"), ("/v1/", "/api/"), ("/x", "/api/x")]
)
def test_one_prefix_is_exchanged_for_another(path: str, target: str) -> None:
    assert rewritten(Rewrite(strip_prefix="/v1", add_prefix="/api/"), path) == target


def test_the_query_stays_as_it_came() -> None:
    assert rewritten(Rewrite(strip_prefix="/a"), "/a/b", "x=%2F&&y") == "/b?x=%2F&&y"
    assert rewritten(Rewrite(path="/{p}"), "/a", "x=1", {"p": "b"}) == "/b?x=1"


def test_a_path_is_filled_with_parameters() -> None:
    rewrite = Rewrite(path="/api/{version}/items/{id}")
    assert rewritten(rewrite, "/x", params={"version": "2", "id": "a%20b"}) == "/api/2/items/a%20b"


def test_an_empty_parameter_leaves_no_double_slash() -> None:
    assert rewritten(Rewrite(path="/api/{a}/x"), "/x", params={"a": ""}) == "/api/x"
    assert rewritten(Rewrite(path="/{a}/{b}/"), "/x") == "/"
    assert rewritten(Rewrite(path="/a/{b}"), "/x") == "/a/"


@pytest.mark.parametrize(
    "value", [".", "..", "%2e", ".%2E", "x/../y", "%2e%2e/y", "..;x", "..%3Bx", "%2e%2e;x", "..%2Fx", "a%5C.."]
)
def test_parts_that_meet_to_a_dot_segment_are_refused(value: str) -> None:
    with pytest.raises(DownstreamError) as caught:
        rewritten(Rewrite(path="/a/{p}"), "/x", params={"p": value})
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("rewrite", "reason"),
    [
        (Rewrite(strip_prefix="users"), "strip_prefix: expected a path"),
        (Rewrite(add_prefix="/a?b"), "add_prefix: a path holds no"),
        (Rewrite(add_prefix="/a//b"), "add_prefix: a path holds no"),
        (Rewrite(add_prefix="/a/%2E./b"), "add_prefix: a path holds no dot segment"),
        (Rewrite(path="/a\r\nb"), "path: expected a path"),
        (Rewrite(path="/a b"), "path: a path holds no"),
        (Rewrite(path="/é"), "path: expected a path"),
        (Rewrite(path="/{"), "expected braces"),
        (Rewrite(path="/a", add_prefix="/b"), "path excludes"),
    ],
)
def test_a_rewrite_that_is_wrong_says_where(rewrite: Rewrite, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        compile_rewrite(Route(rewrite=rewrite))


segments = st.lists(st.text("abz09-_~%", min_size=1, max_size=4), max_size=4)


@given(segments, segments, segments)
def test_what_is_stripped_and_added_is_all_that_changes(strip: list[str], rest: list[str], add: list[str]) -> None:
    rewrite = Rewrite(strip_prefix="/" + "/".join(strip), add_prefix="/" + "/".join(add))
    if not strip and not add:
        return
    got = rewritten(rewrite, "/" + "/".join(strip + rest), "q")
    assert got.removesuffix("?q").strip("/").split("/") == ("/".join(add + rest)).split("/")
    assert got.startswith("/")
    assert "//" not in got


def request(path: str = "/a/b", query: str = "x=1", scheme: str = "http", host: str = "shop.example") -> Request:
    return Request(
        method="GET", scheme=scheme, authority=f"{host}:8080", host=host, path=path, query=query,
        headers=[], fields={}, client=Client("192.0.2.1", "192.0.2.1"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("https://{host}{path}{query}", "https://shop.example/a/b?x=1"),
        ("{scheme}://www.{host}{path}", "http://www.shop.example/a/b"),
        ("https://new.example/{id}", "https://new.example/7"),
        ("https://{id}.example.org{path}", "https://7.example.org/a/b"),
        ("https://{id}.{host}/", "https://7.shop.example/"),
        ("{path}/", "/a/b/"),
        ("/new{path}{query}", "/new/a/b?x=1"),
        ("https://new.example?from={id}#top", "https://new.example?from=7#top"),
    ],
)
def test_a_redirect_is_filled(to: str, location: str) -> None:
    assert compile_redirect(Redirect(to=to))(request(), {"id": "7", "host": "evil.example"}) == location


def test_an_empty_query_leaves_no_question_mark() -> None:
    assert compile_redirect(Redirect(to="{path}{query}"))(request(query=""), {}) == "/a/b"


def test_a_websocket_is_redirected_to_http() -> None:
    assert compile_redirect(Redirect(to="{scheme}://{host}/"))(request(scheme="wss"), {}) == "https://shop.example/"


def test_empty_or_slashed_parameters_cannot_name_another_host() -> None:
    locate = compile_redirect(Redirect(to="/{a}/{b}"))
    assert locate(request(), {"a": "", "b": "evil.example"}) == "/evil.example"
    assert locate(request(), {"a": "/evil.example", "b": ""}) == "/evil.example/"


@pytest.mark.parametrize("value", ["", "evil.example", "a@b", "a:b", "a/b", "a%2Fb", "a?b", "é"])
def test_a_parameter_in_the_host_is_one_label(value: str) -> None:
    locate = compile_redirect(Redirect(to="https://{tenant}.example.org/"))
    with pytest.raises(DownstreamError):
        locate(request(), {"tenant": value})


@pytest.mark.parametrize("value", ["a\r\nset-cookie: x", "a\x00", "\x7f", "é", "a\\b"])
def test_nothing_unprintable_reaches_the_field(value: str) -> None:
    with pytest.raises(DownstreamError):
        compile_redirect(Redirect(to="/x/{p}"))(request(), {"p": value})


@pytest.mark.parametrize(
    "to",
    [
        "", "x", "//evil.example", "{id}/x", "javascript:alert(1)", "ftp://a/", "https://{id}", "https://{id}/",
        "https://example.com{id}", "https://example.com{id}/", "https://{id}example.com/", "https://a.{id}/",
        "https://{host}{id}/", "https://{host}:{id}/", "https://{id}@a.example/", "/a b", "/a\\b", "/\r\n", "/é", "/{",
    ],
)  # fmt: skip
def test_a_redirect_that_lets_clients_choose_the_host_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match=r"expected|must be a label"):
        compile_redirect(Redirect(to=to))


TEMPLATES = ["/{a}/{b}", "/{a}{b}", "{path}{a}", "https://new.example/{a}/{b}", "https://{a}.new.example/{b}"]


@given(st.sampled_from(TEMPLATES), st.text("ab./:@%-_~?#\\", max_size=8), st.text("ab./:@%-", max_size=8))
def test_no_parameter_changes_the_authority(to: str, a: str, b: str) -> None:
    try:
        location = compile_redirect(Redirect(to=to))(request(), {"a": a, "b": b})
    except DownstreamError:
        return
    parts = urlsplit(location)
    if to.startswith("https"):
        assert parts.netloc.removeprefix(f"{a}.") == "new.example"
    else:
        assert (parts.scheme, parts.netloc) == ("", "")
