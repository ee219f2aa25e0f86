"""Entries are decoded only when they are new, and only within limits (A-69, A-70)."""

from pathlib import Path

import pytest

from app.domain.entities.config import AnyEntity, GatewayConfig
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_intake import LedgerLimits, TextReader
from app.infrastructure.config.entity_ledger import EntityLedger
from tests.fakes import RecordedEvents
from tests.unit.infrastructure.config.ledgers import Ledger, place, route, service, text
from tests.unit.infrastructure.config.strategies import CHECKS, entity_decoder


class CountingReader(EntityDecoder):
    """Counts what it reads; fails on `bug`."""

    def __init__(self) -> None:
        super().__init__(CHECKS, str)
        self.read_ids: list[str] = []

    def read(self, section: str, id_: str, data: bytes, source: str, known: AnyEntity | None = None) -> AnyEntity:
        self.read_ids.append(id_)
        if id_ == "bug":
            raise KeyError("hunter2")
        return super().read(section, id_, data, source)


def counting() -> tuple[EntityLedger, CountingReader]:
    reader = CountingReader()
    return EntityLedger(reader, RecordedEvents(), LedgerLimits(), place), reader


def test_only_bytes_that_changed_are_decoded() -> None:
    ledger, reader = counting()
    ledger.replace({"routes": {"a": route("a"), "b": route("b")}, "services": {"s": service()}})
    reader.read_ids.clear()
    ledger.replace({"routes": {"a": route("a"), "b": route("c")}, "services": {"s": service()}})
    ledger.update("routes", {"a": route("a")})
    assert reader.read_ids == ["b"]


def test_what_was_refused_is_tried_again_at_every_full_reading(tmp_path: Path) -> None:
    ledger, secret = Ledger(), tmp_path / "url"
    data = {"a": text({"url": f"file:{secret}"})}
    ledger.replace({"routes": data})
    assert "does not exist" in ledger.refused()[0]
    secret.write_text("http://a")
    ledger.update("routes", data)
    assert len(ledger.refused()) == 1
    ledger.replace({"routes": data})
    assert ledger.refused() == []
    assert list(ledger.config().routes) == ["a"]


def test_an_error_of_our_own_is_a_problem_of_that_entity_and_tells_nothing() -> None:
    ledger, _ = counting()
    ledger.replace({"routes": {"bug": route(), "a": route()}})
    assert [str(problem) for problem in ledger.problems] == [
        "store routes bug: routes.bug: cannot be judged (KeyError)"
    ]
    assert list(ledger.config().routes) == ["a"]


def test_a_70_what_is_too_large_is_refused_unread() -> None:
    ledger = Ledger(LedgerLimits(max_entity=100))
    ledger.replace({"routes": {"a": route()}})
    ledger.update("routes", {"a": b" " * 101})
    assert ledger.refused() == ["store routes a: routes.a: is larger than 100 bytes"]
    assert list(ledger.config().routes) == ["a"]
    ledger.update("routes", {"a": route()})
    assert ledger.refused() == []


def test_a_70_there_are_only_so_many_entities_of_a_section() -> None:
    ledger = Ledger(LedgerLimits(max_entities=2))
    ledger.replace({"routes": {name: route() for name in "dcba"}, "services": {"s": service()}})
    assert set(ledger.config().routes) == {"a", "b"}
    assert ledger.refused() == ["store routes: routes: holds more than 2 entities: those beyond are left out"]
    ledger.replace({"routes": {name: route() for name in "0dcba"}})
    assert set(ledger.config().routes) == {"a", "b"}
    ledger.replace({"routes": {"a": route(), "d": route()}})
    assert set(ledger.config().routes) == {"a", "d"}
    assert ledger.problems == ()


def test_a_70_single_entries_beyond_the_limit_are_left_out() -> None:
    ledger = Ledger(LedgerLimits(max_entities=2))
    for name in "abc":
        ledger.update("routes", {name: route()})
    assert set(ledger.config().routes) == {"a", "b"}
    assert len(ledger.refused()) == 1
    assert ledger.update("routes", {"a": route("x")}).routes.keys() == {"a"}
    ledger.replace({"routes": {"b": route(), "c": route()}})
    assert set(ledger.config().routes) == {"b", "c"}
    assert ledger.refused() == []


@pytest.mark.parametrize("id_", ["", "a b", "x" * 129, "a\nb", "\udcff", "x" * 1000])
def test_ids_that_cannot_be_used_are_shown_so_that_they_can_be_written(id_: str) -> None:
    ledger = Ledger()
    ledger.update("routes", {id_: route()})
    [problem] = ledger.problems
    assert "an id has 1 to 128 printable characters and no blanks" in problem.reason
    assert str(problem).isprintable()
    assert len(str(problem)) < 300
    assert str(problem).encode()
    assert ledger.config() == GatewayConfig()


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b'{"url": "http://a", "url": "http://a"}',
        b"[" * 9999,
        b'{"priority": NaN}',
        b'{"url": "http://a:0"}',
    ],
)
def test_a_69_poisoned_entries(data: bytes) -> None:
    ledger = Ledger()
    ledger.replace({"routes": {"a": route(), "b": data}})
    assert [problem.entity for problem in ledger.problems] == ["routes.b"]
    assert list(ledger.config().routes) == ["a"]


def test_the_decoder_is_a_reader() -> None:
    reader: TextReader = entity_decoder()
    assert reader.entity("routes", "a", {"url": "http://a"}, "x") == reader.read("routes", "a", route(), "x")
