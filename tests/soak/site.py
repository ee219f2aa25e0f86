"""What a visitor needs to know, what it may complain of, and the gateway's configurations. Not the visits."""

import random
from typing import Any, Final, NamedTuple

CHUNKED_SIZE: Final = 1 + 10 + 1000 + 20_000


class Unexpected(Exception):
    """The gateway did what it should not do: a line that says what."""


class Site(NamedTuple):
    """Where to visit, and the dice that decide how."""

    port: int
    dice: random.Random


def expect(seen: object, *allowed: object) -> None:
    """Raise Unexpected unless `seen` is one of `allowed`."""
    if seen not in allowed:
        raise Unexpected(f"saw {seen!r}, expected {' or '.join(map(repr, allowed))}")


def configuration(port: int, number: int) -> dict[str, Any]:
    """Configuration `number`: the same routes each time, over pools that are new when `number` is odd.

    Idle connections to services live for 2 s, so that none is left soon after the traffic.
    """
    service = {
        "targets": [{"url": f"http://127.0.0.1:{port}"}],
        "keep_alive": {"idle": "2s", "max_idle": 64 + number % 2},
    }
    hasty = {"response": "3s", "idle": "3s"}
    routes: dict[str, Any] = {
        "good": {"match": {"paths": ["/good/*"]}, "service": "steady"},
        "bad": {"match": {"paths": ["/bad/*"]}, "service": "steady", "timeouts": hasty},
        "own": {"match": {"paths": ["/own/*"]}, "respond": {"status": 403}},
        # What hostile clients send is for hosts and paths of the conformance cases.
        "rest": {"match": {"paths": ["/*"]}, "service": "steady"},
        f"extra-{number}": {"match": {"paths": [f"/extra/{number}"]}, "service": "steady"},
    }
    return {"services": {"steady": service}, "routes": routes}
