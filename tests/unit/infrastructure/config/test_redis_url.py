import pytest

from app.infrastructure.config.redis_url import RedisPlace, address_name, parse_redis_url

LOCAL = (("127.0.0.1", 6379),)


@pytest.mark.parametrize(
    ("url", "place", "name"),
    [
        ("redis://127.0.0.1", RedisPlace("standalone", LOCAL), "redis://127.0.0.1:6379/0"),
        ("redis://127.0.0.1:6379/", RedisPlace("standalone", LOCAL), "redis://127.0.0.1:6379/0"),
        ("redis://127.0.0.1:7/2", RedisPlace("standalone", (("127.0.0.1", 7),), "", 2), "redis://127.0.0.1:7/2"),
        ("rediss://a:1", RedisPlace("standalone", (("a", 1),), tls=True), "rediss://a:1/0"),
        ("redis://:p%40%2F@a", RedisPlace("standalone", (("a", 6379),), password="p@/"), "redis://a:6379/0"),  # noqa: S106
        ("redis://u:p@[::1]:5", RedisPlace("standalone", (("::1", 5),), "", 0, "u", "p"), "redis://[::1]:5/0"),
        ("redis://[::1]", RedisPlace("standalone", (("::1", 6379),)), "redis://[::1]:6379/0"),
        (
            "redis+sentinel://u:p@a,b:2/mymaster/3",
            RedisPlace("sentinel", (("a", 26379), ("b", 2)), "mymaster", 3, "u", "p"),
            "redis+sentinel://a:26379,b:2/mymaster/3",
        ),
        (
            "rediss+sentinel://a/mymaster",
            RedisPlace("sentinel", (("a", 26379),), "mymaster", tls=True),
            "rediss+sentinel://a:26379/mymaster/0",
        ),
        (
            "redis+cluster://a:1,b:2/0",
            RedisPlace("cluster", (("a", 1), ("b", 2))),
            "redis+cluster://a:1,b:2",
        ),
        ("rediss+cluster://a", RedisPlace("cluster", (("a", 6379),), tls=True), "rediss+cluster://a:6379"),
    ],
)
def test_reads_a_url(url: str, place: RedisPlace, name: str) -> None:
    assert parse_redis_url(url) == place
    assert place.name == name
    assert repr(place) == f"RedisPlace({name!r})"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://:hush@a", "expected a url that begins with one of redis://, rediss://"),
        ("redis://[:hush@a", "is no url"),
        ("redis://:hush?@a", "nothing may follow a '?'"),
        ("redis://:hush#@a", "nothing may follow"),
        ("redis://hush@a", "the password is missing"),
        ("redis://user:@a", "the password is missing"),
        ("redis://user:hush/more@a", "percent-encode '/' in a password"),
        ("redis://:hush/more@a", "the host is missing"),
        ("redis://:hush@a:0", "expected a port from 1 to 65535"),
        ("redis://:hush@a:x", "expected a port from 1 to 65535"),
        ("redis://:hush@", "the host is missing"),
        ("redis://:hush@:1", "the host is missing"),
        ("redis://:hush@a,b", "several belong to redis"),
        ("redis://:hush@a/x", "expected the number of a database"),
        ("redis://:hush@a/0/1", "expected nothing after the number"),
        ("redis+sentinel://:hush@a", "the name of the master is missing"),
        ("redis+cluster://:hush@a/1", "a Cluster has only database 0"),
    ],
)
def test_says_what_is_wrong_and_never_a_password(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("?", r"\?")) as failed:
        parse_redis_url(url)
    assert "hush" not in str(failed.value)


def test_names_an_address() -> None:
    assert address_name(("::1", 1)) == "[::1]:1"
    assert address_name(("a", 1)) == "a:1"
