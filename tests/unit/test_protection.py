"""What filters are given, made of the settings."""

import os
from pathlib import Path

import pytest

from app import protection
from app.domain.entities.config import GatewayConfig
from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.infrastructure.config.settings import Settings
from app.protection import Protection, make_protection
from tests.fakes import RecordedEvents

DAY = Limit("l", 1, 86400.0, 0, "quota", "day")
MINUTE = Limit("l", 1, 60.0, 1)
KEY = b"k" * 16


def made(directory: Path, memory: Path, monkeypatch: pytest.MonkeyPatch, state: str = "state") -> Protection:
    monkeypatch.setattr(protection, "memory_directory", lambda _: memory)
    state_dir = state if state == "off" else str(directory / state)
    return make_protection(Settings(config=str(directory / "gateway.yaml"), state_dir=state_dir), RecordedEvents())


def allowed(of: Protection, limit: Limit) -> bool:
    decision = of.tools.counters["host"].counter(limit).take(KEY, 1)
    assert isinstance(decision, Decision)
    return decision.allowed


def test_nothing_is_opened_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(tmp_path, tmp_path / "shm", monkeypatch)
    one.follow(GatewayConfig())
    one.tools.counters["host"].counter(MINUTE)
    assert os.listdir(tmp_path) == []
    one.close()


@pytest.mark.parametrize("state", ["state", "off"])
def test_workers_with_one_parent_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    one, other = (made(tmp_path, tmp_path / "shm", monkeypatch, state) for _ in range(2))
    stranger = made(tmp_path / "elsewhere", tmp_path / "shm", monkeypatch, state)
    for limit in (MINUTE, DAY):
        assert [allowed(one, limit), allowed(other, limit), allowed(stranger, limit)] == [True, False, True]
    assert one.tools.slots.acquire(KEY, 1)
    for each in (one, other, stranger):
        each.close()
    assert os.listdir(tmp_path / "shm") == []
    assert (tmp_path / "state").exists() == (state == "state")


def test_a_gateway_has_the_cluster_if_it_has_a_redis() -> None:
    without = make_protection(Settings(), RecordedEvents())
    with_one = make_protection(Settings(limit_store="redis://127.0.0.1:1"), RecordedEvents())
    assert set(without.tools.counters) == {"host"}
    assert set(with_one.tools.counters) == {"host", "cluster"}
    assert len(with_one.duties) == len(without.duties) + 1
