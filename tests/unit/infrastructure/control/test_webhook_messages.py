"""What receivers read."""

import json

from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Revision
from app.domain.entities.notices import ChangeNotice
from app.infrastructure.control.webhook_messages import applied, refused


def test_a_revision_that_is_live() -> None:
    revision = Revision(7, "abc", 1.5, "redis://h/0", {"routes": {"a": "added"}}, 1, 2, 3, 4, 5, 6)
    message = applied("id-1", revision)
    assert message.id == "id-1"
    assert json.loads(message.body) == {
        "id": "id-1", "event": "config.applied", "revision": 7, "digest": "abc", "time": 1.5, "source": "redis://h/0",
        "changes": {"routes": {"a": "added"}}, "changed": 1, "services": 2, "routes": 3,
        "issuers": 4, "consumers": 5, "chains": 6,
    }  # fmt: skip


def test_a_change_that_was_refused() -> None:
    problem = ConfigProblem("request", "routes.a", "url", "is no url")
    notice = ChangeNotice("refused", "put", "token:read-write", 1.5, {"routes": {"a": "added"}}, 1, (problem,))
    assert json.loads(refused("id-2", notice).body) == {
        "id": "id-2", "event": "config.refused", "action": "put", "by": "token:read-write", "time": 1.5,
        "changes": {"routes": {"a": "added"}}, "changed": 1,
        "problems": [{"source": "request", "entity": "routes.a", "field": "url", "reason": "is no url", "line": 0}],
    }  # fmt: skip
