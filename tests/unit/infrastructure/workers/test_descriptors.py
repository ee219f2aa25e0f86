"""Files are raised as far as connections need them, and some are kept for targets (F-27)."""

import resource

import pytest

from app.infrastructure.workers.descriptors import allow


class Limits:
    """In the place of the process's."""

    def __init__(self, soft: int, hard: int) -> None:
        self.now = (soft, hard)

    def getrlimit(self, _: int) -> tuple[int, int]:
        return self.now

    def setrlimit(self, _: int, limits: tuple[int, int]) -> None:
        self.now = limits


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "allowed", "raised"),
    [
        (65536, 65536, 1000, 1000, 65536),
        (1024, 65536, 16384, 16384, 18981),
        (1024, resource.RLIM_INFINITY, 16384, 16384, 18981),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 16384, 16384, resource.RLIM_INFINITY),
        (1024, 4096, 16384, 3584, 4096),
        (256, 256, 16384, 128, 256),
    ],
)
def test_f27_what_clients_may_take(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, wanted: int, allowed: int, raised: int
) -> None:
    limits = Limits(soft, hard)
    monkeypatch.setattr(resource, "getrlimit", limits.getrlimit)
    monkeypatch.setattr(resource, "setrlimit", limits.setrlimit)
    assert allow(wanted) == (allowed, raised)
    assert limits.now == (raised, hard)
