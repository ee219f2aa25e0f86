"""Why a good entity is not live: what it names is missing, waits, leads in a circle, or belongs to another."""

from app.domain.entities.chain import Chain
from app.domain.entities.consumer import ApiKey, Consumer
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config.entity_admission import Admission
from app.infrastructure.config.entity_references import Link
from app.infrastructure.config.entity_rivals import Rivals
from app.infrastructure.config.entity_section import SectionState
from app.infrastructure.config.entity_uses import Uses

SERVICE = Link(("service",), "services", "s")
ROUTE = Route(service="s")


class World:
    def __init__(self) -> None:
        self.sections = {section: SectionState() for section in ("services", "chains", "consumers", "routes")}
        self.uses, self.rivals = Uses(), Rivals()
        self.admission = Admission(self.sections, self.uses, self.rivals)

    def of_route(self, route: Route = ROUTE) -> str:
        _, _, reason = self.admission.lack(("routes", "r"), route, [SERVICE])
        return reason


def test_what_is_named_must_stand_there_and_be_live() -> None:
    world = World()
    state = world.sections["services"]
    assert world.of_route() == "service 's' does not exist"
    state.take("s", b"1", ())
    assert world.of_route() == "service 's' is refused itself"
    state.take("s", b"2", Service())
    assert world.of_route() == "service 's' waits itself"
    state.live["s"] = Service()
    assert world.of_route() == ""


def test_what_is_switched_off_serves_only_what_is_too() -> None:
    world = World()
    state = world.sections["services"]
    state.take("s", b"1", Service(enabled=False))
    state.live["s"] = Service(enabled=False)
    assert world.of_route() == "service 's' is not enabled"
    assert world.of_route(Route(service="s", enabled=False)) == ""


def test_what_is_going_serves_those_that_have_it() -> None:
    world = World()
    world.sections["services"].live["s"] = Service()
    assert world.of_route() == "service 's' does not exist"
    world.uses.put(("routes", "r"), [("services", "s")])
    assert world.of_route() == ""


def test_a_circle_waits_for_all_that_it_is_made_of() -> None:
    world = World()
    link = Link(("filters", 0, "use"), "chains", "b")
    b = Chain(({"use": "a"},))
    world.sections["chains"].take("b", b"1", b)
    world.sections["chains"].live.update({"a": Chain(), "b": b})
    world.uses.put(("chains", "b"), [("chains", "a"), ("issuers", "i")])
    lacking, path, reason = world.admission.lack(("chains", "a"), Chain(({"use": "b"},)), [link])
    assert (set(lacking), path) == ({("chains", "a"), ("chains", "b")}, ("filters",))
    assert reason == "chain 'a' uses itself, by way of a -> b -> a"


def test_a_credential_of_another() -> None:
    world = World()
    consumer = Consumer(api_keys=(ApiKey("0" * 64),))
    world.rivals.claim("a", consumer)
    world.rivals.claim("b", consumer)
    assert world.admission.lack(("consumers", "a"), consumer, []) == ((), (), "")
    lacking, path, reason = world.admission.lack(("consumers", "b"), consumer, [])
    assert (lacking, path) == ((), ("api_keys", 0, "sha256"))
    assert reason.startswith("consumer 'a' has the same API key")
