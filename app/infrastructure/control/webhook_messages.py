"""What outgoing webhooks say: one JSON object each. Not for sending them."""

import msgspec

from app.domain.entities.control import Revision
from app.domain.entities.notices import ChangeNotice


class Message(msgspec.Struct, frozen=True):
    """One message, the same for every receiver and every attempt."""

    id: str
    body: bytes


def applied(id_: str, revision: Revision) -> Message:
    """A configuration became live, whoever put it into the store."""
    return _message(id_, {"id": id_, "event": "config.applied", **_content(revision, {"number": "revision"})})


def refused(id_: str, notice: ChangeNotice) -> Message:
    """A change was asked for, and refused."""
    content = _content(notice, {})
    for name in ("outcome", "revision", "digest"):
        del content[name]
    return _message(id_, {"id": id_, "event": "config.refused", **content})


def _content(value: msgspec.Struct, names: dict[str, str]) -> dict[str, object]:
    return {names.get(name, name): content for name, content in msgspec.structs.asdict(value).items()}


def _message(id_: str, content: dict[str, object]) -> Message:
    return Message(id_, msgspec.json.encode(content))
