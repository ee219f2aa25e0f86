"""A master, a replica and three sentinels for tests. Not for single servers and Clusters: `redis_server`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.redis_server import RedisServer, free_ports, running, wait_until

MASTER = "mymaster"


class Sentinels(NamedTuple):
    """Who is there at first."""

    master: RedisServer
    replica: RedisServer
    sentinels: list[RedisServer]

    @property
    def url(self) -> str:
        """For the gateway."""
        places = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{places}/{MASTER}/0"


@contextmanager
def sentinels(directory: Path) -> Iterator[Sentinels]:
    """Ready to fail over: every sentinel knows the others and the replica."""
    master_port, replica_port, *ports = free_ports(5)
    bind = ("--bind", "127.0.0.1")
    master = RedisServer(directory / "master", *bind, "--repl-diskless-sync-delay", "0", port=master_port)
    replica = RedisServer(directory / "replica", *bind, "--replicaof", f"127.0.0.1 {master_port}", port=replica_port)
    watchers = [_sentinel(directory / str(port), port, master_port) for port in ports]
    with running(master, replica):
        # A sentinel that meets the replica ready needs not wait ten seconds for its next look at it.
        wait_until(lambda: replica.cli("ROLE")[3] == b"connected")
        with running(*watchers):
            wait_until(lambda: all(_is_ready(watcher) for watcher in watchers))
            yield Sentinels(master, replica, watchers)


def _sentinel(directory: Path, port: int, master: int) -> RedisServer:
    directory.mkdir(parents=True)
    settings = [
        f"port {port}",
        "bind 127.0.0.1",
        f"sentinel monitor {MASTER} 127.0.0.1 {master} 2",
        f"sentinel down-after-milliseconds {MASTER} 1000",
        f"sentinel failover-timeout {MASTER} 5000",
    ]
    (directory / "sentinel.conf").write_text("\n".join(settings) + "\n")
    return RedisServer(directory, "sentinel.conf", "--sentinel", port=port)


def _is_ready(watcher: RedisServer) -> bool:
    master = _facts(watcher.cli("SENTINEL", "MASTER", MASTER))
    replicas = [_facts(replica) for replica in watcher.cli("SENTINEL", "REPLICAS", MASTER)]
    linked = [replica for replica in replicas if replica["master-link-status"] == "ok"]
    return master["num-other-sentinels"] == "2" and len(linked) == 1


def _facts(answer: Any) -> dict[str, str]:
    """A flat list of names and values, or the mapping that a client makes of it."""
    if isinstance(answer, dict):
        return {_text(name): _text(value) for name, value in answer.items()}
    return {_text(name): _text(value) for name, value in zip(answer[::2], answer[1::2], strict=True)}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
