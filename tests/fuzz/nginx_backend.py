"""nginx as the backend. It tells of each request in its access log, once it is over."""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from tests.fuzz.sighting import Sighting

_CONFIGURATION: Final = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log error;
events {{ worker_connections 8192; }}
http {{
  log_format seen escape=json '{{"method":"$request_method","target":"$request_uri","mark":"$http_x_fuzz_mark",'
    '"source":"$http_x_real_ip","status":$status,"line":"$request"}}';
  access_log {folder}/seen.log seen;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_timeout 1h; large_client_header_buffers 4 64k;
  server {{ listen 127.0.0.1:{port} backlog=1024;
    location / {{ add_header x-saw $request_uri always; return 200 "seen."; }} }}
}}
"""

_REFUSED: Final = re.compile(rb"(?=\S*[^A-Z_ -]\S* )([!#$%&'*+.^_`|~0-9A-Za-z-]+) (/[\x21-\x7e]*) HTTP/1\.1")
"""A request line of plain form with a method that nginx does not take: it reads no further, so knows no field."""


class _Line(msgspec.Struct):
    method: str
    target: str
    mark: str
    source: str
    status: int
    line: str


class NginxBackend:
    """`drain` gives what was seen since the last time."""

    name = "nginx"

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log
        self._at = 0
        self._rest = b""

    def drain(self) -> list[Sighting]:
        """Every request since the last call."""
        with self._log.open("rb") as file:
            file.seek(self._at)
            data = file.read()
        self._at += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [seen for line in lines for seen in _sightings(line)]


def _sightings(line: bytes) -> list[Sighting]:
    told = msgspec.json.decode(line.decode("latin-1"), type=_Line)
    whole = told.line.encode("latin-1")
    if not whole and not told.mark:
        # The gateway opened a connection and had no use for it: a line about nothing at all.
        return []
    refused = _REFUSED.fullmatch(whole)
    if told.status == 400 and refused and not told.mark:
        return [Sighting(refused[1], refused[2], "", None, whole, None, complete=False)]
    problem = f"what nginx answers with {told.status}: {told.line!r}" if told.status == 400 else ""
    target, mark = told.target.encode("latin-1"), told.mark.encode("latin-1")
    return [
        Sighting(told.method.encode("latin-1"), target, told.source, mark, whole, None, told.status == 200, problem)
    ]


def nginx_missing() -> str:
    """Why there is no such backend; empty when there is."""
    return "" if shutil.which("nginx") else "nginx is not installed"


@asynccontextmanager
async def nginx_backend(folder: Path) -> AsyncIterator[NginxBackend]:
    """One on a free loopback port, with its files in `folder`."""
    folder.mkdir(parents=True)  # noqa: ASYNC240  # before anything runs
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port))
    process = await asyncio.create_subprocess_exec(
        shutil.which("nginx") or "nginx", "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")
    )
    try:
        async with asyncio.timeout(10):
            while not await listens(port):
                assert process.returncode is None, (folder / "error.log").read_text()
                await asyncio.sleep(0.02)
        yield NginxBackend(port, folder / "seen.log")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def listens(port: int) -> bool:
    """Whether someone accepts connections there."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
