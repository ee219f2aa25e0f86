import pytest

from app.domain.entities.limit import Limit
from app.domain.policies.lease_slots import ALWAYS
from app.infrastructure.ratelimit.redis_plan import GCRA_SCRIPT, QUOTA_SCRIPT, SLIDING_SCRIPT, Plan

LIMIT = Limit("users.0", 100, 1.0, 11)


def test_a18_names_of_keys_have_one_length() -> None:
    limits = (LIMIT, Limit("x" * 500, 10**12, 0.001, 10**6), Limit("q", 5, 86400.0, 0, "quota", "month"))
    assert {len(Plan(limit, "gateway:limit:").prefix) for limit in limits} == {len("gateway:limit:") + 17}


@pytest.mark.parametrize(
    "other",
    [
        Limit("users.1", 100, 1.0, 11),
        Limit("users.0", 101, 1.0, 11),
        Limit("users.0", 100, 2.0, 11),
        Limit("users.0", 100, 1.0, 12),
        Limit("users.0", 100, 1.0, 11, "sliding_window"),
        Limit("users.0", 100, 1.0, 11, "quota", "day"),
    ],
)
def test_a_limit_is_counted_by_its_name_and_numbers(other: Limit) -> None:
    assert Plan(LIMIT, "p").prefix == Plan(Limit("users.0", 100, 1.0, 11), "p").prefix != Plan(other, "p").prefix


def test_each_algorithm_has_its_script() -> None:
    gcra = Plan(LIMIT, "p")
    assert (gcra.script, gcra.arguments, gcra.step) == (GCRA_SCRIPT, (160_000, 1_600_000), 160_000)
    sliding = Plan(Limit("s", 1024, 1.0, 0, "sliding_window"), "p")
    assert (sliding.script, sliding.arguments) == (SLIDING_SCRIPT, (1024, 16_000_000, 31_250))
    quota = Plan(Limit("q", 7, 86400.0, 0, "quota", "month"), "p")
    assert (quota.script, quota.arguments) == (QUOTA_SCRIPT, (7, "month"))
    assert (quota.step, quota.tolerance) == (0, ALWAYS)
