"""What is told to the outside about a change of the configuration. Not for how it is sent, and never with values."""

from typing import Literal

import msgspec

from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Difference


class ChangeNotice(msgspec.Struct, frozen=True):
    """A change that somebody asked for through this gateway, and what came of it."""

    outcome: Literal["applied", "refused"]
    action: str
    """`put`, `patch`, `delete`, `apply` or `rollback`."""
    by: str
    """Who asked: `token:read-write`, `webhook:github`."""
    time: float
    """Seconds since 1970."""
    changes: dict[str, dict[str, Difference]] = {}
    """Section to id to what happens to it; cut at a hundred. Of a refused change: what was asked for."""
    changed: int = 0
    """How many entities are concerned."""
    problems: tuple[ConfigProblem, ...] = ()
    """Why it was refused."""
    revision: int = 0
    """The revision in which it is live; 0 when it was refused, or is not live yet."""
    digest: str = ""
