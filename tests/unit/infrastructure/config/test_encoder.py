"""What is written down can be read back, without the secrets."""

from hypothesis import given

from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Respond, Route
from app.infrastructure.config.documents import parse
from app.infrastructure.config.encoder import digest, encode
from app.infrastructure.config.secrets import Secret
from tests.unit.infrastructure.config.strategies import configs, decoder


def secret(value: str) -> GatewayConfig:
    return GatewayConfig({}, {"a": Route(respond=Respond(body=Secret(value, "env:BODY")))})


@given(configs())
def test_decoding_what_was_encoded_gives_an_equal_configuration(config: GatewayConfig) -> None:
    first = decoder().decode(parse(encode(config), ".json"), "copy")
    assert first == config
    again = decoder().decode(parse(encode(first), ".json"), "copy of the copy")
    assert encode(again) == encode(first)
    assert digest(again) == digest(first)


def test_a_secret_is_written_as_its_reference() -> None:
    data = encode(secret("s3cret"))
    assert b"s3cret" not in data
    assert decoder({"BODY": "s3cret"}).decode(parse(data, ".json"), "copy") == secret("s3cret")


def test_a_digest_shows_a_change_of_a_secret() -> None:
    assert digest(secret("a")) == digest(secret("a"))
    assert digest(secret("a")) != digest(secret("b"))


def test_a_digest_does_not_depend_on_the_order_of_entities() -> None:
    first, second = Route(url="http://a"), Route(url="http://b")
    assert digest(GatewayConfig({}, {"a": first, "b": second})) == digest(GatewayConfig({}, {"b": second, "a": first}))
    assert digest(GatewayConfig({}, {"a": first})) != digest(GatewayConfig({}, {"a": second}))
