"""What is checked before any worker starts. The whole: tests/integration/test_serve.py."""

import socket
from collections.abc import Callable

import pytest

from app.domain.ports import Events
from app.infrastructure.workers import server as module
from app.infrastructure.workers.options import ServerOptions, StartError, decode
from app.infrastructure.workers.server import Server, Site
from app.infrastructure.workers.supervisor import Slot, Times
from tests.unit.infrastructure.workers.test_supervisor import Lines


class NoSupervisor:
    """Fails the test when a worker would start."""

    def __init__(self, *given: object) -> None:
        raise AssertionError(f"started: {given}")


def run(options: ServerOptions, address: str, *others: Site) -> int:
    sites = [Site("worker", address, options), *others]
    return Server("granian", lambda _: {}, drain=0, grace=1).run(sites, Lines(), lambda _: None)


def test_a_port_in_use_is_told_before_a_worker_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Supervisor", NoSupervisor)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"cannot listen on 127.0.0.1:{port}: the port is in use"):
            run(ServerOptions(), f"127.0.0.1:{port}")


def test_a_bad_certificate_is_told_before_the_port_is_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "listen", NoSupervisor)
    with pytest.raises(StartError, match="certificate /nowhere cannot be read"):
        run(ServerOptions(tls_cert="/nowhere", tls_key="/nowhere"), "127.0.0.1:0")


def test_every_site_is_checked_before_a_process_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Supervisor", NoSupervisor)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"cannot listen on 127.0.0.1:{port}"):
            run(ServerOptions(), "127.0.0.1:0", Site("admin", f"127.0.0.1:{port}", ServerOptions()))


def test_each_process_has_a_socket_of_its_own_and_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Slot] = []

    class Seen:
        def __init__(self, slots: list[Slot], times: Times, events: Events, on_ready: Callable[[], None]) -> None:
            seen.extend(slots)
            assert times == Times(3, 4)
            self.on_ready = on_ready

        async def run(self) -> int:
            self.on_ready()
            return 5

    monkeypatch.setattr(module, "Supervisor", Seen)
    urls: list[str] = []
    sites = [
        Site("worker", "127.0.0.1:0", ServerOptions(), 2),
        Site("admin", "127.0.0.1:0", ServerOptions(target="x:y")),
    ]
    told: list[list[str]] = []

    def environment(places: list[str]) -> dict[str, str]:
        told.append(places)
        return {"A": "1"}

    assert Server("hypercorn", environment, drain=3, grace=4).run(sites, Lines(), urls.extend) == 5
    assert [f"http://{place}" for place in told[0]] == urls
    assert [slot.command.environment for slot in seen] == [{"A": "1"}] * 3
    assert [slot.name for slot in seen] == ["worker 1", "worker 2", "admin"]
    assert [decode(slot.command.arguments[0]).target for slot in seen] == ["app.main:app", "app.main:app", "x:y"]
    assert [slot.command.module for slot in seen] == ["app.infrastructure.workers.hypercorn"] * 3
    assert len(set(urls)) == 2
    assert all(url.startswith("http://127.0.0.1:") for url in urls)
