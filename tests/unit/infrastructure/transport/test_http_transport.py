"""What a url must be, and when the files behind an upstream have changed."""

import os
from pathlib import Path

import pytest

from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.service import Service, Target, Timeouts, UpstreamTls
from app.domain.errors import UpstreamError
from app.domain.policies.upstream_addresses import UpstreamRules
from app.infrastructure.transport.http_transport import HttpTransport, origin_of
from app.infrastructure.transport.resolver import Resolver
from tests.backends import keep_answering, ok, raw_backend
from tests.certificates import make_ca
from tests.transport_harness import get


@pytest.mark.parametrize("url", ["ftp://a", "http://", "a:80", ""])
def test_urls_that_name_no_origin(url: str) -> None:
    target = Target(url)
    with pytest.raises(ValueError, match="http or https"):
        origin_of(target, Service(targets=(target,)))


def test_default_ports_and_tls() -> None:
    plain, secure = Target("http://a.test"), Target("https://a.test")
    service = Service(targets=(plain, secure))
    assert origin_of(plain, service)[:3] == ("a.test", 80, None)
    origin = origin_of(secure, service)
    assert (origin.port, origin.server_name) == (443, "a.test")
    assert origin.context is not None


async def test_it_is_current_until_a_file_that_it_was_made_from_changes(tmp_path: Path) -> None:
    ca = make_ca().write(tmp_path, "ca").cert
    transport = HttpTransport(Resolver())
    plain, secure = Target("http://a.test"), Target("https://a.test")
    service = Service(targets=(plain, secure), tls=UpstreamTls(ca=ca))
    upstreams = [transport.upstream(target, service) for target in service.targets]
    assert [upstream.current() for upstream in upstreams] == [True, True]
    make_ca("Another CA").write(tmp_path, "ca")
    assert [upstream.current() for upstream in upstreams] == [True, False]
    assert transport.upstream(secure, service).current()
    os.unlink(ca)
    with pytest.raises(ValueError, match=r"tls\.ca: .* cannot be read"):
        upstreams[1].current()
    await transport.aclose()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"])
async def test_a_68_the_gateways_own_listener_is_not_connected_to_by_any_name(host: str) -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as own, raw_backend(keep_answering(ok(b"y"))) as other:
        transport = HttpTransport(Resolver(), UpstreamRules(own=[("127.0.0.1", own.port)]).problem)
        refused, allowed = Target(f"http://{host}:{own.port}"), Target(f"http://127.0.0.1:{other.port}")
        service = Service(targets=(refused, allowed))
        with pytest.raises(UpstreamError, match="is a listener of the gateway itself"):
            await transport.upstream(refused, service).send(get(), Timeouts(), 0.0)
        with pytest.raises(UpstreamError, match="is a listener of the gateway itself"):
            await transport.upstream(refused, service).open_websocket(get(), Timeouts(), WebSocketPolicy())
        assert (await transport.upstream(allowed, service).send(get(), Timeouts(), 0.0)).body == b"y"
        assert own.connections == 0
        await transport.aclose()
