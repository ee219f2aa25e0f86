"""Looks at entities of several hashes at one moment: what was changed together is seen together. Not for whole hashes.

Hashes are read one after the other, and a MULTI of somebody else may come in between: a route would be live with the
service of before.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from app.infrastructure.config.redis_connection import Command
from app.infrastructure.config.redis_hash import Found, HashUnusable, RedisHash
from app.infrastructure.config.redis_session import RedisSession

MOST: Final = 1000
"""Entities that are looked at in one piece: the server does nothing else meanwhile."""

Ids = Mapping[str, Sequence[str]]
"""By section."""


def fetch_at_once(session: RedisSession, hashes: Mapping[str, RedisHash], ids: Ids) -> dict[str, Found]:
    """What is different among `ids`. Raises RedisGone, RedisRefused.

    One section after the other where no server holds all of it, where we may not use MULTI, and when it is too much.
    Hashes that cannot be read are left out.
    """
    wanted = {section: some for section, some in ids.items() if some and section in hashes}
    values = _values(session, hashes, wanted)
    if values is not None:
        return {section: hashes[section].take(wanted[section], answer) for section, answer in values.items()}
    found: dict[str, Found] = {}
    for section, some in wanted.items():
        try:
            found[section] = hashes[section].fetch(session.of(hashes[section].key), some)
        except HashUnusable:
            continue
    return found


def _values(
    session: RedisSession, hashes: Mapping[str, RedisHash], wanted: Ids
) -> dict[str, Sequence[bytes | None]] | None:
    keys = [hashes[section].key for section in wanted]
    if len(keys) < 2 or sum(map(len, wanted.values())) > MOST or not session.together(*keys):
        return None
    questions: list[Command] = [hashes[section].question(some) for section, some in wanted.items()]
    done = session.of(keys[0]).calls([("MULTI",), *questions, ("EXEC",)])[-1]
    if not isinstance(done, list) or not all(isinstance(values, list) for values in done):
        return None
    return dict(zip(wanted, done, strict=True))
