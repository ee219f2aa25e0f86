"""One worker process, from its start to its end. Not for when to start or stop it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping

import msgspec

from app.infrastructure.workers.lifeline import READY


class Command(msgspec.Struct, frozen=True):
    """How to start a worker: `python -m module arguments… descriptor`."""

    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}


class WorkerProcess:
    """The process of a name (`worker 1`), serving on `sock`. It can be started again when it has ended."""

    def __init__(self, command: Command, name: str, sock: socket.socket) -> None:
        self._command = command
        self._name = name
        self._sock = sock
        self._process: asyncio.subprocess.Process | None = None
        self._lifeline: socket.socket | None = None
        self.lives = 0
        """How often it was started."""

    def __str__(self) -> str:
        pid = self._process.pid if self._process else "none"
        return f"{self._name} (process {pid})"

    async def start(self) -> None:
        """Start the process. It inherits its socket and one end of the lifeline."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        descriptor = self._sock.fileno()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", self._command.module, *self._command.arguments, str(descriptor)),
                stdin=theirs.fileno(),
                pass_fds=(descriptor,),
                env={**self._command.environment, "PYTHONPATH": _search_path()},
                # A group of its own: Ctrl-C in a terminal reaches the supervisor alone, which then stops in steps.
                process_group=0,
            )
        self._lifeline = ours
        self.lives += 1

    async def served(self) -> bool:
        """Wait until it serves (true) or ended before it did."""
        assert self._lifeline is not None  # noqa: S101  # started before
        with contextlib.suppress(ConnectionError):
            return await asyncio.get_running_loop().sock_recv(self._lifeline, 1) == READY
        return False

    async def ended(self) -> str:
        """Wait for its end; says how it was."""
        assert self._process is not None and self._lifeline is not None  # noqa: S101, PT018  # started before
        code = await self._process.wait()
        self._lifeline.close()
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with code {code}"

    async def kill(self) -> None:
        """End it at once; does nothing when it does not run."""
        self.send(signal.SIGKILL)
        if self._process is not None:
            await self.ended()

    def send(self, number: int) -> None:
        """Send it a signal; does nothing when it does not run."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def _search_path() -> str:
    """Where this process finds its modules, so that a worker runs the same code whatever its directory holds."""
    return os.pathsep.join(path or os.getcwd() for path in sys.path)
