"""The backends that the subjects are asked to reach, on the core of the load generator."""

import sys
from pathlib import Path

from benchmarks.peers.nginx import peer as nginx
from benchmarks.rig.subject import Launch, fill

NO_NGINX = "there is no nginx: the backend is the Python one, which limits every figure of small answers"


def small(port: int, directory: Path) -> Launch:
    """nginx with an answer of 116 bytes; a Python backend where there is no nginx."""
    if not nginx.program():
        return streams(port)
    config = directory / "backend.conf"
    config.write_text(fill(Path(nginx.__file__).with_name("backend.conf"), {"port": port}))
    return Launch(nginx.command(config))


def streams(port: int) -> Launch:
    """Bodies of any size and a WebSocket echo; `GET /` answers with the same 116 bytes."""
    return Launch((sys.executable, "-m", "benchmarks.load.backend", "--port", str(port)))


def notes() -> list[str]:
    """What must be known of them."""
    return [] if nginx.program() else [NO_NGINX]
