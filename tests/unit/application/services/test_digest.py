"""A digest depends on what is configured, and not on how that came about."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.application.services.breather import Breather
from app.application.services.digest import Digest
from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.domain.policies.config_changes import difference
from app.infrastructure.config.encoder import digest, digest_of

ROUTE = st.builds(Route, url=st.sampled_from(("http://x:1", "http://y:1")), priority=st.integers(0, 2))
ROUTES = st.dictionaries(st.sampled_from("abcd"), ROUTE)
SERVICES = st.dictionaries(
    st.sampled_from("abcd"), st.builds(lambda port: Service(targets=(Target(f"http://s:{port}"),)), st.integers(1, 3))
)
CONFIGS = st.builds(GatewayConfig, services=SERVICES, routes=ROUTES)


@given(st.lists(CONFIGS, min_size=1, max_size=5))
def test_after_any_history_it_is_that_of_the_configuration_by_itself(configs: list[GatewayConfig]) -> None:
    async def follow() -> str:
        kept = Digest(digest_of, Breather(lambda: 0.0, asyncio.sleep))
        live, found = GatewayConfig(), ""
        for config in configs:
            found = await kept.after(live, config, difference(live, config))
            live = config
        return found

    assert asyncio.run(follow()) == digest(configs[-1])


def test_the_place_of_an_entity_counts() -> None:
    one, other = Route(url="http://x:1"), Route(url="http://y:1")
    assert digest(GatewayConfig(routes={"a": one, "b": other})) != digest(GatewayConfig(routes={"a": other, "b": one}))
    assert digest(GatewayConfig(routes={"a": one, "b": other})) == digest(GatewayConfig(routes={"b": other, "a": one}))
    assert digest(GatewayConfig()) == "0" * 16
