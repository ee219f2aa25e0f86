"""Parts as the application and the command line get them: with everything that they should know."""

import pytest

from app import assembly
from app.assembly import make_balancing, make_compiler, make_decoder, make_entrance, make_intake
from app.domain.entities.config import ConfigError, GatewayConfig
from app.domain.entities.units import Duration, Size
from app.domain.errors import DownstreamError
from app.domain.policies.via import Via
from app.infrastructure.config.documents import Document
from app.infrastructure.config.settings import Settings
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.infrastructure.workers.descriptors import Allowance
from app.infrastructure.workers.doors import Doors
from tests.asgi import Server, http_scope
from tests.fakes import RecordedEvents, exchange, request, tools

FILTERS = [{"headers": {"response": {"set": {"a": "1"}}}}]
ROUTE = {"match": {"paths": ["~/a+"]}, "respond": {"body": "x"}, "filters": FILTERS}


@pytest.fixture(autouse=True)
def own_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of this process stay open for other tests."""
    monkeypatch.setattr(assembly, "DOORS", Doors())


def decoded(**routes: object) -> GatewayConfig:
    return make_decoder(Settings()).decode(Document({"routes": routes}), "f")


def test_the_decoder_knows_filters_and_patterns() -> None:
    assert list(decoded(a=ROUTE).routes) == ["a"]
    url = "http://a:1"
    with pytest.raises(ConfigError) as refused:
        decoded(nope={"url": url, "filters": [{"nope": {}}]}, bad={"url": url, "match": {"paths": ["~("]}})
    assert sorted(problem.entity for problem in refused.value.problems) == ["routes.bad", "routes.nope"]


def test_the_decoder_reads_secrets_from_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BODY", "secret")
    respond = decoded(a={"respond": {"body": "env:BODY"}}).routes["a"].respond
    assert respond is not None
    assert respond.body == "secret"


async def test_what_is_decoded_is_compiled_to_handlers_with_their_filters() -> None:
    transport = HttpTransport(Resolver())
    compiler = make_compiler(make_balancing(transport), tools(), Via("gw"))
    snapshot = await compiler.compile(decoded(a=ROUTE))
    found = snapshot.table.match(request("/aaa"))
    assert found is not None
    response = await snapshot.handlers[found[0].id](exchange())
    assert (response.body, (b"a", b"1") in response.headers) == (b"x", True)
    await transport.aclose()


def test_the_intake_has_the_limits_and_the_proxies_of_the_settings() -> None:
    settings = Settings(
        max_head=Size(50), max_headers=3, max_target=Size(5), body_idle=Duration(3), trusted_proxies=("192.0.2.0/24",)
    )
    intake = make_intake(settings)
    server = Server()
    fields = [(b"host", b"t"), (b"x-forwarded-proto", b"https")]
    assert intake.request(http_scope(b"/1234", headers=fields), server.receive, server.send).scheme == "https"
    for scope, status in (
        (http_scope(b"/12345"), 414),
        (http_scope(headers=[(b"host", b"t"), *[(b"a", b"b")] * 3]), 431),
        (http_scope(headers=[(b"host", b"t"), (b"a", b"b" * 50)]), 431),
    ):
        with pytest.raises(DownstreamError) as refused:
            intake.request(scope, server.receive, server.send)
        assert refused.value.status == status


async def test_the_entrance_is_that_of_the_settings_and_leaves_nothing_behind() -> None:
    given = {"client_exempt": "none", "client_rate": "2/min", "max_connections": "40", "shed_lag": "500ms"}
    events = RecordedEvents()
    entrance = make_entrance(Settings.from_environment({}, given), events)
    scope = http_scope(b"/", peer="192.0.2.1")
    assert [entrance.admission.wait(scope) for _ in range(3)] == [0, 0, 30]
    flight = entrance.flights.enter(Server().receive, ("192.0.2.1", 4711))
    assert entrance.warden.taken(("192.0.2.1", 4711)) == -1
    entrance.flights.leave(flight)
    with entrance.watched():
        assert entrance.lag is not None
    assert events.seen == []


async def test_what_is_off_is_not_asked() -> None:
    given = {"client_rate": "off", "shed_lag": "0s", "client_connections": "0", "trusted_proxies": "192.0.2.1"}
    entrance = make_entrance(Settings.from_environment({}, given), RecordedEvents())
    assert entrance.lag is None
    scope = http_scope(b"/", peer="198.51.100.1")
    assert {entrance.admission.wait(scope) for _ in range(5000)} == {0}
    with entrance.watched():
        pass


async def test_proxies_that_are_trusted_are_exempt() -> None:
    given = {"client_exempt": "none", "client_rate": "1/min", "trusted_proxies": "192.0.2.1"}
    entrance = make_entrance(Settings.from_environment({}, given), RecordedEvents())
    assert {entrance.admission.wait(http_scope(b"/", peer="192.0.2.1")) for _ in range(9)} == {0}
    assert entrance.admission.wait(http_scope(b"/", peer="192.0.2.2")) == 0
    assert entrance.admission.wait(http_scope(b"/", peer="192.0.2.2")) == 60


async def test_f27_too_few_files_for_the_connections_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "allow", lambda _: Allowance(700, 1024))
    events = RecordedEvents()
    make_entrance(Settings.from_environment({}, {}), events)
    [(level, message, _)] = events.seen
    assert level == "warning"
    assert message.startswith("at most 700 client connections, not max_connections=16384")


def test_filters_in_the_wrong_order_are_a_mistake_of_the_route() -> None:
    filters = [{"api_key": {}}, {"use": "other"}, {"cors": {"origins": ["*"]}}]
    document = Document({"routes": {"a": {**ROUTE, "filters": filters}}, "chains": {"other": []}})
    with pytest.raises(ConfigError) as refused:
        make_decoder(Settings()).decode(document, "file")
    reason = "cors stands after api_key, which would refuse preflights: put it before"
    assert [(one.entity, one.field, one.reason) for one in refused.value.problems] == [
        ("routes.a", "filters[2]", reason)
    ]
