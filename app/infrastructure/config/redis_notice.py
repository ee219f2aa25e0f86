"""What gateways tell one another over the channel of changes: which entities to look at. Not for what is in them.

A notice only makes things faster: one that is lost, or invented, changes nothing but when an entity is looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

MOST_IDS: Final = 1000
"""Of one notice; more are found by reading the hash."""


class Notice(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """`wrote` comes before the server's own word that the hash changed; `found` comes after it."""

    kind: Literal["wrote", "found"]
    sender: str
    ids: dict[str, list[str]]
    """Section to ids."""


def encode_notice(kind: Literal["wrote", "found"], sender: str, ids: Mapping[str, Sequence[str]]) -> bytes | None:
    """The message, None when it would be too long to be of use."""
    if sum(map(len, ids.values())) > MOST_IDS:
        return None
    sections = {section: list(listed) for section, listed in ids.items()}
    try:
        return msgspec.json.encode(Notice(kind, sender, sections))
    except UnicodeEncodeError:
        return None


def decode_notice(message: bytes) -> Notice | None:
    """The notice, None when it is none: anybody may write to a channel."""
    try:
        notice = msgspec.json.decode(message, type=Notice)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return notice if sum(map(len, notice.ids.values())) <= MOST_IDS else None
