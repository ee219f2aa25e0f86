"""Who changed what is logged and told, without values."""

from app.application.services.admin_audit import Audit
from app.application.services.admin_errors import InvalidConfig
from app.domain.control_ports import StoreConflict, StoreUnavailable
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import EntityChange, Revision
from app.domain.entities.notices import ChangeNotice
from tests.fakes import RecordedEvents
from tests.fakes_control import NOW

VALUE = "hunter2"
CHANGES = (
    EntityChange("services", "users", "changed", {"targets": VALUE}, {"targets": []}),
    EntityChange("routes", "a", "removed", {"url": VALUE}),
)


class World:
    def __init__(self) -> None:
        self.events = RecordedEvents()
        self.notices: list[ChangeNotice] = []
        self.audit = Audit(self.events, lambda: NOW)
        self.audit.listeners.append(self.notices.append)


def test_an_applied_change() -> None:
    world = World()
    world.audit.applied("apply", "webhook:github", CHANGES, Revision(4, "d4", NOW, "memory"))
    assert world.events.seen == [
        (
            "info",
            "configuration written",
            {
                "by": "webhook:github",
                "action": "apply",
                "entities": "services.users changed, routes.a removed",
                "revision": 4,
            },
        )
    ]
    assert world.notices == [
        ChangeNotice(
            "applied",
            "apply",
            "webhook:github",
            NOW,
            changes={"services": {"users": "changed"}, "routes": {"a": "removed"}},
            changed=2,
            revision=4,
            digest="d4",
        )
    ]


def test_a_refused_change_names_the_places_and_no_values() -> None:
    world = World()
    problem = ConfigProblem("request", "routes.a", "url", f"expected a url, got {VALUE!r}")
    world.audit.refused("put", "token:read-write", CHANGES[1:], InvalidConfig([problem]))
    [(level, message, fields)] = world.events.seen
    assert (level, message, fields["reason"]) == ("warning", "configuration refused", "routes.a.url")
    assert VALUE not in repr(world.events.seen)
    [notice] = world.notices
    assert notice.outcome == "refused"
    assert notice.problems == (problem,)
    assert notice.revision == 0


def test_a_store_that_refuses_gives_its_reason() -> None:
    world = World()
    world.audit.refused("put", "x", CHANGES[1:], StoreConflict("routes", "a"))
    world.audit.refused("put", "x", CHANGES[1:], StoreUnavailable("redis does not answer"))
    reasons = [str(fields["reason"]) for _, _, fields in world.events.seen]
    assert reasons[0].startswith("routes.a was changed by somebody else")
    assert reasons[1] == "redis does not answer"
    assert [notice.problems for notice in world.notices] == [(), ()]


def test_many_entities_are_cut() -> None:
    world = World()
    many = [EntityChange("routes", f"r{number}", "added", None, {}) for number in range(200)]
    world.audit.applied("apply", "x", many, Revision(1, "d", NOW, "memory"))
    assert str(world.events.seen[0][2]["entities"]).endswith("routes.r19 added and 180 more")
    assert world.notices[0].changed == 200
    assert len(world.notices[0].changes["routes"]) == 100


def test_a_listener_that_fails_harms_nobody() -> None:
    world = World()

    def fail(_: ChangeNotice) -> None:
        raise RuntimeError("full")

    world.audit.listeners.insert(0, fail)
    world.audit.applied("put", "x", CHANGES, Revision(1, "d", NOW, "memory"))
    assert len(world.notices) == 1
    assert world.events.seen[-1] == (
        "error",
        "a listener for changes of the configuration failed",
        {"error": "RuntimeError('full')"},
    )
