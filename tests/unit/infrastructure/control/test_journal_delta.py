"""What is different between two configurations."""

from app.domain.entities.config import GatewayConfig
from app.infrastructure.config.encoder import encode_entity
from app.infrastructure.control.journal_delta import Change, compared, told
from tests.sections import sections
from tests.unit.infrastructure.control.journals import config

BEFORE = config({"same": "http://a:1", "other": "http://a:1", "gone": "http://a:1"}, ("s",))
AFTER = config({"same": "http://a:1", "other": "http://a:2", "new": "http://a:1"}, ("s",))
DELTA = {"other": b'{"url":"http://a:2"}', "new": b'{"url":"http://a:1"}', "gone": None}
DIFFERENCES = {"routes": {"other": "changed", "new": "added", "gone": "removed"}}


def test_only_what_is_told_is_looked_at() -> None:
    changed = {"routes": ["other", "new", "gone", "never there"]}
    delta, differences = told(Change(BEFORE, AFTER, changed, "d"), encode_entity)
    assert delta == {"routes": DELTA}
    assert differences.first == DIFFERENCES
    assert differences.count == 3


def test_everything_is_compared() -> None:
    state = {
        "services": {id_: encode_entity(service) for id_, service in BEFORE.services.items()},
        "routes": {id_: encode_entity(route) for id_, route in BEFORE.routes.items()},
    }
    delta, differences = compared(state, AFTER, encode_entity)
    assert delta == sections(routes=DELTA)
    assert differences.first == DIFFERENCES


def test_nothing_before_nothing_after() -> None:
    delta, differences = compared({}, GatewayConfig(), encode_entity)
    assert delta == sections()
    assert differences.count == 0
