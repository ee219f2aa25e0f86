"""Which service a route leads to."""

import pytest

from app.application.services.snapshot import service_of
from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target

SERVICE = Service(targets=(Target("http://s:1"),))
CONFIG = GatewayConfig(services={"s": SERVICE, "off": Service(targets=(Target("http://off:1"),), enabled=False)})


def test_the_service_of_a_url_has_that_one_target_and_defaults_for_the_rest() -> None:
    assert service_of(Route(url="http://u:1"), CONFIG.services) == Service(targets=(Target("http://u:1"),))
    assert service_of(Route(service="s"), CONFIG.services) is SERVICE


@pytest.mark.parametrize(("service", "reason"), [("none", "does not exist"), ("off", "is not enabled")])
def test_a_service_that_cannot_be_used_is_named(service: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"service '{service}' {reason}"):
        service_of(Route(service=service), CONFIG.services)
