import pytest

from app.infrastructure.config.redis_dial import RedisDialer
from app.infrastructure.config.redis_errors import RedisGone, RedisRefused
from app.infrastructure.config.redis_url import RedisPlace
from tests.redis_server import free_ports
from tests.scripted_redis import OK, ScriptedRedis, scripted


def dialer(server: ScriptedRedis, **more: object) -> RedisDialer:
    place = RedisPlace("standalone", (), **more)  # type: ignore[arg-type]
    return RedisDialer(server.options(place=place))


def test_says_hello_in_the_third_version_of_the_protocol() -> None:
    with scripted({}) as server:
        dialer(server).open(("127.0.0.1", server.port)).close()
    assert server.commands == [["HELLO", "3", "SETNAME", "gateway"]]


@pytest.mark.parametrize(("user", "said"), [("", "default"), ("me", "me")])
def test_logs_in_and_chooses_the_database(user: str, said: str) -> None:
    with scripted({}) as server:
        dialer(server, username=user, password="pw", database=2).open(("127.0.0.1", server.port)).close()  # noqa: S106
    assert server.commands == [["HELLO", "3", "AUTH", said, "pw", "SETNAME", "gateway"], ["SELECT", "2"]]


def test_a_server_that_is_too_old() -> None:
    with (
        scripted({"HELLO": b"-ERR unknown command `HELLO`\r\n"}) as server,
        pytest.raises(RedisRefused, match="Redis 6 or newer is needed"),
    ):
        dialer(server).open(("127.0.0.1", server.port))


def test_a_refused_login_is_raised_and_leaves_no_connection() -> None:
    with (
        scripted({"HELLO": b"-WRONGPASS no\r\n"}) as server,
        pytest.raises(RedisRefused, match="WRONGPASS"),
    ):
        dialer(server).open(("127.0.0.1", server.port))


def test_nobody_there() -> None:
    with scripted({}) as server, pytest.raises(RedisGone, match="connection refused"):
        dialer(server).open(("127.0.0.1", free_ports(1)[0]))


def test_no_tls_there() -> None:
    with scripted(lambda _: OK) as server, pytest.raises(RedisGone, match=r"TLS failed|timed out"):
        dialer(server, tls=True).open(("127.0.0.1", server.port))


def test_a_certificate_that_is_not_there() -> None:
    with scripted({}) as server:
        options = server.options(place=RedisPlace("standalone", (), tls=True), cert="/none.pem")
        with pytest.raises(RedisGone, match="no such file"):
            RedisDialer(options).open(("127.0.0.1", server.port))


def test_logs_in_at_a_sentinel_only_when_asked() -> None:
    def asks(command: list[str]) -> bytes:
        return OK if "AUTH" in command else b"-NOAUTH log in\r\n"

    with scripted(asks) as server:
        dialer(server, password="pw").open_sentinel(("127.0.0.1", server.port)).close()  # noqa: S106
        with pytest.raises(RedisRefused, match="NOAUTH"):
            dialer(server).open_sentinel(("127.0.0.1", server.port))
    with scripted({}) as server:
        dialer(server, password="pw").open_sentinel(("127.0.0.1", server.port)).close()  # noqa: S106
    assert server.commands == [["HELLO", "3", "SETNAME", "gateway"]]


def test_a_sentinel_that_is_too_slow() -> None:
    with scripted(lambda _: b"") as server, pytest.raises(RedisGone, match="no answer"):
        dialer(server).open_sentinel(("127.0.0.1", server.port))


def test_a_sentinel_that_refuses_the_login() -> None:
    def refuses(command: list[str]) -> bytes:
        return b"-WRONGPASS no\r\n" if "AUTH" in command else b"-NOAUTH log in\r\n"

    with scripted(refuses) as server, pytest.raises(RedisRefused, match="WRONGPASS"):
        dialer(server, password="pw").open_sentinel(("127.0.0.1", server.port))  # noqa: S106
