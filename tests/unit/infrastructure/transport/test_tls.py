import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from app.domain.entities.service import UpstreamTls
from app.infrastructure.transport import tls_files
from app.infrastructure.transport.tls import client_context, describe_tls_error, server_name
from tests.certificates import Files, Pair, make_ca, make_cert


@dataclass
class Server:
    """What a TLS server on loopback saw."""

    port: int = 0
    names: list[str | None] = field(default_factory=list)
    """SNI of each handshake."""


@asynccontextmanager
async def tls_server(context: ssl.SSLContext | None) -> AsyncIterator[Server]:
    """Greets and hangs up; without a context it speaks plain HTTP.

    On blocking sockets, because asyncio's own servers drop the alert that says why they refuse a handshake.
    """
    seen = Server()
    if context is not None:
        context.sni_callback = lambda _socket, name, _context: seen.names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        seen.port = listener.getsockname()[1]
        accepting = asyncio.create_task(accept(listener, context))
        try:
            yield seen
        finally:
            accepting.cancel()
            await asyncio.wait((accepting,))


async def accept(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    """Serve one connection after another."""
    while True:
        connection, _ = await asyncio.get_running_loop().sock_accept(listener)
        connection.settimeout(10)
        await asyncio.to_thread(serve, connection, context)


def serve(connection: socket.socket, context: ssl.SSLContext | None) -> None:
    """Greet; a handshake that fails has said why to the peer."""
    with connection, suppress(OSError):
        if context is None:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.sendall(b"hello")


def server_context(files: Files, clients: str = "") -> ssl.SSLContext:
    """A server with this certificate; `clients` is the authority that clients' certificates must come from."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)
    context.set_alpn_protocols(["http/1.1"])
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context


async def greet(tls: UpstreamTls, port: int, host: str = "localhost") -> ssl.SSLObject:
    """Connect to loopback as if it were `host` and read the greeting; the finished TLS session."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=client_context(tls), server_hostname=server_name(tls, host)
    )
    try:
        assert await reader.readexactly(5) == b"hello"
        session: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return session
    finally:
        writer.close()


async def refusal(tls: UpstreamTls, port: int, host: str = "localhost") -> str:
    """Why `greet` fails, in words."""
    with pytest.raises(OSError) as caught:  # noqa: PT011  every kind counts, its words are what is tested
        await greet(tls, port, host)
    return describe_tls_error(caught.value)


@pytest.fixture(scope="module")
def ca() -> Pair:
    return make_ca()


@pytest.fixture(scope="module")
def leaf(ca: Pair) -> Pair:
    return make_cert(ca, ("localhost", "users.internal"), ("127.0.0.1", "::1"))


@pytest.fixture
def trusted(ca: Pair, tmp_path: Path) -> UpstreamTls:
    return UpstreamTls(ca=ca.write(tmp_path, "ca").cert)


@pytest.fixture
def files(leaf: Pair, tmp_path: Path) -> Files:
    return leaf.write(tmp_path, "server")


async def test_a_good_certificate_is_accepted_with_tls_1_3_and_http_1_1(trusted: UpstreamTls, files: Files) -> None:
    async with tls_server(server_context(files)) as server:
        session = await greet(trusted, server.port)

    assert session.version() == "TLSv1.3"
    assert session.selected_alpn_protocol() == "http/1.1"


async def test_the_host_is_asked_for_and_an_address_is_not(trusted: UpstreamTls, files: Files) -> None:
    explicit = msgspec.structs.replace(trusted, server_name="users.internal")
    async with tls_server(server_context(files)) as server:
        await greet(trusted, server.port)
        await greet(explicit, server.port, "10.0.0.1")
        await greet(trusted, server.port, "127.0.0.1")
        await greet(trusted, server.port, "::1")

    assert server.names == ["localhost", "users.internal", None, None]


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("other.test", "hostname mismatch, certificate is not valid for 'other.test'"),
        ("127.0.0.2", "IP address mismatch, certificate is not valid for '127.0.0.2'"),
    ],
)
async def test_a_wrong_name_or_address_is_refused(trusted: UpstreamTls, files: Files, host: str, reason: str) -> None:
    async with tls_server(server_context(files)) as server:
        assert (await refusal(trusted, server.port, host)).lower() == f"certificate verify failed: {reason}".lower()


