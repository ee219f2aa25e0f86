import pytest

from app.infrastructure.config.consul_options import ConsulOptions, check_consul_prefix, check_consul_url
from tests.consul_harness import SECRET


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("consul://consul.internal", "http://consul.internal:8500"),
        ("consul://127.0.0.1:9500/", "http://127.0.0.1:9500"),
        ("consuls://[::1]", "https://[::1]:8501"),
        ("consuls://consul:443", "https://consul:443"),
    ],
)
def test_urls_name_a_server(url: str, origin: str) -> None:
    assert ConsulOptions(url).origin == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://consul:8500", "consul:8500", "consul://", "consul://a b", "consul://host:0", "consul://host:x",
        "consul://host:8500/prefix", "consul://host?dc=x", "consul://host#x", "consul://[::1",
    ],
)  # fmt: skip
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected consul://host:8500"):
        check_consul_url(url)


def test_a_token_does_not_belong_in_the_url() -> None:
    with pytest.raises(ValueError, match="GATEWAY_CONSUL_TOKEN") as caught:
        check_consul_url(f"consul://:{SECRET}@consul:8500")
    assert SECRET not in str(caught.value)


def test_options_do_not_show_the_token() -> None:
    options = ConsulOptions("consul://consul:8500", token=SECRET)
    assert repr(options) == "ConsulOptions('consul://consul:8500/gateway')"
    assert options.name == "consul://consul:8500/gateway"
    assert SECRET not in str(options)


@pytest.mark.parametrize(("datacenter", "parameters"), [("", {}), ("dc2", {"dc": "dc2"})])
def test_every_question_names_the_datacentre(datacenter: str, parameters: dict[str, str]) -> None:
    assert ConsulOptions("consul://consul:8500", datacenter=datacenter).parameters == parameters


@pytest.mark.parametrize("prefix", ["gateway", "teams/a/gateway", "gate-way_1.0"])
def test_good_prefixes(prefix: str) -> None:
    check_consul_prefix(prefix)


@pytest.mark.parametrize("prefix", ["", "/gateway", "gateway/", "a//b", "a b", "../b", "..", "ä", "a?b", "a%20b"])
def test_bad_prefixes(prefix: str) -> None:
    with pytest.raises(ValueError, match="expected letters, digits"):
        check_consul_prefix(prefix)
