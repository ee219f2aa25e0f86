"""Children of the rig: started on a core, waited for, looked at, and ended by their ids whatever happens."""

import contextlib
import http.client
import os
import resource
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from benchmarks.rig.cores import pinned
from benchmarks.rig.subject import Launch

START_SECONDS = 20.0
STOP_SECONDS = 5.0
USERS = "/v1/users/1"
"""A path that the workload `policy` asks for."""
HOST = "127.0.0.1"


class StartFailed(Exception):
    """A child did not serve; the text is what it wrote last."""


class Child:
    """A running process with its descendants."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        """Of the process itself."""
        return self._process.pid

    def tree(self) -> list[psutil.Process]:
        """The process and all that it started; empty when it is gone."""
        try:
            root = psutil.Process(self._process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def wait_until_it_serves(self, port: int, secure: bool, fields: Mapping[str, str] | None = None) -> None:
        """Ask until the answer is a 200; with `fields` for USERS, else for `/`. Raises StartFailed."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise StartFailed(f"it ended with {self._process.returncode}: {self.said()}")
            if answers(port, secure, fields):
                return
            time.sleep(0.05)
        raise StartFailed(f"it does not answer with 200 after {START_SECONDS:.0f} s: {self.said()}")

    def said(self) -> str:
        """The end of its output."""
        return " ".join(self._log.read_text(errors="replace").split())[-300:]

    def end(self) -> None:
        """Ask it to end, then end it and everything that it started."""
        tree = self.tree()
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        for one in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self._process.wait()


@contextlib.contextmanager
def running(launch: Launch, core: int | None, log: Path) -> Iterator[Child]:
    """A child on a core, with its output in `log`. It has a process group of its own: Ctrl-C is the rig's to handle."""
    with log.open("wb") as output, pinned(core):
        process = subprocess.Popen(
            launch.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **launch.environment},
            cwd=launch.directory,
            process_group=0,
        )
    child = Child(process, log)
    try:
        yield child
    finally:
        child.end()


def answers(port: int, secure: bool, fields: Mapping[str, str] | None = None) -> bool:
    """Whether a GET is answered with 200, as above. The certificate is the rig's own, so nothing is verified."""
    connection = http.client.HTTPConnection(HOST, port, timeout=1.0)
    if secure:
        connection = http.client.HTTPSConnection(HOST, port, timeout=1.0, context=_unverified())
    try:
        connection.request("GET", "/" if fields is None else USERS, headers=fields or {})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def raise_file_limit() -> None:
    """As many open files as may be: children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
