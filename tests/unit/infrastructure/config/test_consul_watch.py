from typing import Any

import httpx
import pytest
import respx

from app.domain.control_ports import StoreUnavailable
from app.infrastructure.config.consul_options import ConsulOptions
from app.infrastructure.config.consul_watch import ConsulWatch, consul_watches
from tests.consul_harness import clock, quick_pace, short_sleep

URL = "http://consul:8500/v1/health/service/users"
OPTIONS = ConsulOptions("consul://consul:8500", wait=60.0)


def answer(index: int | None, body: bytes = b"[1]", status: int = 200, **fields: str) -> httpx.Response:
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    if index is not None:
        headers["X-Consul-Index"] = str(index)
    return httpx.Response(status, content=body, headers=headers)


class Watched:
    """A watch over answers by script."""

    def __init__(self, *answers: httpx.Response | Exception, complete: bool = False) -> None:
        self.route = respx.get(URL).mock(side_effect=list(answers))
        self.watch = ConsulWatch(OPTIONS, "/v1/health/service/users", {"passing": "true"}, quick_pace(), complete)

    def asked(self) -> list[dict[str, Any]]:
        """The parameters of each question."""
        return [dict(call.request.url.params) for call in self.route.calls]

    def indexes(self) -> list[int]:
        return [int(parameters.get("index", 0)) for parameters in self.asked()]


@respx.mock
async def test_the_index_of_an_answer_goes_into_the_next_question() -> None:
    watched = Watched(answer(5, b"[1]"), answer(9, b"[2]"), answer(9))
    assert [await watched.watch.next() for _ in range(3)] == [b"[1]", b"[2]", None]
    assert watched.asked() == [
        {"passing": "true"},
        {"passing": "true", "index": "5", "wait": "60000ms"},
        {"passing": "true", "index": "9", "wait": "60000ms"},
    ]
    await watched.watch.aclose()


@respx.mock
async def test_whole_answers_are_those_that_no_index_precedes() -> None:
    watched = Watched(answer(5), answer(9), answer(3), answer(3), answer(4))
    seen = []
    for _ in range(5):
        await watched.watch.next()
        seen.append(watched.watch.whole)
    assert seen == [True, False, True, True, False]
    assert watched.indexes() == [0, 5, 9, 0, 3], "3 is less than 9, so the state is asked for anew"


@pytest.mark.parametrize("index", [0, 1])
@respx.mock
async def test_an_index_is_one_at_least(index: int) -> None:
    watched = Watched(answer(index), answer(2))
    await watched.watch.next()
    await watched.watch.next()
    assert watched.indexes() == [0, 1]


@respx.mock
async def test_after_a_failure_the_state_is_asked_for() -> None:
    watched = Watched(answer(5), httpx.ConnectError("no"), answer(5), answer(None), answer(5))
    assert await watched.watch.next() == b"[1]"
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await watched.watch.next()
    assert await watched.watch.next() == b"[1]"
    with pytest.raises(StoreUnavailable, match="is it Consul"):
        await watched.watch.next()
    await watched.watch.next()
    assert watched.indexes() == [0, 5, 0, 5, 0]


@respx.mock
async def test_a_restart_and_an_answer_of_no_use_begin_anew() -> None:
    watched = Watched(answer(5), answer(5), answer(5))
    await watched.watch.next()
    watched.watch.restart()
    assert await watched.watch.next() == b"[1]"
    watched.watch.failed()
    assert await watched.watch.next() == b"[1]"
    assert watched.indexes() == [0, 0, 0]


@respx.mock
async def test_nothing_found_is_an_empty_list() -> None:
    watched = Watched(answer(5, b"", 404))
    assert await watched.watch.next() == b"[]"


@pytest.mark.parametrize(
    ("response", "complete", "said"),
    [
        (answer(None, b"404 page not found", 404), False, "is it Consul"),
        (answer(None), False, "is it Consul"),
        (answer(5, b"No cluster leader", 500), False, "No cluster leader"),
        (answer(5, X_Consul_KnownLeader="false"), False, "knows no leader"),
        (answer(5, b"[]", X_Consul_Results_Filtered_By_ACLs="true"), False, "ACLs hide"),
        (answer(5, b"", 404, X_Consul_Results_Filtered_By_ACLs="true"), False, "ACLs hide"),
        (answer(5, b"null", X_Consul_Results_Filtered_By_ACLs="true"), False, "ACLs hide"),
        (answer(5, b"[1]", X_Consul_Results_Filtered_By_ACLs="true"), True, "ACLs hide"),
    ],
)
@respx.mock
async def test_answers_that_are_not_believed(response: httpx.Response, complete: bool, said: str) -> None:
    watched = Watched(response, complete=complete)
    with (
        pytest.raises(StoreUnavailable, match=said)
        if response.status_code != 404
        else pytest.raises(Exception, match=said)
    ):
        await watched.watch.next()


@respx.mock
async def test_a_part_that_acls_hide_may_not_matter() -> None:
    watched = Watched(answer(5, b"[1]", X_Consul_Results_Filtered_By_ACLs="true"))
    assert await watched.watch.next() == b"[1]"


@respx.mock
async def test_watches_are_made_of_a_path_and_parameters() -> None:
    route = respx.get("http://consul:8500/v1/health/service/a%2Fb").mock(answer(5, b"[3]"))
    watch = consul_watches(OPTIONS, clock, short_sleep, lambda: 0.5)("/v1/health/service/a%2Fb", {"dc": "dc9"})
    assert await watch.next() == b"[3]"
    assert dict(route.calls.last.request.url.params) == {"dc": "dc9"}
    await watch.aclose()
