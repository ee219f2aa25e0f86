import socket
import threading
import time
from collections.abc import Iterator

import pytest

from app.infrastructure.config import redis_connection
from app.infrastructure.config.redis_connection import RedisConnection
from app.infrastructure.config.redis_errors import RedisGone, RedisRefused

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


PAGE = b"*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"
OTHER_PAGE = PAGE.replace(b"\n1\r", b"\n2\r")
ANSWER = [b"0", [b"a", b"1"]]


def send(server: socket.socket, parts: tuple[bytes, ...]) -> None:
    for part in parts:
        server.sendall(part)
        time.sleep(0.01)


def again(pair: Pair, before: bytes, *parts: bytes) -> tuple[object, bytes]:
    connection, server = pair
    told = threading.Thread(target=send, args=(server, parts))
    told.start()
    try:
        return connection.call_again(before, "HSCAN")
    finally:
        told.join()


def test_an_answer_that_comes_again_is_not_taken_apart(pair: Pair) -> None:
    assert again(pair, b"", PAGE) == (ANSWER, PAGE)
    assert again(pair, PAGE, PAGE) == (None, PAGE)
    assert again(pair, PAGE, PAGE[:9], PAGE[9:12], PAGE[12:]) == (None, PAGE)
    assert again(pair, PAGE, OTHER_PAGE[:9], OTHER_PAGE[9:]) == ([b"0", [b"a", b"2"]], OTHER_PAGE)
    assert again(pair, PAGE, b"*0\r\n") == ([], b"*0\r\n"), "a shorter one"
    assert again(pair, b"*0\r\n", PAGE) == (ANSWER, PAGE)


def test_an_answer_with_something_else_has_no_bytes(pair: Pair) -> None:
    connection, server = pair
    assert again(pair, PAGE, INVALIDATED + PAGE) == (ANSWER, b"")
    assert again(pair, PAGE, PAGE + INVALIDATED[:9]) == (ANSWER, b"")
    assert again(pair, PAGE, INVALIDATED[9:] + PAGE) == (ANSWER, b"")
    assert again(pair, PAGE, PAGE) == (None, PAGE)
    assert list(connection.pushes) == [[b"invalidate", [b"a"]]] * 2
    server.sendall(b"-WRONGTYPE x\r\n")
    with pytest.raises(RedisRefused, match="WRONGTYPE x"):
        connection.call_again(PAGE, "HSCAN")


def test_an_answer_that_came_again_counts_for_itself(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_connection, "MOST_BYTES", len(PAGE))
    for _ in range(3):
        assert again(pair, PAGE, PAGE) == (None, PAGE)
    with pytest.raises(RedisGone, match="more than"):
        again(pair, PAGE + b"x", PAGE + b"x")
