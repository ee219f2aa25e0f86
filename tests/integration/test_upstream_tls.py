"""TLS to targets through the real gateway: who is trusted, under which name, and what the log says of the others."""

import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tests.backends import RawBackend, Wire, eventually, ok, raw_backend
from tests.certificates import Pair, make_ca, make_cert
from tests.clients import fetch
from tests.integration.gateway_process import GatewayProcess, behind, gateway

SERVERS = ("builtin",)

AUTHORITY = make_ca("Own CA")
OTHER = make_ca("Other CA")


def serving(pair: Pair, folder: Path, stem: str, clients_of: str = "") -> ssl.SSLContext:
    """A server's context; `clients_of` is the CA file whose clients alone are let in."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    files = pair.write(folder, stem)
    context.load_cert_chain(files.cert, files.key)
    if clients_of:
        context.load_verify_locations(clients_of)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Names:
    """A backend's answer, and the server names that clients asked for (None for none)."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.asked: list[str | None] = []
        context.sni_callback = self._on_name

    def _on_name(self, _socket: object, name: str | None, _context: ssl.SSLContext) -> None:
        self.asked.append(name)


async def answer(wire: Wire) -> None:
    """Say the common name of the client's certificate."""
    certificate = wire.writer.get_extra_info("peercert") or {}
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    while True:
        await wire.request()
        await wire.say(ok("".join(names).encode() or b"nobody"))


async def misunderstand(wire: Wire) -> None:
    """What a plain HTTP server says to a TLS handshake."""
    await wire.reader.read(1)
    await wire.say(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


@asynccontextmanager
async def secure_backends(*contexts: ssl.SSLContext) -> AsyncIterator[list[RawBackend]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(raw_backend(answer, context)) for context in contexts]


@contextmanager
def door(context: ssl.SSLContext) -> Iterator[int]:
    """The port of a server that makes handshakes and no more. It tells why it refuses, which asyncio's does not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, contextlib.suppress(ssl.SSLError):
                        context.wrap_socket(client, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def service(host: str, port: int, **tls: Any) -> dict[str, Any]:
    return {"targets": [{"url": f"https://{host}:{port}"}], "tls": tls}


async def refused(gw: GatewayProcess, path: str) -> tuple[str, str]:
    """The code of a 502 and what the log says of it; the answer itself tells a client nothing of our inside."""
    reply = await fetch(gw.port, path)
    assert (reply.status, reply.field(b"content-type")) == (502, b"application/problem+json"), path
    assert b"certificate" not in reply.body
    record = await gw.record(path)
    assert (record["status"], record["error_source"]) == (502, "upstream")
    return record["error"], record["error_detail"]


async def test_only_targets_that_prove_their_name_are_used(tmp_path: Path, server: str) -> None:
    ca = AUTHORITY.write(tmp_path, "ca").cert
    good = serving(make_cert(AUTHORITY, ("localhost", "users.internal")), tmp_path, "good")
    expired = serving(make_cert(AUTHORITY, expired=True), tmp_path, "expired")
    names = Names(good)
    async with secure_backends(good, expired) as (backend, old), raw_backend(misunderstand) as plain:
        config = behind({
            "own": service("localhost", backend.port, ca=ca),
            "named": service("127.0.0.1", backend.port, ca=ca, server_name="users.internal"),
            "trusting": service("127.0.0.1", backend.port, verify=False),
            "stranger": service("localhost", backend.port),
            "misnamed": service("127.0.0.1", backend.port, ca=ca),
            "renamed": service("localhost", backend.port, ca=ca, server_name="other.internal"),
            "expired": service("localhost", old.port, ca=ca),
            "plain": service("localhost", plain.port, ca=ca),
        })  # fmt: skip
        async with gateway(tmp_path, config, server) as gw:
            for name in ("own", "named", "trusting"):
                assert (await fetch(gw.port, f"/{name}/x")).body == b"nobody"
            assert names.asked == ["localhost", "users.internal", None]
            reasons = {
                "stranger": (backend, "certificate verify failed: unable to get local issuer certificate"),
                "misnamed": (backend, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
                "renamed": (backend, "ostname mismatch, certificate is not valid for 'other.internal'"),
                "expired": (old, "certificate verify failed: certificate has expired"),
                "plain": (plain, "the peer does not speak TLS (a plain HTTP port?)"),
            }
            for name, (target, reason) in reasons.items():
                code, detail = await refused(gw, f"/{name}/x")
                assert code == "upstream_connect_failed"
                assert f":{target.port} failed: " in detail
                assert reason in detail
            assert not any("Traceback" in line for line in gw.log)


async def test_targets_may_ask_for_our_certificate(tmp_path: Path, server: str) -> None:
    ca = AUTHORITY.write(tmp_path, "ca").cert
    client = make_cert(AUTHORITY, ("gateway.internal",)).write(tmp_path, "client")
    stranger = make_cert(OTHER, ("stranger.internal",)).write(tmp_path, "stranger")
    strict = serving(make_cert(AUTHORITY), tmp_path, "server", clients_of=ca)
    async with secure_backends(strict) as (backend,):
        with door(strict) as port:
            config = behind({
                "known": service("localhost", backend.port, ca=ca, cert=client.cert, key=client.key),
                "nobody": service("localhost", port, ca=ca),
                "stranger": service("localhost", port, ca=ca, cert=stranger.cert, key=stranger.key),
            })  # fmt: skip
            async with gateway(tmp_path, config, server) as gw:
                assert (await fetch(gw.port, "/known/x")).body == b"gateway.internal"
                assert "wants a client certificate: set tls.cert and tls.key" in (await refused(gw, "/nobody/x"))[1]
                assert "does not trust the client certificate of tls.cert" in (await refused(gw, "/stranger/x"))[1]


async def test_rotated_files_are_used_from_the_next_load_on(tmp_path: Path, server: str) -> None:
    ca, client = AUTHORITY.write(tmp_path, "ca"), make_cert(AUTHORITY, ("first.internal",)).write(tmp_path, "client")
    both = tmp_path / "both.pem"
    both.write_bytes(AUTHORITY.cert_pem + OTHER.cert_pem)
    before = serving(make_cert(AUTHORITY), tmp_path, "before", clients_of=str(both))
    after = serving(make_cert(OTHER), tmp_path, "after", clients_of=str(both))
    async with secure_backends(before, after) as backends:
        tls = {"ca": ca.cert, "cert": client.cert, "key": client.key}
        names = zip(("before", "after"), backends, strict=True)
        config = behind({name: service("localhost", backend.port, **tls) for name, backend in names})
        async with gateway(tmp_path, config, server) as gw:
            assert (await fetch(gw.port, "/before/x")).body == b"first.internal"
            assert (await fetch(gw.port, "/after/x")).status == 502
            rotate(tmp_path)
            gw.save(config | {"routes": {**config["routes"], "new": {"match": {"paths": ["/new"]}, "respond": {}}}})
            await eventually(lambda: len([line for line in gw.log if "configuration is live" in line]) == 2)
            assert (await fetch(gw.port, "/after/x")).body == b"second.internal"
            assert (await fetch(gw.port, "/before/x")).body == b"second.internal"
            await eventually(lambda: backends[0].closed == 1)


def rotate(folder: Path) -> None:
    """Trust both authorities, and present another certificate."""
    (folder / "ca.pem").write_bytes((folder / "both.pem").read_bytes())
    make_cert(OTHER, ("second.internal",)).write(folder, "client")
