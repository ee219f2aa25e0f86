"""Countries of addresses; a database that comes, changes and breaks (A-71, F-32)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.infrastructure.security import countries
from app.infrastructure.security.countries import Countries
from tests.backends import eventually
from tests.fakes import RecordedEvents
from tests.geo_database import country, write_database

NETWORKS = {
    "203.0.113.0/24": {"country": {"iso_code": "DE"}, "registered_country": {"iso_code": "US"}},
    "198.51.100.0/24": {"registered_country": {"iso_code": "US"}},
    "192.0.2.0/24": {"country": "fr"},
    "100.64.0.0/16": {"country_code": "IT"},
    "100.65.0.0/16": {"country": {"iso_code": "EUR"}},
    "100.66.0.0/16": {"country": {"iso_code": 7}},
    "2001:db8::/32": {"country": {"iso_code": "NO"}},
}


def written(path: Path) -> str:
    return write_database(path, NETWORKS)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return Path(written(tmp_path_factory.mktemp("geo") / "c.mmdb")).read_bytes()


def opened(path: str) -> tuple[Countries, RecordedEvents]:
    events = RecordedEvents()
    made = Countries(path, events)
    made.needed()
    return made, events


@asynccontextmanager
async def running(made: Countries) -> AsyncIterator[None]:
    task = asyncio.ensure_future(made.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("203.0.113.9", "DE"),
        ("::ffff:203.0.113.9", "DE"),
        ("2001:db8::1", "NO"),
        ("192.0.2.1", "FR"),
        ("100.64.1.1", "IT"),
        ("198.51.100.1", ""),
        ("100.65.1.1", ""),
        ("100.66.1.1", ""),
        ("8.8.8.8", ""),
        ("", ""),
        ("no address", ""),
        ("x" * 100, ""),
    ],
)
def test_a71_the_country_of_an_address(tmp_path: Path, address: str, code: str) -> None:
    made, events = opened(written(tmp_path / "c.mmdb"))
    assert [made.country(address), made.country(address)] == [code, code]
    assert events.seen == []


def test_a_database_of_ipv4_knows_nothing_of_ipv6(tmp_path: Path) -> None:
    made, _ = opened(write_database(tmp_path / "c.mmdb", {"203.0.113.0/24": country("DE")}, 4))
    assert made.country("203.0.113.9") == "DE"
    assert made.country("2001:db8::1") == ""


def test_records_of_another_kind_know_no_country(tmp_path: Path) -> None:
    made, _ = opened(write_database(tmp_path / "c.mmdb", {"203.0.113.0/24": "DE"}))
    assert made.country("203.0.113.9") == ""


def test_a71_without_a_database_all_are_unknown_and_the_operator_is_told_once() -> None:
    made, events = opened("")
    made.needed()
    assert made.country("203.0.113.9") == ""
    [(level, message, _)] = events.seen
    assert (level, "GATEWAY_GEO_DATABASE is not set" in message) == ("warning", True)


async def test_without_a_database_nothing_is_looked_at() -> None:
    async with asyncio.timeout(5):
        await Countries("", RecordedEvents()).run()


async def test_f32_a_database_may_come_later_and_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(countries, "LOOK_EVERY", 0.01)
    path = tmp_path / "c.mmdb"
    made, events = opened(str(path))
    assert made.country("203.0.113.9") == ""
    assert "No such file" in str(events.seen[0][2]["problem"])
    async with running(made):
        written(path)
        await eventually(lambda: made.country("203.0.113.9") == "DE")
        write_database(path, {"203.0.113.0/24": country("AT")})
        await eventually(lambda: made.country("203.0.113.9") == "AT")
    assert len(events.seen) == 1


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
async def test_f32_a_truncated_database_leaves_the_last_one(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, kept: float
) -> None:
    monkeypatch.setattr(countries, "LOOK_EVERY", 0.01)
    path = tmp_path / "c.mmdb"
    path.write_bytes(content)
    made, events = opened(str(path))
    assert made.country("203.0.113.9") == "DE"
    async with running(made):
        path.write_bytes(content[: int(len(content) * kept)])  # in place, while it is open
        await eventually(lambda: bool(events.seen))
    assert "not a database in MaxMind's format" in str(events.seen[0][2]["problem"])
    assert [made.country("203.0.113.9"), made.country("203.0.113.10")] == ["DE", "DE"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_f32_a_damaged_database_raises_nothing_and_gives_codes_or_nothing(
    tmp_path: Path, content: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(content)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=60)):
        damaged[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.mmdb"
    path.write_bytes(damaged)
    made, _ = opened(str(path))
    for address in ("203.0.113.9", "2001:db8::1", "8.8.8.8", "192.0.2.1"):
        code = made.country(address)
        assert code == "" or (len(code) == 2 and code.isascii() and code.isupper())


def test_f32_damage_that_shows_later_is_told_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.mmdb"
    # The text of one record becomes a number of a size that numbers do not have.
    damaged = content.replace(b"\x42fr", b"\x62fr")
    path.write_bytes(damaged)
    assert (len(damaged), damaged == content) == (len(content), False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(countries, "_PROBES", ("203.0.113.9",))
        made, events = opened(str(path))
    assert [made.country("192.0.2.1"), made.country("192.0.2.2"), made.country("203.0.113.9")] == ["", "", "DE"]
    [(_, message, fields)] = events.seen
    assert message == "some countries cannot be looked up: they are unknown"
    assert "damaged" in str(fields["problem"])


def test_the_memory_of_answers_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(countries, "_REMEMBERED", 4)
    made, _ = opened(written(tmp_path / "c.mmdb"))
    for number in range(20):
        assert made.country(f"203.0.113.{number}") == "DE"