async def test_a_common_name_is_no_host_name(ca: Pair, trusted: UpstreamTls, tmp_path: Path) -> None:
    files = make_cert(ca, (), ("127.0.0.9",)).write(tmp_path, "server")
    async with tls_server(server_context(files)) as server:
        assert "IP address mismatch".lower() in (await refusal(trusted, server.port, "127.0.0.1")).lower()
        await greet(trusted, server.port, "127.0.0.9")


async def test_an_unknown_authority_is_refused(files: Files, tmp_path: Path) -> None:
    other = UpstreamTls(ca=make_ca().write(tmp_path, "other").cert)
    async with tls_server(server_context(files)) as server:
        assert await refusal(other, server.port) in {
            "certificate verify failed: unable to get local issuer certificate",
            "certificate verify failed: certificate signature failure",
        }


async def test_an_expired_certificate_is_refused(ca: Pair, trusted: UpstreamTls, tmp_path: Path) -> None:
    files = make_cert(ca, expired=True).write(tmp_path, "expired")
    async with tls_server(server_context(files)) as server:
        assert await refusal(trusted, server.port) == "certificate verify failed: certificate has expired"


async def test_an_intermediate_or_a_server_s_own_certificate_may_be_trusted(ca: Pair, tmp_path: Path) -> None:
    middle = make_ca("Middle", ca)
    files = make_cert(middle).write(tmp_path, "server")
    for trusted in (middle.write(tmp_path, "middle").cert, files.cert):
        async with tls_server(server_context(files)) as server:
            await greet(UpstreamTls(ca=trusted), server.port)


async def test_verify_false_accepts_anything(tmp_path: Path) -> None:
    files = make_cert(make_ca(), ("elsewhere.test",), expired=True).write(tmp_path, "server")
    async with tls_server(server_context(files)) as server:
        await greet(UpstreamTls(verify=False), server.port)


async def test_the_environment_does_not_change_trust(
    trusted: UpstreamTls, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", trusted.ca)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    monkeypatch.setattr(tls_files, "_BUNDLES", (make_ca("Other").write(tmp_path, "bundle").cert,))
    async with tls_server(server_context(files)) as server:
        assert "unable to get local issuer certificate" in await refusal(UpstreamTls(), server.port)
        await greet(trusted, server.port)

    assert not (tmp_path / "keys").exists()


async def test_the_system_s_authorities_are_trusted_by_default(
    trusted: UpstreamTls, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ssl.get_default_verify_paths()._replace(openssl_cafile=trusted.ca, openssl_capath=str(tmp_path / "none"))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    async with tls_server(server_context(files)) as server:
        await greet(UpstreamTls(), server.port)


async def test_a_client_certificate_is_presented(ca: Pair, trusted: UpstreamTls, files: Files, tmp_path: Path) -> None:
    client = make_cert(ca, ("gateway",)).write(tmp_path, "client")
    tls = msgspec.structs.replace(trusted, cert=client.cert, key=client.key)
    async with tls_server(server_context(files, trusted.ca)) as server:
        await greet(tls, server.port)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (ssl.TLSVersion.TLSv1_3, "the peer wants a client certificate: set tls.cert and tls.key"),
        (ssl.TLSVersion.TLSv1_2, "the peer refused the handshake (no common cipher, or it wants a certificate)"),
    ],
)
async def test_a_missing_client_certificate_is_named(
    trusted: UpstreamTls, files: Files, version: ssl.TLSVersion, reason: str
) -> None:
    context = server_context(files, trusted.ca)
    context.maximum_version = version
    async with tls_server(context) as server:
        assert await refusal(trusted, server.port) == reason


