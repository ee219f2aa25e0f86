import socket
import ssl
from collections.abc import Iterator

import pytest

from app.infrastructure.config import redis_connection
from app.infrastructure.config.redis_connection import RedisConnection, RedisGone, RedisRefused, failure, why

INVALIDATED = b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[RedisConnection, socket.socket]]:
    ours, theirs = socket.socketpair()
    connection = RedisConnection(ours, 0.1)
    yield connection, theirs
    connection.close()
    theirs.close()


Pair = tuple[RedisConnection, socket.socket]


def test_a_command_and_its_answer(pair: Pair) -> None:
    connection, server = pair
    server.sendall(b"$1\r\nx\r\n")
    assert connection.call("GET", b"a", 1) == b"x"
    assert server.recv(100) == b"*3\r\n$3\r\nGET\r\n$1\r\na\r\n$1\r\n1\r\n"


def test_a_refusal_has_a_code(pair: Pair) -> None:
    connection, server = pair
    server.sendall(b"-NOPERM no\r\n:1\r\n-ERR x\r\n")
    with pytest.raises(RedisRefused, match="NOPERM no") as refused:
        connection.call("GET")
    assert refused.value.code == "NOPERM"
    one, two = connection.calls([("A",), ("B",)])
    assert one == 1
    assert str(two) == "ERR x"


def test_what_is_pushed_is_kept_whenever_it_comes(pair: Pair) -> None:
    connection, server = pair
    server.sendall(INVALIDATED + b":1\r\n" + INVALIDATED[:9])
    assert connection.call("A") == 1
    server.sendall(INVALIDATED[9:])
    connection.poll()
    connection.poll()
    assert list(connection.pushes) == [[b"invalidate", [b"a"]]] * 2
    assert connection.fileno() > 0


def test_f08_what_came_in_one_piece_with_an_answer_is_not_left_until_more_comes(pair: Pair) -> None:
    connection, server = pair
    server.sendall(b":1\r\n" + INVALIDATED)
    assert connection.call("A") == 1
    assert not connection.pushes
    connection.unpack()
    assert list(connection.pushes) == [[b"invalidate", [b"a"]]]
    server.sendall(b":1\r\n:2\r\n")
    assert connection.call("A") == 1
    with pytest.raises(RedisGone, match="not asked for"):
        connection.poll()


def test_asks_for_a_channel(pair: Pair) -> None:
    connection, server = pair
    server.sendall(b">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n+PONG\r\n")
    assert connection.subscribe("c")
    server.sendall(b"-NOPERM\r\n+PONG\r\n")
    assert not connection.subscribe("c")


def test_a_channel_of_a_server_that_is_loading(pair: Pair) -> None:
    """It consents, and refuses the PING after that."""
    connection, server = pair
    server.sendall(b">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n-LOADING wait\r\n")
    with pytest.raises(RedisRefused, match="LOADING wait"):
        connection.subscribe("c")


def test_silence_is_no_answer(pair: Pair) -> None:
    connection, server = pair
    server.sendall(b"$5\r\nabc")
    with pytest.raises(RedisGone, match=r"no answer within 0\.1 s"):
        connection.call("A")


def test_an_end_is_no_answer(pair: Pair) -> None:
    connection, server = pair
    server.close()
    with pytest.raises(RedisGone, match="the connection was closed"):
        connection.poll()
    with pytest.raises(RedisGone, match="broken pipe"):
        connection.call("A")


def test_a_closed_connection_says_so(pair: Pair) -> None:
    connection, _ = pair
    connection.close()
    with pytest.raises(RedisGone, match="the connection was closed"):
        connection.poll()


def test_other_protocols_are_no_answer(pair: Pair) -> None:
    connection, server = pair
    server.sendall(b"HTTP/1.1 400\r\n")
    with pytest.raises(RedisGone, match="does not speak the protocol"):
        connection.call("A")


def test_an_answer_that_was_not_asked_for_ends_it(pair: Pair) -> None:
    connection, server = pair
    server.sendall(b":1\r\n")
    with pytest.raises(RedisGone, match="not asked for"):
        connection.poll()


def test_an_endless_answer_ends_it(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_connection, "MOST_BYTES", 10)
    connection, server = pair
    server.sendall(b"$500\r\n" + b"x" * 20)
    with pytest.raises(RedisGone, match="more than 10 bytes"):
        connection.call("A")


def test_says_why() -> None:
    untrusted = ssl.SSLCertVerificationError(1, "x")
    untrusted.verify_message = "self-signed"
    assert why(untrusted) == "its certificate is refused: self-signed"
    assert why(ssl.SSLError(1, "x")) == "TLS failed: no tls there"
    assert why(TimeoutError()) == "timed out"
    assert why(ConnectionRefusedError(111, "Connection refused")) == "connection refused"
    assert why(OSError()) == "oSError"
    assert failure("redis://a", RedisGone("timed out")) == "redis://a does not answer: timed out"
    assert failure("redis://a", RedisRefused("NOPERM no")) == "redis://a refuses us: NOPERM no"
