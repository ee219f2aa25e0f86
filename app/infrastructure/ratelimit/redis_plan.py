"""How a limit is counted in Redis: which script, with what, and how far ahead. Made once for each limit."""

from hashlib import sha256
from typing import Final

from app.domain.entities.limit import Limit
from app.domain.policies.lease_slots import ALWAYS
from app.domain.policies.lease_ticks import grain_of, horizon_of, step_of, tolerance_of, window_of
from app.infrastructure.ratelimit.redis_gcra_script import GCRA
from app.infrastructure.ratelimit.redis_opening import Script
from app.infrastructure.ratelimit.redis_quota_script import QUOTA
from app.infrastructure.ratelimit.redis_sliding_script import SLIDING

GCRA_SCRIPT: Final = Script(GCRA)
SLIDING_SCRIPT: Final = Script(SLIDING)
QUOTA_SCRIPT: Final = Script(QUOTA)
SCRIPTS: Final = (GCRA_SCRIPT, SLIDING_SCRIPT, QUOTA_SCRIPT)


class Plan:
    """`prefix` is that of the keys: `gateway:limit:` and a digest of the limit, all of one length (A-18)."""

    __slots__ = ("arguments", "horizon", "prefix", "script", "step", "tolerance")

    script: Script
    arguments: tuple[int | str, ...]
    """The first ones of the script."""

    def __init__(self, limit: Limit, prefix: str) -> None:
        numbers = f"{limit.name}|{limit.count}|{limit.window!r}|{limit.burst}|{limit.algorithm}|{limit.period}"
        self.prefix: Final = f"{prefix}{sha256(numbers.encode()).hexdigest()[:16]}:".encode()
        self.horizon: Final = horizon_of(limit)
        self.step = 0
        """Ticks between reserved slots; 0 when they are units that are paid beforehand."""
        self.tolerance: int = ALWAYS
        if limit.algorithm == "quota":
            self.script = QUOTA_SCRIPT
            self.arguments = (limit.count, limit.period)
        elif limit.algorithm == "sliding_window":
            self.script = SLIDING_SCRIPT
            self.arguments = (limit.count, window_of(limit), grain_of(limit))
        else:
            self.script = GCRA_SCRIPT
            self.step, self.tolerance = step_of(limit), tolerance_of(limit)
            self.arguments = (self.step, self.tolerance)
