"""A-67 at validation: addresses that urls write out are judged in whatever way they are written; names are not."""

import pytest

from app.domain.entities.config import ConfigError
from app.domain.policies.upstream_addresses import UpstreamRules
from app.infrastructure.config.decoder import Decoder
from app.infrastructure.config.documents import parse
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.upstream_rules import target_check

problem = target_check(UpstreamRules(own=[("127.0.0.1", 8001), ("127.0.0.1", 443)]))
decoder = Decoder(Checks(lambda _: [], lambda _: [], problem), str)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        decoder.decode(parse(text.encode(), ".yaml"), "f")
    return [str(one) for one in caught.value.problems]


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254",
        "http://169.254.169.254:80",
        "http://2852039166",
        "http://0xa9fea9fe:8080",
        "http://169.254.43518",
        "http://0251.0376.0251.0376",
        "http://[::ffff:169.254.169.254]:80",
        "http://[fe80::1]",
        "http://127.0.0.1:8001",
        "http://127.1:8001",
        "https://127.0.0.1",
    ],
)
def test_a_67_addresses_in_any_spelling(url: str) -> None:
    assert problem(url)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9000", "http://metadata.google.internal", "http://1.example", "http://[", "http://", "x", "a:b"],
)
def test_a_67_names_and_allowed_addresses_pass_here(url: str) -> None:
    assert problem(url) == ""


def test_a_67_the_decoder_tells_the_place_of_a_refused_address() -> None:
    reason = "169.254.169.254 is the metadata service of a cloud: it must be named in GATEWAY_UPSTREAM_ALLOW"
    assert problems("""
services:
  meta: {targets: [{url: "http://a"}, {url: "http://169.254.169.254"}]}
routes:
  hello: {url: "http://169.254.169.254"}
  admin: {url: "http://127.0.0.1:8001"}
""") == [
        f"f:3: services.meta.targets[1].url: {reason}",
        f"f:5: routes.hello.url: {reason}",
        "f:6: routes.admin.url: 127.0.0.1 port 8001 is a listener of the gateway itself",
    ]


@pytest.mark.parametrize("url", ["ftp://169.254.169.254", "file:///etc/passwd", "gopher://a:70", "javascript:x"])
def test_a_67_other_schemes_are_told_once(url: str) -> None:
    [text] = problems(f"routes: {{r: {{url: '{url}'}}}}")
    assert "expected http://host:port or https://host:port" in text


def test_a_67_no_user_name_in_a_url() -> None:
    [text] = problems("routes: {r: {url: 'http://user:secret@169.254.169.254'}}")
    assert "holds no user name and password" in text
    assert "secret" not in text
