"""What is served where, by the settings. That it is: tests/integration."""

from collections.abc import Callable, Mapping

import pytest

from app import serving
from app.domain.ports import Events
from app.infrastructure.config.settings import Settings
from app.infrastructure.workers.server import Site
from app.serving import ADMIN_CONNECTIONS, admin_options, serve, server_options
from tests.fakes import RecordedEvents


class Seen:
    """Takes the place of Server."""

    sites: list[Site]
    made: tuple[object, ...]

    def __init__(
        self, name: str, environment: Callable[[list[str]], Mapping[str, str]], drain: float, grace: float
    ) -> None:
        seen = environment(["127.0.0.1:1", "127.0.0.1:2"])
        Seen.made = (name, seen["GATEWAY_ADMIN_TOKEN"], seen["GATEWAY_ADMIN_LISTEN"], drain, grace)

    def run(self, sites: list[Site], events: Events, on_ready: Callable[[list[str]], None]) -> int:
        Seen.sites = sites
        on_ready([site.name for site in sites])
        return 7


@pytest.mark.parametrize(("admin", "names"), [("127.0.0.1:0", ["worker", "admin"]), ("off", ["worker"])])
def test_the_admin_api_is_a_site_of_its_own(monkeypatch: pytest.MonkeyPatch, admin: str, names: list[str]) -> None:
    monkeypatch.setattr(serving, "Server", Seen)
    given = {"admin_listen": admin, "admin_token": "secret", "workers": "3", "drain": "2s", "server": "hypercorn"}
    ready: list[str] = []
    assert serve(Settings.from_environment({}, given), RecordedEvents(), ready.extend) == 7
    assert ready == names
    assert Seen.made == ("hypercorn", "secret", "off" if admin == "off" else "127.0.0.1:2", 2.0, 25.0)
    assert [site.processes for site in Seen.sites] == [3, 1][: len(names)]


def test_each_site_has_its_own_application_and_certificate() -> None:
    settings = Settings(tls_cert="a", tls_key="b", admin_tls_cert="c", admin_tls_key="d", http2=False, max_streams=7)
    data, admin = server_options(settings), admin_options(settings)
    assert (data.target, data.tls_cert, data.tls_key) == ("app.main:app", "a", "b")
    assert (admin.target, admin.tls_cert, admin.tls_key) == ("app.main:admin", "c", "d")
    assert (data.watched, admin.watched) == (True, False)
    assert (data.http2, data.max_streams, admin.max_connections) == (False, 7, ADMIN_CONNECTIONS)
