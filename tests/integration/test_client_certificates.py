"""Clients known by their certificates, where the gateway itself ends TLS: over HTTP/1.1 and HTTP/2."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.backends import Wire, ok, raw_backend
from tests.certificates import Files, make_ca, make_cert
from tests.integration.gateway_process import GatewayProcess, gateway


class Party(NamedTuple):
    """The authorities of the test, and who holds a certificate of which."""

    authority: str
    server: Files
    machine: Files
    stranger: Files


@pytest.fixture
def party(tmp_path: Path) -> Party:
    ours, theirs = make_ca("Ours"), make_ca("Theirs")
    authority = tmp_path / "ca.pem"
    authority.write_bytes(ours.cert_pem)
    return Party(
        str(authority),
        make_cert(ours, ips=("127.0.0.1",)).write(tmp_path, "server"),
        make_cert(ours, ("machine.example",)).write(tmp_path, "machine"),
        make_cert(theirs, ("machine.example",)).write(tmp_path, "stranger"),
    )


def config(port: int) -> dict[str, Any]:
    return {
        "services": {"users": {"targets": [{"url": f"http://127.0.0.1:{port}"}]}},
        "consumers": {"machine": {"certificates": [{"dns": "machine.example"}]}},
        "routes": {
            "closed": {"match": {"paths": ["/closed/*"]}, "service": "users", "filters": [{"certificate": {}}]},
            "open": {"match": {"paths": ["/*"]}, "service": "users"},
        },
    }


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async def answer(wire: Wire) -> None:
        while await wire.head():
            await wire.say(ok(b"served"))

    async with raw_backend(answer) as backend:
        yield backend.port


def served(tmp_path: Path, port: int, party: Party, auth: str) -> Any:
    return gateway(
        tmp_path, config(port), "builtin", tls_cert=party.server.cert, tls_key=party.server.key,
        tls_client_ca=party.authority, tls_client_auth=auth,
    )  # fmt: skip


async def ask(running: GatewayProcess, party: Party, shown: Files | None, *, http2: bool) -> httpx.Response:
    context = ssl.create_default_context(cafile=party.authority)
    if shown is not None:
        context.load_cert_chain(shown.cert, shown.key)
    async with httpx.AsyncClient(verify=context, http2=http2, trust_env=False) as client:
        return await client.get(f"https://127.0.0.1:{running.port}/closed/x")


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
async def test_a_certificate_names_the_consumer(tmp_path: Path, port: int, party: Party, http2: bool) -> None:
    async with served(tmp_path, port, party, "required") as running:
        answer = await ask(running, party, party.machine, http2=http2)
        assert answer.status_code == 200
        assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        assert (await running.record("/closed/x"))["consumer"] == "machine"


@pytest.mark.parametrize("shown", ["nothing", "stranger"])
async def test_without_a_good_certificate_there_is_no_handshake(
    tmp_path: Path, port: int, party: Party, shown: str
) -> None:
    async with served(tmp_path, port, party, "required") as running:
        with pytest.raises((httpx.TransportError, ssl.SSLError)):
            await ask(running, party, party.stranger if shown == "stranger" else None, http2=False)
        assert (await ask(running, party, party.machine, http2=False)).status_code == 200
        assert not [line for line in running.log if "Traceback" in line]


async def test_where_it_is_optional_the_route_decides(tmp_path: Path, port: int, party: Party) -> None:
    async with served(tmp_path, port, party, "optional") as running:
        assert (await ask(running, party, None, http2=False)).status_code == 401
        assert (await ask(running, party, party.machine, http2=False)).status_code == 200
        with pytest.raises((httpx.TransportError, ssl.SSLError)):
            await ask(running, party, party.stranger, http2=False)


async def refusal(tmp_path: Path, *arguments: str) -> str:
    """What the gateway says when it does not start."""

    (tmp_path / "gateway.yaml").write_text("routes: {}")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "serve", "--config", str(tmp_path / "gateway.yaml"), "--listen", "127.0.0.1:0",
        "--admin-listen", "off", *arguments, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    assert process.returncode
    return said.decode()


async def test_a_server_that_cannot_tell_certificates_is_not_started(tmp_path: Path, party: Party) -> None:
    pair = ("--tls-cert", party.server.cert, "--tls-key", party.server.key)
    said = await refusal(tmp_path, *pair, "--tls-client-ca", party.authority, "--server", "granian")
    assert "use the server builtin" in said


async def test_authorities_that_cannot_be_read_are_named(tmp_path: Path, party: Party) -> None:
    pair = ("--tls-cert", party.server.cert, "--tls-key", party.server.key)
    missing = str(tmp_path / "none.pem")
    assert missing in await refusal(tmp_path, *pair, "--tls-client-ca", missing, "--server", "builtin")
    plain = await refusal(tmp_path, "--tls-client-ca", party.authority, "--server", "builtin")
    assert "only be asked for certificates over TLS" in plain
