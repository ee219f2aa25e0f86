"""What a url must be, and when the files behind an upstream have changed."""

import os
from pathlib import Path

import pytest

from app.domain.entities.service import Service, Target, UpstreamTls
from app.infrastructure.transport.http_transport import HttpTransport, origin_of
from app.infrastructure.transport.resolver import Resolver
from tests.certificates import make_ca


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
