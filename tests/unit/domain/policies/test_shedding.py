"""A late worker turns away as much as it must: no more, and without swinging."""

from itertools import pairwise

from app.domain.policies.shedding import MOST, Shedder


def refused(shedder: Shedder, of: int = 100) -> int:
    return sum(shedder.refuses() for _ in range(of))


def test_a_worker_in_time_refuses_nobody_and_one_pause_is_no_overload() -> None:
    shedder = Shedder(1.0)
    for late in (0.0, 0.2, 30.0, 0.0, 0.0):
        shedder.observe(late)
        assert refused(shedder) == 0


def test_lasting_lateness_refuses_more_and_more_but_never_all() -> None:
    shedder = Shedder(1.0)
    shares = []
    for _ in range(40):
        shedder.observe(2.0)
        shares.append(shedder.share)
    assert shares == sorted(shares)
    assert shedder.share == MOST
    assert refused(shedder, 1000) in range(948, 952)


def test_it_recovers_slowly_and_completely() -> None:
    shedder = Shedder(1.0)
    for _ in range(40):
        shedder.observe(2.0)
    shares = []
    for _ in range(100):
        shedder.observe(0.0)
        shares.append(round(shedder.share, 2))
    assert max(earlier - later for earlier, later in pairwise(shares)) <= 0.021
    assert refused(shedder) == 0


def test_load_settles_where_the_worker_keeps_up() -> None:
    """Half of the load is too much: about half is refused in the end, and the share moves little."""
    shedder = Shedder(0.5)
    shares = []
    for _ in range(400):
        shedder.observe(max(0.0, (1 - shedder.share) - 0.5) * 4)
        shares.append(shedder.share)
    assert min(shares[100:]) > 0.3
    assert max(shares[100:]) < 0.6
