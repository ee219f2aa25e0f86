"""The scope of a request."""

import asyncio

import pytest

from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.scope import http_scope, path_of
from app.infrastructure.downstream.site import Limits, Site
from tests.unit.infrastructure.downstream.client_line import says_ok


async def test_a_request_as_asgi_has_it() -> None:
    site = Site(says_ok, asyncio.get_running_loop(), Limits(), "https", ("127.0.0.1", 443))
    site.state["a"] = 1
    head = RequestHead("GET", b"/a%20b?c=%20?d", "1.1", [(b"host", b"x")])
    scope = http_scope(site, head, ("192.0.2.1", 5), {"tls": {}})
    assert (scope["type"], scope["method"], scope["http_version"], scope["scheme"]) == ("http", "GET", "1.1", "https")
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/a b", b"/a%20b", b"c=%20?d")
    assert (scope["client"], scope["server"]) == (("192.0.2.1", 5), ("127.0.0.1", 443))
    assert (scope["headers"], scope["extensions"], scope["state"]) == ([(b"host", b"x")], {"tls": {}}, {"a": 1})


@pytest.mark.parametrize(
    ("raw", "path"), [(b"/a", "/a"), (b"/%C3%A4", "/ä"), (b"/%ff", "/\ufffd"), (b"/%zz%", "/%zz%"), (b"*", "*")]
)
def test_paths_are_decoded(raw: bytes, path: str) -> None:
    assert path_of(raw) == path