async def test_an_untrusted_client_certificate_is_named(trusted: UpstreamTls, files: Files, tmp_path: Path) -> None:
    client = make_cert(make_ca("Stranger"), ("gateway",)).write(tmp_path, "client")
    tls = msgspec.structs.replace(trusted, cert=client.cert, key=client.key)
    async with tls_server(server_context(files, trusted.ca)) as server:
        assert await refusal(tls, server.port) == "the peer does not trust the client certificate of tls.cert"


async def test_a_plain_port_is_recognised(trusted: UpstreamTls) -> None:
    async with tls_server(None) as server:
        assert await refusal(trusted, server.port) == "the peer does not speak TLS (a plain HTTP port?)"


async def test_a_peer_without_tls_1_2_is_refused(trusted: UpstreamTls, files: Files) -> None:
    context = server_context(files)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with tls_server(context) as server:
        assert await refusal(trusted, server.port) == "the peer and the gateway have no TLS version in common"


async def test_a_peer_that_hangs_up_is_recognised(trusted: UpstreamTls) -> None:
    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await refusal(trusted, port) == "the peer closed the connection during the handshake"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionAbortedError("SSL handshake is taking longer than 2 seconds"), "the peer closed the connection"),
        (TimeoutError(), "the handshake took too long"),
        (ssl.SSLError(1, "odd"), "odd"),
        (OSError(), "oserror"),
    ],
)
def test_other_errors_have_words_too(error: Exception, words: str) -> None:
    assert words in describe_tls_error(error)


@pytest.mark.parametrize(
    ("explicit", "host", "name"),
    [
        ("", "users.internal", "users.internal"),
        ("", "users.internal.", "users.internal"),
        ("", "10.0.0.1", "10.0.0.1"),
        ("", "fe80::1%eth0", "fe80::1"),
        ("orders.internal", "10.0.0.1", "orders.internal"),
    ],
)
def test_server_name(explicit: str, host: str, name: str) -> None:
    assert server_name(UpstreamTls(server_name=explicit), host) == name


@pytest.mark.parametrize("name", [".internal", "a..b", "x" * 64 + ".test", "a\0b"])
def test_a_server_name_that_is_none_is_refused(trusted: UpstreamTls, name: str) -> None:
    with pytest.raises(ValueError, match="tls") as caught:
        client_context(msgspec.structs.replace(trusted, server_name=name))

    assert str(caught.value) == f"tls.server_name: {name!r} is not a host name"


def test_equal_settings_share_a_context_and_other_settings_do_not(trusted: UpstreamTls) -> None:
    context = client_context(trusted)

    assert client_context(UpstreamTls(ca=trusted.ca)) is context
    assert client_context(msgspec.structs.replace(trusted, verify=False)) is not context


@pytest.mark.parametrize("rotated", ["ca", "client"])
def test_rotated_files_make_a_new_context(ca: Pair, tmp_path: Path, rotated: str) -> None:
    client = make_cert(ca).write(tmp_path, "client")
    tls = UpstreamTls(ca=ca.write(tmp_path, "ca").cert, cert=client.cert, key=client.key)
    before = client_context(tls)
    renew: dict[str, Callable[[], Pair]] = {"ca": make_ca, "client": lambda: make_cert(ca)}

    renew[rotated]().write(tmp_path, rotated)

    after = client_context(tls)
    assert after is not before
    assert client_context(tls) is after


def test_a_file_that_breaks_is_found_on_the_next_load(trusted: UpstreamTls) -> None:
    client_context(trusted)
    Path(trusted.ca).write_text("hello")

    with pytest.raises(ValueError, match=r"^tls\.ca: .* holds no PEM certificate that can be read$"):
        client_context(trusted)
