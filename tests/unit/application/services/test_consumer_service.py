"""Consumers by what they prove."""

import random

import pytest

from app.application.services.consumer_service import ConsumerService
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import ApiKey, BasicAccount, Certificate, Consumer, SignatureKey, Subject


def config(**consumers: Consumer) -> GatewayConfig:
    return GatewayConfig(consumers=consumers)


def keyed(*digests: str) -> Consumer:
    return Consumer(api_keys=tuple(ApiKey(digest) for digest in digests))


def owner(service: ConsumerService, digest: str) -> str:
    found = service.by_key(digest)
    return "" if found is None else found[0].id


def test_each_way_to_be_found() -> None:
    service = ConsumerService()
    one = Consumer(
        api_keys=(ApiKey("d1"),), basic=(BasicAccount("jo", "$h"),), signatures=(SignatureKey("k1"),),
        certificates=(Certificate("AB:CD"), Certificate(subject="CN=jo"), Certificate(dns="Jo.Example")),
        subjects=(Subject("main", "42"),),
    )  # fmt: skip
    service.follow(config(one=one, two=Consumer()))
    assert service.by_key("d1") == (("one", one), one.api_keys[0])
    assert service.by_name("jo") == (("one", one), one.basic[0])
    assert service.by_signature_key("k1") == (("one", one), one.signatures[0])
    for given in (("abcd", "", ()), ("", "CN=jo", ()), ("x", "y", ("z", "jo.example"))):
        known = service.by_certificate(*given)
        assert known is not None
        assert known.id == "one"
    known = service.by_subject("main", "42")
    assert known is not None
    assert known.consumer is one
    unknown = [service.by_key(""), service.by_name("Jo"), service.by_signature_key(""), service.by_subject("main", "4")]
    assert [*unknown, service.by_subject("", "42"), service.by_certificate("", "", ())] == [None] * 6


def test_an_empty_name_of_a_certificate_finds_nobody() -> None:
    service = ConsumerService()
    service.follow(config(one=Consumer(certificates=(Certificate(dns="a.example"),))))
    assert service.by_certificate("00", "", ("",)) is None


def test_changes_count_at_once_and_move_the_version() -> None:
    service = ConsumerService()
    first = config(a=keyed("1"), b=keyed("2"))
    service.follow(first)
    version = service.version
    service.follow(first)
    service.follow(GatewayConfig(consumers=dict(first.consumers)))
    assert service.version == version
    service.follow(config(a=keyed("3"), b=first.consumers["b"]))
    assert (owner(service, "1"), owner(service, "3"), owner(service, "2")) == ("", "a", "b")
    assert service.version == version + 1
    service.follow(config(b=Consumer(enabled=False, api_keys=(ApiKey("2"),)), c=keyed("1")))
    assert (owner(service, "1"), owner(service, "2"), owner(service, "3")) == ("c", "", "")
    service.follow(config())
    assert owner(service, "1") == ""
    assert service.version == version + 3


@pytest.mark.parametrize("order", [("b", "a", "c"), ("a", "b", "c"), ("c", "b", "a")])
def test_a_key_of_several_consumers_is_the_first_ones_whatever_the_order(order: tuple[str, ...]) -> None:
    service = ConsumerService()
    consumers: dict[str, Consumer] = {}
    for id_ in order:
        consumers = {**consumers, id_: keyed("k", "k")}
        service.follow(GatewayConfig(consumers=consumers))
    for expected in ("a", "b", "c", ""):
        assert owner(service, "k") == expected
        consumers = {id_: consumer for id_, consumer in consumers.items() if id_ != expected}
        service.follow(GatewayConfig(consumers=consumers))


def test_any_course_of_changes_ends_as_a_fresh_start_does() -> None:
    chance = random.Random(5)
    service = ConsumerService()
    consumers: dict[str, Consumer] = {}
    digests = [str(n) for n in range(12)]
    for _ in range(400):
        id_ = f"c{chance.randrange(8)}"
        choice = chance.randrange(4)
        consumers = dict(consumers)
        if choice == 0:
            consumers.pop(id_, None)
        elif choice == 1:
            consumers = dict(chance.sample(list(consumers.items()), len(consumers)))
        else:
            consumers[id_] = keyed(*chance.sample(digests, 3))
        service.follow(GatewayConfig(consumers=consumers))
        fresh = ConsumerService()
        fresh.follow(GatewayConfig(consumers=dict(consumers)))
        assert [owner(service, digest) for digest in digests] == [owner(fresh, digest) for digest in digests]
